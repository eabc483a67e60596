/* Lists of texts. */
#include "conf/conf.h"

bool conf_list_has(const struct conf_list *l, struct str text)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(text, l->at[i]))
			return true;
	return false;
}

void conf_list_add(struct conf_list *l, struct mem *m, const char *text)
{
	l->at = mem_more(m, l->at, &l->room, l->n, sizeof(*l->at));
	l->at[l->n++] = text;
}

void conf_list_once(struct conf_list *l, struct mem *m, struct str text)
{
	if (!conf_list_has(l, text))
		conf_list_add(l, m, mem_dup(m, text.at, text.n));
}
