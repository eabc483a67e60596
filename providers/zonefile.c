/* A zone file on this machine, as BIND, knot and NSD read it. The new file is
 * written beside the old one, judged by the server's own tool, put in its place
 * by one rename, and the server told; when the server refuses, the old file
 * comes back. Somebody who edits it meanwhile makes us read again. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fs.h"
#include "dns/zonetext.h"
#include "providers/bridge.h"
#include "providers/table.h"

enum field { FILE_PATH, SERVER, CHECK, RELOAD };
static const struct dns_field fields[] = {
	[FILE_PATH] = { "ZONEFILE_PATH Nsd_ZoneFile",
			"the file; {zone} in it stands for the zone's name",
			false, true, NULL },
	[SERVER] = { "ZONEFILE_SERVER",
		     "bind, knot or nsd; the one that is installed otherwise",
		     false, false, NULL },
	[CHECK] = { "ZONEFILE_CHECK",
		    "the command that judges {file} for {zone}, in place of "
		    "the server's own",
		    false, false, NULL },
	[RELOAD] = { "ZONEFILE_RELOAD Nsd_Command",
		     "the command that makes the server read {zone} again",
		     false, false, NULL },
};
enum {
	FILE_MAX = 64 << 20,
	WORDS_MAX = 32,
	CHECK_MS = 120000,
	RELOAD_MS = 60000,
	PATH_TEXT_MAX = 4096,
};
static const struct server {
	const char *name, *tool, *check, *reload;
} servers[] = {
	{ "bind", "rndc", "named-checkzone {zone} {file}",
	  "rndc reload {zone}" },
	{ "knot", "knotc", "kzonecheck -o {zone} {file}",
	  "knotc -b zone-reload {zone}" },
	{ "nsd", "nsd-control", "nsd-checkzone {zone} {file}",
	  "nsd-control reload {zone}" },
};
enum { SERVERS = sizeof(servers) / sizeof(servers[0]) };

struct state {
	const char *check, *reload;
};

/* ---- which server ---- */

/* Also where root's tools are, which a user's PATH may lack. */
static const char *find_tool(struct mem *m, struct str name)
{
	const char *path = mem_fmt(m, "%s:/usr/local/sbin:/usr/sbin:/sbin",
				   getenv("PATH") ? getenv("PATH") : "");
	struct str rest = str_of(path), dir;
	while (str_cut(&rest, ':', &dir)) {
		const char *at =
			mem_fmt(m, "%.*s/%.*s", STR_FMT(dir), STR_FMT(name));
		if (dir.n > 0 && access(at, X_OK) == 0)
			return at;
	}
	return NULL;
}

static int choose(struct dns *d, const struct server **out, struct err *e)
{
	const char *name = d->values[SERVER];
	size_t found = 0;
	for (size_t i = 0; i < SERVERS; i++)
		if (name ? str_eqi(str_of(name), servers[i].name) :
			   find_tool(&d->mem, str_of(servers[i].tool)) !=
				    NULL) {
			*out = &servers[i];
			found++;
		}
	if (found == 1)
		return 0;
	if (name)
		return err_set(e, ERR_CONF,
			       "zonefile: ZONEFILE_SERVER is \"%s\": it is "
			       "bind, knot or nsd",
			       name);
	return err_set(e, ERR_CONF,
		       "zonefile: %s of rndc, knotc and nsd-control %s here: "
		       "set ZONEFILE_SERVER to bind, knot or nsd, or "
		       "ZONEFILE_CHECK and ZONEFILE_RELOAD to commands",
		       found ? "more than one" : "none", found ? "are" : "is");
}

static int zonefile_open(struct dns *d, struct err *e)
{
	struct state *s = MEM_NEW(&d->mem, struct state);
	const struct server *server = NULL;
	const char **v = d->values;
	d->state = s;
	if (*v[FILE_PATH] != '/')
		return err_set(e, ERR_CONF,
			       "zonefile: ZONEFILE_PATH is \"%s\": give the "
			       "whole path",
			       v[FILE_PATH]);
	if ((!v[CHECK] || !v[RELOAD]) && choose(d, &server, e) < 0)
		return -1;
	s->check = v[CHECK] ? v[CHECK] : server->check;
	s->reload = v[RELOAD] ? v[RELOAD] : server->reload;
	return 0;
}

/* ---- the file ---- */

