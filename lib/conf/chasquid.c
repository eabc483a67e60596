#include "conf/chasquid.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "data/textpb.h"

/* A row a key, in the order in which chasquid prints them. */
enum shape { TEXT, OPTIONAL, LIST, FLAG, NUMBER };
static const struct key {
	const char *name;
	enum textpb_type type;
	enum shape shape; /* OPTIONAL: "" counts as written */
	size_t at;
} keys[] = {
#define KEY(name, type, shape, member)                               \
	{                                                            \
		name, type, shape, offsetof(struct chasquid, member) \
	}
	KEY("hostname", TEXTPB_TEXT, TEXT, hostname),
	KEY("max_data_size_mb", TEXTPB_INT64, NUMBER, max_data_size_mb),
	KEY("smtp_address", TEXTPB_TEXT, LIST, smtp),
	KEY("submission_address", TEXTPB_TEXT, LIST, submission),
	KEY("submission_over_tls_address", TEXTPB_TEXT, LIST, submissions),
	KEY("monitoring_address", TEXTPB_TEXT, TEXT, monitoring),
	KEY("mail_delivery_agent_bin", TEXTPB_TEXT, TEXT, mda),
	KEY("mail_delivery_agent_args", TEXTPB_TEXT, LIST, mda_args),
	KEY("data_dir", TEXTPB_TEXT, TEXT, data_dir),
	KEY("suffix_separators", TEXTPB_TEXT, OPTIONAL, suffix_separators),
	KEY("drop_characters", TEXTPB_TEXT, OPTIONAL, drop_characters),
	KEY("mail_log_path", TEXTPB_TEXT, TEXT, mail_log),
	KEY("dovecot_auth", TEXTPB_BOOL, FLAG, dovecot_auth),
	KEY("dovecot_userdb_path", TEXTPB_TEXT, TEXT, dovecot_userdb),
	KEY("dovecot_client_path", TEXTPB_TEXT, TEXT, dovecot_client),
	KEY("haproxy_incoming", TEXTPB_BOOL, FLAG, haproxy),
	KEY("max_queue_items", TEXTPB_UINT32, NUMBER, max_queue_items),
	KEY("give_up_send_after", TEXTPB_TEXT, TEXT, give_up_text),
#undef KEY
};
enum { KEYS = sizeof(keys) / sizeof(keys[0]) };

static void add(struct chasquid *c, struct conf_list *list, struct str text)
{
	list->at = mem_more(&c->mem, list->at, &list->room, list->n,
			    sizeof(*list->at));
	list->at[list->n++] = mem_dup(&c->mem, text.at, text.n);
}

static void set_defaults(struct chasquid *c)
{
	struct str args = STR_LIT("-f %from% -d %to_user%"), arg;

	*c = (struct chasquid){
		.max_data_size_mb = 50,
		.monitoring = "",
		.mda = "maildrop",
		.data_dir = "/var/lib/chasquid",
		.suffix_separators = "+",
		.drop_characters = ".",
		.mail_log = "<syslog>",
		.dovecot_userdb = "",
		.dovecot_client = "",
		.max_queue_items = 200,
		.give_up_text = "20h",
	};
	add(c, &c->smtp, STR_LIT("systemd"));
	add(c, &c->submission, STR_LIT("systemd"));
	add(c, &c->submissions, STR_LIT("systemd"));
	while (str_word(&args, &arg))
		add(c, &c->mda_args, arg);
}

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < KEYS; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

static void *member(struct chasquid *c, const struct key *k)
{
	return (char *)c + k->at;
}

static const void *member_of(const struct chasquid *c, const struct key *k)
{
	return (const char *)c + k->at;
}

static bool was_given(const struct chasquid *c, const struct key *k)
{
	return c->given >> (k - keys) & 1;
}

bool chasquid_given(const struct chasquid *c, const char *key)
{
	const struct key *k = find_key(key);

	return k && was_given(c, k);
}

static void set_list(struct chasquid *c, struct conf_list *list,
		     const struct textpb *f, bool first)
{
	if (first)
		*list = (struct conf_list){ 0 };
	add(c, list, f->text);
}

/* What is zero changes nothing: chasquid cannot tell it from what is absent. */
static void set_key(struct chasquid *c, const struct key *k,
		    const struct textpb *f, bool first)
{
	bool counts = true;

	switch (k->shape) {
	case LIST:
		set_list(c, member(c, k), f, first);
		break;
	case TEXT:
	case OPTIONAL:
		counts = f->text.n || k->shape == OPTIONAL;
		if (counts)
			*(const char **)member(c, k) =
				mem_dup(&c->mem, f->text.at, f->text.n);
		break;
	case FLAG:
		counts = f->number;
		if (counts)
			*(bool *)member(c, k) = true;
		break;
	case NUMBER:
		counts = f->number > 0;
		if (counts)
			*(uint64_t *)member(c, k) = (uint64_t)f->number;
		break;
	}
	if (counts)
		c->given |= 1U << (k - keys);
}

