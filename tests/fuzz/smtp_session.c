/* A listener's rules by the first byte, then what a client sends: whole and cut
 * it must be answered alike, and every message that was opened must end. */
#include "tests/unit/smtp_play.h"

enum { LONGEST = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void conf_of(uint8_t bits, struct session_conf *c)
{
	*c = session_defaults;
	c->host = "mx.test";
	c->style = bits & 1 ? REPLY_CHASQUID : REPLY_PLAIN;
	c->implicit_tls = bits & 2;
	c->login = bits & 4;
	c->must_login = bits & 8;
	c->size_max = bits & 16 ? 100 : 0;
	c->line_max = bits & 32 ? 60 : 1000;
	c->rcpt_max = 3;
	c->mail_max = bits & 64 ? 2 : 0;
	c->error_max = bits & 128 ? 3 : 100;
}

/* When it is dropped depends on the cuts. */
static void no_drops(const struct buf *log, struct buf *out)
{
	struct str rest = buf_get(log), line;

	while (str_cut(&rest, '\n', &line))
		if (!str_eq(line, "<drop>")) {
			buf_view(out, line);
			buf_char(out, '\n');
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(buf) struct buf wanted = { 0 };
	struct session_conf conf;

	if (!size || size > LONGEST)
		return 0;
	conf_of(data[0], &conf);
	const struct str in = { (const char *)data + 1, size - 1 };
	const enum session_proxy proxy =
		in.n && (in.at[0] == 'P' || in.at[0] == '\r') ?
			SESSION_PROXY :
			SESSION_NO_PROXY;

	for (uint64_t seed = 0; seed < 4; seed++) {
		AUTO(buf) struct buf log = { 0 };
		AUTO(play) struct play p;

		play_open(&p, &conf, proxy, seed);
		play_input(&p, in);
		if (p.closed && p.s.open)
			abort();
		no_drops(&p.log, &log);
		if (seed == PLAY_WHOLE)
			buf_view(&wanted, buf_get(&log));
		else if (!str_same(buf_get(&wanted), buf_get(&log)))
			abort();
	}
	return 0;
}
