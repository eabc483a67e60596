/* The ssl commands over certificates that need no CA: what is said, which
 * status it makes, what is reloaded. */
#include "cmd/ssl.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/stop.h"
#include "tests/unit/pki.h"

#define DAY ((time_t)86400)

/* A command's call in a folder of its own, and what it wrote. */
struct desk {
	struct call call;
	struct conf conf;
	struct key *key;
	struct opt_given given[2];
	int fd[2];
	char dir[40], text[2][16384];
};

static const char config[] = "email: ops@a.test\n"
			     "domains:\n"
			     "  a.test: {}\n"
			     "  b.test: {}\n"
			     "  c.test: {}\n";

static int unnamed(void)
{
	return open("/tmp", O_TMPFILE | O_RDWR, 0600);
}

static void start(struct desk *d, bool quiet)
{
	const struct out_how how = { .quiet = quiet, .color = OUT_NEVER };

	for (int i = 0; i < 2; i++)
		d->fd[i] = unnamed();
	d->call.out = out_open(&how, d->fd[0], d->fd[1]);
}

/* What was said since start; a new start follows. */
static void listen_to(struct desk *d, bool quiet)
{
	out_close(d->call.out);
	for (int i = 0; i < 2; i++) {
		ssize_t n =
			pread(d->fd[i], d->text[i], sizeof(*d->text) - 1, 0);

		assert_true(n >= 0);
		d->text[i][n] = 0;
		close(d->fd[i]);
	}
	start(d, quiet);
}

static int desk_open(void **state)
{
	struct desk *d = calloc(1, sizeof(*d));
	struct err e = { 0 };

	if (!d)
		return -1;
	*state = d;
	snprintf(d->dir, sizeof(d->dir), "%s/opsmail-desk-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(d->dir) || key_make(KEY_P256, &d->key, &e) ||
	    fs_write(mem_fmt(&d->call.mem, "%s/opsmail.yaml", d->dir),
		     STR_LIT(config), 0600, &e) ||
	    conf_read(d->dir, &d->conf, &e))
		return -1;
	d->call.conf = &d->conf;
	d->call.dir = d->dir;
	start(d, false);
	return 0;
}

static int desk_close(void **state)
{
	struct desk *d = *state;
	struct err e = { 0 };
	int status = fs_remove_tree(d->dir, &e);

	out_close(d->call.out);
	close(d->fd[0]);
	close(d->fd[1]);
	key_free(d->key);
	conf_free(&d->conf);
	mem_free(&d->call.mem);
	free(d);
	return status;
}

/* A certificate that is live and not due, whose CA nobody knows. */
static void give(struct desk *d, const char *name, struct store_state *st)
{
	const char *alt = mem_fmt(&d->call.mem, "DNS:%s,DNS:*.%s", name, name);
	AUTO(buf) struct buf pem = { 0 };
	struct chain chain = { 0 };
	struct err e = { 0 };
	X509 *x = pki_make(&(struct recipe){
		.cn = "leaf",
		.alt = alt,
		.key = d->key,
		.from = clock_now() - DAY,
		.until = clock_now() + 80 * DAY,
	});

	pki_pem(&pem, x);
	X509_free(x);
	assert_int_equal(chain_read(buf_get(&pem), &d->call.mem, &chain, &e),
			 0);
	assert_int_equal(store_install(&d->conf, &d->conf.acme, name, d->key,
				       &chain, 5, &d->call.mem, &st->stamp, &e),
			 0);
	assert_int_equal(store_state_write(d->dir, name, st, &e), 0);
}

static void give_reloaded(struct desk *d, const char *name)
{
	struct store_state st = { .domain = name };

	give(d, name, &st);
	st.reloaded = st.stamp;
	struct err e = { 0 };
	assert_int_equal(store_state_write(d->dir, name, &st, &e), 0);
}

static struct store_state state_of(struct desk *d, const char *name)
{
	struct store_state st = { 0 };
	struct err e = { 0 };

