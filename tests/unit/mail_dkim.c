/* DKIM against messages that others signed (OPSMAIL_DATA/dkim), and against
 * itself. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "mail/dkim.h"
#include "tests/unit/test.h"

#define DRAFT "v=1 is a must since RFC 4871; these are of its drafts"
#define NO_G "g= is gone since RFC 6376"

enum { MESSAGE_MAX = 1 << 20, NOW = 1700000000 };

static const struct dkim_trust historic = { .rsa_bits = 512, .sha1 = true };

static const char *data_file(struct mem *m, const char *name)
{
	const char *dir = getenv("OPSMAIL_DATA");

	return mem_fmt(m, "%s/dkim/%s", dir ? dir : "../shared/data", name);
}

static struct str read_crlf(struct mem *m, const char *path)
{
	AUTO(buf) struct buf b = { .max = MESSAGE_MAX }, out = { 0 };
	struct err e = { 0 };
	struct str rest, line;

	if (fs_read(path, &b, &e))
		fail_msg("%s", e.msg);
	rest = buf_get(&b);
	while (str_line(&rest, &line)) {
		buf_view(&out, line);
		buf_str(&out, "\r\n");
	}
	return (struct str){ mem_dup(m, buf_c(&out), out.n), out.n };
}

/* "name value" lines, as the corpus has its DNS; "name: value" with folds, as
 * chasquid's. What is missing does not exist. */
static void answer(struct facts *f, struct fact *x, struct str zone)
{
	struct str line, name;

	while (str_line(&zone, &line)) {
		if (!str_word(&line, &name))
			continue;
		if (str_ends(name, ":"))
			name.n--;
		line = str_trim(line);
		if (!str_eqi(name, x->name) || str_eq(line, "NXDOMAIN") ||
		    str_eq(line, "PERMERROR"))
			continue;
		if (str_starts(line, "~") || str_eq(line, "TEMPERROR")) {
			facts_tell(f, x, FACT_TEMP);
			return;
		}
		facts_value(f, x, line);
	}
	facts_tell(f, x, x->n ? FACT_FOUND : FACT_VOID);
}

static int verify(struct mem *m, struct str text, struct str zone,
		  const struct dkim_trust *trust, struct dkim_verdicts *out)
{
	AUTO(facts) struct facts f = { 0 };
	struct header h;
	struct err e = { 0 };
	struct fact *x;

	if (header_parse(text, m, &h, &e) < 0)
		return -1;
	while (!dkim_verify(&h, trust, &f, NOW, m, out))
		while ((x = facts_next(&f)))
			answer(&f, x, zone);
	return 0;
}

/* What Debian's libmail-dkim (1.20230212) says of each message: P when a
 * signature passes, F when none does, N when there is none of DKIM (it judges
 * DomainKeys too, which we do not). Ours where it differs, and why. */
