#include <jansson.h>
#include <stddef.h>

#include "acme/client.h"
#include "acme/store.h"
#include "acme/store_path.h"
#include "base/clock.h"

/* Raised when an older opsmail would misread the file. New members alone do
 * not: whoever does not know them keeps them. */
enum { VERSION = 1 };
enum { FILE_MAX = 1 << 20, TEXT_MAX = 8192, LIST_MAX = 1000 };
#define COUNT_MAX ((json_int_t)1 << 30)
#define TIME_MAX ((time_t)253402300799) /* the last second of 9999 */

enum kind { TEXT, TIME, COUNT, LIST };

/* A member of the file: in an object of its own when it has a group. */
struct row {
	const char *group, *key;
	enum kind kind;
	size_t at, n_at;
};
#define AT(member) offsetof(struct store_state, member)

static const struct row rows[] = {
	{ NULL, "names", LIST, AT(names), AT(names_n) },
	{ NULL, "domain", TEXT, AT(domain), 0 },
	{ NULL, "server", TEXT, AT(server), 0 },
	{ NULL, "account", TEXT, AT(account), 0 },
	{ NULL, "provider", TEXT, AT(provider), 0 },
	{ NULL, "stamp", TEXT, AT(stamp), 0 },
	{ NULL, "revoked", TIME, AT(revoked_at), 0 },
	{ NULL, "cleanup_owed", COUNT, AT(cleanup_owed), 0 },
	{ "order", "url", TEXT, AT(order_url), 0 },
	{ "order", "server", TEXT, AT(order_server), 0 },
	{ "order", "names", LIST, AT(order_names), AT(order_names_n) },
	{ "order", "started", TIME, AT(order_started), 0 },
	{ "failure", "count", COUNT, AT(failures), 0 },
	{ "failure", "at", TIME, AT(failed_at), 0 },
	{ "failure", "retry", TIME, AT(retry_at), 0 },
	{ "failure", "why", TEXT, AT(failure), 0 },
	{ "ari", "start", TIME, AT(ari.start), 0 },
	{ "ari", "end", TIME, AT(ari.end), 0 },
	{ "ari", "moment", TIME, AT(ari.moment), 0 },
	{ "ari", "ask_after", TIME, AT(ari.ask_after), 0 },
	{ "ari", "why", TEXT, AT(ari.why), 0 },
	{ "reload", "stamp", TEXT, AT(reloaded), 0 },
	{ "reload", "failures", COUNT, AT(reload_failures), 0 },
	{ "reload", "why", TEXT, AT(reload_failure), 0 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };
static const char *const groups[] = { "order", "failure", "ari", "reload" };
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

void store_state_free(struct store_state *s)
{
	mem_free(&s->mem);
	*s = (struct store_state){ 0 };
}

static void *place(struct store_state *s, size_t at)
{
	return (char *)s + at;
}

static const void *look(const struct store_state *s, size_t at)
{
	return (const char *)s + at;
}

/* Readers: -1 when the member is not what its row says. */

static int read_text(struct mem *m, const json_t *v, const char **out)
{
	if (!json_is_string(v) || json_string_length(v) > TEXT_MAX)
		return -1;
	*out = mem_str(m, json_string_value(v));
	return 0;
}

static int read_list(struct store_state *s, const struct row *r,
		     const json_t *v)
{
	const char ***at = place(s, r->at);
	size_t *n = place(s, r->n_at), i;

	if (!json_is_array(v) || json_array_size(v) > LIST_MAX)
		return -1;
	*at = mem_array(&s->mem, json_array_size(v) + 1, sizeof(**at));
	for (i = 0; i < json_array_size(v); i++)
		if (read_text(&s->mem, json_array_get(v, i), &(*at)[i]))
			return -1;
	*n = json_array_size(v);
	return 0;
}

static bool is_time(time_t t)
{
	return t > 0 && t <= TIME_MAX;
}

static int read_time(const json_t *v, time_t *out)
{
	if (!json_is_string(v) ||
	    clock_parse((struct str){ json_string_value(v),
				      json_string_length(v) },
			out))
		return -1;
	return is_time(*out) ? 0 : -1;
}

static int read_count(const json_t *v, unsigned *out)
{
	json_int_t n = json_integer_value(v);

	if (!json_is_integer(v) || n < 0 || n > COUNT_MAX)
		return -1;
	*out = (unsigned)n;
	return 0;
}

static int read_member(struct store_state *s, const struct row *r,
		       const json_t *v)
{
	switch (r->kind) {
	case TEXT:
		return read_text(&s->mem, v, place(s, r->at));
	case TIME:
		return read_time(v, place(s, r->at));
	case COUNT:
		return read_count(v, place(s, r->at));
	case LIST:
		return read_list(s, r, v);
	}
	return -1;
}

static int bad_member(const struct row *r, struct err *e)
{
	return err_set(e, ERR_CONF, "%s%s%s is not what this opsmail writes",
		       r->group ? r->group : "", r->group ? "." : "", r->key);
}

static int read_rows(struct store_state *s, const json_t *top, struct err *e)
{
	size_t i;

	for (i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];
		const json_t *in = top, *v;

		if (r->group)
			in = json_object_get(top, r->group);
		v = json_object_get(in, r->key);
		if (v && !json_is_null(v) && read_member(s, r, v))
			return bad_member(r, e);
	}
	return 0;
}

