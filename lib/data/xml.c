#include "data/xml.h"

#include <expat.h>
#include <string.h>

#include "base/auto.h"
#include "base/mem.h"

AUTO_DEFINE(expat, struct XML_ParserStruct, XML_ParserFree)

/* An element that is open. */
struct frame {
	const char *name;
	json_t *members;
	struct buf text;
};
struct reader {
	XML_Parser parser;
	struct mem mem;
	struct frame at[XML_DEPTH + 1]; /* at[0]: what holds the root */
	size_t depth, nodes;
	const char *wrong;
};

static void stop(struct reader *x, const char *why)
{
	if (!x->wrong)
		x->wrong = why;
	XML_StopParser(x->parser, XML_FALSE);
}

static const char *local(const char *name)
{
	const char *colon = strchr(name, ':');
	return colon && colon[1] ? colon + 1 : name;
}

/* A second one of a name makes a list of both. */
static void put(struct frame *f, const char *name, json_t *value)
{
	json_t *there = json_object_get(f->members, name);
	if (!there) {
		json_object_set_new(f->members, name, value);
		return;
	}
	if (!json_is_array(there)) {
		json_t *both = json_array();
		json_array_append(both, there);
		json_object_set_new(f->members, name, both);
		there = both;
	}
	json_array_append_new(there, value);
}

static void on_start(void *data, const char *name, const char **attributes)
{
	struct reader *x = data;
	if (x->depth == XML_DEPTH || ++x->nodes > XML_NODES) {
		stop(x, x->depth == XML_DEPTH ? "elements within elements "
						"without end" :
						"too many elements");
		return;
	}
	struct frame *f = &x->at[++x->depth];
	f->name = mem_str(&x->mem, local(name));
	f->members = json_object();
	buf_clear(&f->text);
	for (; attributes[0]; attributes += 2) {
		if (!strncmp(attributes[0], "xmlns", 5))
			continue;
		if (++x->nodes > XML_NODES)
			stop(x, "too many attributes");
		json_object_set_new(f->members,
				    mem_fmt(&x->mem, "@%s",
					    local(attributes[0])),
				    json_string(attributes[1]));
	}
}

/* Beside children blanks are layout; beside attributes they are text. */
static bool has_children(json_t *members)
{
	const char *key;
	json_t *v;
	json_object_foreach(members, key, v) if (key[0] != '@') return true;
	return false;
}

static void on_end(void *data, const char *name)
{
	struct reader *x = data;
	struct frame *f = &x->at[x->depth];
	const struct str shown = str_trim(buf_get(&f->text));
	json_t *value = f->members;
	(void)name;
	f->members = NULL;
	x->depth--;
	if (json_object_size(value) == 0) {
		json_decref(value);
		value = json_stringn(buf_c(&f->text), f->text.n);
	} else if (shown.n) {
		const struct str text = has_children(value) ? shown :
							      buf_get(&f->text);
		json_object_set_new(value, "#text",
				    json_stringn(text.at, text.n));
	}
	put(&x->at[x->depth], f->name, value);
}

static void on_text(void *data, const char *at, int n)
{
	struct reader *x = data;
	buf_add(&x->at[x->depth].text, at, (size_t)n);
}

static void on_doctype(void *data, const char *name, const char *sysid,
		       const char *pubid, int internal)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	(void)internal;
	stop(data, "it has a document type, which is not read");
}

static void reader_free(struct reader *x)
{
	for (size_t i = 0; i <= XML_DEPTH; i++) {
		json_decref(x->at[i].members);
		buf_free(&x->at[i].text);
	}
	mem_free(&x->mem);
}

static int read_all(struct reader *x, struct str text, struct err *e)
{
	XML_SetUserData(x->parser, x);
	XML_SetElementHandler(x->parser, on_start, on_end);
	XML_SetCharacterDataHandler(x->parser, on_text);
	XML_SetStartDoctypeDeclHandler(x->parser, on_doctype);
	if (XML_Parse(x->parser, text.at, (int)text.n, 1) == XML_STATUS_OK)
		return 0;
	return err_set(e, ERR_TEMP, "XML, line %lu: %s",
		       XML_GetCurrentLineNumber(x->parser),
		       x->wrong ? x->wrong :
				  XML_ErrorString(XML_GetErrorCode(x->parser)));
}

