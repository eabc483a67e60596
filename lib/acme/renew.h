/* When to renew: pure, but for the one GET of the renewal information
 * (RFC 9773). All times are UTC seconds. */
#pragma once

#include "acme/client.h"
#include "crypto/x509.h"

/* What is kept between runs (in the lineage's state). */
struct renew_ari {
	time_t start, end; /* suggested window; 0: none */
	time_t moment;     /* random moment in it, drawn once a window */
	time_t ask_after;  /* Retry-After: no question before */
	const char *why;   /* explanationURL or NULL */
};
/* Asks when `now` is past ask_after; trouble of any kind leaves a sane state,
 * sets ask_after to at most 6 h from now and is no error: the reason is logged.
 * x->why then lives in a->mem. */
void renew_ask(struct acme *a, const char *ari_id, time_t now,
	       struct renew_ari *x);
/* The answer's body and Retry-After into x, the reason copied into m; -1 when
 * it is nonsense (start >= end, no dates, a window that starts in ten years or
 * later) and the window is forgotten. Draws a new moment only when the window
 * changed; `random` is 0 .. UINT32_MAX. */
int renew_ari_read(struct str json, time_t retry_at, time_t now,
		   uint32_t random, struct mem *m, struct renew_ari *x,
		   struct err *e);

struct renew_due {
	bool due;
	time_t at; /* when it is or was due */
	const char
		*why; /* "ARI window", "a third of its life left", ... static */
};
/* ARI when it has a window, else a third of the lifetime left, half when the
 * lifetime is under ten days. A certificate whose fallback moment passed long
 * ago (a sixth of life left) is due whatever ARI says. next_wake: the time of
 * the next scheduled run: a moment before it counts as now. */
void renew_when(time_t not_before, time_t not_after,
		const struct renew_ari *ari, time_t now, time_t next_wake,
		struct renew_due *out);
/* After `failures` failures in a row (from 1): 1, 10, 100 minutes, then
 * daily. */
time_t renew_retry_at(unsigned failures, time_t failed_at);
