#include "dns/journal.h"

#include <jansson.h>
#include <string.h>

#include "base/auto.h"
#include "base/b64.h"
#include "base/clock.h"
#include "base/fs.h"

enum { FILE_MAX = 16 << 20 };

AUTO_DEFINE(json, json_t, json_decref)

static const char *folder(const char *conf_dir, struct mem *m)
{
	return mem_fmt(m, "%s/journal", conf_dir);
}

int journal_path(const char *conf_dir, const char *zone, const char *ending,
		 struct mem *m, const char **out, struct err *e)
{
	if (record_check_zone(zone, e) < 0)
		return -1;
	*out = mem_fmt(m, "%s/journal/%s.%s", conf_dir, zone, ending);
	return 0;
}

static const char *const ops[] = {
	[JOURNAL_ADD] = "add",
	[JOURNAL_DEL] = "del",
	[JOURNAL_TAKE] = "take",
};

static int op_of(const char *word, enum journal_op *out)
{
	for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (strcmp(ops[i], word) == 0) {
			*out = (enum journal_op)i;
			return 0;
		}
	return -1;
}

/* Values are text nearly always; what JSON cannot hold is kept as base64, under
 * the second key. */
static int put_value(json_t *o, const char *key, const char *key64,
		     struct str v)
{
	json_t *text = json_stringn(v.at ? v.at : "", v.n);
	if (text)
		return json_object_set_new(o, key, text);
	AUTO(buf) struct buf b = { 0 };
	b64_add(&b, v);
	return json_object_set_new(o, key64, json_string(buf_c(&b)));
}

static void put_line(struct buf *out, enum journal_op op,
		     const struct journal_entry *x)
{
	char type[16], when[CLOCK_TEXT];
	AUTO(json) json_t *o = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:s, s:s*}", "op", ops[op], "at",
		clock_text(clock_now(), when), "purpose", x->purpose, "owner",
		x->owner, "name", x->record.name, "type",
		dnsmsg_type_name(x->record.type, type), "id", x->id);
	AUTO(free) char *text = NULL;
	if (o && x->record.ttl)
		json_object_set_new(o, "ttl", json_integer(x->record.ttl));
	if (o && put_value(o, "value", "value64", x->record.value) == 0 &&
	    (!x->was.at || put_value(o, "was", "was64", x->was) == 0))
		text = json_dumps(o, JSON_COMPACT);
	buf_str(out, text ? text : "");
}

