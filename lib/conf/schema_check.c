/* One text against one row: pure, and the canonical form comes back. */
#include <arpa/inet.h>
#include <string.h>

#include "base/idn.h"
#include "conf/schema.h"

enum { USER_MAX = 32, DURATION_MAX = 30 * 86400 };

struct text {
	const struct schema_row *row;
	const char *at; /* as written */
	const char *dir;
	struct mem *m;
	const char **why;
};

static int no(const struct text *t, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
static int no(const struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*t->why = mem_vfmt(t->m, fmt, ap);
	va_end(ap);
	return -1;
}

const char *schema_nearest(struct mem *m, const char *text, const char *words)
{
	struct str list = str_of(words), word, best = { 0 };
	unsigned limit = strlen(text) < 4 ? 1 : 3, least = limit + 1;

	while (str_word(&list, &word)) {
		unsigned far = str_distance(str_of(text), word, limit);

		if (far < least && far < word.n) {
			least = far;
			best = word;
		}
	}
	return best.n ? mem_dup(m, best.at, best.n) : NULL;
}

static int check_word(const struct text *t, struct schema_value *v)
{
	for (const char *p = t->at; *p; p++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789-_."
			    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
			    *p))
			return no(t,
				  "\"%s\" is no name: letters, digits and "
				  "- _ . only",
				  t->at);
	v->text = t->at;
	return 0;
}

static int check_name(const struct text *t, struct schema_value *v)
{
	struct err e = { 0 };

	if (idn_ascii(t->m, str_of(t->at), &v->text, &e))
		return no(t, "%s", e.msg);
	return 0;
}

static int check_host(const struct text *t, struct schema_value *v)
{
	if (check_name(t, v))
		return -1;
	if (!strchr(v->text, '.') || *v->text == '*')
		return no(t,
			  "\"%s\" is no full host name, such as "
			  "smtp.example.org",
			  t->at);
	return 0;
}

static int check_email(const struct text *t, struct schema_value *v)
{
	const char *at = strrchr(t->at, '@');
	struct err e = { 0 };
	const char *domain;

	if (!at || at == t->at || strpbrk(t->at, " \t\r\n<>,;:"))
		return no(t,
			  "\"%s\" is no mail address, such as "
			  "ops@example.org",
			  t->at);
	if (idn_ascii(t->m, str_of(at + 1), &domain, &e))
		return no(t, "%s", e.msg);
	v->text = mem_fmt(t->m, "%.*s@%s", (int)(at - t->at), t->at, domain);
	return 0;
}

static int family_of(const char *text)
{
	unsigned char raw[16];

	if (inet_pton(AF_INET, text, raw) == 1)
		return AF_INET;
	return inet_pton(AF_INET6, text, raw) == 1 ? AF_INET6 : 0;
}

static int check_address(const struct text *t, struct schema_value *v)
{
	if (!family_of(t->at))
		return no(t, "\"%s\" is no IPv4 or IPv6 address", t->at);
	v->text = t->at;
	return 0;
}

static int check_network(const struct text *t, struct schema_value *v)
{
	const char *slash = strchr(t->at, '/');
	const char *net =
		slash ? mem_dup(t->m, t->at, (size_t)(slash - t->at)) : t->at;
	int family = family_of(net);
	uint64_t bits;

	if (!family || (slash && str_num(str_of(slash + 1),
					 family == AF_INET ? 32 : 128, &bits)))
		return no(t,
			  "\"%s\" is no network, such as 192.0.2.0/24 or "
			  "2001:db8::/32",
			  t->at);
	v->text = t->at;
	return 0;
}

/* "[V6]:PORT", "V4:PORT", ":PORT": the host may be empty. */
static bool split_port(struct mem *m, const char *text, const char **host)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;

	if (!colon || str_num(str_of(colon + 1), 65535, &port) || !port)
		return false;
	if (*text == '[') {
		if (colon[-1] != ']')
			return false;
		*host = mem_dup(m, text + 1, (size_t)(colon - text) - 2);
		return family_of(*host) == AF_INET6;
	}
	*host = mem_dup(m, text, (size_t)(colon - text));
	return !**host || family_of(*host) == AF_INET;
}

static int check_endpoint(const struct text *t, struct schema_value *v)
{
	const char *host;

	if (!family_of(t->at) && !(split_port(t->m, t->at, &host) && *host))
		return no(t,
			  "\"%s\" is no address, such as 127.0.0.1, "
			  "127.0.0.1:5353 or [::1]:5353",
			  t->at);
	v->text = t->at;
	return 0;
}

static int check_listen(const struct text *t, struct schema_value *v)
{
	const char *host;

	if (strcmp(t->at, "systemd") && !split_port(t->m, t->at, &host))
		return no(t,
			  "\"%s\" is nothing to listen on, such as :25, "
			  "192.0.2.1:25 or [2001:db8::1]:25",
			  t->at);
	v->text = t->at;
	return 0;
}

static int check_path(const struct text *t, struct schema_value *v)
{
	v->text = *t->at == '/' ? t->at : mem_fmt(t->m, "%s/%s", t->dir, t->at);
	return 0;
}

