/* What goes out: the descriptor's tree with the change put in. */
#include <stdlib.h>
#include <string.h>

#include "dns/descriptor_parts.h"

enum { TEXT_MAX = 1 << 20, DEPTH = 32, STRING_MAX = 255 };

/* The values that $NAME goes over; NULL: it names none. */
static const struct records *side_of(const struct descriptor_scope *s,
				     const char *name)
{
	static const struct records none;
	const struct change *c = s->change;
	if (!strcmp(name, "each"))
		return s->set ? s->set : &none;
	if (!strcmp(name, "add"))
		return c ? &c->add : &none;
	if (!strcmp(name, "del"))
		return c ? &c->del : &none;
	if (!strcmp(name, "is"))
		return c ? &c->is : &none;
	return strcmp(name, "want") ? NULL : c ? &c->want : &none;
}

/* A whole "{ttl}" is a number, as are the parts that are numbers. */
static bool is_number(const struct descriptor_scope *s, const char *expr)
{
	struct str inside = str_of(expr);
	bool number = false;
	if (!str_starts(inside, "{") || !str_ends(inside, "}"))
		return false;
	inside = (struct str){ inside.at + 1, inside.n - 2 };
	if (str_ends(inside, "?"))
		inside.n--;
	if (str_ends(inside, "|int"))
		return true;
	if (str_eq(inside, "type"))
		return yaml_get(yaml_get(s->d->root, "codec"), "types") != NULL;
	return str_eq(inside, "ttl") ||
	       (descriptor_is_part(inside, &number) && number);
}

/* "{x?}" is left out where x is empty. */
static bool may_lack(const struct yaml *y)
{
	return y->text && str_ends(str_of(y->text), "?}");
}

/* "{x|strings}": the character strings that a TXT is made of, cut where a
 * character ends, since JSON holds no halves. */
static json_t *strings(struct str text)
{
	json_t *list = json_array();
	do {
		size_t n = text.n < STRING_MAX ? text.n : STRING_MAX;
		while (n < text.n && n && (text.at[n] & 0xc0) == 0x80)
			n--;
		json_t *one = json_stringn(text.n ? text.at : "", n);
		if (!one || (text.n && n == 0)) {
			json_decref(one);
			json_decref(list);
			return NULL;
		}
		json_array_append_new(list, one);
		text = (struct str){ text.at + n, text.n - n };
	} while (text.n);
	return list;
}

/* A number that the descriptor itself says. */
static bool literal(const struct yaml *y, json_int_t *out)
{
	struct str s = str_of(y->text);
	const bool minus = str_starts(s, "-");
	uint64_t n;
	if (minus)
		s = (struct str){ s.at + 1, s.n - 1 };
	if (y->quoted || str_num(s, INT32_MAX, &n) < 0)
		return false;
	*out = minus ? -(json_int_t)n : (json_int_t)n;
	return true;
}

static int scalar(const struct descriptor_scope *s, const struct yaml *y,
		  json_t **out, struct err *e)
{
	AUTO(buf) struct buf b = { .max = TEXT_MAX };
	json_int_t said;
	uint64_t n;
	if (!y->text)
		*out = json_null();
	else if (!y->quoted &&
		 (!strcmp(y->text, "true") || !strcmp(y->text, "false")))
		*out = json_boolean(y->text[0] == 't');
	else if (literal(y, &said))
		*out = json_integer(said);
	else if (descriptor_text(s, y->text, DESCRIPTOR_PLAIN, &b, e) < 0)
		return -1;
	else if (is_number(s, y->text) &&
		 str_num(buf_get(&b), INT32_MAX, &n) == 0)
		*out = json_integer((json_int_t)n);
	else if (str_ends(str_of(y->text), "|strings}"))
		*out = strings(buf_get(&b));
	else
		*out = json_stringn(buf_c(&b), b.n);
	return *out ? 0 :
		      err_set(e, ERR_PERM,
			      "%s: a value at %s is no UTF-8 and this API "
			      "takes text only",
			      s->d->provider.name, s->name ? s->name : "-");
}

static int render(const struct descriptor_scope *s, const struct yaml *y,
		  int depth, json_t **out, struct err *e);

/* A set without a TTL keeps that; a side of the change may be empty. */
static bool left_out(const struct descriptor_scope *s, const struct yaml *y)
{
	const struct yaml *when = y->kind == YAML_MAP ? yaml_get(y, "$when") :
							NULL;
	const struct records *side = when ? side_of(s, when->text) : NULL;

	if (y->text && s->ttl == 0 && !strcmp(y->text, "{ttl}"))
		return true;
	return side && side->n == 0;
}