/* What becomes part of a path must be fit for one. */
static int check_paths(const struct store_state *s, struct err *e)
{
	if (s->stamp && !store_is_stamp(str_of(s->stamp)))
		return err_set(e, ERR_CONF, "stamp is no stamp");
	if (s->domain && store_name_check(s->domain, e)) {
		e->kind = ERR_CONF;
		return -1;
	}
	return 0;
}

static int check_version(const json_t *top, struct err *e)
{
	const json_t *v = json_object_get(top, "version");

	if (!json_is_integer(v) || json_integer_value(v) < 1)
		return err_set(e, ERR_CONF, "it has no version");
	if (json_integer_value(v) > VERSION)
		return err_set(e, ERR_CONF,
			       "a newer opsmail wrote it (version %lld, this "
			       "one knows %d): use that one",
			       (long long)json_integer_value(v), VERSION);
	return 0;
}

static int parse(struct str text, json_t **out, struct err *e)
{
	json_error_t why;

	*out = json_loadb(text.at ? text.at : "", text.n,
			  JSON_REJECT_DUPLICATES, &why);
	if (!*out)
		return err_set(e, ERR_CONF, "line %d: %s", why.line, why.text);
	if (!json_is_object(*out))
		return err_set(e, ERR_CONF, "it is no JSON object");
	return 0;
}

int store_state_parse(struct str text, struct store_state *s, struct err *e)
{
	AUTO(json) json_t *top = NULL;

	if (parse(text, &top, e) || check_version(top, e) ||
	    read_rows(s, top, e) || check_paths(s, e)) {
		store_state_free(s);
		return -1;
	}
	return 0;
}

int store_state_read(const char *conf_dir, const char *name,
		     struct store_state *s, struct err *e)
{
	AUTO(buf) struct buf text = { .max = FILE_MAX };
	AUTO(mem) struct mem m = { 0 };
	const char *path;
	struct err why = { 0 };

	*s = (struct store_state){ 0 };
	if (store_name_check(name, e))
		return -1;
	path = store_path(&m, conf_dir, "state", name, ".json");
	if (fs_read(path, &text, &why)) {
		if (why.kind == ERR_MISSING)
			return 0;
		*e = why;
		return -1;
	}
	if (!store_state_parse(buf_get(&text), s, &why))
		return 0;
	return err_set(e, ERR_CONF,
		       "%s: %s; move it away and run again: the certificate "
		       "itself stays",
		       path, why.msg);
}

/* Writers: NULL for a member that is not set. */

/* A sentence may quote bytes of a server that are no UTF-8, which JSON cannot
 * hold. */
