/* What mail programs look for (RFC 6186, 8314), each left alone where another
 * has answered. */
#include "mail/want_parts.h"

static void service(struct want_run *r, const char *label, const char *value,
		    const char *reason)
{
	const struct want_value v = {
		.name = mem_fmt(r->m, "%s._tcp.%s", label, r->domain->name),
		.type = DNS_SRV,
		.how = WISH_ALONE,
		.value = str_of(mem_fmt(r->m, "%s %s.", value, r->w->host)),
		.reason = reason,
	};
	want_offer(r, &v);
}

void want_srv(struct want_run *r)
{
	if (!r->mail->srv)
		return;
	service(r, "_submissions", "0 1 465", "where users send, with TLS");
	service(r, "_submission", "0 1 587", "where users send, by STARTTLS");
}

static void alias(struct want_run *r, const char *label, const char *reason)
{
	const struct want_value v = {
		.name = mem_fmt(r->m, "%s.%s", label, r->domain->name),
		.type = DNS_CNAME,
		.how = WISH_ALONE,
		.value = str_of(mem_fmt(r->m, "%s.", r->w->host)),
		.reason = reason,
	};
	want_offer(r, &v);
}

void want_autoconfig(struct want_run *r)
{
	if (!r->mail->autoconfig || !r->w->autoconfig)
		return;
	alias(r, "autoconfig", "Thunderbird sets itself up");
	alias(r, "autodiscover", "Outlook sets itself up");
	service(r, "_autodiscover", "0 1 443", "Outlook sets itself up");
}
