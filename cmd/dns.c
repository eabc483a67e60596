#include "cmd/dns.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/str.h"
#include "dns/descriptor.h"
#include "dns/selfdns.h"
#include "providers/table.h"

int cmd_dns_serve(struct call *c, struct err *e)
{
	return selfdns_run(c->conf, out_tell(c->out), e);
}

const struct provider *cmd_dns_provider_of(struct call *c,
					   const struct conf_dns *settings,
					   const char *who, struct err *e)
{
	if (settings->provider)
		return provider_find(c->conf, settings->provider, &c->mem, e);
	err_set(e, ERR_CONF,
		"no DNS provider is set for %s: set dns.provider in "
		"%s/opsmail.yaml (`opsmail dns providers` lists them)",
		who, c->conf->dir);
	return NULL;
}

int cmd_dns_open(struct call *c, const struct conf_dns *settings,
		 const char *who, struct resolver *r, struct dns *out,
		 struct err *e)
{
	const struct provider *p = cmd_dns_provider_of(c, settings, who, e);

	if (!p)
		return -1;
	if (!provider_reads(p))
		return err_set(e, ERR_PERM,
			       "the DNS provider %s shows no zones: ask who "
			       "serves %s, or set dns.provider to them",
			       p->name, who);
	*out = (struct dns){ .conf = c->conf,
			     .settings = settings,
			     .resolver = r,
			     .tell = out_tell(c->out),
			     .who = who };
	return dns_open(out, p, e);
}

static int by_text(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;

	return strcmp(*x, *y);
}

void cmd_dns_sort(struct conf_list *l)
{
	if (l->n)
		qsort(l->at, l->n, sizeof(*l->at), by_text);
}

static const char *reverse(const struct dns_ptr_driver *p)
{
	const unsigned both = DNS_PTR_V4 | DNS_PTR_V6;

	return (p->caps & both) == both ? "IPv4 and IPv6" :
	       p->caps & DNS_PTR_V4     ? "IPv4" :
					  "IPv6";
}

static const char *abilities(const struct provider *p, struct mem *m)
{
	static const struct {
		unsigned bit;
		const char *word;
	} bits[] = {
		{ DNS_CAN_LIST, "reads back" },
		{ DNS_CAS, "compares and swaps" },
		{ DNS_SERIAL, "one value at a time" },
		{ DNS_BY_HAND, "by hand" },
	};
	const char *all = "";

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (p->caps & bits[i].bit)
			all = mem_fmt(m, "%s%s%s", all, *all ? ", " : "",
				      bits[i].word);
	if (p->ptr && p->caps & DNS_PTR_ALONE)
		return "reverse DNS alone";
	if (p->ptr)
		all = mem_fmt(m, "%s%sreverse DNS", all, *all ? ", " : "");
	return *all ? all : "-";
}

static json_t *split(const char *words)
{
	struct str rest = str_of(words), word;
	json_t *list = json_array();

	while (str_word(&rest, &word))
		json_array_append_new(list, json_stringn(word.at, word.n));
	return list;
}

static json_t *fields_json(const struct provider *p)
{
	json_t *list = json_array();

	for (size_t i = 0; i < p->fields_n; i++) {
		const struct dns_field *f = &p->fields[i];

		json_array_append_new(
			list, json_pack("{s:o, s:s, s:b, s:b, s:s?}", "names",
					split(f->names), "help", f->help,
					"secret", f->secret, "required",
					f->required, "default", f->preset));
	}
	return list;
}

static const char *types(const struct provider *p)
{
	return p->types ? p->types : "";
}

static json_t *reverse_json(const struct provider *p)
{
	if (!p->ptr)
		return json_null();
	return json_pack("{s:b, s:b, s:b, s:s?, s:s?}", "v4",
			 (p->ptr->caps & DNS_PTR_V4) != 0, "v6",
			 (p->ptr->caps & DNS_PTR_V6) != 0, "zones",
			 !(p->caps & DNS_PTR_ALONE), "scope", p->ptr->scope,
			 "proof", p->ptr->proof);
}

/* rfc2136 and self are tried in the lab with real servers; a program or a
 * person of the user's own cannot be. */
static const char *proof(const struct provider *p)
{
	const struct descriptor *d = descriptor_of(p);

	if (p->caps & DNS_PTR_ALONE)
		return p->ptr->proof;
	if (!d)
		return p->proof ? p->proof : "-";
	return descriptor_proof_word(d);
}

