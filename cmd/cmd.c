#include "cmd/cmd.h"

static const struct opt global_opts[] = {
	{ "conf", 0, "DIR", "the configuration folder", NULL, false },
	{ "json", 0, NULL, "print one JSON object a line", NULL, false },
	{ "quiet", 'q', NULL, "say only what is wrong", NULL, false },
	{ "verbose", 'v', NULL, "say why; twice: show DNS and API calls", NULL,
	  true },
	{ "color", 0, "WHEN", "use colours: auto, always or never",
	  "auto always never", false },
	{ "help", 'h', NULL, "print this help", NULL, false },
	{ "version", 0, NULL, "print the version", NULL, false },
};
const struct opt_rows cmd_global = OPT_ROWS(global_opts);

static const struct opt writes_opts[] = {
	{ "dry-run", 'n', NULL, "show what would be done, change nothing", NULL,
	  false },
};
static const struct opt asks_opts[] = {
	{ "yes", 'y', NULL, "do not ask", NULL, false },
};

static const struct opt ssl_opts[] = {
	{ "force", 'f', NULL, "also when the certificate is not due", NULL,
	  false },
};
static const struct opt renew_opts[] = {
	{ "force", 'f', NULL, "also what is not due", NULL, false },
	{ "jitter", 0, "SECONDS", "wait a random time up to this first", NULL,
	  false },
};
static const struct opt revoke_opts[] = {
	{ "reason", 0, "REASON", "why, for the CA's revocation list",
	  "unspecified keyCompromise superseded cessationOfOperation", false },
	{ "by-key", 0, NULL,
	  "prove it with the certificate's key, not with the account", NULL,
	  false },
};
static const struct opt account_opts[] = {
	{ "server", 0, "CA", "the account at this CA: a name or a URL", NULL,
	  false },
};
static const struct opt user_add_opts[] = {
	{ "password-file", 0, "FILE",
	  "the password is the first line of FILE; - is standard input", NULL,
	  false },
	{ "generate", 0, NULL, "make a password up and show it once", NULL,
	  false },
	{ "receive-only", 0, NULL, "a user who gets mail and cannot log in",
	  NULL, false },
};
static const struct opt alias_add_opts[] = {
	{ "replace", 0, NULL, "instead of what the alias has now", NULL,
	  false },
};
static const struct opt show_opts[] = {
	{ "origin", 0, NULL, "also say where each value comes from", NULL,
	  false },
};
static const struct opt cron_opts[] = {
	{ "install", 0, NULL, "install the job, or mend it", NULL, false },
	{ "remove", 0, NULL, "remove the job", NULL, false },
	{ "run", 0, NULL, "do the job now, as the timer does", NULL, false },
};
static const struct opt records_opts[] = {
	{ "format", 0, "FORMAT", "how to print it",
	  "table zone json dnscontrol octodns terraform", false },
};
#define TAKE_OVER                                                           \
	{                                                                   \
		"take-over", 0, "NAME/TYPE",                                \
			"replace what another has there (may be repeated)", \
			NULL, true                                          \
	}
#define FULL                                                                \
	{                                                                   \
		"full", 0, NULL, "also show what is unchanged or not ours", \
			NULL, false                                         \
	}
static const struct opt plan_opts[] = {
	{ "format", 0, "FORMAT",
	  "print the records that shall be there, for another program",
	  "table zone json dnscontrol octodns terraform", false },
	FULL,
	TAKE_OVER,
	{ "detailed-exitcode", 0, NULL, "end with 2 when there are changes",
	  NULL, false },
};
static const struct opt publish_opts[] = {
	FULL,
	TAKE_OVER,
	{ "allow-delete", 0, NULL,
	  "also remove values of ours that nobody wants any more", NULL,
	  false },
	{ "force", 'f', NULL, "also when a plan looks like a mistake", NULL,
	  false },
	{ "expect", 0, "HASH", "only if the plan is the one that was looked at",
	  NULL, false },
	{ "wait", 'w', NULL, "wait until every server shows it", NULL, false },
};
static const struct opt rotate_opts[] = {
	{ "now", 0, NULL, "also keys whose time is not over", NULL, false },
};
static const struct opt dkim_revoke_opts[] = {
	{ "domain", 0, "DOMAIN",
	  "whose key it is; default: the one that has it", NULL, false },
};
static const struct opt sign_opts[] = {
	{ "domain", 0, "DOMAIN", "the domain that signs", NULL, false },
	{ "selector", 0, "SELECTOR", "the key; default: every active one", NULL,
	  false },
	{ "key", 0, "FILE", "a private key, PEM, rather than one of conf", NULL,
	  false },
};
static const struct opt verify_opts[] = {
	{ "txt", 0, "RECORD",
	  "a key record, or a file of one, rather than the DNS", NULL, true },
};
static const struct opt rdns_opts[] = {
	{ "take-over", 0, "ADDRESS",
	  "also where somebody chose its name (may be repeated)", NULL, true },
	{ "wait", 'w', NULL, "until all servers show it", NULL, false },
	{ "restore", 0, NULL, "bring back what was there before", NULL, false },
};
static const struct opt help_opts[] = {
	{ "rows", 0, NULL, "print the table of commands for programs", NULL,
	  false },
};

