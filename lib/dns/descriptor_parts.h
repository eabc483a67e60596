/* What the files of the interpreter share. A parsed tree keeps its YAML form:
 * the parser has proven its shape, so that readers need not look again. */
#pragma once

#include <jansson.h>

#include "base/auto.h"
#include "base/b64.h"
#include "crypto/sign.h"
#include "data/yaml.h"
#include "dns/cred.h"
#include "dns/descriptor.h"

AUTO_DEFINE(json, json_t, json_decref)

/* What an expression can speak of. With an item it reads that: its names are
 * paths into the item; else they are credentials, the zone and the record. */
struct descriptor_scope {
	struct dns *dns;
	const struct descriptor *d;
	struct mem *m;
	const char *zone, *zone_id, *account;
	const char *name; /* FQDN asked for or written */
	uint16_t type;
	uint32_t ttl;
	const struct record *record; /* NULL: a set or no record */
	const struct records *set;   /* what $each goes over */
	const char *set_id;          /* what the API calls it */
	json_t **items;              /* what each of set was read from */
	json_t *was;                 /* that of record; NULL: it is new */
	bool whole;                  /* set has many names and types */
	const struct change *change; /* what $add, $del, $is, $want go over */
	const char *ip, *ptr; /* of reverse DNS: {ip}, and {ptr} for it */
	json_t *item;
};
struct descriptor_zone {
	const char *name, *id;
	struct descriptor_zone *next;
};
/* A word that auth.let made, or that speaks of the request under way. */
struct descriptor_let {
	const char *name;
	struct str value;
	struct descriptor_let *next;
};
/* Of one opened provider; lives in dns->mem. */
struct descriptor_state {
	struct descriptor_let *let; /* of the request under way */
	const char *token, *cookie; /* of the login; NULL: none */
	time_t token_until;         /* 0: until it is refused */
	bool signs_in;              /* the login itself is under way */
	bool bare;                  /* a request that goes without auth is */
	bool clock_known;           /* delta is the server's, or was tried */
	struct cred source;         /* what auth.source found */
	bool source_known;
	time_t delta, skew;      /* its clock less ours: used, and last seen */
	const struct yaml *auth; /* the alternative whose values are given */
	struct descriptor_zone *zones;
	bool all_zones; /* the list was read */
	const char *account;
	int64_t last_ms;  /* when the last request went out */
	unsigned lost;    /* writes whose outcome is not known */
	const char *etag; /* of the last list: compare and swap */
	const char *kept; /* what that said beside its entries */
	struct descriptor_seen {
		const char *zone;
		uint64_t *at; /* digests of its records, sorted */
		size_t n, room;
	} seen; /* where whole zones are written */
};

static inline struct descriptor_state *
descriptor_state_of(const struct descriptor_scope *s)
{
	return s->dns->state;
}

/* ---- descriptor.c ---- */
struct descriptor_scope descriptor_scope_of(struct dns *d, struct mem *m);
/* What the API calls the zone. */
int descriptor_identify(struct dns *d, const char *zone,
			struct descriptor_scope *s, struct err *e);

/* ---- descriptor_extends.c ---- */
/* The tree with what it takes from the built-in descriptor that it extends. */
int descriptor_extend(struct yaml *own, const char *file, struct mem *m,
		      struct yaml **out, struct err *e);

/* ---- descriptor_fill.c ---- */
void descriptor_fill(struct descriptor *d, const struct yaml *root,
		     struct mem *m);

/* ---- descriptor_read.c ---- */
struct descriptor_zone_read {
	struct records records;
	json_t **items; /* each record's, borrowed from json */
	size_t room;
	json_t *json;
};
static inline void auto_descriptor_zone_read(struct descriptor_zone_read *x)
{
	json_decref(x->json);
}
/* Everything at name and type (NULL and 0: all); `whole` keeps entries of the
 * API's own kinds too, with type 0. */
int descriptor_read(const struct descriptor_scope *s, const char *name,
		    uint16_t type, bool whole, struct descriptor_zone_read *out,
		    struct err *e);
/* Whether the zone was last seen with a record that `now` has not. */
bool descriptor_shrunk(const struct descriptor_scope *s,
		       const struct records *now);

/* ---- descriptor_write.c ---- */
/* Where a write is only promised: asks, as `y` says, until it is kept. */
int descriptor_settle(struct descriptor_scope *s, const struct yaml *y,
		      json_t *reply, struct err *e);

