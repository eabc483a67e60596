/* Text protobuf of strangers: a tree within its limits, whose strings read back
 * as they were when written, or a complaint. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "data/textpb.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

static void same_again(const struct textpb *f, struct mem *m)
{
	AUTO(buf) struct buf out = { 0 };
	struct textpb *root;
	struct err e = { 0 };

	textpb_add_text(&out, 1, "x", f->text);
	if (textpb_parse(buf_get(&out), "f", m, &root, &e) || !root->child ||
	    !str_same(root->child->text, f->text))
		abort();
}

static void check(const struct textpb *f, struct str text, struct mem *m,
		  int depth)
{
	if (depth > 32 || f->line < 1 || f->column < 1 ||
	    f->source.at < text.at ||
	    f->source.at + f->source.n > text.at + text.n)
		abort();
	if (f->kind == TEXTPB_STRING)
		same_again(f, m);
	for (const struct textpb *c = f->child; c; c = c->next)
		check(c, text, m, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	static const struct textpb_row rows[] = {
		{ "s", TEXTPB_TEXT, true, NULL, NULL },
		{ "b", TEXTPB_BYTES, false, NULL, NULL },
		{ "t", TEXTPB_BOOL, true, NULL, NULL },
		{ "i", TEXTPB_INT32, true, NULL, NULL },
		{ "j", TEXTPB_INT64, true, NULL, NULL },
		{ "u", TEXTPB_UINT64, true, NULL, NULL },
		{ "e", TEXTPB_ENUM, true, "NO YES", NULL },
	};
	static const struct textpb_rows inside = TEXTPB_ROWS(rows);
	AUTO(mem) struct mem m = { 0 };
	struct str text = { (const char *)at, n };
	struct err e = { 0 };
	struct textpb *root = NULL;

	if (!textpb_parse(text, "f", &m, &root, &e)) {
		check(root, text, &m, 0);
		(void)textpb_check(root, &inside, "f", TEXTPB_ALLOW, &e);
	} else if (root || e.kind != ERR_CONF) {
		abort();
	}
	return 0;
}
