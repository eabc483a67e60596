#include "crypto/pem.h"

#include <string.h>

#include "base/auto.h"
#include "base/b64.h"

enum { COLUMNS = 64 };

/* "-----BEGIN X-----" gives X; white space after it is let through. */
static bool boundary(struct str line, const char *word, struct str *label)
{
	line = str_trim(line);
	size_t n = strlen(word);
	if (!str_starts(line, word) || !str_ends(line, "-----") ||
	    line.n < n + 6)
		return false;
	*label = (struct str){ line.at + n, line.n - n - 5 };
	return true;
}

bool pem_next(struct str *text, struct pem *out)
{
	struct str line, label;
	bool inside = false;

	while (str_line(text, &line)) {
		if (boundary(line, "-----BEGIN ", &label)) {
			inside = true;
			out->label = label;
			out->body = (struct str){ text->at, 0 };
		} else if (inside && boundary(line, "-----END ", &label)) {
			inside = false;
			if (!str_same(label, out->label))
				continue;
			out->body.n = (size_t)(line.at - out->body.at);
			return true;
		}
	}
	return false;
}

int pem_bytes(const struct pem *p, struct buf *der)
{
	return b64_read_lines(p->body, der);
}

void pem_add(struct buf *out, const char *label, struct str der)
{
	AUTO(secret) struct buf text = { 0 };

	b64_add(&text, der);
	buf_fmt(out, "-----BEGIN %s-----\n", label);
	for (size_t i = 0; i < text.n; i += COLUMNS) {
		size_t n = text.n - i < COLUMNS ? text.n - i : COLUMNS;
		buf_add(out, text.at + i, n);
		buf_char(out, '\n');
	}
	buf_fmt(out, "-----END %s-----\n", label);
}