/* ---- descriptor_expr.c ---- */
enum descriptor_form { DESCRIPTOR_PLAIN, DESCRIPTOR_URL };
/* Appends the expression's text; a substitution in a URL is percent-encoded. */
int descriptor_text(const struct descriptor_scope *s, const char *expr,
		    enum descriptor_form form, struct buf *out, struct err *e);
/* The same as a new text in s->m. */
int descriptor_make(const struct descriptor_scope *s, const char *expr,
		    const char **out, struct err *e);
/* "a.0.b" in a JSON value, "" or "." the value itself; NULL: not there. A
 * final "?" is left out: it says that it may be absent. */
json_t *descriptor_path(json_t *j, const char *path);
/* A scalar as text, an array of scalars joined by blanks; "" for the rest. */
const char *descriptor_show(json_t *j, struct mem *m);
/* NULL when the expression is well-formed, else what is wrong and where. */
const char *descriptor_wrong(const char *expr, bool reads,
			     const struct yaml *creds, size_t *at,
			     struct mem *m);
/* A path that says itself at which host it is: literally, or by a credential
 * alone, so that no answer leads credentials to another host. */
bool descriptor_is_whole(const struct descriptor_scope *s, const char *path);
/* Whether an expression that writes knows the name without any credential. */
bool descriptor_is_word(struct str name);
void descriptor_percent(struct buf *out, struct str s);

/* ---- descriptor_body.c ---- */
int descriptor_json(const struct descriptor_scope *s, const struct yaml *y,
		    json_t **out, struct err *e);
int descriptor_form_body(const struct descriptor_scope *s, const struct yaml *y,
			 struct buf *out, struct err *e);
/* A GET has no body: what its form says goes into the query. */
int descriptor_form_query(const struct descriptor_scope *s,
			  const struct yaml *form, struct buf *url,
			  struct err *e);

/* ---- descriptor_filter.c ---- */
bool descriptor_is_digest(struct str filter);
/* Raw bytes in m. */
struct str descriptor_digest(struct str name, struct str key, struct str v,
			     struct mem *m);
struct str descriptor_unb64(struct str text, struct mem *m);
struct str descriptor_totp(struct str seed, time_t now, struct mem *m);

/* ---- descriptor_value.c ---- */
const char *descriptor_name_in(const struct descriptor *d, const char *text,
			       const char *zone, struct mem *m);
const char *descriptor_name_out(const struct descriptor *d, const char *name,
				const char *zone, struct mem *m);
/* Records that stand at the name of their owner, "x" of "_sip._tcp.x": SRV with
 * codec.srv. One set of the API then holds all services of an owner. */
bool descriptor_is_owned(const struct descriptor *d, uint16_t type);
/* The name as the API spells it: with codec.idn in Unicode. */
const char *descriptor_idn(const struct descriptor *d, const char *name,
			   struct mem *m);
struct str descriptor_value_in(const struct descriptor *d, uint16_t type,
			       const char *text, const char *zone,
			       struct mem *m);
/* ERR_PERM when the value cannot be written so. */
int descriptor_value_out(const struct descriptor *d, const struct record *r,
			 struct mem *m, const char **out, struct err *e);
/* "priority", "target" ... of a value; NULL when its type has no such part. */
const char *descriptor_part(const struct descriptor *d, const struct record *r,
			    struct str part, struct mem *m);
bool descriptor_is_part(struct str name, bool *number);
/* The type's word in the API ("TXT", or "3" where it has numbers) and back. */
const char *descriptor_type_out(const struct descriptor *d, uint16_t type,
				struct mem *m);
int descriptor_type_in(const struct descriptor *d, const char *text,
		       uint16_t *type);
uint32_t descriptor_ttl(const struct descriptor *d, uint32_t ttl);
/* What the API cannot hold, before anything is written. */
int descriptor_audit(const struct descriptor *d, const struct change *c,
		     struct mem *m, struct err *e);

/* ---- descriptor_auth.c ---- */
enum { DESCRIPTOR_HEADERS = 40 };
/* A request as it goes out once. */
struct descriptor_signed {
	struct http_request q;
	struct sign_out sign;
	struct buf url;
	struct http_header headers[DESCRIPTOR_HEADERS];
};
int descriptor_sign(const struct descriptor_scope *s,
		    const struct http_request *q, struct descriptor_signed *x,
		    struct err *e);
/* What authorizes the request under way: auth, or auth.login for the login. */
const struct yaml *descriptor_auth(const struct descriptor_scope *s);
/* Makes the words of a request: {method} {path} ..., then those of `let`. */
int descriptor_let(const struct descriptor_scope *s, const char *method,
		   struct str url, struct str body, struct err *e);