static json_t *provider_json(const struct provider *p)
{
	return json_pack("{s:s, s:s, s:o, s:s, s:s?, s:s?, s:b, s:b, s:b, s:b, "
			 "s:o, s:s, s:o, s:o}",
			 "type", "provider", "name", p->name, "aliases",
			 split(p->aliases), "about", p->about, "url", p->url,
			 "scope", p->scope, "reads_back",
			 (p->caps & DNS_CAN_LIST) != 0, "compares",
			 (p->caps & DNS_CAS) != 0, "serial",
			 (p->caps & DNS_SERIAL) != 0, "by_hand",
			 (p->caps & DNS_BY_HAND) != 0, "types", split(types(p)),
			 "proof", proof(p), "fields", fields_json(p),
			 "reverse_dns", reverse_json(p));
}

static int list(struct call *c, const struct conf *conf, struct err *e)
{
	static const struct out_column columns[] = {
		{ .title = "NAME" },  { .title = "ALIASES" },
		{ .title = "PROOF" }, { .title = "CAN" },
		{ .title = "ABOUT" },
	};
	struct provider_list all = { 0 };

	if (provider_all(conf, &c->mem, &all, e))
		return -1;

	struct out_table *t = out_table(c->out, columns, 5);

	for (size_t i = 0; i < all.n; i++) {
		const struct provider *p = all.at[i];
		const struct out_cell cells[] = {
			{ .text = p->name },
			{ .text = p->aliases ? p->aliases : "-" },
			{ .text = proof(p) },
			{ .text = abilities(p, &c->mem) },
			{ .text = p->about },
		};

		out_row(t, provider_json(p), cells);
	}
	out_table_end(t);
	return 0;
}

static void fields(struct call *c, const struct provider *p)
{
	static const struct out_column columns[] = {
		{ .title = "VARIABLE" },
		{ .title = "ALSO" },
		{ .title = "NEEDED" },
		{ .title = "WHAT" },
	};
	struct out_table *t = out_table(c->out, columns, 4);

	for (size_t i = 0; i < p->fields_n; i++) {
		const struct dns_field *f = &p->fields[i];
		struct str also = str_of(f->names), first;

		str_word(&also, &first);
		also = str_trim(also);

		const struct out_cell cells[] = {
			{ .text = mem_dup(&c->mem, first.at, first.n) },
			{ .text = also.n ? mem_dup(&c->mem, also.at, also.n) :
					   "-" },
			{ .text = f->required && !f->preset ? "yes" : "no" },
			{ .text = f->preset ?
					  mem_fmt(&c->mem, "%s (default %s)",
						  f->help, f->preset) :
					  f->help },
		};

		out_row(t, NULL, cells);
	}
	out_table_end(t);
}

static void show(struct call *c, const struct provider *p)
{
	out_line(c->out, "%s: %s", p->name, p->about);
	if (p->aliases)
		out_line(c->out, "also known as: %s", p->aliases);
	if (p->url)
		out_line(c->out, "its API: %s", p->url);
	if (p->scope)
		out_line(c->out, "the least its credentials need: %s",
			 p->scope);
	out_line(c->out, "can: %s", abilities(p, &c->mem));
	if (*types(p))
		out_line(c->out, "types: %s", types(p));
	out_line(c->out, "proof: %s", proof(p));
	if (p->ptr)
		out_line(c->out, "reverse DNS (rdns.provider): of %s%s%s",
			 reverse(p->ptr), p->ptr->proof ? "; proof: " : "",
			 p->ptr->proof ? p->ptr->proof : "");
	if (p->ptr && p->ptr->scope)
		out_line(c->out, "the least its credentials need for that: %s",
			 p->ptr->scope);
	if (!p->fields_n)
		out_line(c->out, "It needs no credentials.");
	else
		fields(c, p);
	out_object(c->out, provider_json(p));
}

int cmd_dns_providers(struct call *c, struct err *e)
{
	const struct conf conf = { .dir = c->dir };

	if (!c->args_n)
		return list(c, &conf, e);
	for (size_t i = 0; i < c->args_n; i++) {
		const struct provider *p =
			provider_find(&conf, c->args[i], &c->mem, e);

		if (!p)
			return -1;
		if (i)
			out_line(c->out, " ");
		show(c, p);
	}
	return 0;
}

int cmd_dns_provider_lint(struct call *c, struct err *e)
{
	for (size_t i = 0; i < c->args_n; i++) {
		AUTO(buf) struct buf b = { .max = 1 << 18 };
		const struct descriptor *d;

		if (fs_read(c->args[i], &b, e) ||
		    descriptor_parse(buf_get(&b), c->args[i], &c->mem, &d, e))
			return -1;
		out_line(c->out, "%s: %s is well-formed and writes %s",
			 c->args[i], d->provider.name,
			 *types(&d->provider) ? types(&d->provider) :
						"PTR of addresses");
		out_object(c->out, provider_json(&d->provider));
	}
	return 0;
}
