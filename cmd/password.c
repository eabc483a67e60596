#include "cmd/password.h"

#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/log.h"
#include "base/rand.h"
#include "base/stop.h"
#include "conf/secret.h"

/* Up to the end of a line or of the input, whatever comes first. */
static int read_line(int fd, struct buf *text, struct err *e)
{
	char c;
	ssize_t n;

	text->max = PASSWORD_MAX;
	while ((n = read(fd, &c, 1)) != 0) {
		if (n < 0 && stop_asked())
			return err_set(e, ERR_STOPPED, "stopped");
		if (n < 0)
			return err_sys(e, "a password cannot be read");
		if (c == '\n')
			break;
		buf_char(text, c);
	}
	if (text->full)
		return err_set(e, ERR_USAGE, "a password has at most %d bytes",
			       PASSWORD_MAX);
	if (text->n && text->at[text->n - 1] == '\r')
		buf_cut(text, text->n - 1);
	return 0;
}

static void show(int fd, const char *text)
{
	if (write(fd, text, strlen(text)) < 0)
		return; /* the answer is asked for all the same */
}

int password_ask(int in, int out, const char *prompt, struct buf *text,
		 struct err *e)
{
	struct termios was, hidden;
	int rc;

	if (tcgetattr(in, &was))
		return err_sys(e, "a password cannot be asked for here");
	hidden = was;
	hidden.c_lflag &= ~(tcflag_t)ECHO;
	hidden.c_lflag |= ICANON | ISIG;
	hidden.c_iflag |= ICRNL;
	show(out, prompt);
	(void)tcsetattr(in, TCSAFLUSH, &hidden);
	rc = read_line(in, text, e);
	(void)tcsetattr(in, TCSAFLUSH, &was);
	show(out, "\n");
	return rc;
}

static int ask(enum password_use use, const char *who, struct buf *text,
	       struct err *e)
{
	AUTO(fd) int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	AUTO(mem) struct mem m = { 0 };
	AUTO(secret) struct buf again = { 0 };

	if (tty < 0)
		return err_set(e, ERR_USAGE,
			       "there is no terminal to ask for a password "
			       "on; give --password-file FILE%s",
			       use == PASSWORD_NEW ? " or --generate" : "");
	if (password_ask(tty, tty, mem_fmt(&m, "Password of %s: ", who), text,
			 e))
		return -1;
	if (use == PASSWORD_CHECK)
		return 0;
	if (password_ask(tty, tty, "The same again: ", &again, e))
		return -1;
	return str_same(buf_get(text), buf_get(&again)) ?
		       0 :
		       err_set(e, ERR_USAGE, "the two passwords differ");
}

/* 100 bits in letters and digits that nobody takes for one another. */
static void make(struct buf *text)
{
	static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";

	for (int i = 0; i < 20; i++) {
		if (i && i % 5 == 0)
			buf_char(text, '-');
		buf_char(text, letters[rand_below(sizeof(letters) - 1)]);
	}
}

static int from_file(const char *path, struct buf *text, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const struct secret s = {
		.kind = SECRET_FILE,
		.text = path,
		.origin = "--password-file",
	};
	const char *all;

	if (strcmp(path, "-") == 0)
		return read_line(STDIN_FILENO, text, e);
	if (secret_read(&s, &m, &all, e))
		return -1;
	text->max = PASSWORD_MAX;
	buf_add(text, all, strcspn(all, "\r\n"));
	return text->full ?
		       err_set(e, ERR_USAGE, "a password has at most %d bytes",
			       PASSWORD_MAX) :
		       0;
}

int password_take(struct call *c, enum password_use use, const char *who,
		  struct buf *text, struct err *e)
{
	const char *path = opt_text(&c->opts, "password-file");
	bool made = opt_flag(&c->opts, "generate");

	if (made && (path || out_json(c->out)))
		return err_set(e, ERR_USAGE,
			       "--generate shows a password to a person: it "
			       "goes neither with --password-file nor --json");
	if (made) {
		make(text);
		out_line(c->out, "password of %s: %s", who, buf_c(text));
		return 0;
	}
	if (path ? from_file(path, text, e) : ask(use, who, text, e))
		return -1;
	log_hide(buf_get(text));
	return text->n ? 0 : err_set(e, ERR_USAGE, "the password is empty");
}