int xml_parse(struct str text, json_t **out, struct err *e)
{
	struct reader x = { 0 };
	AUTO(expat) XML_Parser parser = XML_ParserCreate(NULL);
	*out = NULL;
	if (text.n > XML_SIZE)
		return err_set(e, ERR_TEMP, "XML of more than %d bytes",
			       XML_SIZE);
	x.parser = parser;
	x.at[0].members = json_object();
	for (size_t i = 0; i <= XML_DEPTH; i++)
		x.at[i].text.max = XML_SIZE;
	const int status = read_all(&x, text, e);
	if (status == 0) {
		*out = x.at[0].members;
		x.at[0].members = NULL;
	}
	reader_free(&x);
	return status;
}

int xml_escape(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		const char c = text.at[i];
		if ((unsigned char)c < 0x20 && !strchr("\t\n\r", c))
			return -1;
		if (c == '&')
			buf_str(out, "&amp;");
		else if (c == '<')
			buf_str(out, "&lt;");
		else if (c == '>')
			buf_str(out, "&gt;");
		else if (c == '"')
			buf_str(out, "&quot;");
		else if (c == '\r' || c == '\n' || c == '\t')
			buf_fmt(out, "&#%d;", c);
		else
			buf_char(out, c);
	}
	return 0;
}

static bool is_name(const char *s)
{
	bool first = true;
	for (; *s; s++, first = false)
		if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') ||
		      *s == '_' || *s == ':' ||
		      (!first &&
		       ((*s >= '0' && *s <= '9') || *s == '-' || *s == '.'))))
			return false;
	return !first;
}

static int scalar(json_t *v, struct buf *out, struct err *e)
{
	if (json_is_integer(v))
		buf_fmt(out, "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	else if (json_is_boolean(v))
		buf_str(out, json_is_true(v) ? "true" : "false");
	else if (json_is_string(v) &&
		 xml_escape((struct str){ json_string_value(v),
					  json_string_length(v) },
			    out) < 0)
		return err_set(e, ERR_PERM,
			       "a text has a byte that XML cannot hold");
	return 0;
}

static int element(const char *name, json_t *v, int depth, struct buf *out,
		   struct err *e);

static int attributes(json_t *v, struct buf *out, struct err *e)
{
	const char *key;
	json_t *one;
	json_object_foreach(v, key, one)
	{
		if (*key != '@')
			continue;
		if (!is_name(key + 1))
			return err_set(e, ERR_PERM, "\"%s\" is no name in XML",
				       key);
		buf_fmt(out, " %s=\"", key + 1);
		if (scalar(one, out, e) < 0)
			return -1;
		buf_char(out, '"');
	}
	return 0;
}

static int children(json_t *v, int depth, struct buf *out, struct err *e)
{
	const char *key;
	json_t *one, *item;
	size_t i;
	json_object_foreach(v, key, one)
	{
		if (*key == '@')
			continue;
		if (!strcmp(key, "#text")) {
			if (scalar(one, out, e) < 0)
				return -1;
		} else if (json_is_array(one)) {
			json_array_foreach(
				one, i, item) if (element(key, item, depth, out,
							  e) < 0) return -1;
		} else if (element(key, one, depth, out, e) < 0) {
			return -1;
		}
	}
	return 0;
}

static int element(const char *name, json_t *v, int depth, struct buf *out,
		   struct err *e)
{
	if (depth > XML_DEPTH || !is_name(name))
		return err_set(e, ERR_PERM, "\"%s\" is no element of XML here",
			       name);
	buf_fmt(out, "<%s", name);
	if (json_is_object(v) && attributes(v, out, e) < 0)
		return -1;
	buf_char(out, '>');
	if ((json_is_object(v) ? children(v, depth + 1, out, e) :
				 scalar(v, out, e)) < 0)
		return -1;
	buf_fmt(out, "</%s>", name);
	return 0;
}

int xml_write(json_t *tree, struct buf *out, struct err *e)
{
	const char *key;
	json_t *one;
	if (json_object_size(tree) != 1)
		return err_set(e, ERR_PERM, "XML has one root");
	buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	json_object_foreach(tree, key, one) return element(key, one, 1, out, e);
	return 0;
}
