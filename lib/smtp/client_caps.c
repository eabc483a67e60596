/* What a server says it can do. */
#include "smtp/client.h"

static const struct {
	const char *name;
	enum client_cap cap;
} words[] = {
	{ "PIPELINING", CLIENT_PIPELINING },
	{ "8BITMIME", CLIENT_8BITMIME },
	{ "SMTPUTF8", CLIENT_SMTPUTF8 },
	{ "SIZE", CLIENT_SIZE },
	{ "CHUNKING", CLIENT_CHUNKING },
	{ "DSN", CLIENT_DSN },
	{ "STARTTLS", CLIENT_STARTTLS },
	{ "REQUIRETLS", CLIENT_REQUIRETLS },
	{ "ENHANCEDSTATUSCODES", CLIENT_ENHANCED },
};
static const struct {
	const char *name;
	enum client_cap cap;
} mechanisms[] = {
	{ "PLAIN", CLIENT_AUTH_PLAIN },
	{ "LOGIN", CLIENT_AUTH_LOGIN },
	{ "XOAUTH2", CLIENT_AUTH_XOAUTH2 },
};

static void read_auth(struct str rest, struct client_caps *out)
{
	struct str word;

	while (str_word(&rest, &word))
		for (size_t i = 0;
		     i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++)
			if (str_eqi(word, mechanisms[i].name))
				out->bits |= (unsigned)mechanisms[i].cap;
}

static void read_limits(struct str rest, struct client_caps *out)
{
	struct str word, name;
	uint64_t n;

	while (str_word(&rest, &word)) {
		str_cut(&word, '=', &name);
		if (!word.at || str_num(word, 999999, &n) < 0 || !n)
			continue;
		if (str_eqi(name, "RCPTMAX"))
			out->rcpt_max = (unsigned)n;
		else if (str_eqi(name, "MAILMAX"))
			out->mail_max = (unsigned)n;
	}
}

static void read_line(struct str line, struct client_caps *out)
{
	struct str word, size;

	/* "AUTH=LOGIN PLAIN" is an old way to write it. */
	if (str_starts_i(line, "AUTH ") || str_starts_i(line, "AUTH=")) {
		read_auth((struct str){ line.at + 5, line.n - 5 }, out);
		return;
	}
	if (!str_word(&line, &word))
		return;
	if (str_eqi(word, "LIMITS"))
		read_limits(line, out);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_eqi(word, words[i].name))
			out->bits |= (unsigned)words[i].cap;
	if (str_eqi(word, "SIZE") && str_word(&line, &size))
		(void)str_num(size, UINT64_MAX, &out->size);
}

void client_caps_read(struct str text, struct client_caps *out)
{
	struct str line;

	*out = (struct client_caps){ 0 };
	(void)str_cut(&text, '\n', &line); /* the server's name */
	while (str_cut(&text, '\n', &line))
		read_line(line, out);
}