/* One of the schemes of the row, something behind it, no blanks. */
static bool is_url(const struct text *t, const char *schemes)
{
	struct str list = str_of(schemes), word;

	if (strpbrk(t->at, " \t\r\n\"<>"))
		return false;
	while (str_word(&list, &word)) {
		bool opaque = str_eq(word, "mailto");
		const char *start = mem_fmt(t->m, "%.*s%s", STR_FMT(word),
					    opaque ? ":" : "://");

		if (str_starts_i(str_of(t->at), start))
			return t->at[strlen(start)] &&
			       (!opaque || strchr(t->at, '@'));
	}
	return false;
}

static int check_url(const struct text *t, struct schema_value *v)
{
	v->text = t->at;
	if (!*t->at || is_url(t, t->row->among))
		return 0;
	return no(t, "is no URL that can stand here; it starts with one of: %s",
		  t->row->among); /* the value may hold a password */
}

/* Plain names are compared with the presets where those are known. */
static int check_server(const struct text *t, struct schema_value *v)
{
	if (!strstr(t->at, "://"))
		return check_word(t, v);
	v->text = t->at;
	if (!is_url(t, "https"))
		return no(t,
			  "\"%s\" is no https URL; a CA speaks ACME only "
			  "over https",
			  t->at);
	return 0;
}

static int check_smarthost(const struct text *t, struct schema_value *v)
{
	return strstr(t->at, "://") ? check_url(t, v) : check_word(t, v);
}

static int check_user(const struct text *t, struct schema_value *v)
{
	size_t n = strlen(t->at);

	if (n > USER_MAX || *t->at == '-' || strpbrk(t->at, " \t\r\n:,/"))
		return no(t, "\"%s\" is no user name", t->at);
	v->text = t->at;
	return 0;
}

static int check_switch(const struct text *t, struct schema_value *v)
{
	static const struct {
		const char *word;
		uint32_t on;
	} words[] = { { "on", 1 },  { "true", 1 },  { "yes", 1 },
		      { "off", 0 }, { "false", 0 }, { "no", 0 } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqi(str_of(t->at), words[i].word)) {
			v->number = words[i].on;
			v->text = v->number ? "on" : "off";
			return 0;
		}
	return no(t, "\"%s\" is neither on nor off", t->at);
}

static int check_enum(const struct text *t, struct schema_value *v)
{
	struct str list = str_of(t->row->among), word;
	const char *near;

	for (uint32_t i = 0; str_word(&list, &word); i++)
		if (str_eqi(word, t->at)) {
			v->number = i;
			v->text = mem_dup(t->m, word.at, word.n);
			return 0;
		}
	near = schema_nearest(t->m, t->at, t->row->among);
	if (near)
		return no(t, "\"%s\" is not known here; did you mean \"%s\"?",
			  t->at, near);
	return no(t, "\"%s\" is not known here; it is one of: %s", t->at,
		  t->row->among);
}

static int check_duration(const struct text *t, struct schema_value *v)
{
	static const char units[] = "smhd";
	static const uint32_t seconds[] = { 1, 60, 3600, 86400 };
	struct str s = str_of(t->at);
	const char *unit = s.n ? strchr(units, s.at[s.n - 1]) : NULL;
	uint64_t n, each = unit ? seconds[unit - units] : 1;

	if (unit)
		s.n--;
	if (str_num(s, DURATION_MAX / each, &n) || !n)
		return no(t,
			  "\"%s\" is no duration, such as 90s, 10m, 2h or "
			  "1d (30d at most)",
			  t->at);
	v->number = (uint32_t)(n * each);
	v->text = t->at;
	return 0;
}

static int check_text(const struct text *t, struct schema_value *v)
{
	for (const char *p = t->at; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return no(t, "holds a control character");
	v->text = t->at;
	return 0;
}

static int (*const checks[])(const struct text *t, struct schema_value *v) = {
	[SCHEMA_TEXT] = check_text,
	[SCHEMA_WORD] = check_word,
	[SCHEMA_NAME] = check_name,
	[SCHEMA_HOST] = check_host,
	[SCHEMA_EMAIL] = check_email,
	[SCHEMA_ADDRESS] = check_address,
	[SCHEMA_NETWORK] = check_network,
	[SCHEMA_ENDPOINT] = check_endpoint,
	[SCHEMA_LISTEN] = check_listen,
	[SCHEMA_PATH] = check_path,
	[SCHEMA_URL] = check_url,
	[SCHEMA_SERVER] = check_server,
	[SCHEMA_SMARTHOST] = check_smarthost,
	[SCHEMA_USER] = check_user,
	[SCHEMA_SWITCH] = check_switch,
	[SCHEMA_ENUM] = check_enum,
	[SCHEMA_KEY_TYPE] = check_enum,
	[SCHEMA_DURATION] = check_duration,
	[SCHEMA_SECRET] = check_text,
	[SCHEMA_CREDENTIALS] = check_text,
	[SCHEMA_ALIASES] = check_text,
	[SCHEMA_REFUSED] = check_text,
};

int schema_check(const struct schema_row *row, const char *text,
		 const char *dir, struct mem *m, struct schema_value *v,
		 const char **why)
{
	struct text t = { row, text, dir, m, why };

	*v = (struct schema_value){ 0 };
	if (!*text && !(row->preset && !*row->preset))
		return no(&t, "is empty");
	return checks[row->type](&t, v);
}
