#include "data/xmlrpc.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"

AUTO_DEFINE(json, json_t, json_decref)

static int value(json_t *v, int depth, struct buf *out, struct err *e);

static int text(const char *s, size_t n, struct buf *out, struct err *e)
{
	return xml_escape((struct str){ s, n }, out) == 0 ?
		       0 :
		       err_set(e, ERR_PERM,
			       "a text has a byte that XML cannot hold");
}

static int members(json_t *v, int depth, struct buf *out, struct err *e)
{
	const char *key;
	json_t *one;
	buf_str(out, "<struct>");
	json_object_foreach(v, key, one)
	{
		buf_str(out, "<member><name>");
		if (text(key, strlen(key), out, e) < 0)
			return -1;
		buf_str(out, "</name>");
		if (value(one, depth, out, e) < 0)
			return -1;
		buf_str(out, "</member>");
	}
	buf_str(out, "</struct>");
	return 0;
}

static int items(json_t *v, int depth, struct buf *out, struct err *e)
{
	json_t *one;
	size_t i;
	buf_str(out, "<array><data>");
	json_array_foreach(v, i,
			   one) if (value(one, depth, out, e) < 0) return -1;
	buf_str(out, "</data></array>");
	return 0;
}

static int typed(json_t *v, int depth, struct buf *out, struct err *e)
{
	if (json_is_object(v))
		return members(v, depth, out, e);
	if (json_is_array(v))
		return items(v, depth, out, e);
	if (json_is_integer(v))
		buf_fmt(out, "<int>%" JSON_INTEGER_FORMAT "</int>",
			json_integer_value(v));
	else if (json_is_real(v))
		buf_fmt(out, "<double>%f</double>", json_real_value(v));
	else if (json_is_boolean(v))
		buf_fmt(out, "<boolean>%d</boolean>", json_is_true(v));
	else if (json_is_null(v))
		buf_str(out, "<nil/>");
	if (!json_is_string(v))
		return 0;
	buf_str(out, "<string>");
	if (text(json_string_value(v), json_string_length(v), out, e) < 0)
		return -1;
	buf_str(out, "</string>");
	return 0;
}

static int value(json_t *v, int depth, struct buf *out, struct err *e)
{
	if (depth > XML_DEPTH)
		return err_set(e, ERR_PERM, "a value that is too deep");
	buf_str(out, "<value>");
	if (typed(v, depth + 1, out, e) < 0)
		return -1;
	buf_str(out, "</value>");
	return 0;
}

int xmlrpc_write(const char *method, json_t *params, struct buf *out,
		 struct err *e)
{
	json_t *one;
	size_t i;
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		     "<methodCall><methodName>");
	if (text(method, strlen(method), out, e) < 0)
		return -1;
	buf_str(out, "</methodName><params>");
	json_array_foreach(params, i, one)
	{
		buf_str(out, "<param>");
		if (value(one, 0, out, e) < 0)
			return -1;
		buf_str(out, "</param>");
	}
	buf_str(out, "</params></methodCall>\n");
	return 0;
}

/* ---- reading: a tree of XML, whose depth has its limit ---- */
static json_t *read_value(json_t *x);

/* What may be one or several. */
static json_t *nth(json_t *v, size_t i)
{
	if (json_is_array(v))
		return json_array_get(v, i);
	return i == 0 ? v : NULL;
}

static json_t *read_struct(json_t *x)
{
	json_t *all = json_object(), *one;
	json_t *member = json_object_get(x, "member");
	for (size_t i = 0; (one = nth(member, i)); i++) {
		const char *name =
			json_string_value(json_object_get(one, "name"));
		if (name)
			json_object_set_new(
				all, name,
				read_value(json_object_get(one, "value")));
	}
	return all;
}

static json_t *read_array(json_t *x)
{
	json_t *all = json_array(), *one;
	json_t *values = json_object_get(json_object_get(x, "data"), "value");
	for (size_t i = 0; (one = nth(values, i)); i++)
		json_array_append_new(all, read_value(one));
	return all;
}

static json_t *read_number(json_t *x)
{
	struct str s = str_trim(str_of(json_string_value(x)));
	const bool minus = str_starts(s, "-");
	uint64_t n;
	if (minus)
		s = (struct str){ s.at + 1, s.n - 1 };
	if (str_num(s, INT64_MAX, &n) < 0)
		return json_incref(x);
	return json_integer(minus ? -(json_int_t)n : (json_int_t)n);
}

static json_t *read_typed(const char *type, json_t *x)
{
	if (!strcmp(type, "struct"))
		return read_struct(x);
	if (!strcmp(type, "array"))
		return read_array(x);
	if (!strcmp(type, "int") || !strcmp(type, "i4") || !strcmp(type, "i8"))
		return read_number(x);
	if (!strcmp(type, "boolean"))
		return json_boolean(
			str_eq(str_trim(str_of(json_string_value(x))), "1"));
	if (!strcmp(type, "nil"))
		return json_null();
	return json_is_string(x) ? json_incref(x) : json_null();
}

static json_t *read_value(json_t *x)
{
	const char *type;
	json_t *inside;
	if (json_is_string(x))
		return json_incref(x);
	json_object_foreach(x, type, inside) return read_typed(type, inside);
	return json_null();
}

int xmlrpc_parse(struct str body, json_t **out, bool *fault, struct err *e)
{
	AUTO(json) json_t *tree = NULL;
	*out = NULL;
	*fault = false;
	if (xml_parse(body, &tree, e) < 0)
		return -1;
	json_t *answer = json_object_get(tree, "methodResponse");
	json_t *wrong = json_object_get(answer, "fault");
	json_t *params = json_object_get(answer, "params");
	if (!wrong && !params)
		return err_set(e, ERR_TEMP, "no answer of XML-RPC");
	json_t *param = nth(json_object_get(params, "param"), 0);
	*fault = wrong != NULL;
	*out = read_value(json_object_get(wrong ? wrong : param, "value"));
	return 0;
}
