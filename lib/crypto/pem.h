/* PEM blocks (RFC 7468) found in a text, one after the other; nothing is
 * decoded but the base64. Pure, for the other files of this folder. */
#pragma once

#include "base/buf.h"
#include "base/str.h"

struct pem {
	struct str label; /* "CERTIFICATE" */
	struct str body;  /* between the two lines, base64 and headers */
};

/* The next whole block of *text, which moves behind it. False when there is
 * none; a BEGIN without its END counts as none. */
bool pem_next(struct str *text, struct pem *out);
/* The bytes of a block appended; -1 when it is no clean base64. */
int pem_bytes(const struct pem *p, struct buf *der);
/* A block with 64 columns and a final LF appended. */
void pem_add(struct buf *out, const char *label, struct str der);
