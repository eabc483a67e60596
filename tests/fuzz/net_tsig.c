/* Signatures of strangers: checked, never believed. The first byte says
 * whether a chain goes on; a signed message of ours must check. */
#include <assert.h>

#include "base/auto.h"
#include "net/tsig.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct tsig_key k = { "acme-key",
					   HASH_SHA256,
					   { "0123456789abcdef", 16 } };
	AUTO(mem) struct mem m = { 0 };
	AUTO(buf) struct buf mac = { 0 };
	AUTO(buf) struct buf whole = { 0 };
	struct err e = { 0 };
	struct tsig_key read = { 0 };

	if (n == 0)
		return 0;
	struct str text = { (const char *)data + 1, n - 1 };
	buf_str(&mac, "0123456789abcdef0123456789abcdef");
	bool rest = data[0] & 1;
	if (tsig_check(text, &k, 1700000000, &mac, rest, &e) == 0)
		assert(rest && !tsig_signed(text));
	if (tsig_key_parse(text, &m, &read, &e) == 0)
		assert(read.name && read.secret.n > 0);
	(void)tsig_key_colons(text, &m, &read, &e);
	/* What holds together still does with a signature behind it. */
	buf_view(&whole, text);
	buf_clear(&mac);
	if (tsig_sign(&whole, &k, 1700000000, &mac, &e) == 0 &&
	    tsig_signed(buf_get(&whole))) {
		AUTO(buf) struct buf again = { 0 };

		buf_view(&again, buf_get(&mac));
		assert(whole.n > text.n && again.n == tsig_mac_size(&k));
	}
	return 0;
}
