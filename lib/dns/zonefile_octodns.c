/* octoDNS: the file its YAML source reads. It wants keys in its own order:
 * names as people count ("a2" before "a10"), fields by the alphabet. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "dns/zonefile.h"
#include "dns/zonefile_parts.h"

/* KEY=FIELD, in the order they are written; # before a number. Without keys
 * the value is one string. */
static const struct shape {
	const char *type, *keys;
	size_t fields;
	bool one; /* a name has one value only */
} shapes[] = {
	{ "A", NULL, 1, false },
	{ "AAAA", NULL, 1, false },
	{ "CNAME", NULL, 1, true },
	{ "DNAME", NULL, 1, true },
	{ "NS", NULL, 1, false },
	{ "PTR", NULL, 1, false },
	{ "TXT", NULL, 1, false },
	{ "CAA", "flags=#0 tag=1 value=2", 3, false },
	{ "DS", "algorithm=#1 digest=3 digest_type=#2 key_tag=#0", 4, false },
	{ "MX", "exchange=1 preference=#0", 2, false },
	{ "NAPTR",
	  "flags=2 order=#0 preference=#1 regexp=4 replacement=5 service=3", 6,
	  false },
	{ "SRV", "port=#2 priority=#0 target=3 weight=#1", 4, false },
	{ "SSHFP", "algorithm=#0 fingerprint=2 fingerprint_type=#1", 3, false },
	{ "TLSA",
	  "certificate_association_data=3 certificate_usage=#0 "
	  "matching_type=#2 selector=#1",
	  4, false },
};

struct row {
	const struct record *record;
	struct str key; /* its name as octoDNS has it: "" for the zone's */
	size_t at;      /* its place in the records */
};

static struct str run_of(struct str *s, bool digits)
{
	struct str run = { s->at, 0 };
	while (run.n < s->n &&
	       (s->at[run.n] >= '0' && s->at[run.n] <= '9') == digits)
		run.n++;
	s->at += run.n;
	s->n -= run.n;
	return run;
}

static int by_bytes(struct str a, struct str b)
{
	const size_t n = a.n < b.n ? a.n : b.n;
	const int order = n > 0 ? memcmp(a.at, b.at, n) : 0;
	return order ? order : (a.n > b.n) - (a.n < b.n);
}

static struct str without_zeros(struct str s)
{
	while (s.n > 1 && *s.at == '0') {
		s.at++;
		s.n--;
	}
	return s;
}

static int by_number(struct str a, struct str b)
{
	a = without_zeros(a);
	b = without_zeros(b);
	return a.n != b.n ? (a.n > b.n) - (a.n < b.n) : by_bytes(a, b);
}

static int by_count(struct str a, struct str b)
{
	int order = 0;
	for (bool digits = false; order == 0 && (a.n > 0 || b.n > 0);
	     digits = !digits) {
		const struct str x = run_of(&a, digits);
		const struct str y = run_of(&b, digits);
		order = digits ? by_number(x, y) : by_bytes(x, y);
	}
	return order;
}

static int by_row(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int order = by_count(x->key, y->key);
	if (order == 0) /* equal to who counts: 01 and 1 */
		order = by_bytes(x->key, y->key);
	if (order == 0)
		order = (x->record->type > y->record->type) -
			(x->record->type < y->record->type);
	return order ? order : (x->at > y->at) - (x->at < y->at);
}

static const struct shape *shape_of(uint16_t type)
{
	char name[16];
	dnsmsg_type_name(type, name);
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++)
		if (strcmp(shapes[i].type, name) == 0)
			return &shapes[i];
	return NULL;
}

/* A semicolon is escaped there, in TXT and nowhere else. */
static bool put_text(struct buf *out, struct str s)
{
	AUTO(buf) struct buf b = { 0 };
	for (size_t i = 0; i < s.n; i++) {
		if (s.at[i] == ';')
			buf_char(&b, '\\');
		buf_char(&b, s.at[i]);
	}
	return zonefile_quoted(out, buf_get(&b), ZONEFILE_YAML);
}

