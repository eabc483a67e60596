#include <jansson.h>
#include <string.h>

#include "base/clock.h"
#include "mail/dkim.h"
#include "publish/keys_files.h"

AUTO_DEFINE(json, json_t, json_decref)

/* Raised when an older opsmail would misread the file. */
enum { VERSION = 1, KEYS_MAX = 10000, RECORD_MAX = 8192 };

static const char *const kinds[] = {
	[DKIMKEY_RSA] = "rsa",
	[DKIMKEY_ED25519] = "ed25519",
};

/* A moment; absent is 0. */
static int get_time(const json_t *o, const char *name, time_t *out)
{
	const json_t *v = json_object_get(o, name);

	*out = 0;
	if (!v)
		return 0;
	if (!json_is_string(v) ||
	    clock_parse(str_of(json_string_value(v)), out) || *out <= 0)
		return -1;
	return 0;
}

static int get_flag(const json_t *o, const char *name, bool *out)
{
	const json_t *v = json_object_get(o, name);

	*out = json_is_true(v);
	return v && !json_is_boolean(v) ? -1 : 0;
}

static int get_word(const json_t *o, const char *name,
		    const char *(*word)(size_t i), size_t n, size_t *out)
{
	const char *text = json_string_value(json_object_get(o, name));

	for (*out = 0; text && *out < n; ++*out)
		if (strcmp(text, word(*out)) == 0)
			return 0;
	return -1;
}

static const char *kind_word(size_t i)
{
	return kinds[i];
}

static const char *state_word(size_t i)
{
	return rotate_word((enum rotate_state)i);
}

/* The record goes to the DNS as it stands here: it must be one, of that
 * kind, with a key. */
static int get_record(const json_t *o, struct mem *m, struct rotate_key *x)
{
	const json_t *v = json_object_get(o, "record");
	const struct str text = { json_string_value(v), json_string_length(v) };
	AUTO(mem) struct mem parts = { 0 };
	struct dkim_record r;
	struct err ignored = { 0 };

	if (!text.n || text.n > RECORD_MAX || !str_is_print(text) ||
	    dkim_record_read(text, &parts, &r, &ignored) || r.key != x->type ||
	    !r.p.n)
		return -1;
	x->record = mem_dup(m, text.at, text.n);
	return 0;
}

static int get_key(const json_t *o, struct mem *m, struct rotate_key *x)
{
	const json_t *name = json_object_get(o, "selector");
	const struct str s = { json_string_value(name),
			       json_string_length(name) };
	size_t kind, state;

	*x = (struct rotate_key){ 0 };
	if (!json_is_object(o) || !keys_files_is_selector(s) ||
	    get_word(o, "kind", kind_word, 2, &kind) ||
	    get_word(o, "state", state_word, ROTATE_STATES, &state))
		return -1;
	x->selector = mem_dup(m, s.at, s.n);
	x->type = (enum dkimkey_type)kind;
	x->state = (enum rotate_state)state;
	if (get_time(o, "made", &x->made) || get_time(o, "since", &x->since) ||
	    get_time(o, "seen", &x->seen) || get_time(o, "ready", &x->ready) ||
	    get_flag(o, "adopted", &x->adopted) ||
	    get_flag(o, "due", &x->due) || get_flag(o, "leaked", &x->leaked))
		return -1;
	return x->made && x->since ? get_record(o, m, x) : -1;
}

static int get_keys(const json_t *list, struct keys *k, struct err *e)
{
	size_t n = json_array_size(list);

	if (!json_is_array(list) || n > KEYS_MAX)
		return err_set(e, ERR_CONF, "\"keys\" is no list of keys");
	k->keys.at = mem_array(&k->mem, n + 1, sizeof(*k->keys.at));
	k->keys.room = n + 1;
	for (size_t i = 0; i < n; i++) {
		struct rotate_key x;

		if (get_key(json_array_get(list, i), &k->mem, &x))
			return err_set(e, ERR_CONF,
				       "key %zu is not what opsmail writes",
				       i + 1);
		if (keys_find(k, x.selector))
			return err_set(e, ERR_CONF,
				       "the selector %s stands twice",
				       x.selector);
		k->keys.at[k->keys.n++] = x;
	}
	return 0;
}

int keys_parse(struct str text, struct keys *k, struct err *e)
{
	json_error_t why;
	AUTO(json) json_t *o = json_loadb(text.at ? text.at : "", text.n,
					  JSON_REJECT_DUPLICATES, &why);
	const json_t *version = json_object_get(o, "version");

	if (!o)
		return err_set(e, ERR_CONF, "line %d: %s", why.line, why.text);
	if (!json_is_integer(version) || json_integer_value(version) < 1)
		return err_set(e, ERR_CONF, "it has no version");
	if (json_integer_value(version) > VERSION)
		return err_set(e, ERR_CONF,
			       "a newer opsmail wrote it (version %lld, this "
			       "one knows %d): use that one",
			       (long long)json_integer_value(version), VERSION);
	if (get_flag(o, "reload", &k->reload) ||
	    get_flag(o, "unpublished", &k->unpublished))
		return err_set(e, ERR_CONF,
			       "\"reload\" or \"unpublished\" is neither true "
			       "nor false");
	return get_keys(json_object_get(o, "keys"), k, e);
}

static void put_time(json_t *o, const char *name, time_t t)
{
	char text[CLOCK_TEXT];

	if (t > 0)
		json_object_set_new(o, name, json_string(clock_text(t, text)));
}

static void put_flag(json_t *o, const char *name, bool flag)
{
	if (flag)
		json_object_set_new(o, name, json_true());
}

static json_t *put_key(const struct rotate_key *x)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "selector", x->selector,
			      "kind", kinds[x->type], "state",
			      rotate_word(x->state));

	put_time(o, "made", x->made);
	put_time(o, "since", x->since);
	put_time(o, "seen", x->seen);
	put_time(o, "ready", x->ready);
	put_flag(o, "adopted", x->adopted);
	put_flag(o, "due", x->due);
	put_flag(o, "leaked", x->leaked);
	json_object_set_new(o, "record", json_string(x->record));
	return o;
}

int keys_print(const struct keys *k, struct buf *out, struct err *e)
{
	AUTO(json) json_t *o = json_pack("{s:i}", "version", VERSION);
	json_t *list = json_array();

	put_flag(o, "reload", k->reload);
	put_flag(o, "unpublished", k->unpublished);
	for (size_t i = 0; i < k->keys.n; i++)
		json_array_append_new(list, put_key(&k->keys.at[i]));
	json_object_set_new(o, "keys", list);
	AUTO(free) char *text = json_dumps(o, JSON_INDENT(1));
	if (!text)
		return err_set(e, ERR_SYS, "the state cannot become JSON");
	buf_str(out, text);
	buf_char(out, '\n');
	return out->full ? err_set(e, ERR_SYS, "the state is too long") : 0;
}