static const char ssl_more[] =
	"Issues one certificate for DOMAIN and *.DOMAIN (or for its names: in\n"
	"opsmail.yaml), installs it as conf/acme/live/DOMAIN, and runs\n"
	"conf/reload/DOMAIN.sh when it changed. A certificate that is not due\n"
	"is left alone. With --dry-run the whole way is gone against the CA's\n"
	"staging server and nothing is installed.\n"
	"\n"
	"Examples:\n"
	"  opsmail ssl example.org\n"
	"  opsmail ssl --dry-run -v example.org example.net\n";
static const char renew_more[] =
	"Renews what is due: in the window the CA suggests (ARI), else with a\n"
	"third of its life left, half of it when it lives under ten days. A\n"
	"domain that failed is tried again after 1, 10 and 100 minutes, then\n"
	"daily, and never stops the others.\n";
static const char import_more[] =
	"FROM is the folder of acme.sh (~/.acme.sh), certbot\n"
	"(/etc/letsencrypt) or lego (~/.lego). Accounts and certificates are\n"
	"copied; nothing there is changed.\n";
static const char serve_more[] =
	"Answers for the _acme-challenge zones that are delegated to this\n"
	"machine, until it is stopped. `opsmail ssl` starts the same responder\n"
	"by itself while an order runs, when nothing else holds the port.\n";
static const char zones_more[] =
	"Asks PROVIDER, or every provider of the configuration. Where an API\n"
	"lists no zones, those of the configured domains are looked for.\n";
static const char records_more[] =
	"Reads the whole zone that holds ZONE and prints it as a table, as a\n"
	"zone file, as JSON, or for dnscontrol or octoDNS. Nothing is changed.\n"
	"\n"
	"Examples:\n"
	"  opsmail dns records example.org\n"
	"  opsmail dns records example.org --format zone >example.org.zone\n";
static const char doctor_more[] =
	"For each domain, all of the configuration when none is named: is its\n"
	"provider known, are its credentials complete and accepted, is its\n"
	"zone there and can it be read, does the public DNS show that zone,\n"
	"and which types can the provider not write. Nothing is changed, but\n"
	"where a provider gives the one credential that is missing to who asks\n"
	"(OVH's consumer key), it is asked for, and what to do with it told.\n";
static const char keygen_more[] =
	"Makes an RSA-2048 and an Ed25519 key for each domain, unless one of\n"
	"its kind is pending already. Nothing signs with them until their\n"
	"records can be read everywhere: dns publish and dkim rotate see to\n"
	"that.\n";
static const char dkim_show_more[] =
	"Lists the keys of DOMAIN and what is next for each, or prints the\n"
	"record of one in every way in which DNS panels ask for it.\n"
	"\n"
	"Examples:\n"
	"  opsmail dkim show example.org\n"
	"  opsmail dkim show example.org 20261125r\n";
static const char rotate_more[] =
	"Goes on with the keys of each domain as far as it can: makes new ones\n"
	"for those that are 180 days old, publishes, waits until every server\n"
	"has the records and no resolver remembers that they were not there,\n"
	"puts the new keys to work, tries them, and retires, revokes and\n"
	"deletes the old ones in their time. Stopped at any moment, it goes on\n"
	"when it is run again.\n"
	"\n"
	"Examples:\n"
	"  opsmail dkim rotate example.org\n"
	"  opsmail dkim rotate --now --dry-run example.org\n";
static const char dkim_revoke_more[] =
	"For a key in wrong hands: another takes its place as soon as its\n"
	"record can be read, and then its own record says that it is no more.\n";
static const char sign_more[] =
	"Reads a message on stdin and prints it signed, its line ends as they\n"
	"are. Without --selector it is signed as the mail server would, with\n"
	"every active key of the domain.\n"
	"\n"
	"Examples:\n"
	"  opsmail dkim sign --domain example.org <message.eml >signed.eml\n"
	"  opsmail dkim sign --domain example.org --selector s1 --key s1.pem \\\n"
	"    <message.eml\n";
