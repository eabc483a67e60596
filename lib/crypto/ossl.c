#include "crypto/ossl.h"

#include <openssl/err.h>
#include <stdarg.h>

int ossl_err(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);

	const char *why = ERR_reason_error_string(ERR_peek_error());
	ERR_clear_error();
	if (!why)
		return err_set(e, kind, "%s", text);
	return err_set(e, kind, "%s: %s", text, why);
}

X509 *ossl_cert(struct str der)
{
	const unsigned char *p = (const unsigned char *)der.at;
	const unsigned char *end = p + der.n;

	AUTO(x509) X509 *x = d2i_X509(NULL, &p, (long)der.n);
	ERR_clear_error();
	return x && p == end ? TAKE(x) : NULL;
}