static int members(const struct descriptor_scope *s, const struct yaml *map,
		   int depth, json_t *into, struct err *e)
{
	for (const struct yaml *y = map ? map->child : NULL; y; y = y->next) {
		AUTO(json) json_t *v = NULL;
		if (y->key[0] == '$' || left_out(s, y))
			continue;
		if (render(s, y, depth, &v, e) < 0)
			return -1;
		if (may_lack(y) && json_is_string(v) &&
		    json_string_length(v) == 0)
			continue;
		json_object_set_new(into, y->key, TAKE(v));
	}
	return 0;
}

static bool is_type(uint16_t type, const char *name)
{
	char own[16];
	dnsmsg_type_name(type, own);
	return !strcmp(own, name);
}

/* Whether the value is of that type; of a whole, whether any is. */
static bool holds(const struct descriptor_scope *s, const char *type)
{
	if (!s->whole || s->record)
		return is_type(s->type, type);
	for (size_t i = 0; i < s->set->n; i++)
		if (is_type(s->set->at[i].type, type))
			return true;
	return false;
}

/* What $TYPE says replaces or takes out of what stands beside it. */
static int all_members(const struct descriptor_scope *s, const struct yaml *map,
		       int depth, json_t *into, struct err *e)
{
	if (members(s, map, depth, into, e) < 0)
		return -1;
	for (const struct yaml *own = map->child; own; own = own->next) {
		if (own->key[0] != '$' || !holds(s, own->key + 1))
			continue;
		if (members(s, own, depth, into, e) < 0)
			return -1;
		for (const struct yaml *y = own->child; y; y = y->next)
			if (y->kind == YAML_NULL)
				json_object_del(into, y->key);
	}
	return 0;
}

static struct descriptor_scope nth(const struct descriptor_scope *s,
				   const struct records *of, size_t i)
{
	struct descriptor_scope one = *s;
	const struct record *r = &of->at[i];
	one.record = r;
	if (s->whole) {
		one.name = r->name;
		one.type = r->type;
		one.was = s->items[i];
	}
	if (s->whole ||
	    (s->change && (of == &s->change->is || of == &s->change->del)))
		one.ttl = r->ttl;
	return one;
}

/* {$each: X}: X for every value of the set. */
static int each(const struct descriptor_scope *s, const struct records *of,
		const struct yaml *y, int depth, json_t **out, struct err *e)
{
	AUTO(json) json_t *list = json_array();
	for (size_t i = 0; i < of->n; i++) {
		const struct descriptor_scope one = nth(s, of, i);
		AUTO(json) json_t *v = NULL;
		if (render(&one, y, depth, &v, e) < 0)
			return -1;
		json_array_append_new(list, TAKE(v));
	}
	*out = TAKE(list);
	return 0;
}

/* {$one: X}: X for the one value that the set has, as a CNAME. */
static int only(const struct descriptor_scope *s, const struct yaml *y,
		int depth, json_t **out, struct err *e)
{
	if (!s->set || s->set->n != 1)
		return err_set(e, ERR_PERM,
			       "%s takes one value at %s for its type, no more",
			       s->d->provider.name, s->name ? s->name : "-");
	const struct descriptor_scope one = nth(s, s->set, 0);
	return render(&one, y, depth, out, e);
}

/* {$json: X}: X as the text that it is in JSON. */
static int as_text(const struct descriptor_scope *s, const struct yaml *y,
		   int depth, json_t **out, struct err *e)
{
	AUTO(json) json_t *v = NULL;
	if (render(s, y, depth, &v, e) < 0)
		return -1;
	char *text = json_dumps(v, JSON_COMPACT | JSON_ENCODE_ANY);
	*out = json_string(text);
	free(text);
	return *out ? 0 : err_set(e, ERR_TEMP, "no memory");
}

/* Of a type that we do not write: what was read is all that is known of it. */
static bool is_foreign(const struct descriptor_scope *s)
{
	const struct yaml *all = yaml_get(s->d->root, "types");
	for (const struct yaml *y = all ? all->child : NULL; y; y = y->next)
		if (is_type(s->type, y->text))
			return false;
	return s->record && s->was;
}

/* {$lines: X}: the texts of the list X, a line each; those of a map are the
 * words of a line. */
static int as_lines(const struct descriptor_scope *s, const struct yaml *y,
		    int depth, json_t **out, struct err *e)
{
	AUTO(buf) struct buf b = { .max = TEXT_MAX };
	AUTO(json) json_t *list = NULL;
	json_t *one, *v;
	const char *key;
	size_t i;
	if (render(s, y, depth, &list, e) < 0)
		return -1;
	json_array_foreach(list, i, one)
	{
		const size_t start = b.n + (i > 0);
		if (i)
			buf_char(&b, '\n');
		if (!json_is_object(one))
			buf_str(&b, descriptor_show(one, s->m));
		json_object_foreach(one, key, v)
			buf_fmt(&b, "%s%s", b.n > start ? " " : "",
				descriptor_show(v, s->m));
	}
	*out = json_stringn(buf_c(&b), b.n);
	return *out ? 0 : err_set(e, ERR_TEMP, "no memory");
}

