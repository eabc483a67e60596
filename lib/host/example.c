#include "host/example.h"

#include "base/auto.h"
#include "base/embed.h"
#include "conf/conf.h"
#include "host/template.h"

#define FOLDER "conf.example/"

enum { TEXT_MAX = 1 << 20 };

static int render(const struct embed *x, const char *dir, struct mem *m,
		  struct embed *out, struct err *e)
{
	const struct template_value v[] = { { "conf_dir", dir, NULL, 0 } };
	const struct template_set set = { v, 1 };
	AUTO(buf) struct buf text = { .max = TEXT_MAX };

	if (template_render(x->bytes, x->path, TEMPLATE_PLAIN, &set, &text, e))
		return -1;
	out->path = x->path + sizeof(FOLDER) - 1;
	out->bytes = (struct str){ mem_dup(m, buf_c(&text), text.n), text.n };
	return 0;
}

int example_create(const char *dir, struct mem *m, const char **edit,
		   struct err *e)
{
	struct embed *files = mem_array(m, embed_n, sizeof(*files));
	size_t n = 0;

	for (size_t i = 0; i < embed_n; i++)
		if (str_starts(str_of(embed_all[i].path), FOLDER) &&
		    render(&embed_all[i], dir, m, &files[n++], e))
			return -1;
	return conf_create(dir, files, n, m, edit, e);
}