static const struct {
	const char *file;
	char theirs, ours;
	const char *why;
} corpus[] = {
	{ "bad_1", 'F', 0, NULL },
	{ "bad_1878954", 'F', 0, NULL },
	{ "bad_dk_1", 'N', 0, NULL },
	{ "bad_dk_2", 'N', 0, NULL },
	{ "bad_dk_3", 'N', 0, NULL },
	{ "bad_dk_4", 'N', 0, NULL },
	{ "bad_dk_5", 'N', 0, NULL },
	{ "bad_ietf01_1", 'F', 0, NULL },
	{ "bad_ietf01_2", 'F', 0, NULL },
	{ "bad_ietf01_3", 'F', 0, NULL },
	{ "badkey1_ed25519", 'F', 0, NULL },
	{ "badkey2_ed25519", 'F', 0, NULL },
	{ "badkey3_ed25519", 'F', 0, NULL },
	{ "badkey4_ed25519", 'F', 0, NULL },
	{ "badkey5_ed25519", 'F', 0, NULL },
	{ "badkey_1", 'F', 0, NULL },
	{ "badkey_10", 'F', 0, NULL },
	{ "badkey_11", 'F', 0, NULL },
	{ "badkey_12", 'F', 'P', NO_G },
	{ "badkey_13", 'F', 'P', NO_G },
	{ "badkey_14", 'F', 0, NULL },
	{ "badkey_15", 'F', 0, NULL },
	{ "badkey_2", 'F', 0, NULL },
	{ "badkey_3", 'F', 0, NULL },
	{ "badkey_4", 'F', 0, NULL },
	{ "badkey_5", 'F', 0, NULL },
	{ "badkey_6", 'F', 0, NULL },
	{ "badkey_7", 'F', 0, NULL },
	{ "badkey_8", 'F', 'P', NO_G },
	{ "badkey_9", 'F', 'P', NO_G },
	{ "dk_headers_1", 'N', 0, NULL },
	{ "dk_headers_2", 'N', 0, NULL },
	{ "dk_multiple_1", 'N', 0, NULL },
	{ "good_1878523", 'P', 0, NULL },
	{ "good_83176", 'P', 0, NULL },
	{ "good_dk_1", 'N', 0, NULL },
	{ "good_dk_2", 'N', 0, NULL },
	{ "good_dk_3", 'N', 0, NULL },
	{ "good_dk_4", 'N', 0, NULL },
	{ "good_dk_5", 'N', 0, NULL },
	{ "good_dk_6", 'N', 0, NULL },
	{ "good_dk_7", 'N', 0, NULL },
	{ "good_dk_gmail", 'N', 0, NULL },
	{ "good_dk_yahoo", 'N', 0, NULL },
	{ "good_ietf00_1", 'F', 0, NULL },
	{ "good_ietf00_2", 'F', 0, NULL },
	{ "good_ietf00_3", 'F', 0, NULL },
	{ "good_ietf00_4", 'F', 0, NULL },
	{ "good_ietf00_5", 'F', 0, NULL },
	{ "good_ietf01_1", 'P', 'F', DRAFT },
	{ "good_ietf01_2", 'P', 'F', DRAFT },
	{ "good_qp_1", 'P', 0, NULL },
	{ "good_qp_2", 'P', 0, NULL },
	{ "good_qp_3", 'P', 0, NULL },
	{ "good_rfc4871_3", 'P', 0, NULL },
	{ "good_rfc4871_4", 'P', 0, NULL },
	{ "goodkey_1", 'P', 0, NULL },
	{ "goodkey_2", 'P', 0, NULL },
	{ "goodkey_3", 'P', 0, NULL },
	{ "goodkey_4", 'P', 0, NULL },
	{ "goodkey_ed25519", 'F', 'P', "theirs has no Ed25519 (RFC 8463)" },
	{ "ignore_1", 'F', 0, NULL },
	{ "ignore_2", 'F', 0, NULL },
	{ "ignore_3", 'F', 0, NULL },
	{ "ignore_4", 'F', 0, NULL },
	{ "ignore_5", 'F', 0, NULL },
	{ "ignore_6", 'F', 0, NULL },
	{ "ignore_7", 'F', 0, NULL },
	{ "ignore_8", 'F', 0, NULL },
	{ "mine_ietf01_1", 'P', 'F', DRAFT },
	{ "mine_ietf01_2", 'P', 'F', DRAFT },
	{ "mine_ietf01_3", 'P', 'F', DRAFT },
	{ "mine_ietf01_4", 'P', 'F', DRAFT },
	{ "mine_ietf05_1", 'P', 'F', DRAFT },
	{ "multiple_1", 'P', 'F', DRAFT },
	{ "multiple_2", 'P', 0, NULL },
	{ "no_body_1", 'P', 'F', DRAFT },
	{ "no_body_2", 'P', 'F', DRAFT },
	{ "no_body_3", 'P', 'F', DRAFT },
};

