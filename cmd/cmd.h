/* The commands: a row each (cmd.c). Help, manual, completion and checks are
 * printed from the rows or compared with them. A new command is a function, a
 * row and a paragraph in opsmail.1. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/mem.h"
#include "cmd/opt.h"
#include "cmd/out.h"
#include "conf/conf.h"

#ifndef OPSMAIL_VERSION
#define OPSMAIL_VERSION "0.1.0"
#endif

enum cmd_need {
	NEED_NOTHING,
	NEED_FOLDER, /* call.dir: found, not read, may not exist */
	NEED_CONF,   /* call.conf: read; when there is none it is made and the
		      * run ends with PLEASE EDIT */
};
enum cmd_flag {
	CMD_WRITES = 1, /* takes --dry-run */
	CMD_ASKS = 2,   /* takes --yes */
};
struct call;
struct cmd {
	const char *phrase; /* "ssl list" */
	const char *args;  /* "DOMAIN...", "[DOMAIN...]", "FROM", ""; counted */
	const char *about; /* one line, no full stop */
	int (*run)(struct call *c, struct err *e);
	enum cmd_need need;
	unsigned flags;
	struct opt_rows opts; /* its own, beside the global ones */
	const char *more;     /* paragraphs and examples for its help; NULL */
};
/* What a command is given. Everything lives until it returns. */
struct call {
	struct mem mem;
	const struct cmd *cmd;
	const char **args; /* without the phrase */
	size_t args_n;
	struct opts opts;  /* opt_flag(&c->opts, "dry-run") */
	const char *dir;   /* NEED_FOLDER, NEED_CONF: absolute */
	struct conf *conf; /* NEED_CONF */
	struct out *out;
};

extern const struct cmd cmd_table[];
extern const size_t cmd_n;
extern const struct opt_rows cmd_global; /* options every command takes */

/* The options of one row: its own, --dry-run and --yes by its flags, and the
 * global ones. */
#define CMD_LISTS 4
size_t cmd_lists(const struct cmd *c, struct opt_rows lists[CMD_LISTS]);
/* The options of all rows, for a command line whose command is not known yet;
 * in m. */
const struct opt_rows *cmd_every(struct mem *m, size_t *n);
/* The row whose phrase is the longest at the front of the words. *used: how
 * many words it took. ERR_USAGE with the nearest phrase. */
const struct cmd *cmd_find(const char *const *words, size_t n, size_t *used,
			   struct err *e);
/* The row of exactly these words; NULL: none. */
const struct cmd *cmd_exact(const char *const *words, size_t n);
/* The phrase begins with these words and goes on. */
bool cmd_is_below(const struct cmd *c, const char *const *words, size_t n);
/* ERR_USAGE unless n arguments fit the row's pattern. */
int cmd_args(const struct cmd *c, size_t n, struct err *e);
int cmd_status(enum err_kind kind); /* the exit status */

int cmd_ssl(struct call *c, struct err *e);
int cmd_ssl_list(struct call *c, struct err *e);
int cmd_ssl_renew(struct call *c, struct err *e);
int cmd_ssl_revoke(struct call *c, struct err *e);
int cmd_ssl_import(struct call *c, struct err *e);
int cmd_ssl_account_show(struct call *c, struct err *e);
int cmd_ssl_account_update(struct call *c, struct err *e);
int cmd_ssl_account_rollover(struct call *c, struct err *e);
int cmd_ssl_account_deactivate(struct call *c, struct err *e);
int cmd_dns_serve(struct call *c, struct err *e);
int cmd_dns_providers(struct call *c, struct err *e);
int cmd_dns_zones(struct call *c, struct err *e);
int cmd_dns_records(struct call *c, struct err *e);
int cmd_dns_doctor(struct call *c, struct err *e);
int cmd_dns_plan(struct call *c, struct err *e);
int cmd_dns_publish(struct call *c, struct err *e);
int cmd_dns_undo(struct call *c, struct err *e);
int cmd_dns_provider_lint(struct call *c, struct err *e);
int cmd_dkim_keygen(struct call *c, struct err *e);
int cmd_dkim_show(struct call *c, struct err *e);
int cmd_dkim_rotate(struct call *c, struct err *e);
int cmd_dkim_revoke(struct call *c, struct err *e);
int cmd_dkim_sign(struct call *c, struct err *e);
int cmd_dkim_verify(struct call *c, struct err *e);
int cmd_rdns_show(struct call *c, struct err *e);
int cmd_rdns_set(struct call *c, struct err *e);
int cmd_user_add(struct call *c, struct err *e);
int cmd_user_passwd(struct call *c, struct err *e);
int cmd_user_auth(struct call *c, struct err *e);
int cmd_user_remove(struct call *c, struct err *e);
int cmd_user_list(struct call *c, struct err *e);
int cmd_alias_add(struct call *c, struct err *e);
int cmd_alias_remove(struct call *c, struct err *e);
int cmd_alias_list(struct call *c, struct err *e);
int cmd_alias_resolve(struct call *c, struct err *e);
int cmd_conf_show(struct call *c, struct err *e);
int cmd_conf_check(struct call *c, struct err *e);
int cmd_cron(struct call *c, struct err *e);
int cmd_completion(struct call *c, struct err *e);
int cmd_help(struct call *c, struct err *e);
int cmd_version(struct call *c, struct err *e);