bool descriptor_let_get(const struct descriptor_scope *s, struct str name,
			struct str *out);
/* Looks where auth.source says, unless what it found is still good. */
int descriptor_find_source(const struct descriptor_scope *s, struct err *e);
/* Logs in when auth.login wants that and there is no token yet. */
int descriptor_login(const struct descriptor_scope *s, struct err *e);
/* The token was refused; false when there was none. */
bool descriptor_forget_token(const struct descriptor_scope *s);
void descriptor_signed_free(struct descriptor_signed *x);
static inline void auto_descriptor_signed(struct descriptor_signed *x)
{
	descriptor_signed_free(x);
}

/* ---- descriptor_clock.c ---- */
time_t descriptor_now(const struct descriptor_scope *s);
/* Asks for the time, once, where auth.clock says how. */
int descriptor_ask_clock(const struct descriptor_scope *s, struct err *e);
void descriptor_see_clock(const struct descriptor_scope *s,
			  const struct http_reply *r);
/* Whether a refusal is to be tried again, by the server's clock. */
bool descriptor_mend_clock(const struct descriptor_scope *s, struct err *e);
/* Says of a refusal that our clock is off, where it is. */
void descriptor_blame_clock(const struct descriptor_scope *s, struct err *e);

/* ---- descriptor_call.c ---- */
enum descriptor_kind { DESCRIPTOR_READ, DESCRIPTOR_WRITE };
struct descriptor_ask {
	const struct yaml *call; /* {get: PATH, body: ...} */
	const char *path;        /* instead of the call's; NULL */
	const char *url;         /* whole, instead of both; NULL */
	const char *more;        /* "page=2&size=100"; NULL */
	bool in_body;            /* where `more` goes, else into the URL */
	const char *header;      /* of the answer, into *value; NULL */
	const char **value;
	const char **cookie; /* those it sets, "a=b; c=d"; NULL: no matter */
	enum descriptor_kind kind;
};
/* What came back: JSON (NULL when none), and its Link rel=next, both the
 * caller's. ERR_MISSING when it is not there; ERR_CHANGED when a write's
 * outcome is not known, so that the caller reads again. */
int descriptor_send(const struct descriptor_scope *s,
		    const struct descriptor_ask *q, json_t **out,
		    const char **next, struct err *e);
/* Whether it says what to ask: one of get, post, put, patch, delete. */
bool descriptor_is_call(const struct yaml *y);

/* ---- descriptor_reply.c ---- */
/* "json", "xml" ... of what a call is answered with. */
const char *descriptor_format(const struct descriptor_scope *s,
			      const struct yaml *call);
/* The answer as a value, the caller's; NULL when it is none of that format.
 * *fault: it says itself that it is a refusal. */
json_t *descriptor_reply(const char *format, struct str body, struct mem *m,
			 bool *fault);
/* Whether a text is one of "ONE|OTHER". */
bool descriptor_one_of(const char *text, const char *of);
/* The list or map that is there, the caller's; with `alone` a list of what is
 * neither; NULL when nothing is there. */
json_t *descriptor_several(json_t *v, bool alone);
/* A text cut at blanks into so many parts; anything else as it is. */
json_t *descriptor_split(json_t *item, uint64_t parts);

/* ---- descriptor_answer.c ---- */
enum descriptor_verdict {
	DESCRIPTOR_FINE,
	DESCRIPTOR_THERE,
	DESCRIPTOR_REFUSED,
	DESCRIPTOR_NO_RIGHT,
	DESCRIPTOR_NOT_FOUND,
	DESCRIPTOR_LATER,
	DESCRIPTOR_BROKEN,
	DESCRIPTOR_CHANGED
};
/* Judges what came back of `what` ("GET https://..."): 0 with the body, or the
 * error that it means. */
int descriptor_answer(const struct descriptor_scope *s,
		      const struct descriptor_ask *q, const char *what,
		      struct http_reply *r, enum descriptor_verdict *v,
		      json_t **out, struct err *e);

/* ---- descriptor_pages.c ---- */
/* All items of all pages, or a failure; `y` is zones: or records:. */
int descriptor_fetch(const struct descriptor_scope *s, const struct yaml *y,
		     const char *path, json_t **out, struct err *e);
const char *descriptor_word(const struct yaml *map, const char *key,
			    const char *preset);
uint64_t descriptor_number(const struct yaml *map, const char *key,
			   uint64_t preset);
int descriptor_commit(struct descriptor_scope *s, struct err *e);
