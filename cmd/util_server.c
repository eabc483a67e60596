#include "cmd/util_parts.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/fs.h"
#include "base/idn.h"
#include "mail/addr.h"
#include "net/localrpc.h"
#include "relay/local.h"

static int load(struct util *u, struct chasquid *c)
{
	struct err e = { 0 };

	return chasquid_read(u->dir, str_of(""), c, &e) ?
		       util_fail("Error loading config: %s", e.msg) :
		       0;
}

int util_print_config(struct util *u)
{
	AUTO(buf) struct buf out = { 0 };
	struct chasquid c;
	char name[256] = "localhost";
	int status = load(u, &c);

	if (!status) {
		(void)gethostname(name, sizeof(name) - 1);
		chasquid_print(&c, name, &out);
		(void)puts(buf_c(&out));
	}
	chasquid_free(&c);
	return status;
}

/* Kind after kind; what is of one kind, as it came. */
static void print(const struct localrpc_values *v)
{
	const char *kind = "";

	for (;;) {
		const char *next = NULL;

		for (size_t i = 0; i < v->n; i++)
			if (strcmp(v->at[i].key, kind) > 0 &&
			    (!next || strcmp(v->at[i].key, next) < 0))
				next = v->at[i].key;
		if (!next)
			return;
		kind = next;
		for (size_t i = 0; i < v->n; i++)
			if (strcmp(v->at[i].key, kind) == 0)
				(void)printf("%s  %s\n", kind, v->at[i].value);
	}
}

static void add(struct util *u, struct localrpc_values *v,
		const struct alias_target *t)
{
	v->at = mem_more(&u->mem, v->at, &v->room, v->n, sizeof(*v->at));
	v->at[v->n++] = (struct localrpc_value){
		.key = alias_kind_name(t->kind),
		.value = t->kind == ALIAS_PIPE ?
				 mem_str(&u->mem, t->command) :
				 mem_fmt(&u->mem, "%s@%s", t->local,
					 idn_shown(&u->mem, t->domain)),
	};
}

/* Whether dovecot knows a user, only the server could say. */
static int walk(struct util *u, const struct local *l, const struct addr *a,
		struct localrpc_values *v, struct err *e)
{
	struct alias_asks asks = { 0 };
	struct alias_targets to;
	enum alias_step s;
	int rc = 0;

	while (!rc && (s = alias_resolve(&l->world, a->local.at, a->domain.at,
					 &asks, &u->mem, &to, e)) != ALIAS_DONE)
		if (s == ALIAS_FAILED)
			rc = -1;
		else if (asks.at[asks.n - 1].what == ALIAS_ASK_HOOK)
			rc = local_hook(l, &asks, e);
		else
			alias_answer_user(&asks.at[asks.n - 1], false);
	for (size_t i = 0; !rc && i < to.n; i++)
		add(u, v, &to.at[i]);
	mem_free(&asks.mem);
	return rc;
}

/* Where no server runs, by the files it would read. */
static int resolve_here(struct util *u, const struct chasquid *c,
			const char *address, struct localrpc_values *v,
			struct err *e)
{
	struct addr a = addr_split(str_of(address)), normal;
	struct local l = { 0 };
	int rc = addr_normal(&u->mem, &a, &normal, e) ||
				 local_read(u->dir, c, &l, e) ||
				 walk(u, &l, &normal, v, e) ?
			 -1 :
			 0;

	local_free(&l);
	return rc;
}

/* data_dir goes by where the caller stands, as chasquid-util has it. */
static const char *in_data(struct util *u, const struct chasquid *c,
			   const char *name)
{
	return mem_fmt(&u->mem, "%s/%s", c->data_dir, name);
}

int util_aliases_resolve(struct util *u)
{
	struct localrpc_values v = { 0 };
	struct chasquid c;
	struct err e = { 0 };
	const char *address = util_word(u, 2);
	int status = load(u, &c);

	if (!status &&
	    localrpc_call(in_data(u, &c, "localrpc-v1"), "AliasResolve",
			  "Address", address, &u->mem, &v, &e) &&
	    (e.kind != ERR_MISSING || resolve_here(u, &c, address, &v, &e)))
		status = util_fail("Error resolving: %s", e.msg);
	if (!status)
		print(&v);
	chasquid_free(&c);
	return status;
}

/* What a server that is not running would forget. */
static int forget_here(struct util *u, const struct chasquid *c,
		       const char *domain, struct err *e)
{
	AUTO(buf) struct buf name = { 0 };
	const char *path;

	localrpc_add(&name, "", domain); /* escaped as in a URL, behind "=" */
	path = in_data(u, c,
		       mem_fmt(&u->mem, "domaininfo/s:%s", buf_c(&name) + 1));
	if (!fs_exists(path))
		return err_set(e, ERR_MISSING, "does not exist");
	return fs_remove(path, e);
}

int util_domaininfo_remove(struct util *u)
{
	struct localrpc_values v = { 0 };
	struct chasquid c;
	struct err e = { 0 };
	const char *domain = util_word(u, 2);
	int status = load(u, &c);

	if (!status &&
	    localrpc_call(in_data(u, &c, "localrpc-v1"), "DomaininfoClear",
			  "Domain", domain, &u->mem, &v, &e) &&
	    (e.kind != ERR_MISSING || forget_here(u, &c, domain, &e)))
		status =
			util_fail("Error removing domaininfo entry: %s", e.msg);
	chasquid_free(&c);
	return status;
}
