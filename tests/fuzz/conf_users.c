/* A users file of strangers: read, or a complaint; an edit changes one user
 * and no other. */
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "conf/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n);

/* All of a but `name` are in b, and no more. */
static void same_others(const struct users *a, const struct users *b,
			const char *name)
{
	size_t theirs = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct user *x = &a->at[i], *y;

		if (strcmp(x->name, name) == 0)
			continue;
		theirs++;
		y = users_find(b, str_of(x->name));
		if (!y || x->scheme != y->scheme ||
		    !str_same(x->secret, y->secret))
			abort();
	}
	if (b->n != theirs + (users_find(b, str_of(name)) != NULL))
		abort();
}

static void put_and_drop(struct str text, const struct users *before)
{
	static const struct user bob = { .name = "bob",
					 .scheme = USERS_PLAIN,
					 .secret = { "x", 1 } };
	AUTO(buf) struct buf put = { 0 }, dropped = { 0 };
	struct users after;
	struct err e = { 0 };

	if (users_put(text, "f", &bob, &put, &e) ||
	    users_parse(buf_get(&put), "f", &after, &e))
		abort();
	same_others(before, &after, "bob");
	users_free(&after);
	if (users_drop(buf_get(&put), "f", "bob", &dropped, &e) ||
	    users_parse(buf_get(&dropped), "f", &after, &e))
		abort();
	same_others(before, &after, "bob");
	if (users_find(&after, STR_LIT("bob")))
		abort();
	users_free(&after);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t n)
{
	struct str text = { (const char *)at, n };
	struct users u;
	struct err e = { 0 };

	if (!users_parse(text, "f", &u, &e))
		put_and_drop(text, &u);
	else if (e.kind != ERR_CONF)
		abort();
	users_free(&u);
	return 0;
}
