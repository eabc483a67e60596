/* What an API answers in, as the JSON value that descriptors speak of. */
#include <string.h>

#include "data/xmlrpc.h"
#include "dns/descriptor_parts.h"

enum { INDEX_MAX = 200000, KEY_DEPTH = 8 };

static json_t *text_of(struct str s)
{
	return json_stringn(s.at, s.n);
}

/* A key that comes again makes a list. */
static void put(json_t *map, const char *key, json_t *value)
{
	json_t *there = json_object_get(map, key);
	if (!value)
		return;
	if (!there) {
		json_object_set_new(map, key, value);
		return;
	}
	if (!json_is_array(there)) {
		json_t *both = json_array();
		json_array_append(both, there);
		json_object_set_new(map, key, both);
		there = both;
	}
	json_array_append_new(there, value);
}

/* The member of a map or the next one of a list, made when it is not there;
 * a list is what the first number in brackets makes. */
static json_t *descend(json_t *at, struct str step, bool list, struct mem *m)
{
	const char *key = mem_dup(m, step.at, step.n);
	uint64_t i;
	json_t *next;
	if (json_is_array(at)) {
		if (str_num(step, INDEX_MAX, &i) < 0 || i > json_array_size(at))
			return NULL;
		next = json_array_get(at, i);
	} else {
		next = json_object_get(at, key);
	}
	if (next)
		return next;
	next = list ? json_array() : json_object();
	/* a key that is no UTF-8 has no place */
	const int status = json_is_array(at) ?
				   json_array_append_new(at, next) :
				   json_object_set_new(at, key, next);
	return status < 0 ? NULL : next;
}

/* "property[content][0] = x": false when the key has no brackets. */
static bool put_deep(json_t *map, struct str key, json_t *value, struct mem *m)
{
	struct str steps[KEY_DEPTH] = { 0 }, rest = key;
	size_t n = 0;
	uint64_t i;
	if (!str_ends(key, "]") || !str_cut(&rest, '[', &steps[n++]))
		return false;
	while (n < KEY_DEPTH && str_cut(&rest, ']', &steps[n])) {
		n++;
		if (!str_starts(rest, "["))
			break;
		rest = (struct str){ rest.at + 1, rest.n - 1 };
	}
	json_t *at = map;
	for (size_t k = 0; at && k + 1 < n; k++)
		at = descend(at, steps[k],
			     str_num(steps[k + 1], INDEX_MAX, &i) == 0, m);
	const struct str last = steps[n - 1];
	if (json_is_object(at))
		put(at, mem_dup(m, last.at, last.n), json_incref(value));
	else if (json_is_array(at) && str_num(last, INDEX_MAX, &i) == 0 &&
		 i == json_array_size(at))
		json_array_append(at, value);
	json_decref(value);
	return true;
}

static json_t *lines(struct str text, struct mem *m)
{
	json_t *all = json_object();
	struct str line;
	while (str_line(&text, &line)) {
		size_t n = 0;
		while (n < line.n && line.at[n] != '=' && line.at[n] != ':')
			n++;
		if (n == line.n)
			continue;
		const struct str key = str_trim((struct str){ line.at, n });
		json_t *v = text_of(str_trim(
			(struct str){ line.at + n + 1, line.n - n - 1 }));
		if (v && !put_deep(all, key, v, m))
			put(all, mem_dup(m, key.at, key.n), v);
	}
	return all;
}

static json_t *text(struct str s)
{
	json_t *list = json_array(), *whole = text_of(str_trim(s));
	struct str line, word = str_trim(s);
	for (size_t i = 0; i < word.n; i++)
		if (strchr(": \t\r\n", word.at[i]))
			word.n = i;
	while (str_line(&s, &line))
		if (line.n)
			json_array_append_new(list, text_of(line));
	if (!whole) { /* no UTF-8 */
		json_decref(list);
		return NULL;
	}
	return json_pack("{s:o, s:o, s:o?}", "text", whole, "lines", list,
			 "word", text_of(word));
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("-_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRST"
			    "UVWXYZ0123456789",
			    s.at[i]))
			return false;
	return s.n > 0;
}

/* "Name: value" lines, an empty one, and then what it is about; NULL where the
 * first are others: it is a page for people. */
static json_t *headed(struct str text, struct mem *m)
{
	AUTO(json) json_t *all = json_object();
	json_t *list = json_array();
	struct str line, name;
	json_object_set_new(all, "lines", list);
	while (str_line(&text, &line) && str_trim(line).n) {
		if (!str_cut(&line, ':', &name) || !is_name(name))
			return NULL;
		put(all, mem_dup(m, name.at, name.n), text_of(str_trim(line)));
	}
	while (str_line(&text, &line))
		if (str_trim(line).n)
			json_array_append_new(list, text_of(str_trim(line)));
	return json_incref(all);
}

/* "a%20b+c" */
static const char *decoded(struct str s, struct mem *m)
{
	char *out = mem_dup(m, s.at, s.n), *to = out;
	for (size_t i = 0; i < s.n; i++) {
		AUTO(buf) struct buf byte = { 0 };
		if (s.at[i] == '%' && i + 2 < s.n &&
		    hex_read((struct str){ s.at + i + 1, 2 }, &byte) == 0) {
			*to++ = byte.at[0];
			i += 2;
		} else {
			*to++ = s.at[i];
			if (s.at[i] == '+')
				to[-1] = ' ';
		}
	}
	*to = 0;
	return out;
}