static void agrees_with_mail_dkim(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf zone = { .max = MESSAGE_MAX };
	struct err e = { 0 };
	size_t wrong = 0;

	if (!fs_exists(data_file(&m, "corpus"))) {
		mem_free(&m); /* skip does not return */
		skip();
	}
	assert_int_equal(fs_read(data_file(&m, "FAKE_DNS.dat"), &zone, &e), 0);
	for (size_t i = 0; i < COUNT(corpus); i++) {
		const char *path = data_file(&m, mem_fmt(&m, "corpus/%s.txt",
							 corpus[i].file));
		struct dkim_verdicts v;
		char got;

		assert_int_equal(verify(&m, read_crlf(&m, path), buf_get(&zone),
					&historic, &v),
				 0);
		got = v.passed ? 'P' : v.n ? 'F' : 'N';
		if (got == (corpus[i].ours ? corpus[i].ours : corpus[i].theirs))
			continue;
		wrong++;
		print_error("%s: %c, %s\n", corpus[i].file, got,
			    v.n ? v.at[0].why : "");
	}
	assert_int_equal(wrong, 0);
}

/* chasquid's set: how many signatures it finds and how many are valid. */
static const struct {
	const char *file;
	size_t found, valid;
} chasquid[] = {
	{ "01-rfc8463", 2, 2 },
	{ "02-too_many_headers", 5, 5 },
	{ "04-bad_dkim_signature_header", 1, 0 },
	{ "05-dns_temp_error", 2, 1 },
	{ "06-dns_perm_error", 2, 1 },
	{ "07-algo_mismatch", 2, 2 },
	{ "08-our_signature", 3, 3 },
	{ "09-limited_body", 3, 3 },
	{ "10-strict_domain_check_pass", 2, 2 },
	{ "11-strict_domain_check_fail", 1, 0 },
};

/* A backslash at the end of a line joins the next. */
static struct str unfolded(struct mem *m, const char *text)
{
	char *out = mem_str(m, text);

	for (char *c = out; (c = strstr(c, "\\\n"));)
		c[0] = c[1] = ' ';
	return str_of(out);
}

/* The path of one of the set; some say by one line that they are another. */
static const char *file_of(struct mem *m, const char *name)
{
	for (;;) {
		AUTO(buf) struct buf b = { .max = MESSAGE_MAX };
		const char *path =
			data_file(m, mem_fmt(m, "chasquid/%s", name));
		struct err e = { 0 };
		struct str text;

		if (!fs_exists(path))
			return NULL;
		assert_int_equal(fs_read(path, &b, &e), 0);
		text = str_trim(buf_get(&b));
		if (text.n > 40)
			return path;
		name = mem_dup(m, text.at, text.n);
	}
}

static struct str zone_of(struct mem *m, const char *name)
{
	AUTO(buf) struct buf b = { .max = MESSAGE_MAX };
	const char *path = file_of(m, name);
	struct err e = { 0 };

	if (!path)
		return str_of("");
	assert_int_equal(fs_read(path, &b, &e), 0);
	return unfolded(m, buf_c(&b));
}

static void agrees_with_chasquid(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	struct dkim_verdicts v;

	if (!fs_exists(data_file(&m, "chasquid"))) {
		mem_free(&m); /* skip does not return */
		skip();
	}
	for (size_t i = 0; i < COUNT(chasquid); i++) {
		const char *name = chasquid[i].file;
		const struct str text =
			read_crlf(&m, file_of(&m, mem_fmt(&m, "%s.msg", name)));

		if (verify(&m, text, zone_of(&m, mem_fmt(&m, "%s.dns", name)),
			   &dkim_trust_now, &v) < 0)
			fail_msg("%s: no message", name);
		if (v.n != chasquid[i].found || v.passed != chasquid[i].valid)
			fail_msg("%s: %zu found, %zu valid: %s", name, v.n,
				 v.passed, v.at[0].why);
	}
	assert_int_equal(
		verify(&m,
		       read_crlf(&m,
				 data_file(&m, "chasquid/03-bad_message.msg")),
		       str_of(""), &dkim_trust_now, &v),
		-1);
}

static const char *const message =
	"From: Ann <ann@example.org>\r\nTo: bob@example.net\r\n"
	"Subject:  two   words\r\n\tfolded\r\nDate: now\r\n\r\n"
	"Hello  \r\n\tworld\r\n\r\n\r\n";

