/* What the files of the client share. */
#pragma once

#include "smtp/client.h"

enum client_phase {
	CLIENT_IN_GREETING,
	CLIENT_IN_EHLO,
	CLIENT_IN_HELO,
	CLIENT_IN_STARTTLS,
	CLIENT_IN_AUTH,
	CLIENT_IN_READY,
	CLIENT_IN_ENVELOPE,
	CLIENT_IN_BODY,
	CLIENT_IN_END, /* the message was sent, its answer is awaited */
	CLIENT_IN_QUIT,
};
/* One whole reply in c->reply. -1 ends the connection. */
int client_on_auth(struct client *c, struct buf *out, struct err *e);
int client_on_envelope(struct client *c, struct buf *out, struct err *e);
int client_on_end(struct client *c, struct buf *out, struct err *e);
int client_login(struct client *c, struct buf *out, struct err *e);
void client_ready(struct client *c);
/* ERR_TEMP or ERR_PERM by the reply's class: "what: 550 5.7.1 no". */
int client_refused(const struct client *c, const char *what, struct err *e);
bool client_can(const struct client *c, enum client_cap cap);
/* May more of the message be sent now? */
bool client_wants_body(const struct client *c);
