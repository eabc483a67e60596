/* XML by expat, the one door: what a server sends as a JSON value, which is
 * what the rest of the product reads, and such a value as XML.
 *
 * {ROOT: value}; an element is an object of its children, several of one name
 * are an array, an attribute is "@name", and an element of nothing but text is
 * a string ("#text" beside attributes or children). Prefixes of namespaces are
 * dropped. A document type is refused, and with it every entity but the five
 * of XML itself. */
#pragma once

#include <jansson.h>

#include "base/buf.h"
#include "base/err.h"

enum { XML_DEPTH = 40, XML_NODES = 1 << 20, XML_SIZE = 32 << 20 };

/* The value is the caller's. ERR_TEMP says where it went wrong. */
int xml_parse(struct str text, json_t **out, struct err *e);
/* The other way round; a null is an empty element. ERR_PERM: a name or a text
 * that XML cannot hold, or not just one root. */
int xml_write(json_t *tree, struct buf *out, struct err *e);
/* Character data, as it stands between tags or quotes; -1: XML has no way. */
int xml_escape(struct str text, struct buf *out);