static int map_of(const struct descriptor_scope *s, const struct yaml *y,
		  int depth, json_t **out, struct err *e)
{
	const struct yaml *json = yaml_get(y, "$json");
	if (json)
		return as_text(s, json, depth, out, e);
	const struct yaml *text = yaml_get(y, "$lines");
	if (text)
		return as_lines(s, text, depth, out, e);
	const struct yaml *other = yaml_get(y, "$other");
	if (other && is_foreign(s))
		return render(s, other, depth, out, e);
	const struct yaml *one = yaml_get(y, "$one");
	if (one)
		return only(s, one, depth, out, e);
	const struct yaml *when = yaml_get(y, "$when");
	struct descriptor_scope at = *s;
	const struct records *of = when ? side_of(s, when->text) : NULL;
	if (s->change && of && of->n &&
	    (of == &s->change->is || of == &s->change->del))
		at.ttl = of->at[0].ttl;
	for (const struct yaml *c = y->child; c; c = c->next)
		if (c->key[0] == '$' && side_of(s, c->key + 1))
			return each(&at, side_of(s, c->key + 1), c, depth, out,
				    e);
	AUTO(json) json_t *all = json_object();
	if (all_members(&at, y, depth, all, e) < 0)
		return -1;
	*out = TAKE(all);
	return 0;
}

/* {$add: X} is a list itself: in a list its members stand, not it. */
static void put_in(json_t *all, const struct yaml *y, json_t *v)
{
	static const char *const sides[] = { "$each", "$add", "$del", "$is",
					     "$want" };
	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++)
		if (y->kind == YAML_MAP && yaml_get(y, sides[i]) &&
		    json_is_array(v)) {
			json_array_extend(all, v);
			return;
		}
	json_array_append(all, v);
}

static int list_of(const struct descriptor_scope *s, const struct yaml *y,
		   int depth, json_t **out, struct err *e)
{
	AUTO(json) json_t *all = json_array();
	for (const struct yaml *c = y->child; c; c = c->next) {
		AUTO(json) json_t *v = NULL;
		if (left_out(s, c))
			continue;
		if (render(s, c, depth, &v, e) < 0)
			return -1;
		put_in(all, c, v);
	}
	*out = TAKE(all);
	return 0;
}

static int render(const struct descriptor_scope *s, const struct yaml *y,
		  int depth, json_t **out, struct err *e)
{
	if (depth > DEPTH) /* the parser of YAML has the same limit */
		return err_set(e, ERR_CONF, "a body that is too deep");
	if (y->kind == YAML_SCALAR)
		return scalar(s, y, out, e);
	if (y->kind == YAML_NULL)
		return (*out = json_null()) ? 0 : -1;
	return y->kind == YAML_MAP ? map_of(s, y, depth + 1, out, e) :
				     list_of(s, y, depth + 1, out, e);
}

int descriptor_json(const struct descriptor_scope *s, const struct yaml *y,
		    json_t **out, struct err *e)
{
	return render(s, y, 0, out, e);
}

/* nth: of which map in a list, from 1; 0: of none. */
static void form_member(const struct descriptor_scope *s, const char *key,
			size_t nth, json_t *v, struct buf *out)
{
	if (out->n)
		buf_char(out, '&');
	descriptor_percent(out, str_of(key));
	if (nth)
		buf_fmt(out, "%zu", nth);
	buf_char(out, '=');
	descriptor_percent(out, str_of(descriptor_show(v, s->m)));
}

static void form_list(const struct descriptor_scope *s, const char *key,
		      json_t *list, struct buf *out)
{
	size_t i;
	json_t *one, *v;
	json_array_foreach(list, i, one)
	{
		if (!json_is_object(one))
			form_member(s, key, 0, one, out);
		const char *own;
		json_object_foreach(one, own, v)
			form_member(s, own, i + 1, v, out);
	}
}

int descriptor_form_body(const struct descriptor_scope *s, const struct yaml *y,
			 struct buf *out, struct err *e)
{
	AUTO(json) json_t *all = NULL;
	const char *key;
	json_t *v;
	if (render(s, y, 0, &all, e) < 0)
		return -1;
	json_object_foreach(all, key, v)
	{
		if (json_is_array(v))
			form_list(s, key, v, out);
		else
			form_member(s, key, 0, v, out);
	}
	return 0;
}

int descriptor_form_query(const struct descriptor_scope *s,
			  const struct yaml *form, struct buf *url,
			  struct err *e)
{
	AUTO(buf) struct buf query = { 0 };
	if (descriptor_form_body(s, form, &query, e) < 0)
		return -1;
	if (query.n)
		buf_fmt(url, "%c%s", strchr(buf_c(url), '?') ? '&' : '?',
			buf_c(&query));
	return 0;
}