static json_t *write_text(const char *text)
{
	json_t *v = json_string(text);
	AUTO(buf) struct buf plain = { .max = TEXT_MAX };

	if (v && json_string_length(v) <= TEXT_MAX)
		return v;
	json_decref(v);
	for (; *text; text++)
		buf_char(&plain, (unsigned char)*text < 0x80 ? *text : '?');
	return json_string(buf_c(&plain));
}

static json_t *write_list(const struct store_state *s, const struct row *r)
{
	const char *const *at = *(const char *const *const *)look(s, r->at);
	size_t n = *(const size_t *)look(s, r->n_at), i;
	json_t *list;

	if (!n)
		return NULL;
	list = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(list, write_text(at[i]));
	return list;
}

static json_t *write_time(time_t t)
{
	char text[CLOCK_TEXT];

	return is_time(t) ? json_string(clock_text(t, text)) : NULL;
}

static json_t *write_member(const struct store_state *s, const struct row *r)
{
	const char *text;
	unsigned count;

	switch (r->kind) {
	case TEXT:
		text = *(const char *const *)look(s, r->at);
		return text ? write_text(text) : NULL;
	case TIME:
		return write_time(*(const time_t *)look(s, r->at));
	case COUNT:
		count = *(const unsigned *)look(s, r->at);
		return count ? json_integer(count) : NULL;
	case LIST:
		return write_list(s, r);
	}
	return NULL;
}

static void put_member(json_t *top, const struct row *r, json_t *v)
{
	json_t *in = top;

	if (r->group) {
		in = json_object_get(top, r->group);
		if (!in && !v)
			return;
		if (!json_is_object(in)) {
			json_object_set_new(top, r->group, json_object());
			in = json_object_get(top, r->group);
		}
	}
	if (v)
		json_object_set_new(in, r->key, v);
	else
		json_object_del(in, r->key);
}

/* A group without any of our members is over, and so is what somebody else
 * put into it. */
static void drop_empty_groups(json_t *top)
{
	size_t g, i;

	for (g = 0; g < GROUPS; g++) {
		const json_t *in = json_object_get(top, groups[g]);
		bool ours = false;

		for (i = 0; i < ROWS; i++)
			ours |= rows[i].group &&
				str_eq(str_of(rows[i].group), groups[g]) &&
				json_object_get(in, rows[i].key);
		if (!ours)
			json_object_del(top, groups[g]);
	}
}

/* Members we do not know are kept from `old`, which may be empty or broken. */
int store_state_print(const struct store_state *s, struct str old,
		      struct buf *out, struct err *e)
{
	AUTO(json) json_t *top = NULL;
	struct err ignored = { 0 };
	char *text;
	size_t i;

	if (parse(old, &top, &ignored)) {
		json_decref(top);
		top = json_object();
	}
	json_object_set_new(top, "version", json_integer(VERSION));
	for (i = 0; i < ROWS; i++)
		put_member(top, &rows[i], write_member(s, &rows[i]));
	drop_empty_groups(top);
	text = json_dumps(top, JSON_INDENT(2) | JSON_SORT_KEYS);
	if (!text)
		return err_set(e, ERR_SYS, "the state cannot become JSON");
	buf_str(out, text);
	buf_char(out, '\n');
	free(text);
	if (out->full)
		return err_set(e, ERR_SYS, "the state is too long");
	return 0;
}

int store_state_write(const char *conf_dir, const char *name,
		      const struct store_state *s, struct err *e)
{
	AUTO(buf) struct buf old = { .max = FILE_MAX };
	AUTO(buf) struct buf text = { .max = FILE_MAX };
	AUTO(mem) struct mem m = { 0 };
	struct err ignored = { 0 };
	const char *path;

	if (store_name_check(name, e) || check_paths(s, e))
		return -1;
	path = store_path(&m, conf_dir, "state", name, ".json");
	if (fs_read(path, &old, &ignored))
		buf_clear(&old);
	if (store_state_print(s, buf_get(&old), &text, e))
		return err_at(e, "%s", path);
	if (str_same(buf_get(&old), buf_get(&text)))
		return 0;
	if (fs_mkdir(store_path(&m, conf_dir, "state", "", ""), 0700, e))
		return -1;
	return fs_write(path, buf_get(&text), 0600, e);
}
