#include "base/clock.h"

#include <errno.h>
#include <stdio.h>

#include "base/stop.h"

#define DAY 86400

time_t clock_now(void)
{
	return time(NULL);
}

int64_t clock_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A signal wakes the thread it hits; the others look every 100 ms. */
void clock_sleep_ms(int64_t ms)
{
	int64_t until = clock_ms() + ms, left = ms;

	while (left > 0 && !stop_asked()) {
		int64_t part = left < 100 ? left : 100;
		struct timespec t = { .tv_nsec = (long)part * 1000000 };

		nanosleep(&t, NULL);
		left = until - clock_ms();
	}
}

/* Days since 1970-01-01 in the proleptic Gregorian calendar, by counting the
 * year from March so that the leap day comes last. */
static int64_t days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t from_march = (int64_t)month + (month > 2 ? -3 : 9);
	int64_t of_year = (153 * from_march + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	       of_year - 719468;
}

struct date {
	int64_t year;
	unsigned month, day, hour, minute, second;
	int offset; /* seconds east of UTC */
};

static struct date date_of(time_t t)
{
	int64_t days = t / DAY, rest = t % DAY;

	if (rest < 0) {
		rest += DAY;
		days--;
	}
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	int64_t of_era = days - era * 146097;
	int64_t leaps = of_era / 1460 - of_era / 36524 + of_era / 146096;
	int64_t year = (of_era - leaps) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t m = (5 * of_year + 2) / 153;

	return (struct date){
		.year = year + era * 400 + (m >= 10),
		.month = (unsigned)(m < 10 ? m + 3 : m - 9),
		.day = (unsigned)(of_year - (153 * m + 2) / 5 + 1),
		.hour = (unsigned)(rest / 3600),
		.minute = (unsigned)(rest / 60 % 60),
		.second = (unsigned)(rest % 60),
	};
}

const char *clock_text(time_t t, char out[static CLOCK_TEXT])
{
	struct date d = date_of(t);

	(void)snprintf(out, CLOCK_TEXT, "%04lld-%02u-%02uT%02u:%02u:%02uZ",
		       (long long)d.year, d.month, d.day, d.hour, d.minute,
		       d.second);
	return out;
}

static unsigned month_days(const struct date *d)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30,
					      31, 31, 30, 31, 30, 31 };
	bool leap = (d->year % 4 == 0 && d->year % 100 != 0) ||
		    d->year % 400 == 0;

	return days[d->month - 1] + (d->month == 2 && leap ? 1U : 0U);
}

/* A leap second (60) counts as the first second of the next minute. */
static int finish(const struct date *d, time_t *t)
{
	if (d->month < 1 || d->month > 12 || d->day < 1 ||
	    d->day > month_days(d) || d->hour > 23 || d->minute > 59 ||
	    d->second > 60)
		return -1;
	*t = (time_t)(days_of(d->year, d->month, d->day) * DAY +
		      (int64_t)d->hour * 3600 + (int64_t)d->minute * 60 +
		      d->second - d->offset);
	return 0;
}

/* Exactly `digits` digits off the front. */
static int take_num(struct str *s, size_t digits, unsigned *n)
{
	uint64_t v;

	if (s->n < digits || str_num((struct str){ s->at, digits }, 9999, &v))
		return -1;
	*n = (unsigned)v;
	s->at += digits;
	s->n -= digits;
	return 0;
}

static int take_one_of(struct str *s, const char *set)
{
	for (; s->n && *set; set++)
		if (s->at[0] == *set) {
			s->at++;
			s->n--;
			return 0;
		}
	return -1;
}

static int take(struct str *s, const char *text)
{
	if (!str_starts(*s, text))
		return -1;
	size_t n = str_of(text).n;

	s->at += n;
	s->n -= n;
	return 0;
}

static int take_time(struct str *s, struct date *d)
{
	return take_num(s, 2, &d->hour) || take(s, ":") ||
			       take_num(s, 2, &d->minute) || take(s, ":") ||
			       take_num(s, 2, &d->second) ?
		       -1 :
		       0;
}