	assert_int_equal(store_state_read(d->dir, name, &st, &e), 0);
	return st;
}

/* Runs a command with these words; its error kind. */
static enum err_kind run(struct desk *d,
			 int (*cmd)(struct call *, struct err *),
			 const char **words, struct err *e)
{
	size_t n = 0;
	int status;

	while (words && words[n])
		n++;
	d->call.args = words;
	d->call.args_n = n;
	*e = (struct err){ 0 };
	status = cmd(&d->call, e);
	assert_int_equal(status, e->kind == ERR_NONE ? 0 : -1);
	listen_to(d, false);
	return e->kind;
}

#define WORDS(...)                \
	(const char *[])          \
	{                         \
		__VA_ARGS__, NULL \
	}
#define assert_has(text, part)                                         \
	do {                                                           \
		if (!strstr(text, part))                               \
			fail_msg("\"%s\" is not in:\n%s", part, text); \
	} while (0)
#define assert_has_not(text, part)                                 \
	do {                                                       \
		if (strstr(text, part))                            \
			fail_msg("\"%s\" is in:\n%s", part, text); \
	} while (0)

static void says_what_is_kept(void **state)
{
	struct desk *d = *state;
	struct err e;

	give_reloaded(d, "a.test");
	assert_int_equal(run(d, cmd_ssl, WORDS("a.test", "A.TEST"), &e),
			 ERR_NONE);
	assert_has(d->text[0], "ok   a.test: valid until ");
	assert_has(d->text[0], "(a third of its life is left)");
	assert_int_equal(strstr(strstr(d->text[0], "a.test: valid") + 1,
				"a.test: valid") != NULL,
			 false);
}

static void judges_by_what_failed(void **state)
{
	struct desk *d = *state;
	struct err e;

	/* one alone: its own error, said by main */
	assert_int_equal(run(d, cmd_ssl, WORDS("b.test"), &e), ERR_CONF);
	assert_has(e.msg, "b.test: ");
	assert_has(e.msg, "no DNS provider is set");
	assert_has_not(d->text[1], "no DNS provider");
	/* one of two */
	give_reloaded(d, "a.test");
	assert_int_equal(run(d, cmd_ssl, WORDS("a.test", "b.test"), &e),
			 ERR_PARTIAL);
	assert_string_equal(e.msg, "1 of 2 certificates failed");
	assert_has(d->text[0], "a.test: valid until");
	assert_has(d->text[1], "b.test: ");
	/* all of two */
	assert_int_equal(run(d, cmd_ssl, WORDS("c.test", "b.test"), &e),
			 ERR_CONF);
	assert_string_equal(e.msg, "2 of 2 certificates failed");
	assert_has(d->text[1], "c.test: ");
}

static void warns_of_what_is_put_off(void **state)
{
	struct desk *d = *state;
	struct store_state st = { .domain = "b.test",
				  .failures = 2,
				  .failed_at = clock_now() - 60,
				  .retry_at = clock_now() + 3600,
				  .failure = "the CA had no time" };
	struct err e = { 0 };

	give_reloaded(d, "a.test");
	assert_int_equal(store_prepare(&d->conf, &d->conf.acme, "b.test", &e),
			 0);
	assert_int_equal(store_state_write(d->dir, "b.test", &st, &e), 0);
	listen_to(d, true);
	assert_int_equal(run(d, cmd_ssl_renew, NULL, &e), ERR_NONE);
	assert_has_not(d->text[0], "a.test");
	assert_has(d->text[0], "warn b.test: waits, next try ");
	assert_has(d->text[0], "(`opsmail ssl b.test` tries at once): the CA "
			       "had no time");
	/* by name it is not put off */
	assert_int_equal(run(d, cmd_ssl_renew, WORDS("b.test"), &e), ERR_CONF);
}