static int check(const struct textpb *root, const char *file, struct err *e)
{
	struct textpb_row rows[KEYS];
	const struct textpb_rows all = { rows, KEYS };

	for (size_t i = 0; i < KEYS; i++)
		rows[i] = (struct textpb_row){
			.name = keys[i].name,
			.type = keys[i].type,
			.many = keys[i].shape == LIST,
		};
	return textpb_check(root, &all, file, TEXTPB_REFUSE, e);
}

/* A NUL inside a text would hide what stands behind it. */
static int check_text(const struct textpb *f, const char *file, struct err *e)
{
	if (f->text.n && memchr(f->text.at, '\0', f->text.n))
		return err_set(e, ERR_CONF, "%s:%d:%d: %s holds a NUL", file,
			       f->line, f->column, f->name);
	return 0;
}

static int apply(struct chasquid *c, struct str text, const char *file,
		 struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct textpb *root;
	unsigned seen = 0;

	if (textpb_parse(text, file, &m, &root, e) || check(root, file, e))
		return -1;
	for (const struct textpb *f = root->child; f; f = f->next) {
		const struct key *k = find_key(f->name);

		if (check_text(f, file, e))
			return -1;
		if (!k)
			continue; /* check has refused it */
		const unsigned bit = 1U << (k - keys);

		set_key(c, k, f, !(seen & bit));
		seen |= bit;
	}
	return 0;
}

int chasquid_parse(struct str text, const char *file, struct str overrides,
		   struct chasquid *c, struct err *e)
{
	const char *fault;

	set_defaults(c);
	if (apply(c, text, file, e))
		return err_at(e, "parsing config");
	if (apply(c, overrides, "config_overrides", e))
		return err_at(e, "parsing override");
	fault = chasquid_duration(&c->mem, str_of(c->give_up_text),
				  &c->give_up_ns);
	if (fault)
		return err_set(e, ERR_CONF,
			       "invalid give_up_send_after value \"%s\": %s",
			       c->give_up_text, fault);
	return 0;
}

/* "x/chasquid.conf: No such file" becomes Go's "open x/chasquid.conf: no such
 * file", which chasquid's own tests look for. */
static int go_words(const char *path, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	size_t n = strlen(path);
	char *why = mem_str(&m, e->msg);

	if (strncmp(why, path, n) != 0 || strncmp(why + n, ": ", 2) != 0)
		return -1;
	why[n + 2] = str_lower(why[n + 2]);
	return err_set(e, e->kind, "failed to read config at \"%s\": open %s",
		       path, why);
}

int chasquid_read(const char *dir, struct str overrides, struct chasquid *c,
		  struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf text = { .max = CHASQUID_CONF_MAX };
	const char *path = mem_fmt(&m, "%s/chasquid.conf", dir);

	*c = (struct chasquid){ 0 };
	if (fs_read(path, &text, e))
		return go_words(path, e);
	return chasquid_parse(buf_get(&text), path, overrides, c, e);
}

void chasquid_free(struct chasquid *c)
{
	mem_free(&c->mem);
	*c = (struct chasquid){ 0 };
}

static void print_text(struct buf *out, const struct key *k, const char *text)
{
	if (*text || k->shape == OPTIONAL)
		textpb_add_text(out, 0, k->name, str_of(text));
}

void chasquid_print(const struct chasquid *c, const char *hostname,
		    struct buf *out)
{
	for (size_t i = 0; i < KEYS; i++) {
		const struct key *k = &keys[i];
		const void *at = member_of(c, k);
		const struct conf_list *list = at;
		const char *text;

		switch (k->shape) {
		case LIST:
			for (size_t n = 0; n < list->n; n++)
				textpb_add_text(out, 0, k->name,
						str_of(list->at[n]));
			break;
		case TEXT:
		case OPTIONAL:
			text = *(const char *const *)at;
			print_text(out, k, text ? text : hostname);
			break;
		case FLAG:
			if (*(const bool *)at)
				textpb_add_word(out, 0, k->name, "true");
			break;
		case NUMBER:
			textpb_add_number(out, 0, k->name,
					  (int64_t) * (const uint64_t *)at);
			break;
		}
	}
}
