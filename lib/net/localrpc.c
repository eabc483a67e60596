#include "net/localrpc.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"

static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("-_.~", c));
}

static void add_escaped(struct buf *out, const char *s)
{
	for (; *s; s++)
		if (is_plain(*s))
			buf_char(out, *s);
		else if (*s == ' ')
			buf_char(out, '+');
		else
			buf_fmt(out, "%%%02X", (unsigned char)*s);
}

void localrpc_add(struct buf *form, const char *key, const char *value)
{
	if (form->n)
		buf_char(form, '&');
	add_escaped(form, key);
	buf_char(form, '=');
	add_escaped(form, value);
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = str_lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* NULL: not of that form. */
static const char *unescaped(struct str s, struct mem *m)
{
	char *out = mem_get(m, s.n + 1);
	size_t n = 0;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.at[i];

		if (c == '+')
			c = ' ';
		if (c == '%') {
			bool whole = s.n - i > 2;
			int high = whole ? digit(s.at[i + 1]) : -1;
			int low = whole ? digit(s.at[i + 2]) : -1;

			if (high < 0 || low < 0)
				return NULL;
			c = (char)(high << 4 | low);
			i += 2;
		}
		if (!c)
			return NULL;
		out[n++] = c;
	}
	return out;
}

int localrpc_parse(struct str form, struct mem *m, struct localrpc_values *out,
		   struct err *e)
{
	struct str field, key;

	*out = (struct localrpc_values){ 0 };
	while (form.n && str_cut(&form, '&', &field)) {
		struct localrpc_value v;

		if (!field.n)
			continue;
		(void)str_cut(&field, '=', &key);
		v.key = unescaped(key, m);
		v.value = unescaped(field, m);
		if (!v.key || !v.value)
			return err_set(e, ERR_PERM,
				       "invalid URL escape in \"%.*s\"",
				       key.n < 40 ? (int)key.n : 40, key.at);
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = v;
	}
	return 0;
}

/* A descriptor; -1 with errno. */
static int dial(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	const struct timeval limit = { .tv_sec = LOCALRPC_LIMIT_S };
	AUTO(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	size_t n = strlen(path);

	if (n >= sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(to.sun_path, path, n + 1);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)) ||
	    connect(fd, (const struct sockaddr *)&to, sizeof(to)))
		return -1;
	return FD_TAKE(fd);
}

static int send_all(int fd, struct str s)
{
	while (s.n) {
		ssize_t n = send(fd, s.at, s.n, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			s.at += n;
			s.n -= (size_t)n;
		}
	}
	return 0;
}

/* A line with its end. */
static int receive(int fd, struct buf *line)
{
	char at[4096];
	ssize_t n;

	while (!line->full && (n = recv(fd, at, sizeof(at), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		buf_add(line, at, (size_t)n);
		if (memchr(at, '\n', (size_t)n))
			return 0;
	}
	errno = EPROTO;
	return -1;
}

static int read_answer(struct str rest, struct mem *m,
		       struct localrpc_values *out, struct err *e)
{
	struct str line, text;

	(void)str_line(&rest, &line);
	if (line.n < 4 || line.at[3] != ' ')
		return err_set(e, ERR_TEMP, "no answer of that protocol");
	text = (struct str){ line.at + 4, line.n - 4 };
	if (!str_starts(line, "200"))
		return err_set(e, ERR_PERM, "%.*s", STR_FMT(text));
	return localrpc_parse(text, m, out, e);
}

int localrpc_call(const char *path, const char *method, const char *key,
		  const char *value, struct mem *m, struct localrpc_values *out,
		  struct err *e)
{
	AUTO(buf) struct buf line = { .max = LOCALRPC_LINE_MAX };
	AUTO(buf) struct buf form = { .max = LOCALRPC_LINE_MAX };
	AUTO(fd) int fd = dial(path);

	if (fd < 0) {
		bool nobody = errno == ENOENT || errno == ECONNREFUSED;

		err_sys(e, "%s", path);
		if (nobody)
			e->kind = ERR_MISSING;
		return -1;
	}
	localrpc_add(&form, key, value);
	buf_fmt(&line, "%s %s\r\n", method, buf_c(&form));
	if (form.full || line.full)
		return err_set(e, ERR_USAGE, "that is too long to ask for");
	if (send_all(fd, buf_get(&line)))
		return err_sys(e, "%s", path);
	buf_clear(&line);
	if (receive(fd, &line)) {
		err_sys(e, "%s", path);
		e->kind = ERR_TEMP;
		return -1;
	}
	return read_answer(buf_get(&line), m, out, e);
}
