#include "base/str.h"

#include <string.h>

char str_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_of(const char *s)
{
	return (struct str){ s, s ? strlen(s) : 0 };
}

bool str_same(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.at, b.at, a.n) == 0);
}

bool str_eq(struct str a, const char *b)
{
	return str_same(a, str_of(b));
}

bool str_samei(struct str a, struct str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (str_lower(a.at[i]) != str_lower(b.at[i]))
			return false;
	return true;
}

bool str_eqi(struct str a, const char *b)
{
	return str_samei(a, str_of(b));
}

bool str_starts(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && str_eq((struct str){ s.at, n }, prefix);
}

bool str_ends(struct str s, const char *suffix)
{
	size_t n = strlen(suffix);

	if (n == 0)
		return true;
	return s.n >= n && memcmp(s.at + (s.n - n), suffix, n) == 0;
}

bool str_starts_i(struct str s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && str_eqi((struct str){ s.at, n }, prefix);
}

const char *str_find(struct str s, const char *needle)
{
	if (!s.at)
		return NULL;
	return memmem(s.at, s.n, needle, strlen(needle));
}

struct str str_trim(struct str s)
{
	while (s.n && is_space(s.at[0])) {
		s.at++;
		s.n--;
	}
	while (s.n && is_space(s.at[s.n - 1]))
		s.n--;
	return s;
}

/* The end is a view without an address, so that "a," can still give "". */
bool str_cut(struct str *s, char sep, struct str *field)
{
	if (!s->at)
		return false;
	const char *stop = s->n ? memchr(s->at, sep, s->n) : NULL;

	if (!stop) {
		*field = *s;
		*s = (struct str){ NULL, 0 };
		return true;
	}
	*field = (struct str){ s->at, (size_t)(stop - s->at) };
	s->at = stop + 1;
	s->n -= field->n + 1;
	return true;
}

bool str_line(struct str *s, struct str *line)
{
	if (!s->n || !str_cut(s, '\n', line))
		return false;
	if (line->n && line->at[line->n - 1] == '\r')
		line->n--;
	return true;
}

bool str_word(struct str *s, struct str *word)
{
	size_t n = 0;

	while (s->n && (s->at[0] == ' ' || s->at[0] == '\t')) {
		s->at++;
		s->n--;
	}
	while (n < s->n && s->at[n] != ' ' && s->at[n] != '\t')
		n++;
	if (!n)
		return false;
	*word = (struct str){ s->at, n };
	s->at += n;
	s->n -= n;
	return true;
}

int str_num(struct str s, uint64_t max, uint64_t *n)
{
	uint64_t sum = 0;

	if (!s.n)
		return -1;
	for (size_t i = 0; i < s.n; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return -1;
		if (__builtin_mul_overflow(sum, 10U, &sum) ||
		    __builtin_add_overflow(sum, (uint64_t)(s.at[i] - '0'),
					   &sum) ||
		    sum > max)
			return -1;
	}
	*n = sum;
	return 0;
}

bool str_is_print(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.at[i] < 0x20 || s.at[i] > 0x7e)
			return false;
	return true;
}

#define WORD_MAX 127 /* longer words have no near neighbour worth naming */

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Damerau's distance in its plain form: insert, delete, change, and swap of
 * two neighbours cost one each. Three rows of the matrix are alive. */
unsigned str_distance(struct str a, struct str b, unsigned limit)
{
	unsigned rows[3][WORD_MAX + 1];

	if (a.n > WORD_MAX || b.n > WORD_MAX)
		return str_same(a, b) ? 0 : limit + 1;
	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *now = rows[i % 3], *up = rows[(i + 2) % 3];
		const unsigned *upper = rows[(i + 1) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned change = a.at[i - 1] != b.at[j - 1];

			now[j] = least(up[j - 1] + change,
				       1 + least(up[j], now[j - 1]));
			if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] &&
			    a.at[i - 2] == b.at[j - 1])
				now[j] = least(now[j], upper[j - 2] + 1);
		}
	}
	return least(rows[a.n % 3][b.n], limit + 1);
}