static int take_fraction(struct str *s)
{
	if (take(s, "."))
		return 0;
	unsigned digit;

	if (take_num(s, 1, &digit))
		return -1;
	while (!take_num(s, 1, &digit))
		continue;
	return 0;
}

static int take_offset(struct str *s, struct date *d)
{
	bool west = str_starts(*s, "-");
	unsigned hours, minutes;

	if (!take_one_of(s, "Zz"))
		return 0;
	if (take_one_of(s, "+-") || take_num(s, 2, &hours) || take(s, ":") ||
	    take_num(s, 2, &minutes) || hours > 23 || minutes > 59)
		return -1;
	d->offset = (int)(hours * 3600 + minutes * 60);
	if (west)
		d->offset = -d->offset;
	return 0;
}

int clock_parse(struct str text, time_t *t)
{
	struct date d = { 0 };
	unsigned year;

	if (take_num(&text, 4, &year) || take(&text, "-") ||
	    take_num(&text, 2, &d.month) || take(&text, "-") ||
	    take_num(&text, 2, &d.day) || take_one_of(&text, "Tt ") ||
	    take_time(&text, &d) || take_fraction(&text) ||
	    take_offset(&text, &d) || text.n)
		return -1;
	d.year = year;
	return finish(&d, t);
}

static int take_month(struct str *s, struct date *d)
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (s->n < 3)
		return -1;
	for (unsigned m = 0; m < 12; m++)
		if (str_same((struct str){ s->at, 3 },
			     (struct str){ names + (size_t)m * 3, 3 })) {
			d->month = m + 1;
			s->at += 3;
			s->n -= 3;
			return 0;
		}
	return -1;
}

/* "Sun", or "Sunday" in RFC 850 dates. */
static int take_weekday(struct str *s, bool *is_long)
{
	static const char *const names[] = { "Sunday",    "Monday",   "Tuesday",
					     "Wednesday", "Thursday", "Friday",
					     "Saturday" };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		char brief[4] = { names[i][0], names[i][1], names[i][2], 0 };

		*is_long = !take(s, names[i]);
		if (*is_long || !take(s, brief))
			return 0;
	}
	return -1;
}

/* "06 Nov 1994 08:49:37 GMT" */
static int imf_date(struct str s, struct date *d)
{
	unsigned year;

	if (take_num(&s, 2, &d->day) || take(&s, " ") || take_month(&s, d) ||
	    take(&s, " ") || take_num(&s, 4, &year) || take(&s, " ") ||
	    take_time(&s, d) || !str_eq(s, " GMT"))
		return -1;
	d->year = year;
	return 0;
}

/* "06-Nov-94 08:49:37 GMT"; a year more than 50 ahead means the past century
 * (RFC 9110 5.6.7). */
static int rfc850_date(struct str s, struct date *d)
{
	int64_t now = date_of(clock_now()).year;
	unsigned year;

	if (take_num(&s, 2, &d->day) || take(&s, "-") || take_month(&s, d) ||
	    take(&s, "-") || take_num(&s, 2, &year) || take(&s, " ") ||
	    take_time(&s, d) || !str_eq(s, " GMT"))
		return -1;
	d->year = now - now % 100 + year;
	if (d->year > now + 50)
		d->year -= 100;
	return 0;
}

/* "Nov  6 08:49:37 1994" */
static int asctime_date(struct str s, struct date *d)
{
	unsigned year;

	if (take_month(&s, d) || take(&s, " "))
		return -1;
	if (take(&s, " ") ? take_num(&s, 2, &d->day) : take_num(&s, 1, &d->day))
		return -1;
	if (take(&s, " ") || take_time(&s, d) || take(&s, " ") ||
	    take_num(&s, 4, &year) || s.n)
		return -1;
	d->year = year;
	return 0;
}

int clock_parse_http(struct str text, time_t *t)
{
	struct date d = { 0 };
	bool is_long;
	int bad;

	if (take_weekday(&text, &is_long))
		return -1;
	if (!take(&text, ", "))
		bad = is_long ? rfc850_date(text, &d) : imf_date(text, &d);
	else
		bad = is_long || take(&text, " ") || asctime_date(text, &d);
	return bad ? -1 : finish(&d, t);
}