/* Signs, and gives the signed message and the zone that has the key. */
static struct str signed_by(struct mem *m, enum dkimkey_type t,
			    struct str *zone)
{
	AUTO(buf) struct buf out = { 0 }, record = { 0 };
	AUTO(dkimkey) struct dkimkey *k = NULL;
	struct dkim_signer s = { .domain = "example.org",
				 .selector = "sel",
				 .now = NOW };
	struct err e = { 0 };
	struct header h;

	assert_int_equal(dkimkey_make(t, &k, &e), 0);
	s.key = k;
	assert_int_equal(header_parse(str_of(message), m, &h, &e), 0);
	if (dkim_sign(&s, &h, &out, &e) || dkim_record_write(k, &record, &e))
		fail_msg("%s", e.msg);
	*zone = str_of(
		mem_fmt(m, "sel._domainkey.example.org %s", buf_c(&record)));
	return str_of(mem_fmt(m, "%s%s", buf_c(&out), message));
}

static const struct {
	const char *from, *to; /* what somebody does to the message */
	enum dkim_result result;
} tamper[] = {
	{ "", "", DKIM_PASS },
	{ "  two   words", " two words", DKIM_PASS },
	{ "world\r\n\r\n\r\n", "world\r\n", DKIM_PASS },
	{ "two   words", "twowords", DKIM_FAIL },
	{ "ann@example.org", "eve@example.org", DKIM_FAIL },
	{ "world", "World", DKIM_FAIL },
	{ "To:", "From: eve@evil.test\r\nTo:", DKIM_FAIL },
	{ "To:", "Cc: eve@evil.test\r\nTo:", DKIM_FAIL },
	{ "To:", "X-Other: eve@evil.test\r\nTo:", DKIM_PASS },
};

static struct str replaced(struct mem *m, struct str text, const char *from,
			   const char *to)
{
	const char *at = str_find(text, from);

	assert_non_null(at);
	return str_of(mem_fmt(m, "%.*s%s%s", (int)(at - text.at), text.at, to,
			      at + strlen(from)));
}

static void own_signatures(void **state)
{
	(void)state;
	for (int t = DKIMKEY_RSA; t <= DKIMKEY_ED25519; t++) {
		AUTO(mem) struct mem m = { 0 };
		struct str zone;
		const struct str text =
			signed_by(&m, (enum dkimkey_type)t, &zone);

		for (size_t i = 0; i < COUNT(tamper); i++) {
			struct dkim_verdicts v;
			const struct str changed = replaced(
				&m, text, tamper[i].from, tamper[i].to);

			assert_int_equal(verify(&m, changed, zone,
						&dkim_trust_now, &v),
					 0);
			assert_int_equal(v.n, 1);
			if (v.at[0].result != tamper[i].result)
				fail_msg("%s for %s: %s", tamper[i].to,
					 tamper[i].from, v.at[0].why);
		}
	}
}

/* RFC 8301, and what else is never trusted. */
static void old_signatures_do_not_count(void **state)
{
	(void)state;
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf zone = { .max = MESSAGE_MAX };
	struct err e = { 0 };
	struct dkim_verdicts v;

	if (!fs_exists(data_file(&m, "corpus"))) {
		mem_free(&m); /* skip does not return */
		skip();
	}
	assert_int_equal(fs_read(data_file(&m, "FAKE_DNS.dat"), &zone, &e), 0);
	verify(&m, read_crlf(&m, data_file(&m, "corpus/goodkey_1.txt")),
	       buf_get(&zone), &dkim_trust_now, &v);
	assert_int_equal(v.at[0].result, DKIM_POLICY);
	verify(&m, read_crlf(&m, data_file(&m, "corpus/ignore_7.txt")),
	       buf_get(&zone), &historic, &v);
	assert_int_equal(v.at[0].result, DKIM_POLICY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_mail_dkim),
		cmocka_unit_test(agrees_with_chasquid),
		cmocka_unit_test(own_signatures),
		cmocka_unit_test(old_signatures_do_not_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
