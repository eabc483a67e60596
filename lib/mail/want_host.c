/* The host's addresses, and mail for the domain that goes to it. */
#include <string.h>

#include "mail/want_parts.h"

/* Of a kind that we have none of: else the plan tells of the conflict. */
static void other_address(struct want_run *r, uint16_t type, bool have)
{
	size_t at = 0;
	const struct record *x = want_live(r, r->w->host, type, &at);
	if (x && !have && !want_ours(r, x))
		want_say(r, WANT_WARN,
			 "%s also has the address %.*s, from which no mail "
			 "leaves: those who connect to it may find nobody; "
			 "remove it, or add it to `addresses`",
			 r->w->host, STR_FMT(x->value));
}

void want_host(struct want_run *r)
{
	bool v4 = false, v6 = false;
	if (!r->owns_host)
		return;
	if (!r->addresses.n)
		want_say(r, WANT_WARN,
			 "no address of this machine is known: set `addresses` "
			 "in opsmail.yaml");
	for (size_t i = 0; i < r->addresses.n; i++) {
		const char *text = r->addresses.at[i];
		const struct want_value v = {
			.name = r->w->host,
			.type = strchr(text, ':') ? DNS_AAAA : DNS_A,
			.how = WISH_ALONE,
			.value = str_of(text),
			.reason = "address of the mail host",
		};
		want_wish(r, &v);
		v4 |= v.type == DNS_A;
		v6 |= v.type == DNS_AAAA;
	}
	other_address(r, DNS_A, v4 || !r->addresses.n);
	other_address(r, DNS_AAAA, v6 || !r->addresses.n);
}

/* The name of a mail server is its own (RFC 5321 5.1): "0 ." has none. */
static bool is_null(struct str value)
{
	return str_ends(value, " .");
}

/* What the domain has: ours is the host's, stranger the first of another. */
struct exchangers {
	const struct record *ours, *stranger;
	bool null;
};

static bool is_smarthost(const struct want_run *r, struct str mx)
{
	return r->mail->records.mx &&
	       !strcmp(want_target(r, mx), r->mail->records.mx);
}

static struct exchangers exchangers(const struct want_run *r)
{
	struct exchangers mx = { 0 };
	const struct record *x;
	for (size_t at = 0; (x = want_live(r, r->domain->name, DNS_MX, &at));) {
		if (is_null(x->value))
			mx.null = mx.null || !want_ours(r, x);
		else if (!strcmp(want_target(r, x->value), r->w->host))
			mx.ours = x;
		else if (!mx.stranger && !want_ours(r, x) &&
			 !is_smarthost(r, x->value))
			mx.stranger = x;
	}
	return mx;
}

static void say_left(struct want_run *r, const struct exchangers *mx)
{
	const char *name = r->domain->name;
	if (r->mail->records.mx && !mx->null)
		return;
	if (r->mail->receive == RECEIVE_NONE && !mx->stranger && !mx->null)
		want_say(r, WANT_WARN,
			 "%s has no MX, so replies and bounces have nowhere "
			 "to go and some receivers refuse its mail: set "
			 "receive: add for the domain",
			 name);
	else if (mx->null)
		want_say(r, WANT_WARN,
			 "%s says that it takes no mail (MX \"0 .\"), so some "
			 "receivers refuse mail from it: set receive: replace "
			 "for the domain, or remove that record",
			 name);
	else if (mx->stranger && r->mail->receive == RECEIVE_UNSET)
		want_say(r, WANT_INFO,
			 "mail for %s goes to %s and is left there: set "
			 "receive: add or receive: replace for the domain to "
			 "have it come here",
			 name, want_target(r, mx->stranger->value));
}

static bool wants_mx(const struct want_run *r, const struct exchangers *mx)
{
	if (r->mail->receive == RECEIVE_UNSET && r->mail->records.mx)
		return mx->ours;
	switch (r->mail->receive) {
	case RECEIVE_ADD: /* "0 ." is alone or means nothing (RFC 7505 3) */
		return !mx->null;
	case RECEIVE_REPLACE:
		return true;
	case RECEIVE_NONE:
		return false;
	default:
		return mx->ours || (!mx->stranger && !mx->null);
	}
}

void want_mx(struct want_run *r)
{
	const struct exchangers mx = exchangers(r);
	const bool replace = r->mail->receive == RECEIVE_REPLACE;
	const struct want_value v = {
		.name = r->domain->name,
		.type = DNS_MX,
		.how = replace ? WISH_ALONE : WISH_SHARED,
		.value = mx.ours ? mx.ours->value :
				   str_of(mem_fmt(r->m, "10 %s.", r->w->host)),
		.reason = "mail for the domain comes to the host",
	};
	r->receives = mx.ours && r->mail->receive != RECEIVE_NONE;
	r->others = mx.stranger && !replace;
	if (wants_mx(r, &mx))
		r->receives = want_wish(r, &v) || r->receives;
	else
		say_left(r, &mx);
}

/* Bounces have no sender: then the name of the HELO counts (RFC 7208 2.4). */
void want_helo(struct want_run *r)
{
	const char *terms[] = { "a", "-all" };
	const struct conf_list list = { .at = terms, .n = 2 };
	if (r->owns_host && strcmp(r->w->host, r->domain->name) != 0)
		want_spf_at(r, r->w->host, &list,
			    "SPF of the host's own name, for bounces");
}
