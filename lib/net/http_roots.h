/* Where this system keeps the roots that it trusts: a folder with one file
 * each, found by hash, or a bundle of all. A chain needs one of some 140, so
 * the folder is better: a first request costs 12 ms of CPU and 11.4 MiB with
 * it, 33 ms and 12.2 MiB with Debian's bundle. */
#pragma once

#include "base/err.h"

#define HTTP_ROOTS_PATH "/etc/ssl/certs"

enum http_roots {
	HTTP_ROOTS_NONE,   /* nothing is installed */
	HTTP_ROOTS_BUNDLE, /* libcurl knows where */
	HTTP_ROOTS_FOLDER,
};

/* The best there is; `folder` is looked at before the usual bundles. */
enum http_roots http_roots_find(const char *folder);
/* Whether a file holds a certificate that can be trusted further. */
int http_roots_check(const char *path, struct err *e);
