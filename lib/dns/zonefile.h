/* A zone's records as text for other programs. Pure: records in, text out. The
 * text is printable ASCII whatever a provider answered. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "dns/record.h"

/* The order people read in: SOA, the zone's NS, then names from the apex down,
 * each by type and value. What is there twice, as the SOA of a transfer, is
 * kept once. */
void zonefile_sort(struct records *r);
/* Writes the record to the wire and reads it back, so that its name and value
 * are what its type has in a zone and nothing else. ERR_PERM says why it is no
 * record of this zone. Text in m. */
int zonefile_check(const char *zone, struct record *r, struct mem *m,
		   struct err *e);

/* What follows takes records that passed zonefile_check. */

/* "@", or the name without the zone. */
void zonefile_name(struct buf *out, const char *name, const char *zone);
/* As in a zone file: TXT quoted, in strings of at most 255 bytes. */
void zonefile_value(struct buf *out, const struct record *r);
/* RFC 1035 section 5: as named-checkzone reads it when SOA and NS are there. */
void zonefile_print(struct buf *out, const char *zone, const struct records *r);
/* For dnsconfig.js and for the YAML source of octoDNS. What these have no word
 * for stands in a comment. `provider` is what credentials are kept under. */
void zonefile_dnscontrol(struct buf *out, const char *zone,
			 const char *provider, const struct records *r);
void zonefile_octodns(struct buf *out, const char *zone,
		      const struct records *r);
/* Terraform's resources of the provider hashicorp/dns, one a set. */
void zonefile_terraform(struct buf *out, const char *zone,
			const struct records *r);