static const char verify_more[] =
	"Reads a message on stdin and says of each DKIM signature whether it\n"
	"passes. Ends with 0 when one does, with 3 when none does.\n"
	"\n"
	"Examples:\n"
	"  opsmail dkim verify <signed.eml\n"
	"  opsmail dkim verify --txt 'v=DKIM1; p=MIIB...' <signed.eml\n";
static const char rdns_show_more[] =
	"For each ADDRESS, else for those that mail leaves from: the names that\n"
	"the servers of the reverse zone tell, the one that the hoster's API\n"
	"has (rdns.provider), and whether a name leads back to the address.\n";
static const char rdns_set_more[] =
	"Gives each ADDRESS, else those that mail leaves from, the name in\n"
	"hostname: at the hoster (rdns.provider), or in a reverse zone of your\n"
	"own (rdns.zone). The name must have the address first, at every server\n"
	"of its zone. A name that is neither the hoster's own nor was set here\n"
	"stays, unless --take-over ADDRESS is given; what it was is kept, and\n"
	"--restore brings it back.\n"
	"\n"
	"Examples:\n"
	"  opsmail rdns set --dry-run\n"
	"  opsmail rdns set --wait 2001:db8::25\n";
static const char plan_more[] =
	"Compares what the configuration wants the DNS to say with what it\n"
	"says, zone by zone, for DOMAIN or all domains. What others have put\n"
	"there stays: it is a conflict only where one of two can be right, and\n"
	"the plan says how to take it over. Nothing is changed.\n"
	"\n"
	"Examples:\n"
	"  opsmail dns plan example.org\n"
	"  opsmail dns plan --format zone\n";
static const char publish_more[] =
	"Shows the plan, asks, reads again, and writes what is still the same\n"
	"plan: additions first. Values of others are sent back as they are.\n"
	"Before a zone is first written it is exported to conf/backup. What is\n"
	"written is read back, then looked for at every authoritative server.\n"
	"With --yes nothing is asked, and nothing is deleted without\n"
	"--allow-delete but what a key's life cycle retires.\n"
	"\n"
	"Examples:\n"
	"  opsmail dns publish --dry-run\n"
	"  opsmail dns publish example.org --yes --wait\n"
	"  opsmail dns publish --take-over _dmarc.example.org/TXT\n";
static const char undo_more[] =
	"Takes back one run of publish, the last one without ID: its values\n"
	"go where they still are as it left them, and what they replaced comes\n"
	"back. A DKIM key that signs keeps its record.\n";
static const char user_add_more[] =
	"The password is asked for without echo, read from a file that nobody\n"
	"else may read, or made up and shown once; it is kept as an scrypt\n"
	"hash in chasquid's own file. A domain that is new gets its folder.\n"
	"\n"
	"Examples:\n"
	"  opsmail user add joe@example.org\n"
	"  opsmail user add --generate robot@example.org\n";
static const char alias_add_more[] =
	"TARGET is an address (without a domain: of the same), an address\n"
	"via hosts that are tried in order, or a program behind a |, which\n"
	"then is the only one. * on the left takes what nobody else does, and\n"
	"on the right stands for the user as written. Comments and order of\n"
	"the file stay.\n"
	"\n"
	"Examples:\n"
	"  opsmail alias add sales@example.org joe someone@gmail.com\n"
	"  opsmail alias add '*@example.org' someone@gmail.com\n"
	"  opsmail alias add list@example.org '| /usr/bin/archive list'\n"
	"  opsmail alias add old@example.org 'joe@example.net via mx1/mx2'\n";
static const char alias_remove_more[] =
	"Without a TARGET the whole alias goes.\n";
static const char alias_resolve_more[] =
	"Goes by the files and the alias-resolve hook, as the mail server\n"
	"does when mail comes.\n";
static const char completion_more[] =
	"Examples:\n"
	"  eval \"$(opsmail completion bash)\"\n"
	"  opsmail completion zsh >/usr/local/share/zsh/site-functions/_opsmail\n"
	"  opsmail completion fish >~/.config/fish/completions/opsmail.fish\n";
static const char cron_more[] =
	"Without an option it says whether and how the job is installed: a\n"
	"systemd timer where systemd runs, else a line in the crontab. The job\n"
	"itself is cron --run: it does what ssl renew does.\n";

