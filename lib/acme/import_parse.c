#include "acme/import_parse.h"

#include <jansson.h>

#include "acme/client.h"

static struct str unquote(struct str value)
{
	char quote = value.n >= 2 ? value.at[0] : '\0';

	if ((quote == '\'' || quote == '"') && value.at[value.n - 1] == quote)
		return (struct str){ value.at + 1, value.n - 2 };
	return value;
}

int import_parse_value(struct str text, const char *key, struct buf *out)
{
	struct str line, name;
	bool found = false;

	while (str_line(&text, &line)) {
		struct str rest = str_trim(line);

		if (!str_cut(&rest, '=', &name) || !str_eq(str_trim(name), key))
			continue;
		buf_clear(out);
		buf_view(out, unquote(str_trim(rest)));
		found = true;
	}
	return found && out->n && !out->full ? 0 : -1;
}

int import_parse_account(struct str json, struct mem *m,
			 struct import_parsed *out)
{
	AUTO(json) json_t *top =
		json_loadb(json.at ? json.at : "", json.n, 0, NULL);
	const json_t *in = json_object_get(top, "registration");
	const char *url = acme_url(top, "uri");

	*out = (struct import_parsed){ 0 };
	if (!json_is_object(top))
		return -1;
	if (!url)
		url = acme_url(in, "uri");
	if (!url)
		url = acme_url(in, "accountURL");
	out->url = mem_str(m, url);
	out->server = mem_str(m, acme_url(top, "server"));
	return 0;
}

int import_parse_url(struct str url, struct str *host, struct str *path)
{
	if (!str_starts_i(url, "https://"))
		return -1;
	*path = (struct str){ url.at + 8, url.n - 8 };
	return str_cut(path, '/', host) && host->n ? 0 : -1;
}
