#include "host/template.h"

#include <string.h>

#include "base/embed.h"

enum { TEXT_MAX = 1 << 20 };
enum tag {
	TAG_END,
	TAG_VALUE,
	TAG_IF,
	TAG_ELSE,
	TAG_IF_END,
	TAG_EACH,
	TAG_EACH_END,
	TAG_REMARK
};
/* A branch not taken is still checked; the body of a list without items cannot
 * be, since its names are the items'. */
enum mode { MODE_WRITE, MODE_CHECK, MODE_SKIP };

struct run {
	struct str text;
	const char *file;
	enum template_kind kind;
	struct buf *out;
	struct err *e;
	size_t at, tag_at; /* read so far; where the last tag began */
	unsigned steps;
};
struct scope {
	const struct template_set *set;
	const struct scope *up;
};

static int wrong(const struct run *r, const char *what, struct str name)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < r->tag_at; i++) {
		column++;
		if (r->text.at[i] == '\n') {
			line++;
			column = 1;
		}
	}
	return err_set(r->e, ERR_CONF, "%s:%zu:%zu: %s%s%.*s%s", r->file, line,
		       column, what, name.n ? " \"" : "", STR_FMT(name),
		       name.n ? "\"" : "");
}

static int wrong_tag(const struct run *r, const char *what)
{
	return wrong(r, what, (struct str){ 0 });
}

static const struct template_value *find(const struct scope *s, struct str name)
{
	for (; s; s = s->up)
		for (size_t i = 0; i < s->set->n; i++)
			if (str_eq(name, s->set->at[i].name))
				return &s->set->at[i];
	return NULL;
}

/* Words that mean the same to every shell stay as they are. */
static bool is_plain_word(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789_./:@+,-")];
}

static void add_shell(struct buf *out, const char *text, bool cron)
{
	if (is_plain_word(text)) {
		buf_str(out, text);
		return;
	}
	buf_char(out, '\'');
	for (; *text; text++)
		if (*text == '\'')
			buf_str(out, "'\\''");
		else if (*text == '%' && cron)
			buf_str(out, "\\%");
		else
			buf_char(out, *text);
	buf_char(out, '\'');
}

static void add_json(struct buf *out, const char *text)
{
	buf_char(out, '"');
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			buf_fmt(out, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || *text == 0x7f)
			buf_fmt(out, "\\u%04x", (unsigned)*text);
		else
			buf_char(out, *text);
	buf_char(out, '"');
}

static void add_systemd(struct buf *out, const char *text)
{
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			buf_fmt(out, "\\%c", *text);
		else if (*text == '%')
			buf_str(out, "%%");
		else
			buf_char(out, *text);
}

static void add_xml(struct buf *out, const char *text)
{
	static const char marks[] = "&<>\"'";
	static const char *const names[] = { "&amp;", "&lt;", "&gt;", "&quot;",
					     "&#39;" };

	for (; *text; text++) {
		const char *mark = strchr(marks, *text);

		if (mark)
			buf_str(out, names[mark - marks]);
		else
			buf_char(out, *text);
	}
}

static int add_value(const struct run *r, const char *text)
{
	if ((r->kind == TEMPLATE_SYSTEMD || r->kind == TEMPLATE_CRON) &&
	    strpbrk(text, "\r\n"))
		return wrong_tag(r, "a line end cannot stand here");
	switch (r->kind) {
	case TEMPLATE_PLAIN:
		buf_str(r->out, text);
		break;
	case TEMPLATE_SHELL:
	case TEMPLATE_CRON:
		add_shell(r->out, text, r->kind == TEMPLATE_CRON);
		break;
	case TEMPLATE_JSON:
		add_json(r->out, text);
		break;
	case TEMPLATE_SYSTEMD:
		add_systemd(r->out, text);
		break;
	case TEMPLATE_XML:
		add_xml(r->out, text);
		break;
	}
	return 0;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Where a tag's line begins and ends, when nothing else stands on it. Looks no
 * further than the first thing that does, as one line may hold all the tags. */
static bool alone(const struct run *r, size_t from, size_t to, size_t *start,
		  size_t *end)
{
	const char *text = r->text.at;
	size_t n = r->text.n;

	while (from && is_blank(text[from - 1]))
		from--;
	while (to < n && is_blank(text[to]))
		to++;
	*start = from;
	*end = to < n ? to + 1 : n;
	return (!from || text[from - 1] == '\n') &&
	       (to == n || text[to] == '\n');
}

static enum tag kind_of(struct str *inner)
{
	static const struct {
		const char *word;
		enum tag tag;
	} words[] = { { "#if ", TAG_IF },    { "#each ", TAG_EACH },
		      { "/if", TAG_IF_END }, { "/each", TAG_EACH_END },
		      { "else", TAG_ELSE },  { "!", TAG_REMARK } };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t n = strlen(words[i].word);
		bool exact = i >= 2 && i <= 4;

		if (!str_starts(*inner, words[i].word) ||
		    (exact && inner->n != n))
			continue;
		inner->at += n;
		inner->n -= n;
		*inner = str_trim(*inner);
		return words[i].tag;
	}
	return TAG_VALUE;
}

static bool is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789_.",
			    s.at[i]) ||
		    !s.at[i])
			return false;
	return s.n > 0;
}

