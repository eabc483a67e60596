#include "cmd/place.h"

#include <string.h>

#include "base/fs.h"
#include "base/idn.h"
#include "mail/addr.h"

static const char *find(struct call *c)
{
	const char *own = mem_fmt(&c->mem, "%s/chasquid", c->dir);

	if (!fs_is_dir(own) &&
	    (fs_exists(mem_fmt(&c->mem, "%s/chasquid.conf", c->dir)) ||
	     fs_is_dir(mem_fmt(&c->mem, "%s/domains", c->dir))))
		return c->dir;
	return own;
}

int place_open(struct call *c, struct place *p, struct err *e)
{
	struct err why = { 0 };

	*p = (struct place){ .dir = find(c) };
	if (!chasquid_read(p->dir, str_of(""), &p->conf, &why))
		return 0;
	if (why.kind == ERR_MISSING) {
		chasquid_free(&p->conf);
		return chasquid_parse(str_of(""), "", str_of(""), &p->conf, e);
	}
	*e = why;
	return -1;
}

int place_address(struct call *c, const struct place *p, const char *text,
		  struct place_address *out, struct err *e)
{
	struct addr a = addr_split(str_of(text));

	*out = (struct place_address){ 0 };
	if (!a.local.n || !a.domain.n)
		return err_set(e, ERR_USAGE,
			       "\"%s\" is no address: write USER@DOMAIN", text);
	if (addr_domain(&c->mem, a.domain, &out->domain, e)) {
		e->kind = ERR_USAGE;
		return -1;
	}
	if (addr_local(&c->mem, a.local, &out->local))
		out->local = mem_dup(&c->mem, a.local.at, a.local.n);
	out->shown = mem_fmt(&c->mem, "%s@%s", out->local,
			     idn_shown(&c->mem, out->domain));
	return chasquid_folder(p->dir, out->domain, &c->mem, &out->folder, e);
}

static int find_one(struct call *c, const struct chasquid_domains *all,
		    const char *text, struct chasquid_domain *out,
		    struct err *e)
{
	const char *name;

	if (idn_ascii(&c->mem, str_of(text), &name, e)) {
		e->kind = ERR_USAGE;
		return -1;
	}
	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->at[i].name, name) == 0) {
			*out = all->at[i];
			return 0;
		}
	return err_set(e, ERR_MISSING,
		       "%s is no domain of ours; opsmail user add makes one",
		       text);
}

int place_domains(struct call *c, const struct place *p,
		  struct chasquid_domains *out, struct err *e)
{
	struct chasquid_domains all;
	struct err why = { 0 };

	*out = (struct chasquid_domains){ 0 };
	if (chasquid_domains(p->dir, &c->mem, &all, &why)) {
		*e = why;
		return why.kind == ERR_MISSING ?
			       err_set(e, ERR_MISSING,
				       "%s/domains is not there; opsmail user "
				       "add makes it, --conf says where",
				       p->dir) :
			       -1;
	}
	if (!c->args_n) {
		*out = all;
		return 0;
	}
	out->at = mem_array(&c->mem, c->args_n, sizeof(*out->at));
	for (; out->n < c->args_n; out->n++)
		if (find_one(c, &all, c->args[out->n], &out->at[out->n], e))
			return -1;
	return 0;
}

int place_folder(struct call *c, const struct place_address *a, struct err *e)
{
	if (fs_is_dir(a->folder))
		return 0;
	if (fs_mkdir(a->folder, 0755, e))
		return -1;
	out_result(c->out, OUT_OK, idn_shown(&c->mem, a->domain),
		   "is a domain of ours now, in %s", a->folder);
	return 0;
}
