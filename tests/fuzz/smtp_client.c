/* What a server says to the client, by rules that the first byte chooses: none
 * of it may make a message delivered that was not sent whole. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "smtp/client.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { RCPTS = 3, PARTS = 3, MAILS = 3, STEPS = 100000 };
struct world {
	struct client c;
	struct client_rcpt rcpt[RCPTS];
	struct client_mail mail;
	struct mem mem;
	struct buf out;
	int parts, mails;
	bool failed;
};

static void conf_of(uint8_t bits, struct client_conf *c)
{
	*c = client_defaults;
	c->host = "us.test";
	c->lmtp = bits & 1;
	c->no_bdat = bits & 2;
	c->tls = (enum client_tls)(bits >> 2 & 3);
	if (bits & 16) {
		c->user = "joe";
		c->password = "secret";
		c->mechanism = (enum auth_mechanism)(bits >> 5 & 3);
	}
}

static void begin(struct world *w)
{
	w->mail = (struct client_mail){
		.from = STR_LIT("a@b"),
		.rcpt = w->rcpt,
		.n = RCPTS,
		.size = 9,
		.eight = true,
		.ret = "FULL",
		.envid = STR_LIT("x"),
		.mem = &w->mem,
	};
	for (int i = 0; i < RCPTS; i++)
		w->rcpt[i] = (struct client_rcpt){ .to = STR_LIT("c@d"),
						   .notify = 2 };
	w->parts = 0;
	client_begin(&w->c, &w->mail, &w->out, 0);
}

static void done(const struct world *w)
{
	for (int i = 0; i < RCPTS; i++) {
		const unsigned kind = w->rcpt[i].code / 100;

		if ((kind != 2 && kind != 4 && kind != 5) || !w->rcpt[i].text)
			abort();
		if (kind == 2 && w->parts != PARTS)
			abort();
	}
}

static bool step(struct world *w, struct str *in)
{
	struct err e = { 0 };

	switch (client_step(&w->c, in, &w->out, 0, &e)) {
	case CLIENT_MORE:
		return false;
	case CLIENT_TLS:
		client_tls(&w->c, &w->out, 0);
		return true;
	case CLIENT_READY:
		if (w->mails++ < MAILS)
			begin(w);
		else
			client_quit(&w->c, &w->out, 0);
		return true;
	case CLIENT_BODY:
		w->parts++;
		client_body(&w->c, STR_LIT(".x\r\n"),
			    w->parts == PARTS ? CLIENT_ENDS : CLIENT_GOES_ON,
			    &w->out, 0);
		return true;
	case CLIENT_DONE:
		done(w);
		return true;
	case CLIENT_FAILED:
		if (!e.msg[0])
			abort();
		w->failed = true;
		return false;
	default:
		w->failed = true;
		return false;
	}
}

static void play(const struct client_conf *conf, struct str in, size_t most)
{
	AUTO(mem) struct mem m = { 0 };
	struct world w = { 0 };
	int steps = 0;

	client_open(&w.c, conf, 0);
	while (in.n && !w.failed) {
		const size_t n = in.n < most ? in.n : most;
		struct str part = { mem_dup(&m, in.at, n), n };

		in = (struct str){ in.at + n, in.n - n };
		while (step(&w, &part))
			if (++steps > STEPS)
				abort(); /* it goes round and round */
		buf_clear(&w.out);
	}
	client_free(&w.c);
	mem_free(&w.mem);
	buf_free(&w.out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct client_conf conf;

	if (!size || size > 8192)
		return 0;
	conf_of(data[0], &conf);
	const struct str in = { (const char *)data + 1, size - 1 };

	play(&conf, in, SIZE_MAX);
	play(&conf, in, 1);
	play(&conf, in, 7);
	return 0;
}
