#include "conf/chasquid.h"

#include <string.h>

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	{ "ns", 1 },           { "us", 1000 },         { "\xc2\xb5s", 1000 },
	{ "\xce\xbcs", 1000 }, { "ms", 1000000 },      { "s", 1000000000 },
	{ "m", 60000000000 },  { "h", 3600000000000 },
};

static const struct unit *find_unit(struct str name)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (str_eq(name, units[i].name))
			return &units[i];
	return NULL;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at the front, as many as there are. False: more than fits. */
static bool take_whole(struct str *s, uint64_t *n)
{
	for (*n = 0; s->n && is_digit(*s->at); s->at++, s->n--) {
		uint64_t d = (uint64_t)(*s->at - '0');

		if (*n > (INT64_MAX - d) / 10)
			return false;
		*n = *n * 10 + d;
	}
	return true;
}

/* Behind the point; what is finer than the unit's nanoseconds is dropped. */
static uint64_t take_fraction(struct str *s, uint64_t *scale)
{
	uint64_t n = 0;

	for (*scale = 1; s->n && is_digit(*s->at); s->at++, s->n--)
		if (*scale < 1000000000) {
			n = n * 10 + (uint64_t)(*s->at - '0');
			*scale *= 10;
		}
	return n;
}

static struct str take_unit(struct str *s)
{
	struct str unit = { s->at, 0 };

	while (s->n && *s->at != '.' && !is_digit(*s->at)) {
		s->at++;
		s->n--;
		unit.n++;
	}
	return unit;
}

/* One number with its unit, added. */
static const char *take_part(struct mem *m, struct str text, struct str *rest,
			     uint64_t *ns)
{
	const char *bad =
		mem_fmt(m, "time: invalid duration \"%.*s\"", STR_FMT(text));
	uint64_t whole, fraction = 0, scale = 1;
	struct str before = *rest;

	if (!take_whole(rest, &whole))
		return bad;
	bool any = rest->at > before.at;

	if (rest->n && *rest->at == '.') {
		rest->at++;
		rest->n--;
		before = *rest;
		fraction = take_fraction(rest, &scale);
		any = any || rest->at > before.at;
	}
	if (!any)
		return bad;
	struct str name = take_unit(rest);
	const struct unit *unit = find_unit(name);

	if (!name.n)
		return mem_fmt(m, "time: missing unit in duration \"%.*s\"",
			       STR_FMT(text));
	if (!unit)
		return mem_fmt(m,
			       "time: unknown unit \"%.*s\" in duration "
			       "\"%.*s\"",
			       STR_FMT(name), STR_FMT(text));
	if (whole > (INT64_MAX - *ns) / unit->ns)
		return bad;
	*ns += whole * unit->ns;
	fraction = fraction * (unit->ns / scale) +
		   fraction * (unit->ns % scale) / scale;
	if (fraction > INT64_MAX - *ns)
		return bad;
	*ns += fraction;
	return NULL;
}

const char *chasquid_duration(struct mem *m, struct str text, int64_t *ns)
{
	bool minus = str_starts(text, "-");
	struct str rest = text;
	const char *fault = NULL;
	uint64_t sum = 0;

	if (minus || str_starts(text, "+")) {
		rest.at++;
		rest.n--;
	}
	if (!rest.n)
		return mem_fmt(m, "time: invalid duration \"%.*s\"",
			       STR_FMT(text));
	if (!str_eq(rest, "0"))
		while (rest.n && !fault)
			fault = take_part(m, text, &rest, &sum);
	if (!fault)
		*ns = minus ? -(int64_t)sum : (int64_t)sum;
	return fault;
}

static bool is_port(const char *s)
{
	uint64_t n;

	if (is_digit(*s))
		return !str_num(str_of(s), 65535, &n);
	for (; *s; s++)
		if (!is_digit(*s) && *s != '-' &&
		    (str_lower(*s) < 'a' || str_lower(*s) > 'z'))
			return false;
	return true;
}

int chasquid_address(struct mem *m, const char *text,
		     struct chasquid_address *out, struct err *e)
{
	const char *colon = strrchr(text, ':');
	struct str host = { text, colon ? (size_t)(colon - text) : 0 };

	*out = (struct chasquid_address){ .host = "", .port = "" };
	out->systemd = strcmp(text, "systemd") == 0;
	if (out->systemd)
		return 0;
	if (!*text)
		return err_set(e, ERR_CONF,
			       "the address is empty; to listen "
			       "nowhere, leave the key out");
	bool six = str_starts(host, "[") && str_ends(host, "]");

	if (six) {
		host.at++;
		host.n -= 2;
	}
	if (!colon || !colon[1] || !is_port(colon + 1) ||
	    (six != (host.n && memchr(host.at, ':', host.n))))
		return err_set(e, ERR_CONF,
			       "\"%s\" is no address to listen on: write "
			       "HOST:PORT, :PORT or [IPv6]:PORT",
			       text);
	out->host = mem_dup(m, host.at, host.n);
	out->port = mem_str(m, colon + 1);
	return 0;
}
