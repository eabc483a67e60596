#include "cmd/util.h"

#include <stdio.h>
#include <string.h>

#include "base/stop.h"
#include "cmd/util_parts.h"

static const char usage[] =
	"\n"
	"Usage:\n"
	"  chasquid-util [options] user-add <user@domain> "
	"[--password=<password>] [--receive_only]\n"
	"    Add a user to those of its domain, or give it another password.\n"
	"  chasquid-util [options] user-remove <user@domain>\n"
	"    Remove a user.\n"
	"  chasquid-util [options] authenticate <user@domain> "
	"[--password=<password>]\n"
	"    Try a user's password.\n"
	"  chasquid-util [options] check-userdb <domain>\n"
	"    Check that the users of a domain can be read.\n"
	"  chasquid-util [options] aliases-resolve <address>\n"
	"    Show where mail to an address goes. Asks the running server, "
	"else reads the files.\n"
	"  chasquid-util [options] domaininfo-remove <domain>\n"
	"    Forget what is known of a domain's TLS.\n"
	"  chasquid-util [options] print-config\n"
	"    Print the configuration in force.\n"
	"\n"
	"Options:\n"
	"  -C=<path>, --config_dir=<path>  Configuration directory\n"
	"  -v                              Verbose mode\n";

static const struct {
	const char *name;
	int (*run)(struct util *u);
} commands[] = {
	{ "user-add", util_user_add },
	{ "user-remove", util_user_remove },
	{ "authenticate", util_authenticate },
	{ "check-userdb", util_check_userdb },
	{ "aliases-resolve", util_aliases_resolve },
	{ "domaininfo-remove", util_domaininfo_remove },
	{ "print-config", util_print_config },
};

int util_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	return 1;
}

const char *util_get(const struct util *u, const char *key)
{
	for (size_t i = u->n; i-- > 0;)
		if (strcmp(u->args[i].key, key) == 0)
			return u->args[i].value;
	return NULL;
}

const char *util_word(const struct util *u, size_t nth)
{
	char key[24];
	const char *word;

	(void)snprintf(key, sizeof(key), "$%zu", nth);
	word = util_get(u, key);
	return word ? word : "";
}

static void add(struct util *u, const char *key, const char *value)
{
	u->args = mem_more(&u->mem, u->args, &u->room, u->n, sizeof(*u->args));
	u->args[u->n++] = (struct util_arg){ key, value };
}

/* Others see a command line; what stood there is gone from now on. */
static void take_password(struct util *u, char *value)
{
	buf_wipe(&u->password);
	buf_str(&u->password, value);
	u->has_password = true;
	memset(value, '*', strlen(value));
}

static void parse(int argc, char **argv, struct util *u)
{
	static const char secret[] = "--password=";

	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], secret, sizeof(secret) - 1) == 0)
			take_password(u, argv[i] + sizeof(secret) - 1);
	for (int i = 1; i < argc; i++) {
		const char *sign = strchr(argv[i], '=');

		if (argv[i][0] != '-')
			add(u, mem_fmt(&u->mem, "$%zu", ++u->words), argv[i]);
		else if (sign)
			add(u,
			    mem_dup(&u->mem, argv[i], (size_t)(sign - argv[i])),
			    sign + 1);
		else
			add(u, argv[i], "");
	}
	u->has_password = util_get(u, "--password") != NULL;
}

static void find_dir(struct util *u)
{
	static const char *const keys[] = { "--config_dir", "-C",
					    "--configdir" };

	u->dir = "/etc/chasquid";
	for (size_t i = 0; i < 3; i++) {
		const char *value = util_get(u, keys[i]);

		if (value)
			u->dir = value;
		if (value && i == 2)
			(void)util_fail("Option --configdir is deprecated, "
					"use --config_dir instead");
	}
}

static int run(struct util *u)
{
	const char *name = util_word(u, 1);

	if (util_get(u, "--help")) {
		(void)fputs(usage, stdout);
		return 0;
	}
	find_dir(u);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strcmp(commands[i].name, name) == 0)
			return commands[i].run(u);
	(void)printf("Unknown argument \"%s\"\n", name);
	(void)fflush(stdout);
	return util_fail("%s", usage);
}

int util_main(int argc, char **argv)
{
	struct util u = { .password = { .max = 1 << 20 } };
	int status;

	parse(argc, argv, &u);
	stop_install();
	status = run(&u);
	buf_wipe(&u.password);
	mem_free(&u.mem);
	if (fflush(stdout))
		status = 1;
	return status;
}