static json_t *form(struct str text, struct mem *m)
{
	json_t *all = json_object();
	struct str pair, key;
	text = str_trim(text);
	while (str_cut(&text, '&', &pair)) {
		if (!str_cut(&pair, '=', &key) || key.n == 0)
			continue;
		json_t *v = json_string(decoded(pair, m));
		const char *name = decoded(key, m);
		if (v && !put_deep(all, str_of(name), v, m))
			put(all, name, v);
	}
	return all;
}

/* SOAP as PHP writes it: attributes dropped, a list of items is one, and items
 * of a key and a value are members. */
static json_t *soap_plain(json_t *j)
{
	json_t *items = json_object_get(j, "item"), *v, *out;
	json_t *text = json_object_get(j, "#text");
	const char *key;
	size_t i;
	if (!json_is_object(j))
		return json_incref(j);
	if (text)
		return json_incref(text);
	if (items) {
		AUTO(json) json_t *list = json_is_array(items) ?
						  json_incref(items) :
						  json_pack("[O]", items);
		out = json_object_get(json_array_get(list, 0), "key") ?
			      json_object() :
			      json_array();
		json_array_foreach(list, i, v)
		{
			AUTO(json) json_t *k =
				soap_plain(json_object_get(v, "key"));
			if (json_is_array(out))
				json_array_append_new(out, soap_plain(v));
			else if (json_is_string(k))
				json_object_set_new(out, json_string_value(k),
						    soap_plain(json_object_get(
							    v, "value")));
		}
		return out;
	}
	out = json_object();
	json_object_foreach(j, key, v) if (key[0] != '@')
		json_object_set_new(out, key, soap_plain(v));
	if (json_object_size(out) == 0) { /* empty, or nil */
		json_decref(out);
		out = json_string("");
	}
	return out;
}

/* What is in the envelope; a fault is its own members. */
static json_t *soap(json_t *j, bool *fault)
{
	json_t *body = json_object_get(json_object_get(j, "Envelope"), "Body");
	json_t *wrong = json_object_get(body, "Fault");
	json_t *out = body ? soap_plain(wrong ? wrong : body) : NULL;
	*fault = wrong != NULL;
	json_decref(j);
	return out;
}

const char *descriptor_format(const struct descriptor_scope *s,
			      const struct yaml *call)
{
	return descriptor_word(call, "format",
			       descriptor_word(s->d->root, "format", "json"));
}

json_t *descriptor_reply(const char *format, struct str body, struct mem *m,
			 bool *fault)
{
	struct err e = { 0 };
	json_error_t why;
	json_t *j = NULL;
	*fault = false;
	if (!strcmp(format, "text"))
		return text(body);
	if (body.n == 0)
		return NULL;
	if (!strcmp(format, "json"))
		return json_loadb(body.at, body.n, JSON_DECODE_ANY, &why);
	if (!strcmp(format, "lines"))
		return lines(body, m);
	if (!strcmp(format, "headed"))
		return headed(body, m);
	if (!strcmp(format, "form"))
		return form(body, m);
	const int status = strcmp(format, "xmlrpc") ?
				   xml_parse(body, &j, &e) :
				   xmlrpc_parse(body, &j, fault, &e);
	if (status == 0 && !strcmp(format, "soap"))
		return soap(j, fault);
	if (status == 0 && json_object_get(j, "html")) { /* for people */
		json_decref(j);
		return NULL;
	}
	return status < 0 ? NULL : j;
}

/* What is alone where there may be several. */
json_t *descriptor_several(json_t *v, bool alone)
{
	if (json_is_array(v) || (json_is_object(v) && !alone))
		return json_incref(v);
	if (!v || !alone || json_is_null(v) ||
	    (json_is_string(v) && json_string_length(v) == 0))
		return NULL;
	json_t *list = json_array();
	json_array_append(list, v);
	return list;
}

/* A word, or what stands in quotes with them. */
static bool next_word(struct str *rest, struct str *word)
{
	bool inside = false;
	size_t n = 0;
	*rest = str_trim(*rest);
	for (; n < rest->n && (inside || !strchr(" \t", rest->at[n])); n++)
		if (rest->at[n] == '"')
			inside = !inside;
		else if (rest->at[n] == '\\' && n + 1 < rest->n)
			n++;
	*word = (struct str){ rest->at, n };
	*rest = (struct str){ rest->at + n, rest->n - n };
	return n > 0;
}

/* "www 600 IN A 192.0.2.1" in so many parts, the last one with what is left. */
json_t *descriptor_split(json_t *item, uint64_t parts)
{
	struct str rest = str_of(json_string_value(item)), word;
	if (parts == 0 || !json_is_string(item))
		return json_incref(item);
	json_t *list = json_array();
	while (json_array_size(list) + 1 < parts && next_word(&rest, &word))
		json_array_append_new(list, text_of(word));
	rest = str_trim(rest);
	if (rest.n)
		json_array_append_new(list, text_of(rest));
	return list;
}
