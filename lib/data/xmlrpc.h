/* XML-RPC: calls and answers, whose values have types of their own. */
#pragma once

#include "data/xml.h"

/* A call with these parameters (an array). Numbers are int, or double; texts
 * string, objects struct, arrays array, null nil. */
int xmlrpc_write(const char *method, json_t *params, struct buf *out,
		 struct err *e);
/* The answer's one value, or that of its fault ({faultCode, faultString}).
 * dateTime and base64 stay text. ERR_TEMP: it is none. */
int xmlrpc_parse(struct str body, json_t **out, bool *fault, struct err *e);