/* Writes the text before the next tag and steps behind that tag. */
static int next_tag(struct run *r, bool write, enum tag *tag, struct str *name)
{
	struct str rest = { r->text.at + r->at, r->text.n - r->at };
	const char *open = str_find(rest, "{{"), *close;
	size_t from, to, start, end;

	*tag = TAG_END;
	r->tag_at = open ? (size_t)(open - r->text.at) : r->text.n;
	from = r->tag_at;
	if (!open) {
		if (write)
			buf_view(r->out, rest);
		r->at = r->text.n;
		return 0;
	}
	rest.n -= (size_t)(open - rest.at);
	rest.at = open;
	close = str_find(rest, "}}");
	if (!close || memchr(open, '\n', (size_t)(close - open)))
		return wrong_tag(r, "{{ without }} on the same line");
	to = (size_t)(close - r->text.at) + 2;
	*name = str_trim((struct str){ open + 2, (size_t)(close - open) - 2 });
	*tag = kind_of(name);
	if ((*tag == TAG_VALUE || *tag == TAG_IF || *tag == TAG_EACH) &&
	    !is_name(*name))
		return wrong(r, "no name of a value:", *name);
	if (*tag != TAG_VALUE && alone(r, from, to, &start, &end)) {
		from = start;
		to = end;
	}
	if (write)
		buf_add(r->out, r->text.at + r->at, from - r->at);
	r->at = to;
	if (++r->steps > TEMPLATE_STEPS)
		return wrong_tag(r, "more than 100,000 tags to render");
	return 0;
}

static int block(struct run *r, const struct scope *s, enum mode mode,
		 unsigned depth, enum tag *ended);

static int value(const struct run *r, const struct scope *s, enum mode mode,
		 struct str name)
{
	const struct template_value *v = find(s, name);

	if (mode == MODE_SKIP)
		return 0;
	if (!v)
		return wrong(r, "unknown name", name);
	if (v->items)
		return wrong(r, "a list, not a value:", name);
	if (mode == MODE_CHECK)
		return 0;
	if (!v->text)
		return wrong(r, "no value is set for", name);
	return add_value(r, v->text);
}

static int condition(struct run *r, const struct scope *s, enum mode mode,
		     struct str name, unsigned depth)
{
	const struct template_value *v = find(s, name);
	bool holds = v && (v->items_n || (v->text && *v->text));
	enum mode off = mode == MODE_WRITE ? MODE_CHECK : mode;
	size_t opened = r->tag_at;
	enum tag ended;

	if (!v && mode != MODE_SKIP)
		return wrong(r, "unknown name", name);
	if (block(r, s, holds ? mode : off, depth, &ended))
		return -1;
	if (ended == TAG_ELSE && block(r, s, holds ? off : mode, depth, &ended))
		return -1;
	if (ended == TAG_IF_END)
		return 0;
	if (ended == TAG_END)
		r->tag_at = opened;
	return wrong_tag(r, "{{#if}} is not closed by {{/if}}");
}

static int each(struct run *r, const struct scope *s, enum mode mode,
		struct str name, unsigned depth)
{
	const struct template_value *v = find(s, name);
	size_t body = r->at, opened = r->tag_at;
	size_t n = mode == MODE_WRITE && v ? v->items_n : 0;
	enum tag ended;

	if (mode != MODE_SKIP && !v)
		return wrong(r, "unknown name", name);
	if (mode != MODE_SKIP && v->text)
		return wrong(r, "a value, not a list:", name);
	for (size_t i = 0; i < (n ? n : 1); i++) {
		struct scope in = { n ? &v->items[i] : s->set, n ? s : s->up };

		r->at = body;
		if (block(r, &in, n ? mode : MODE_SKIP, depth, &ended))
			return -1;
		if (ended != TAG_EACH_END) {
			if (ended == TAG_END)
				r->tag_at = opened;
			return wrong_tag(
				r, "{{#each}} is not closed by {{/each}}");
		}
	}
	return 0;
}

/* Renders up to the tag that ends the block. The depth is limited, so this
 * may call itself. */
static int block(struct run *r, const struct scope *s, enum mode mode,
		 unsigned depth, enum tag *ended)
{
	if (depth > TEMPLATE_DEPTH)
		return wrong_tag(r, "nested more than 8 deep");
	for (;;) {
		struct str name;
		int got = next_tag(r, mode == MODE_WRITE, ended, &name);

		if (got)
			return got;
		if (*ended == TAG_VALUE)
			got = value(r, s, mode, name);
		else if (*ended == TAG_IF)
			got = condition(r, s, mode, name, depth + 1);
		else if (*ended == TAG_EACH)
			got = each(r, s, mode, name, depth + 1);
		else if (*ended != TAG_REMARK)
			return 0;
		if (got)
			return got;
	}
}

int template_render(struct str text, const char *file, enum template_kind kind,
		    const struct template_set *values, struct buf *out,
		    struct err *e)
{
	struct run r = {
		.text = text, .file = file, .kind = kind, .out = out, .e = e
	};
	struct scope top = { .set = values };
	enum tag ended;

	if (text.n > TEXT_MAX)
		return err_set(e, ERR_CONF, "%s: is larger than 1 MiB", file);
	if (block(&r, &top, MODE_WRITE, 0, &ended))
		return -1;
	if (ended != TAG_END)
		return wrong_tag(&r, "this tag closes nothing");
	if (out->full)
		return err_set(e, ERR_CONF,
			       "%s: what it renders is larger "
			       "than allowed (%zu bytes)",
			       file, out->max);
	return 0;
}

int template_file(const char *path, enum template_kind kind,
		  const struct template_set *values, struct buf *out,
		  struct err *e)
{
	const struct embed *x = embed_find(path);

	if (!x)
		return err_set(e, ERR_MISSING,
			       "this program was built without "
			       "%s",
			       path);
	return template_render(x->bytes, path, kind, values, out, e);
}
