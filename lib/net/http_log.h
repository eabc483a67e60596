/* What -vv shows of an exchange: headers and parameters whose names say that
 * they are secret without their values, bodies cut. */
#pragma once

#include "net/http.h"

void http_log_request(const struct http_request *q);
void http_log_reply(const struct http_request *q, const struct http_reply *r,
		    int64_t ms);
/* The URL with the values of secret parameters left out, for errors too. */
void http_log_url(struct buf *out, const char *url);