static void passes_over_what_it_cannot_read(void **state)
{
	struct desk *d = *state;
	struct err e = { 0 };
	const char *path;

	assert_int_equal(run(d, cmd_ssl_renew, NULL, &e), ERR_NONE);
	assert_has(d->text[0], "there are no certificates yet");
	give_reloaded(d, "a.test");
	give_reloaded(d, "b.test");
	path = mem_fmt(&d->call.mem, "%s/acme/state/b.test.json", d->dir);
	assert_int_equal(fs_write(path, STR_LIT("{"), 0600, &e), 0);
	assert_int_equal(run(d, cmd_ssl_renew, NULL, &e), ERR_PARTIAL);
	assert_string_equal(e.msg, "1 of 2 certificates could not be looked "
				   "at");
	assert_has(d->text[0], "a.test: valid until");
	assert_has(d->text[1], "b.test.json");
	assert_int_equal(run(d, cmd_ssl_list, NULL, &e), ERR_PARTIAL);
	assert_has(d->text[0], "a.test");
}

/* What the configuration has no more is left alone. */
static void leaves_what_is_not_configured(void **state)
{
	struct desk *d = *state;
	struct store_state st = { .domain = "a.test" };
	struct err e;

	give(d, "a.test_rsa", &st);
	assert_int_equal(run(d, cmd_ssl_renew, NULL, &e), ERR_NONE);
	assert_has(d->text[1], "a.test_rsa: a.test has no such certificate");
	assert_has_not(d->text[0], "a.test_rsa");
}

static void script(struct desk *d, const char *text)
{
	struct err e = { 0 };
	const char *dir = mem_fmt(&d->call.mem, "%s/reload", d->dir);

	assert_int_equal(fs_mkdir(dir, 0700, &e), 0);
	assert_int_equal(fs_write(mem_fmt(&d->call.mem, "%s/a.test.sh", dir),
				  str_of(text), 0700, &e),
			 0);
}

static void owes_a_reload_until_it_ran(void **state)
{
	struct desk *d = *state;
	struct store_state st = { .domain = "a.test" };
	struct err e;

	give(d, "a.test", &st);
	script(d, "#!/bin/sh\necho broken; exit 3\n");
	for (unsigned i = 1; i <= 2; i++) {
		assert_int_equal(run(d, cmd_ssl_renew, NULL, &e), ERR_PARTIAL);
		assert_string_equal(e.msg, "1 certificate is live, but not "
					   "reloaded: mend the script and run "
					   "again");
		assert_has(d->text[0], "FAIL a.test: reload: ");
		st = state_of(d, "a.test");
		assert_int_equal(st.reload_failures, i);
		assert_int_equal(st.failures, 0);
		assert_null(st.reloaded);
		store_state_free(&st);
		assert_int_equal(run(d, cmd_ssl_list, NULL, &e), ERR_NONE);
		assert_has(d->text[0], "live, reload failed");
	}
	script(d, "#!/bin/sh\necho $1 >>ran\n");
	assert_int_equal(run(d, cmd_ssl_renew, NULL, &e), ERR_NONE);
	assert_has(d->text[0], "a.test: reloaded by ");
	assert_int_equal(run(d, cmd_ssl_renew, NULL, &e), ERR_NONE);
	assert_has_not(d->text[0], "reloaded");
	st = state_of(d, "a.test");
	assert_string_equal(st.reloaded, st.stamp);
	assert_int_equal(st.reload_failures, 0);
	store_state_free(&st);
}

static size_t entries(const char *path)
{
	DIR *dir = opendir(path);
	size_t n = 0;

	while (dir && readdir(dir))
		n++;
	if (dir)
		closedir(dir);
	return n;
}

