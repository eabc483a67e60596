/* What a long job says while it runs. The job knows no terminal: cmd/out sets
 * the sink (a TTY line, a plain line, a JSON event). One of the few seams. */
#pragma once

enum tell_kind {
	TELL_STEP, /* a state was reached: one line */
	TELL_LIVE, /* replaces the live line of this job; lost without a TTY */
	TELL_TASK, /* a person must act: always shown, may hold newlines */
};

/* `who` is the domain or zone it is about. show may be called by several
 * threads at once. */
struct tell {
	void (*show)(struct tell *t, enum tell_kind kind, const char *who,
		     const char *text);
};

/* t may be NULL: then nobody listens. */
void tell(struct tell *t, enum tell_kind kind, const char *who, const char *fmt,
	  ...) __attribute__((format(printf, 4, 5)));