static const char *filled(struct mem *m, struct str text, const char *zone,
			  const char *file)
{
	AUTO(buf) struct buf b = { .max = PATH_TEXT_MAX };
	while (text.n > 0) {
		if (str_starts(text, "{zone}") || str_starts(text, "{file}")) {
			buf_str(&b, str_starts(text, "{zone}") ? zone : file);
			text.at += 6;
			text.n -= 6;
		} else {
			buf_char(&b, *text.at);
			text.at++;
			text.n--;
		}
	}
	return mem_dup(m, buf_c(&b), b.n);
}

/* Where it really is: a symlink to it stays one. */
static int locate(struct dns *d, const char *zone, struct mem *m,
		  const char **path, struct err *e)
{
	const char *named;
	if (record_check_zone(zone, e) < 0)
		return err_at(e, "zonefile");
	named = filled(m, str_of(d->values[FILE_PATH]), zone, "");
	AUTO(free) char *real = realpath(named, NULL);
	if (!real)
		return err_set(e, errno == ENOENT ? ERR_MISSING : ERR_SYS,
			       "zonefile: %s: %s", named, strerror(errno));
	*path = mem_str(m, real);
	return 0;
}

/* One file holds one zone; with {zone} in its name, the longest that is there. */
static int zonefile_find_zone(struct dns *d, const char *name,
			      const char **zone, struct err *e)
{
	if (!str_find(str_of(d->values[FILE_PATH]), "{zone}"))
		return bridge_find_zone(d, name, zone, e);
	for (const char *at = name; at; at = strchr(at, '.')) {
		const char *path;
		at += *at == '.';
		if (locate(d, at, &d->mem, &path, e) == 0) {
			*zone = mem_str(&d->mem, at);
			*e = (struct err){ 0 };
			return 0;
		}
		if (e->kind != ERR_MISSING)
			return -1;
	}
	return err_set(e, ERR_MISSING,
		       "zonefile: there is no %s for a zone that holds %s",
		       d->values[FILE_PATH], name);
}

static int read_zone(struct dns *d, const char *zone, struct mem *m,
		     const char **path, struct zonetext *out, struct err *e)
{
	AUTO(buf) struct buf b = { .max = FILE_MAX };
	if (locate(d, zone, m, path, e) < 0)
		return -1;
	if (fs_read(*path, &b, e) < 0)
		return err_at(e, "zonefile");
	return zonetext_parse((struct str){ mem_dup(m, buf_c(&b), b.n), b.n },
			      zone, m, out, e) < 0 ?
		       err_at(e, "zonefile: %s", *path) :
		       0;
}

static int zonefile_list(struct dns *d, const char *zone, const char *name,
			 uint16_t type, struct mem *m, struct records *out,
			 struct err *e)
{
	AUTO(mem) struct mem own = { 0 };
	struct zonetext z;
	const char *path;
	if (read_zone(d, zone, &own, &path, &z, e) < 0)
		return -1;
	for (size_t i = 0; i < z.n; i++) {
		const struct record *r = &z.at[i].record;
		if (r->type != 0 && (type == 0 || r->type == type) &&
		    (!name || strcmp(r->name, name) == 0))
			records_add(out, m, r);
	}
	return 0;
}

/* ---- the server's tools ---- */

static int run(struct dns *d, const char *command, const char *zone,
	       const char *file, int64_t limit_ms, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const char *argv[WORDS_MAX + 1] = { NULL };
	struct str rest = str_of(command), word;
	size_t n = 0;
	while (n < WORDS_MAX && str_word(&rest, &word))
		argv[n++] = filled(&m, word, zone, file);
	if (n == 0 || str_trim(rest).n > 0)
		return err_set(e, ERR_CONF,
			       "zonefile: \"%s\" is no command of 1 to %d "
			       "words",
			       command, WORDS_MAX);
	const char *tool =
		strchr(argv[0], '/') ? argv[0] : find_tool(&m, str_of(argv[0]));
	if (!tool)
		return err_set(e, ERR_CONF,
			       "zonefile: %s is not installed, and nothing is "
			       "changed without it; ZONEFILE_CHECK and "
			       "ZONEFILE_RELOAD name other commands",
			       argv[0]);
	const char *what = mem_join(&m, argv, n, " ");
	argv[0] = tool;
	const struct proc p = { .argv = argv, .limit_ms = limit_ms };
	return bridge_run(d, &p, what, e);
}

/* ---- the change ---- */

static int fill(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		const ssize_t n = write(fd, bytes.at, bytes.n);
		if (n < 0 && errno != EINTR)
			return -1;
		bytes.at += n > 0 ? n : 0;
		bytes.n -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd);
}