/* A rehearsal that fails, and conf.sh speaks for it as it does for real. */
static void rehearses_beside_the_store(void **state)
{
	static const struct opt dry = { .name = "dry-run" };
	struct desk *d = *state;
	struct err e = { 0 };
	const char *acme = mem_fmt(&d->call.mem, "%s/acme", d->dir);

	d->given[0] = (struct opt_given){ .row = &dry };
	d->call.opts.at = d->given;
	d->call.opts.n = 1;
	assert_int_equal(fs_write(mem_fmt(&d->call.mem, "%s/conf.sh", d->dir),
				  STR_LIT("DNS=nosuch_$1\n"), 0600, &e),
			 0);
	conf_free(&d->conf);
	assert_int_equal(conf_read(d->dir, &d->conf, &e), 0);
	assert_int_equal(run(d, cmd_ssl, WORDS("a.test"), &e), ERR_CONF);
	assert_has(e.msg, "nosuch_a.test");
	assert_int_equal(entries(acme), 3);
	assert_true(fs_is_dir(mem_fmt(&d->call.mem, "%s/dry-run/acme", acme)));
	assert_false(fs_exists(
		mem_fmt(&d->call.mem, "%s/dry-run/acme/state", acme)));
	d->call.opts.n = 0;
}

static void lists_what_was_asked_for(void **state)
{
	struct desk *d = *state;
	struct store_state st = { .domain = "b.test" };
	struct err e;

	give_reloaded(d, "a.test");
	give_reloaded(d, "b.test");
	give(d, "b.test_rsa", &st);
	assert_int_equal(run(d, cmd_ssl_list, NULL, &e), ERR_NONE);
	assert_has(d->text[0], "a.test");
	assert_has(d->text[0], "b.test_rsa");
	assert_int_equal(run(d, cmd_ssl_list, WORDS("B.test."), &e), ERR_NONE);
	assert_has(d->text[0], "b.test_rsa");
	assert_has_not(d->text[0], "a.test");
	assert_int_equal(run(d, cmd_ssl_list, WORDS("b.test_rsa"), &e),
			 ERR_NONE);
	assert_has_not(d->text[0], "\nb.test ");
	assert_int_equal(run(d, cmd_ssl_list, WORDS("a.test", "c.test"), &e),
			 ERR_MISSING);
	assert_has(e.msg, "no certificate of c.test");
	assert_has(d->text[0], "a.test");
	assert_int_equal(run(d, cmd_ssl_list, WORDS("a b"), &e), ERR_CONF);
}

/* Many at once: a job a thread, none lost and none twice. */
static void runs_many_at_once(void **state)
{
	struct desk *d = *state;
	const char *names[31] = { 0 };
	struct err e;

	for (size_t i = 0; i < 30; i++) {
		names[i] = mem_fmt(&d->call.mem, "d%zu.test", i);
		if (i % 3)
			give_reloaded(d, names[i]);
	}
	assert_int_equal(run(d, cmd_ssl, names, &e), ERR_PARTIAL);
	assert_string_equal(e.msg, "10 of 30 certificates failed");
	for (size_t i = 0; i < 30; i++)
		assert_has(d->text[i % 3 == 0],
			   mem_fmt(&d->call.mem, " %s: ", names[i]));
}

/* The last one, since a stop cannot be taken back. */
static void says_that_it_was_stopped(void **state)
{
	struct desk *d = *state;
	struct err e;

	stop_ask();
	assert_int_equal(run(d, cmd_ssl, WORDS("a.test", "b.test"), &e),
			 ERR_STOPPED);
	assert_string_equal(e.msg, "stopped: 2 of 2 certificates were not "
				   "seen to; run again");
	assert_string_equal(d->text[1], "");
	assert_int_equal(run(d, cmd_ssl, WORDS("a.test"), &e), ERR_STOPPED);
}

static const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, desk_open, desk_close)
	T(says_what_is_kept),
	T(judges_by_what_failed),
	T(warns_of_what_is_put_off),
	T(passes_over_what_it_cannot_read),
	T(leaves_what_is_not_configured),
	T(owes_a_reload_until_it_ran),
	T(rehearses_beside_the_store),
	T(lists_what_was_asked_for),
	T(runs_many_at_once),
	T(says_that_it_was_stopped),
};

int main(void)
{
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
