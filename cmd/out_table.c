#include <libsmartcols.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "cmd/out.h"
#include "cmd/out_parts.h"

struct out_table {
	struct out *out;
	struct libscols_table *table;
	size_t columns, rows;
};

static void must(int status)
{
	if (status < 0)
		abort(); /* out of memory, or a wrong number of cells */
}

struct out_table *out_table(struct out *o, const struct out_column *columns,
			    size_t n)
{
	struct out_table *t = calloc(1, sizeof(*t));
	int width = out_width(o, OUT_RESULTS);

	if (!t || !(t->table = scols_new_table()))
		abort();
	t->out = o;
	t->columns = n;
	must(scols_table_enable_colors(t->table, o->colored[OUT_RESULTS]));
	must(scols_table_enable_noencoding(t->table, 1)); /* out_clean did */
	must(scols_table_set_termforce(t->table,
				       width ? SCOLS_TERMFORCE_ALWAYS :
					       SCOLS_TERMFORCE_NEVER));
	if (width)
		must(scols_table_set_termwidth(t->table, (size_t)width));
	for (size_t i = 0; i < n; i++) {
		int flags = columns[i].right ? SCOLS_FL_RIGHT : 0;

		if (i + 1 == n)
			flags |= SCOLS_FL_WRAP;
		if (!scols_table_new_column(t->table, columns[i].title, 0,
					    flags))
			abort();
	}
	return t;
}

static void fill(struct out_table *t, struct libscols_line *line, size_t i,
		 const struct out_cell *cell)
{
	const struct out_mark *k = out_mark(cell->state);
	struct buf b = { 0 };

	if (cell->state != OUT_PLAIN)
		buf_fmt(&b, "%s ", t->out->how.utf8 ? k->glyph : k->ascii);
	out_clean(&b, str_of(cell->text ? cell->text : k->word));
	must(scols_line_set_data(line, i, buf_c(&b)));
	if (k->color && t->out->colored[OUT_RESULTS])
		must(scols_cell_set_color(scols_line_get_cell(line, i),
					  k->color));
	buf_free(&b);
}

void out_row(struct out_table *t, json_t *object, const struct out_cell *cells)
{
	struct libscols_line *line;

	if (t->out->how.json) {
		if (object)
			out_object(t->out, object);
		return;
	}
	json_decref(object);
	line = scols_table_new_line(t->table, NULL);
	if (!line)
		abort();
	for (size_t i = 0; i < t->columns; i++)
		fill(t, line, i, &cells[i]);
	t->rows++;
}

void out_table_end(struct out_table *t)
{
	char *text = NULL;

	if (t->rows) {
		must(scols_print_table_to_string(t->table, &text));
		pthread_mutex_lock(&t->out->lock);
		out_write(t->out, OUT_RESULTS, str_of(text));
		out_write(t->out, OUT_RESULTS, STR_LIT("\n"));
		pthread_mutex_unlock(&t->out->lock);
	}
	free(text);
	scols_unref_table(t->table);
	free(t);
}
