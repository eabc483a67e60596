#include "smtp/command.h"

#include "base/b64.h"

bool command_read(struct str line, struct str *verb, struct str *rest)
{
	for (size_t i = 0; i < line.n; i++) {
		const unsigned char c = (unsigned char)line.at[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	*verb = STR_LIT("");
	(void)str_word(&line, verb);
	*rest = str_trim(line);
	return true;
}

bool command_word(struct str *rest, const char *word)
{
	if (!str_starts_i(*rest, word))
		return false;
	const size_t n = str_of(word).n;

	*rest = (struct str){ rest->at + n, rest->n - n };
	return true;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		const char c = str_lower(s.at[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') &&
		    (c != '-' || i == 0))
			return false;
	}
	return s.n > 0;
}

enum command_params command_param(struct str *rest, struct command_param *out)
{
	struct str word;

	if (!str_word(rest, &word))
		return COMMAND_NO_MORE;
	out->value = word;
	str_cut(&out->value, '=', &out->name);
	out->valued = out->value.at != NULL;
	if (!is_name(out->name) || (out->valued && !out->value.n))
		return COMMAND_MALFORMED;
	return COMMAND_PARAM;
}

int command_xtext(struct str text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		const unsigned char c = (unsigned char)text.at[i];

		if (c <= ' ' || c >= 0x7f || c == '=')
			return -1;
		if (c != '+') {
			buf_char(out, (char)c);
			continue;
		}
		if (i + 2 >= text.n ||
		    hex_read((struct str){ text.at + i + 1, 2 }, out) < 0)
			return -1;
		const unsigned char was = (unsigned char)out->at[out->n - 1];

		if (was < ' ' || was == 0x7f)
			return -1;
		i += 2;
	}
	return out->full ? -1 : 0;
}

void command_xtext_add(struct str bytes, struct buf *out)
{
	for (size_t i = 0; i < bytes.n; i++) {
		const unsigned char c = (unsigned char)bytes.at[i];

		if (c > ' ' && c < 0x7f && c != '+' && c != '=')
			buf_char(out, (char)c);
		else
			buf_fmt(out, "+%02X", c);
	}
}
