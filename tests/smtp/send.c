/* lib/smtp's client behind a socket, for strangers who serve SMTP or LMTP. The
 * message comes on the standard input; each recipient's result is a line.
 *
 *	send [--lmtp] [--must | --never | --implicit] [--no-bdat]
 *	     [--user U --password P [--mechanism PLAIN|LOGIN|XOAUTH2]]
 *	     [--times N] [--size N] [--notify] PORT FROM TO...
 *
 * The far end's certificate is not looked at. */
#include "smtp/client.h"
#include "tests/smtp/link.h"

enum { RCPTS = 2000, PART = 16384 };
struct send {
	struct client_conf conf;
	struct client client;
	struct link link;
	struct buf out, message;
	struct mem mem;
	struct client_rcpt rcpt[RCPTS];
	struct client_mail mail;
	size_t at; /* of the message */
	unsigned times;
	char bytes[4096];
	struct str in;
};

static void read_message(struct buf *out)
{
	char c, before = 0;

	out->max = 1 << 30;
	while (fread(&c, 1, 1, stdin) == 1) {
		if (c == '\n' && before != '\r')
			buf_char(out, '\r');
		buf_char(out, c);
		before = c;
	}
}

static void results(const struct send *s)
{
	for (size_t i = 0; i < s->mail.n; i++) {
		const struct client_rcpt *r = &s->rcpt[i];

		printf("%.*s %u %s %s\n", STR_FMT(r->to), r->code, r->status,
		       r->code ? r->text : "");
	}
}

static void body(struct send *s)
{
	size_t n = s->message.n - s->at;

	if (n > PART)
		n = PART;
	const struct str part = { s->message.at + s->at, n };

	s->at += n;
	client_body(&s->client, part,
		    s->at == s->message.n ? CLIENT_ENDS : CLIENT_GOES_ON,
		    &s->out, clock_ms());
}

static bool tls(struct send *s)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	s->link.ssl = SSL_new(ctx);
	SSL_CTX_free(ctx);
	SSL_set_fd(s->link.ssl, s->link.fd);
	return SSL_connect(s->link.ssl) == 1;
}

static bool more(struct send *s)
{
	if (!link_send(&s->link, &s->out) ||
	    !link_wait(&s->link, client_deadline(&s->client)))
		return false;
	s->in = (struct str){ s->bytes,
			      link_recv(&s->link, s->bytes, sizeof(s->bytes)) };
	return s->in.n > 0;
}

static void ready(struct send *s)
{
	if (!s->times) {
		client_quit(&s->client, &s->out, clock_ms());
		return;
	}
	s->times--;
	s->at = 0;
	client_begin(&s->client, &s->mail, &s->out, clock_ms());
}

/* The exit status, or -1 to go on. */
static int turn(struct send *s)
{
	struct err e = { 0 };

	switch (client_step(&s->client, &s->in, &s->out, clock_ms(), &e)) {
	case CLIENT_MORE:
		if (more(s))
			return -1;
		printf("lost\n");
		results(s);
		return 2;
	case CLIENT_TLS:
		if (!link_send(&s->link, &s->out) || !tls(s))
			return 3;
		client_tls(&s->client, &s->out, clock_ms());
		return -1;
	case CLIENT_READY:
		ready(s);
		return -1;
	case CLIENT_BODY:
		body(s);
		return link_send(&s->link, &s->out) ? -1 : 2;
	case CLIENT_DONE:
		if (!s->times)
			results(s);
		return -1;
	case CLIENT_CLOSED:
		return 0;
	default:
		printf("failed: %s\n", e.msg);
		results(s);
		return 1;
	}
}

static void option(struct send *s, const char *name, char ***argv)
{
	const struct str o = str_of(name);

	if (str_eq(o, "lmtp"))
		s->conf.lmtp = true;
	else if (str_eq(o, "must"))
		s->conf.tls = CLIENT_TLS_MUST;
	else if (str_eq(o, "never"))
		s->conf.tls = CLIENT_TLS_NEVER;
	else if (str_eq(o, "implicit"))
		s->conf.tls = CLIENT_TLS_IMPLICIT;
	else if (str_eq(o, "no-bdat"))
		s->conf.no_bdat = true;
	else if (str_eq(o, "notify"))
		s->mail.ret = "HDRS";
	else if (str_eq(o, "user"))
		s->conf.user = *++*argv;
	else if (str_eq(o, "password"))
		s->conf.password = *++*argv;
	else if (str_eq(o, "times"))
		s->times = (unsigned)strtoul(*++*argv, NULL, 10);
	else if (str_eq(o, "size"))
		s->mail.size = strtoull(*++*argv, NULL, 10);
	else if (str_eq(o, "mechanism"))
		s->conf.mechanism = str_eq(str_of(*++*argv), "XOAUTH2") ?
					    AUTH_XOAUTH2 :
					    auth_find(str_of(**argv));
	else
		die(name);
}

/* A port of this machine. */
static int dial(const char *where)
{
	const struct sockaddr_in at = link_local(where);
	const int fd = socket(AF_INET, SOCK_STREAM, 0);
	const int on = 1;

	if (fd < 0 || connect(fd, (const void *)&at, sizeof(at)))
		die(where);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

int main(int argc, char **argv)
{
	static struct send s;
	int status;

	(void)argc;
	s.conf = client_defaults;
	s.conf.host = "us.test";
	s.times = 1;
	for (argv++; *argv && !strncmp(*argv, "--", 2); argv++)
		option(&s, *argv + 2, &argv);
	if (!argv[0] || !argv[1] || !argv[2])
		return 64;
	signal(SIGPIPE, SIG_IGN);
	s.link.fd = dial(argv[0]);
	s.mail.from = str_of(argv[1]);
	s.mail.rcpt = s.rcpt;
	s.mail.mem = &s.mem;
	for (argv += 2; *argv && s.mail.n < RCPTS; argv++)
		s.rcpt[s.mail.n++] = (struct client_rcpt){
			.to = str_of(*argv),
			.notify = s.mail.ret ? 10 : 0,
		};
	read_message(&s.message);
	if (s.conf.tls == CLIENT_TLS_IMPLICIT && !tls(&s))
		return 3;
	client_open(&s.client, &s.conf, clock_ms());
	while ((status = turn(&s)) < 0)
		;
	client_free(&s.client);
	auto_link(&s.link);
	buf_free(&s.out);
	buf_free(&s.message);
	mem_free(&s.mem);
	return status;
}