const struct cmd cmd_table[] = {
	{ "ssl", "DOMAIN...", "get a certificate for DOMAIN and *.DOMAIN",
	  cmd_ssl, NEED_CONF, CMD_WRITES, OPT_ROWS(ssl_opts), ssl_more },
	{ "ssl list", "[DOMAIN...]",
	  "list certificates, when and why they renew", cmd_ssl_list, NEED_CONF,
	  0, OPT_NONE, NULL },
	{ "ssl renew", "[DOMAIN...]", "renew the certificates that are due",
	  cmd_ssl_renew, NEED_CONF, CMD_WRITES, OPT_ROWS(renew_opts),
	  renew_more },
	{ "ssl revoke", "DOMAIN...", "revoke a certificate", cmd_ssl_revoke,
	  NEED_CONF, CMD_ASKS, OPT_ROWS(revoke_opts), NULL },
	{ "ssl import", "FROM...", "take over from acme.sh, certbot or lego",
	  cmd_ssl_import, NEED_CONF, CMD_WRITES, OPT_NONE, import_more },
	{ "ssl account show", "", "show the account at the CA",
	  cmd_ssl_account_show, NEED_CONF, 0, OPT_ROWS(account_opts), NULL },
	{ "ssl account update", "", "tell the CA the configured e-mail address",
	  cmd_ssl_account_update, NEED_CONF, 0, OPT_ROWS(account_opts), NULL },
	{ "ssl account rollover", "", "give the account a new key",
	  cmd_ssl_account_rollover, NEED_CONF, 0, OPT_ROWS(account_opts),
	  NULL },
	{ "ssl account deactivate", "", "close the account for good",
	  cmd_ssl_account_deactivate, NEED_CONF, CMD_ASKS,
	  OPT_ROWS(account_opts), NULL },
	{ "dns serve", "", "answer DNS for delegated _acme-challenge zones",
	  cmd_dns_serve, NEED_CONF, 0, OPT_NONE, serve_more },
	{ "dns providers", "[NAME...]", "list DNS providers and what they need",
	  cmd_dns_providers, NEED_FOLDER, 0, OPT_NONE, NULL },
	{ "dns zones", "[PROVIDER]", "list the zones the credentials reach",
	  cmd_dns_zones, NEED_CONF, 0, OPT_NONE, zones_more },
	{ "dns records", "ZONE", "print a zone as its provider has it",
	  cmd_dns_records, NEED_CONF, 0, OPT_ROWS(records_opts), records_more },
	{ "dns doctor", "[DOMAIN...]",
	  "look into everything DNS needs, by reading alone", cmd_dns_doctor,
	  NEED_CONF, 0, OPT_NONE, doctor_more },
	{ "dns plan", "[DOMAIN...]", "show what dns publish would change",
	  cmd_dns_plan, NEED_CONF, 0, OPT_ROWS(plan_opts), plan_more },
	{ "dns publish", "[DOMAIN...]",
	  "make the DNS say what the configuration says", cmd_dns_publish,
	  NEED_CONF, CMD_WRITES | CMD_ASKS, OPT_ROWS(publish_opts),
	  publish_more },
	{ "dns undo", "[ID]", "take back what a run of dns publish did",
	  cmd_dns_undo, NEED_CONF, CMD_WRITES | CMD_ASKS, OPT_NONE, undo_more },
	{ "dns provider lint", "FILE...",
	  "say what is wrong with a provider's descriptor",
	  cmd_dns_provider_lint, NEED_NOTHING, 0, OPT_NONE, NULL },
	{ "dkim keygen", "DOMAIN...", "make DKIM keys for a domain",
	  cmd_dkim_keygen, NEED_CONF, CMD_WRITES, OPT_NONE, keygen_more },
	{ "dkim show", "DOMAIN [SELECTOR]",
	  "list DKIM keys, or print the record of one", cmd_dkim_show,
	  NEED_CONF, 0, OPT_NONE, dkim_show_more },
	{ "dkim rotate", "DOMAIN...", "go on with the keys of a domain",
	  cmd_dkim_rotate, NEED_CONF, CMD_WRITES, OPT_ROWS(rotate_opts),
	  rotate_more },
	{ "dkim revoke", "SELECTOR", "revoke a DKIM key that leaked",
	  cmd_dkim_revoke, NEED_CONF, CMD_WRITES | CMD_ASKS,
	  OPT_ROWS(dkim_revoke_opts), dkim_revoke_more },
	{ "dkim sign", "", "sign the message on stdin", cmd_dkim_sign,
	  NEED_FOLDER, 0, OPT_ROWS(sign_opts), sign_more },
	{ "dkim verify", "", "verify the signatures of the message on stdin",
	  cmd_dkim_verify, NEED_FOLDER, 0, OPT_ROWS(verify_opts), verify_more },
	{ "rdns show", "[ADDRESS...]",
	  "show which names addresses have, and who says so", cmd_rdns_show,
	  NEED_CONF, 0, OPT_NONE, rdns_show_more },
	{ "rdns set", "[ADDRESS...]", "give addresses the host's name",
	  cmd_rdns_set, NEED_CONF, CMD_WRITES | CMD_ASKS, OPT_ROWS(rdns_opts),
	  rdns_set_more },
	{ "user add", "USER@DOMAIN", "add a user who can log in", cmd_user_add,
	  NEED_FOLDER, CMD_WRITES, OPT_ROWS(user_add_opts), user_add_more },
	{ "user passwd",
	  "USER@DOMAIN",
	  "give a user another password",
	  cmd_user_passwd,
	  NEED_FOLDER,
	  CMD_WRITES,
	  { user_add_opts, 2 },
	  NULL },
	{ "user auth",
	  "USER@DOMAIN",
	  "try a user's password",
	  cmd_user_auth,
	  NEED_FOLDER,
	  0,
	  { user_add_opts, 1 },
	  NULL },
	{ "user remove", "USER@DOMAIN...", "remove users", cmd_user_remove,
	  NEED_FOLDER, CMD_WRITES, OPT_NONE, NULL },
	{ "user list", "[DOMAIN...]", "list the users", cmd_user_list,
	  NEED_FOLDER, 0, OPT_NONE, NULL },
	{ "alias add", "ALIAS@DOMAIN TARGET...",
	  "let mail for an alias go somewhere", cmd_alias_add, NEED_FOLDER,
	  CMD_WRITES, OPT_ROWS(alias_add_opts), alias_add_more },
	{ "alias remove", "ALIAS@DOMAIN [TARGET...]",
	  "remove an alias, or where it goes", cmd_alias_remove, NEED_FOLDER,
	  CMD_WRITES, OPT_NONE, alias_remove_more },
	{ "alias list", "[DOMAIN...]", "list the aliases", cmd_alias_list,
	  NEED_FOLDER, 0, OPT_NONE, NULL },
	{ "alias resolve", "ADDRESS...", "show where mail to an address goes",
	  cmd_alias_resolve, NEED_FOLDER, 0, OPT_NONE, alias_resolve_more },
	{ "conf show", "[KEY...]", "show the configuration in force",
	  cmd_conf_show, NEED_CONF, 0, OPT_ROWS(show_opts), NULL },
	{ "conf check", "", "check the configuration and name every mistake",
	  cmd_conf_check, NEED_CONF, 0, OPT_NONE, NULL },
	{ "cron", "", "show, install or remove the renewal job", cmd_cron,
	  NEED_FOLDER, CMD_WRITES, OPT_ROWS(cron_opts), cron_more },
	{ "completion", "SHELL", "print completion for bash, zsh or fish",
	  cmd_completion, NEED_NOTHING, 0, OPT_NONE, completion_more },
	{ "help", "[COMMAND...]", "explain a command", cmd_help, NEED_NOTHING,
	  0, OPT_ROWS(help_opts), NULL },
	{ "version", "", "print the version", cmd_version, NEED_NOTHING, 0,
	  OPT_NONE, NULL },
};
const size_t cmd_n = sizeof(cmd_table) / sizeof(cmd_table[0]);

size_t cmd_lists(const struct cmd *c, struct opt_rows lists[CMD_LISTS])
{
	size_t n = 0;

	if (c->opts.n)
		lists[n++] = c->opts;
	if (c->flags & CMD_WRITES)
		lists[n++] = (struct opt_rows)OPT_ROWS(writes_opts);
	if (c->flags & CMD_ASKS)
		lists[n++] = (struct opt_rows)OPT_ROWS(asks_opts);
	lists[n++] = cmd_global;
	return n;
}

const struct opt_rows *cmd_every(struct mem *m, size_t *n)
{
	struct opt_rows *all = mem_array(m, cmd_n + 3, sizeof(*all));

	*n = 0;
	for (size_t i = 0; i < cmd_n; i++)
		all[(*n)++] = cmd_table[i].opts;
	all[(*n)++] = (struct opt_rows)OPT_ROWS(writes_opts);
	all[(*n)++] = (struct opt_rows)OPT_ROWS(asks_opts);
	all[(*n)++] = cmd_global;
	return all;
}
