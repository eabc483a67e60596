/* The only clock. Pure code gets `now` as a value. */
#pragma once

#include <stdint.h>
#include <time.h>

#include "base/str.h"

time_t clock_now(void); /* seconds of UTC */
int64_t clock_ms(void); /* monotonic milliseconds, for deadlines */
/* Sleeps, or returns early when stop_asked() (base/stop.h) becomes true. */
void clock_sleep_ms(int64_t ms);

#define CLOCK_TEXT 32
/* "2026-11-25T02:13:30Z" and back (RFC 3339; fractions are read and dropped,
 * offsets honoured). -1 when it is no date. */
const char *clock_text(time_t t, char out[static CLOCK_TEXT]);
int clock_parse(struct str text, time_t *t);
/* HTTP dates (RFC 9110 5.6.7): IMF-fixdate, RFC 850 and asctime. */
int clock_parse_http(struct str text, time_t *t);