static bool put_keys(struct buf *out, const char *keys, const struct str *field)
{
	struct str rest = str_of(keys), word, key;
	for (bool first = true; str_word(&rest, &word); first = false) {
		(void)str_cut(&word, '=', &key);
		buf_fmt(out, "%s%.*s: ", first ? "- " : "\n        ",
			STR_FMT(key));
		const struct str value = field[word.at[word.n - 1] - '0'];
		if (*word.at == '#')
			buf_view(out, value);
		else if (!zonefile_quoted(out, value, ZONEFILE_YAML))
			return false;
	}
	return true;
}

/* One value with its line end; false when there is no word for it. */
static bool put_value(struct buf *out, const struct shape *s,
		      const struct record *r)
{
	AUTO(mem) struct mem m = { 0 };
	struct str field[ZONEFILE_FIELDS] = { r->value };
	bool good = s != NULL;
	if (good && r->type != DNS_TXT)
		good = zonefile_fields(r, &m, field) == s->fields;
	buf_str(out, good && s->one ? " " : "\n      ");
	if (good && s->keys)
		return put_keys(out, s->keys, field);
	buf_str(out, good && s->one ? "" : "- ");
	return good && (r->type == DNS_TXT ?
				put_text(out, field[0]) :
				zonefile_quoted(out, field[0], ZONEFILE_YAML));
}

/* The values of one name and type; false when all are comments. */
static bool put_set(struct buf *out, const char *zone, const struct row *row,
		    size_t n)
{
	AUTO(buf) struct buf values = { 0 }, left = { 0 };
	const struct record *first = row[0].record;
	const struct shape *s = shape_of(first->type);
	for (size_t i = 0; i < n; i++) {
		const size_t before = values.n;
		if (!put_value(&values, s, row[i].record)) {
			buf_cut(&values, before);
			zonefile_comment(&left, "  #", zone, row[i].record);
		}
	}
	buf_view(out, buf_get(&left));
	if (values.n == 0)
		return false;
	buf_str(out, "  - ");
	if (first->ttl > 0)
		buf_fmt(out, "ttl: %u\n    ", first->ttl);
	buf_fmt(out, "type: %s\n    %s:", s->type, s->one ? "value" : "values");
	buf_view(out, buf_get(&values));
	buf_char(out, '\n');
	return true;
}

static void put_name(struct buf *out, const char *zone, const struct row *row,
		     size_t n)
{
	AUTO(buf) struct buf sets = { 0 };
	bool whole = false;
	for (size_t i = 0, k; i < n; i = k) {
		k = i + 1;
		while (k < n && row[k].record->type == row[i].record->type)
			k++;
		whole |= put_set(&sets, zone, row + i, k - i);
	}
	if (!whole) /* a key without a set would be a mistake */
		buf_char(out, '#');
	(void)zonefile_quoted(out, row[0].key, ZONEFILE_YAML);
	buf_str(out, ":\n");
	buf_view(out, buf_get(&sets));
}

static struct str key_of(const struct record *r, const char *zone,
			 struct mem *m)
{
	AUTO(buf) struct buf b = { 0 };
	zonefile_name(&b, r->name, zone);
	const bool apex = strcmp(r->name, zone) == 0;
	return apex ? (struct str){ "", 0 } :
		      (struct str){ mem_dup(m, b.at, b.n), b.n };
}

void zonefile_octodns(struct buf *out, const char *zone,
		      const struct records *r)
{
	AUTO(mem) struct mem m = { 0 };
	struct row *row = mem_array(&m, r->n + 1, sizeof(*row));
	for (size_t i = 0; i < r->n; i++)
		row[i] = (struct row){ &r->at[i], key_of(&r->at[i], zone, &m),
				       i };
	qsort(row, r->n, sizeof(*row), by_row);
	buf_str(out, "---\n");
	for (size_t i = 0, k; i < r->n; i = k) {
		k = i + 1;
		while (k < r->n && str_same(row[k].key, row[i].key))
			k++;
		put_name(out, zone, row + i, k - i);
	}
}
