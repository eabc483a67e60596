/* Base64 (RFC 4648 4), base64url without padding (5), base32 (6) and hex (8).
 * Decoders are strict: foreign characters, wrong padding or stray bits fail. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

void b64_add(struct buf *out, struct str bytes);
int b64_read(struct str text, struct buf *out);
int b64_read_lines(struct str text, struct buf *out); /* white space allowed */
void b64url_add(struct buf *out, struct str bytes);
int b64url_read(struct str text, struct buf *out);
void b32_add(struct buf *out, struct str bytes); /* lower case, no padding */
void hex_add(struct buf *out, struct str bytes); /* lower case */
int hex_read(struct str text, struct buf *out);