static const char *field(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static int get_value(const json_t *o, const char *key, const char *key64,
		     struct mem *m, struct str *out)
{
	const json_t *v = json_object_get(o, key);
	if (json_is_string(v)) {
		size_t n = json_string_length(v);
		*out = (struct str){ mem_dup(m, json_string_value(v), n), n };
		return 0;
	}
	AUTO(buf) struct buf b = { .max = UINT16_MAX };
	const char *text = field(o, key64);
	if (!text || b64_read(str_of(text), &b) < 0 || b.full)
		return -1;
	*out = (struct str){ mem_dup(m, b.at, b.n), b.n };
	return 0;
}

int journal_line(struct str line, struct mem *m, struct journal_line *out)
{
	AUTO(json) json_t *o = json_loadb(line.at ? line.at : "", line.n,
					  JSON_ALLOW_NUL, NULL);
	const char *op = field(o, "op"), *purpose = field(o, "purpose"),
		   *owner = field(o, "owner"), *name = field(o, "name"),
		   *type = field(o, "type");
	const json_int_t ttl = json_integer_value(json_object_get(o, "ttl"));
	struct journal_entry *x = &out->entry;
	if (!op || !purpose || !owner || !name || !type || strlen(name) > 253 ||
	    ttl < 0 || ttl > UINT32_MAX || op_of(op, &out->op) < 0)
		return -1;
	*x = (struct journal_entry){
		.purpose = mem_str(m, purpose),
		.owner = mem_str(m, owner),
		.id = mem_str(m, field(o, "id")),
		.record = { .name = mem_str(m, name), .ttl = (uint32_t)ttl },
	};
	if (dnsmsg_type_parse(str_of(type), &x->record.type) < 0 ||
	    get_value(o, "value", "value64", m, &x->record.value) < 0)
		return -1;
	if (json_object_get(o, "was") || json_object_get(o, "was64"))
		return get_value(o, "was", "was64", m, &x->was);
	return 0;
}

/* How much of the file is whole lines: what a crash tore stands behind. */
static size_t whole(struct str text)
{
	size_t end = text.n;
	while (end > 0 && text.at[end - 1] != '\n')
		end--;
	if (end == 0)
		return 0;
	size_t begin = end - 1;
	while (begin > 0 && text.at[begin - 1] != '\n')
		begin--;
	AUTO(mem) struct mem m = { 0 };
	struct journal_line x;
	struct str last = { text.at + begin, end - 1 - begin };
	return journal_line(last, &m, &x) == 0 ? end : begin;
}

/* A torn end would spoil the line that is appended to it. */
static int mend(const char *path, struct err *e)
{
	AUTO(buf) struct buf b = { .max = FILE_MAX };
	if (fs_read(path, &b, e) < 0) {
		if (e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 };
		return 0;
	}
	struct str text = buf_get(&b);
	size_t n = whole(text);
	return n == text.n ?
		       0 :
		       fs_write(path, (struct str){ text.at, n }, 0600, e);
}

int journal_write(const char *conf_dir, const char *zone, enum journal_op op,
		  const struct journal_entry *x, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf line = { .max = FILE_MAX };
	const char *path;
	if (journal_path(conf_dir, zone, "jsonl", &m, &path, e) < 0 ||
	    fs_mkdir(folder(conf_dir, &m), 0700, e) < 0 || mend(path, e) < 0)
		return -1;
	put_line(&line, op, x);
	if (line.n == 0)
		return err_set(e, ERR_PERM,
			       "%s: a record that cannot be "
			       "written down",
			       x->record.name);
	return fs_append(path, buf_get(&line), 0600, e);
}

static bool same(const struct journal_entry *a, const struct journal_entry *b)
{
	return strcmp(a->purpose, b->purpose) == 0 &&
	       strcmp(a->owner, b->owner) == 0 &&
	       record_same(&a->record, &b->record);
}

static void apply(struct journal_entries *out, struct mem *m, bool add,
		  const struct journal_entry *x)
{
	size_t i = 0;
	while (i < out->n && !same(&out->at[i], x))
		i++;
	if (add && i == out->n) {
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = *x;
	} else if (!add && i < out->n) {
		memmove(&out->at[i], &out->at[i + 1],
			(out->n - i - 1) * sizeof(*out->at));
		out->n--;
	}
}

int journal_read(const char *conf_dir, const char *zone, struct mem *m,
		 struct journal_lines *out, struct err *e)
{
	AUTO(buf) struct buf b = { .max = FILE_MAX };
	const char *path;
	if (journal_path(conf_dir, zone, "jsonl", m, &path, e) < 0)
		return -1;
	if (fs_read(path, &b, e) < 0) {
		if (e->kind != ERR_MISSING)
			return -1;
		*e = (struct err){ 0 };
		return 0;
	}
	struct str text = { b.at, whole(buf_get(&b)) }, line;
	for (unsigned n = 1; str_line(&text, &line); n++) {
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		if (journal_line(line, m, &out->at[out->n]) < 0)
			return err_set(e, ERR_CONF,
				       "%s:%u: this line is no "
				       "journal entry; remove it when you know "
				       "that it says nothing",
				       path, n);
		out->n++;
	}
	return 0;
}

int journal_open_entries(const char *conf_dir, const char *zone,
			 const char *purpose, const char *owner, struct mem *m,
			 struct journal_entries *out, struct err *e)
{
	struct journal_lines all = { 0 };
	if (journal_read(conf_dir, zone, m, &all, e) < 0)
		return -1;
	for (size_t i = 0; i < all.n; i++) {
		const struct journal_entry *x = &all.at[i].entry;
		if (all.at[i].op != JOURNAL_TAKE &&
		    (!purpose || strcmp(x->purpose, purpose) == 0) &&
		    (!owner || strcmp(x->owner, owner) == 0))
			apply(out, m, all.at[i].op == JOURNAL_ADD, x);
	}
	return 0;
}

bool journal_has(const struct journal_entries *x, const struct record *r)
{
	for (size_t i = 0; i < x->n; i++)
		if (record_alike(&x->at[i].record, r))
			return true;
	return false;
}

int journal_zones(const char *conf_dir, struct mem *m, struct conf_list *out,
		  struct err *e)
{
	struct fs_names names = { 0 };
	if (fs_list_maybe(folder(conf_dir, m), m, &names, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct str s = str_of(names.at[i]);
		if (!str_ends(s, ".jsonl"))
			continue;
		conf_list_add(out, m, mem_dup(m, s.at, s.n - strlen(".jsonl")));
	}
	return 0;
}
