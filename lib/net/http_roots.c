#include "net/http_roots.h"

#include <dirent.h>
#include <string.h>

#include "base/auto.h"
#include "base/fs.h"
#include "crypto/x509.h"

/* Made by c_rehash: links NNNNNNNN.0 stand beside the files. */
static bool is_hashed(const char *path)
{
	bool found = false;
	DIR *d = opendir(path);

	for (struct dirent *one; d && !found && (one = readdir(d));)
		found = strspn(one->d_name, "0123456789abcdef") == 8 &&
			strcmp(one->d_name + 8, ".0") == 0;
	if (d)
		closedir(d);
	return found;
}

enum http_roots http_roots_find(const char *folder)
{
	static const char *const bundles[] = {
		"/etc/ssl/certs/ca-certificates.crt",
		"/etc/pki/tls/certs/ca-bundle.crt",
		"/etc/ssl/cert.pem",
	};

	if (is_hashed(folder))
		return HTTP_ROOTS_FOLDER;
	for (size_t i = 0; i < sizeof(bundles) / sizeof(*bundles); i++)
		if (fs_exists(bundles[i]))
			return HTTP_ROOTS_BUNDLE;
	return HTTP_ROOTS_NONE;
}

int http_roots_check(const char *path, struct err *e)
{
	AUTO(buf) struct buf pem = { 0 };
	AUTO(buf) struct buf der = { 0 };

	if (fs_read(path, &pem, e))
		return -1;
	if (cert_der(buf_get(&pem), &der, e))
		return err_at(e, "%s", path);
	return 0;
}
