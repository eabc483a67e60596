#include "conf/chasquid.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/idn.h"

/* chasquid passes over regular files, whatever their names. */
static bool is_file(const char *path)
{
	struct stat st;

	return !lstat(path, &st) && S_ISREG(st.st_mode);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct chasquid_domain *)a)->name,
		      ((const struct chasquid_domain *)b)->name);
}

int chasquid_domains(const char *dir, struct mem *m,
		     struct chasquid_domains *out, struct err *e)
{
	const char *domains = mem_fmt(m, "%s/domains", dir);
	struct fs_names names = { 0 };

	*out = (struct chasquid_domains){ 0 };
	if (fs_list(domains, m, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const char *folder = mem_fmt(m, "%s/%s", domains, names.at[i]);
		struct chasquid_domain d = { .folder = folder };

		if (is_file(folder))
			continue;
		if (idn_ascii(m, str_of(names.at[i]), &d.name, e))
			return err_at(e, "%s", folder);
		out->at = mem_more(m, out->at, &out->room, out->n,
				   sizeof(*out->at));
		out->at[out->n++] = d;
	}
	if (out->n)
		qsort(out->at, out->n, sizeof(*out->at), by_name);
	for (size_t i = 1; i < out->n; i++)
		if (by_name(&out->at[i - 1], &out->at[i]) == 0)
			return err_set(e, ERR_CONF,
				       "%s and %s are one domain: put their "
				       "files into one folder",
				       out->at[i - 1].folder,
				       out->at[i].folder);
	return 0;
}

int chasquid_folder(const char *dir, const char *domain, struct mem *m,
		    const char **folder, struct err *e)
{
	struct chasquid_domains all;
	struct err why = { 0 };

	*folder = mem_fmt(m, "%s/domains/%s", dir, domain);
	if (chasquid_domains(dir, m, &all, &why)) {
		if (why.kind == ERR_MISSING)
			return 0;
		*e = why;
		return -1;
	}
	for (size_t i = 0; i < all.n; i++)
		if (strcmp(all.at[i].name, domain) == 0)
			*folder = all.at[i].folder;
	return 0;
}

static struct chasquid_file *add(struct chasquid_files *out, struct mem *m)
{
	out->at = mem_more(m, out->at, &out->room, out->n, sizeof(*out->at));
	return &out->at[out->n++];
}

int chasquid_certs(const char *dir, struct mem *m, struct chasquid_files *out,
		   struct err *e)
{
	const char *certs = mem_fmt(m, "%s/certs", dir);
	struct fs_names names = { 0 };

	*out = (struct chasquid_files){ 0 };
	if (fs_list(certs, m, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const char *at = mem_fmt(m, "%s/%s", certs, names.at[i]);
		struct chasquid_file f = {
			.name = names.at[i],
			.path = mem_fmt(m, "%s/fullchain.pem", at),
			.key = mem_fmt(m, "%s/privkey.pem", at),
		};
		struct stat st;

		if (is_file(at))
			continue;
		if (stat(f.path, &st))
			f.skip = "it has no fullchain.pem";
		else if (stat(f.key, &st))
			f.skip = "it has no privkey.pem";
		*add(out, m) = f;
	}
	return 0;
}

int chasquid_keys(const char *folder, struct mem *m, struct chasquid_files *out,
		  struct err *e)
{
	static const char front[] = "dkim:", end[] = ".pem";
	struct fs_names names = { 0 };

	*out = (struct chasquid_files){ 0 };
	if (fs_list(folder, m, &names, e))
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		struct str name = str_of(names.at[i]);
		size_t around = strlen(front) + strlen(end);

		if (!str_starts(name, front) || !str_ends(name, end) ||
		    name.n <= around)
			continue;
		*add(out, m) = (struct chasquid_file){
			.name = mem_dup(m, name.at + strlen(front),
					name.n - around),
			.path = mem_fmt(m, "%s/%s", folder, names.at[i]),
		};
	}
	return 0;
}