/* A file beside it, with its owner and mode. */
static int write_beside(const char *path, struct str bytes, struct mem *m,
			const char **temp, struct err *e)
{
	char name[FS_TEMP_NAME];
	struct stat st;
	struct err no = { 0 };
	const char *dir =
		mem_fmt(m, "%.*s/", (int)(strrchr(path, '/') - path), path);
	(void)fs_sweep(dir, &no); /* what a killed run left */
	fs_temp_name(name);
	*temp = mem_fmt(m, "%s%s", dir, name);
	AUTO(fd) int fd = open(
		*temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		0600);
	if (fd < 0)
		return err_sys(e, "zonefile: %s", *temp);
	if (stat(path, &st) == 0 &&
	    ((st.st_uid == geteuid() && st.st_gid == getegid()) ||
	     fchown(fd, st.st_uid, st.st_gid) == 0) &&
	    fchmod(fd, st.st_mode & 0777) == 0 && fill(fd, bytes) == 0)
		return 0;
	err_sys(e, "zonefile: a new %s with the old one's owner", path);
	(void)unlink(*temp);
	return -1;
}

static int swap(const char *temp, const char *path, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	if (rename(temp, path) < 0) {
		err_sys(e, "zonefile: %s", path);
		(void)unlink(temp);
		return -1;
	}
	return fs_sync(mem_fmt(&m, "%.*s/", (int)(strrchr(path, '/') - path),
			       path),
		       e);
}

static int unchanged(const char *path, struct str as_read, struct err *e)
{
	AUTO(buf) struct buf b = { .max = FILE_MAX };
	if (fs_read(path, &b, e) < 0)
		return err_at(e, "zonefile");
	return str_same(buf_get(&b), as_read) ?
		       0 :
		       err_set(e, ERR_CHANGED,
			       "zonefile: %s was changed meanwhile", path);
}

/* What there was before comes back, so that a new run begins anew. */
static int put_back(const char *path, struct str bytes, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	struct err no = { 0 };
	const char *temp;
	if (write_beside(path, bytes, &m, &temp, &no) < 0 ||
	    swap(temp, path, &no) < 0)
		return err_at(e, "%s; and the old file could not be put back",
			      no.msg);
	return err_at(e, "the old %s is back", path);
}

static int replace(struct dns *d, const char *path, const struct zonetext *z,
		   struct str bytes, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	const struct state *s = d->state;
	const char *temp;
	if (write_beside(path, bytes, &m, &temp, e) < 0)
		return -1;
	if (run(d, s->check, z->zone, temp, CHECK_MS, e) < 0 ||
	    unchanged(path, z->text, e) < 0) {
		(void)unlink(temp);
		return -1;
	}
	if (swap(temp, path, e) < 0)
		return -1;
	return run(d, s->reload, z->zone, path, RELOAD_MS, e) < 0 ?
		       put_back(path, z->text, e) :
		       0;
}

/* What the change is based on must be what is there. */
static int same_state(const struct zonetext *z, const struct change *c,
		      struct err *e)
{
	size_t n = 0;
	for (size_t i = 0; i < z->n; i++) {
		const struct record *r = &z->at[i].record;
		if (r->type != c->type || strcmp(r->name, c->name) != 0)
			continue;
		n++;
		if (!records_find(&c->is, r))
			n = c->is.n + 1;
	}
	return n == c->is.n ?
		       0 :
		       err_set(e, ERR_CHANGED,
			       "zonefile: %s was changed meanwhile", c->name);
}

static int zonefile_apply(struct dns *d, const char *zone,
			  const struct change *c, struct err *e)
{
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf out = { .max = FILE_MAX };
	struct zonetext z;
	const char *path;
	if (read_zone(d, zone, &m, &path, &z, e) < 0 ||
	    same_state(&z, c, e) < 0)
		return -1;
	if (zonetext_edit(&z, &c->del, &c->add, c->ttl, clock_now(), &out, e) <
	    0)
		return err_at(e, "zonefile: %s", path);
	return replace(d, path, &z, buf_get(&out), e);
}

const struct provider zonefile_provider = {
	.name = "zonefile",
	.aliases = "nsd",
	.about =
		"a zone file on this machine: BIND, knot or NSD reads it again",
	.url = "https://www.rfc-editor.org/rfc/rfc1035#section-5",
	.proof = "L4",
	.caps = DNS_CAN_LIST | DNS_CAS,
	.fields = fields,
	.fields_n = sizeof(fields) / sizeof(fields[0]),
	.open = zonefile_open,
	.find_zone = zonefile_find_zone,
	.list = zonefile_list,
	.apply = zonefile_apply,
};
