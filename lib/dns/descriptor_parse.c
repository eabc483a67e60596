#include <string.h>

#include "dns/descriptor_parts.h"

enum { COMPLAINTS = 20, KEYS_NEAR = 3 };

/* What may stand where: a row a key. */
enum shape {
	WORD,   /* one text */
	COUNT,  /* a number */
	CHOICE, /* one of the words in `of` */
	WORDS,  /* a list of texts */
	READ,   /* an expression over what came back */
	WRITE,  /* an expression over what goes out */
	READS,  /* READ, or a map of type: READ with "*" for the rest */
	WRITES, /* a map of name: WRITE */
	PAIRS,  /* a map of name: text */
	TREE,   /* a body */
	MAP,    /* the keys in `in` */
	MAPS,   /* a map whose values are MAP */
	LIST,   /* a list of MAP, or one MAP */
};
struct key {
	const char *name;
	enum shape shape;
	bool must;
	const struct key *in;
	const char *of;
};
static const struct key cred_keys[] = {
	{ "names", WORD, true, NULL, NULL },
	{ "help", WORD, true, NULL, NULL },
	{ "secret", CHOICE, false, NULL, "yes no" },
	{ "optional", CHOICE, false, NULL, "yes no" },
	{ "preset", WORD, false, NULL, NULL },
	{ 0 },
};
static const struct key auth_keys[] = {
	{ "need", WORDS, false, NULL, NULL },
	{ "headers", WRITES, false, NULL, NULL },
	{ "basic", WRITE, false, NULL, NULL },
	{ "query", WRITES, false, NULL, NULL },
	{ "body", TREE, false, NULL, NULL },
	{ "sign", WORD, false, NULL, NULL },
	{ "with", WRITES, false, NULL, NULL },
	{ 0 },
};
static const struct key page_keys[] = {
	{ "in", CHOICE, false, NULL, "body" },
	{ "page", WORD, false, NULL, NULL },
	{ "offset", WORD, false, NULL, NULL },
	{ "size", WORD, false, NULL, NULL },
	{ "by", COUNT, false, NULL, NULL },
	{ "first", COUNT, false, NULL, NULL },
	{ "pages", WORD, false, NULL, NULL },
	{ "count", WORD, false, NULL, NULL },
	{ "more", WORD, false, NULL, NULL },
	{ "next", WORD, false, NULL, NULL },
	{ "link", CHOICE, false, NULL, "next" },
	{ "cursor", WORD, false, NULL, NULL },
	{ "param", WORD, false, NULL, NULL },
	{ 0 },
};
static const char formats[] = "json xml xmlrpc form lines text";
static const struct key rpc_keys[] = {
	{ "method", WRITE, true, NULL, NULL },
	{ "params", TREE, true, NULL, NULL },
	{ 0 },
};
#define CALL_KEYS                                           \
	{ "get", WRITE, false, NULL, NULL },                \
		{ "post", WRITE, false, NULL, NULL },       \
		{ "put", WRITE, false, NULL, NULL },        \
		{ "patch", WRITE, false, NULL, NULL },      \
		{ "delete", WRITE, false, NULL, NULL },     \
		{ "headers", WRITES, false, NULL, NULL },   \
		{ "body", TREE, false, NULL, NULL },        \
		{ "xml", TREE, false, NULL, NULL },         \
		{ "xmlrpc", MAP, false, rpc_keys, NULL },   \
		{ "text", WRITE, false, NULL, NULL },       \
		{ "format", CHOICE, false, NULL, formats }, \
	{                                                   \
		"form", TREE, false, NULL, NULL             \
	}
static const struct key call_keys[] = { CALL_KEYS, { 0 } };
static const struct key put_keys[] = {
	CALL_KEYS,
	{ "unit", CHOICE, false, NULL, "set name zone" },
	{ 0 },
};
static const struct key slot_keys[] = {
	{ "set", MAP, true, call_keys, NULL },
	{ "clear", MAP, true, call_keys, NULL },
	{ 0 },
};
static const struct key account_keys[] = {
	CALL_KEYS,
	{ "value", READ, true, NULL, NULL },
	{ 0 },
};
static const struct key zones_keys[] = {
	CALL_KEYS,
	{ "mode", CHOICE, true, NULL, "list walk server given" },
	{ "below", WORD, false, NULL, NULL },
	{ "all", WRITE, false, NULL, NULL },
	{ "items", WORD, false, NULL, NULL },
	{ "name", READ, false, NULL, NULL },
	{ "id", READ, false, NULL, NULL },
	{ "where", PAIRS, false, NULL, NULL },
	{ "page", MAP, false, page_keys, NULL },
	{ 0 },
};
static const struct key detail_keys[] = {
	CALL_KEYS,
	{ "items", WORD, false, NULL, NULL },
	{ 0 },
};
static const struct key over_keys[] = {
	CALL_KEYS,
	{ "items", WORD, false, NULL, NULL },
	{ "name", READ, false, NULL, NULL },
	{ "page", MAP, false, page_keys, NULL },
	{ 0 },
};
static const struct key records_keys[] = {
	CALL_KEYS,
	{ "one", WRITE, false, NULL, NULL },
	{ "tag", READ, false, NULL, NULL },
	{ "tag_header", WORD, false, NULL, NULL },
	{ "items", WORD, false, NULL, NULL },
	{ "id", READ, false, NULL, NULL },
	{ "name", READS, false, NULL, NULL },
	{ "type", READ, false, NULL, NULL },
	{ "ttl", READ, false, NULL, NULL },
	{ "values", WORD, false, NULL, NULL },
	{ "split", COUNT, false, NULL, NULL },
	{ "detail", MAP, false, detail_keys, NULL },
	{ "over", MAP, false, over_keys, NULL },
	{ "value", READS, true, NULL, NULL },
	{ "where", PAIRS, false, NULL, NULL },
	{ "page", MAP, false, page_keys, NULL },
	{ 0 },
};
static const struct key wait_keys[] = {
	{ "get", WRITE, true, NULL, NULL },
	{ "id", READ, true, NULL, NULL },
	{ "status", READ, true, NULL, NULL },
	{ "done", WORD, true, NULL, NULL },
	{ "failed", WORD, true, NULL, NULL },
	{ 0 },
};
static const struct key codec_keys[] = {
	{ "name", CHOICE, false, NULL, "rel fqdn fqdn-dot" },
	{ "apex", WORD, false, NULL, NULL },
	{ "txt", CHOICE, false, NULL, "plain quoted quoted255" },
	{ "txt_read", CHOICE, false, NULL, "plain quoted" },
	{ "dots", CHOICE, false, NULL, "yes no" },
	{ "idn", CHOICE, false, NULL, "ascii unicode" },
	{ "types", PAIRS, false, NULL, NULL },
	{ "words", PAIRS, false, NULL, NULL },
	{ 0 },
};
static const struct key ttl_keys[] = {
	{ "min", COUNT, false, NULL, NULL },
	{ "max", COUNT, false, NULL, NULL },
	{ "default", COUNT, false, NULL, NULL },
	{ "allowed", WORDS, false, NULL, NULL },
	{ 0 },
};
static const struct key rate_keys[] = {
	{ "interval_ms", COUNT, false, NULL, NULL },
	{ "pause_ms", COUNT, false, NULL, NULL },
	{ 0 },
};
static const struct key reply_keys[] = {
	{ "ok", PAIRS, false, NULL, NULL },
	{ "failed", PAIRS, false, NULL, NULL },
	{ "message", WORD, false, NULL, NULL },
	{ 0 },
};
static const struct key error_keys[] = {
	{ "status", COUNT, false, NULL, NULL },
	{ "text", WORD, false, NULL, NULL },
	{ "kind", CHOICE, true, NULL,
	  "auth perm missing rate temp exists changed" },
	{ 0 },
};
static const struct key audit_keys[] = {
	{ "txt_max", COUNT, false, NULL, NULL },
	{ "txt_no", WORD, false, NULL, NULL },
	{ "txt_trim", CHOICE, false, NULL, "yes no" },
	{ "txt_ascii", CHOICE, false, NULL, "yes no" },
	{ "null_mx", CHOICE, false, NULL, "yes no" },
	{ 0 },
};
static const struct key proof_keys[] = {
	{ "level", CHOICE, true, NULL, "unproven L2 L3 L4" },
	{ "by", WORD, true, NULL, NULL },
	{ 0 },
};
static const struct key top_keys[] = {
	{ "name", WORD, true, NULL, NULL },
	{ "extends", WORD, false, NULL, NULL },
	{ "aliases", WORDS, false, NULL, NULL },
	{ "about", WORD, true, NULL, NULL },
	{ "url", WORD, true, NULL, NULL },
	{ "proof", MAP, false, proof_keys, NULL },
	{ "types", WORDS, true, NULL, NULL },
	{ "creds", MAPS, true, cred_keys, NULL },
	{ "base", WRITE, true, NULL, NULL },
	{ "format", CHOICE, false, NULL, formats },
	{ "auth", LIST, true, auth_keys, NULL },
	{ "account", MAP, false, account_keys, NULL },
	{ "zones", MAP, true, zones_keys, NULL },
	{ "records", MAP, false, records_keys, NULL },
	{ "create", MAP, false, call_keys, NULL },
	{ "update", MAP, false, call_keys, NULL },
	{ "delete", MAP, false, call_keys, NULL },
	{ "put", MAP, false, put_keys, NULL },
	{ "add", MAP, false, call_keys, NULL },
	{ "remove", MAP, false, call_keys, NULL },
	{ "change", MAP, false, call_keys, NULL },
	{ "slot", MAP, false, slot_keys, NULL },
	{ "before", MAP, false, call_keys, NULL },
	{ "commit", MAP, false, call_keys, NULL },
	{ "rollback", MAP, false, call_keys, NULL },
	{ "wait", MAP, false, wait_keys, NULL },
	{ "codec", MAP, false, codec_keys, NULL },
	{ "ttl", MAP, false, ttl_keys, NULL },
	{ "rate", MAP, false, rate_keys, NULL },
	{ "reply", MAP, false, reply_keys, NULL },
	{ "errors", LIST, false, error_keys, NULL },
	{ "audit", MAP, false, audit_keys, NULL },
	{ 0 },
};

struct lint {
	const char *file;
	struct mem *m;
	const struct yaml *creds;
	struct buf out;
	unsigned n;
};

static void complain(struct lint *l, int line, int column, const char *text)
{
	if (l->n++ < COMPLAINTS)
		buf_fmt(&l->out, "%s%s:%d:%d: %s", l->out.n ? "\n" : "",
			l->file, line, column, text);
}

static void at_node(struct lint *l, const struct yaml *y, const char *text)
{
	complain(l, y->line, y->column, text);
}

static const struct key *find(const struct key *in, const char *name)
{
	for (; in->name; in++)
		if (!strcmp(in->name, name))
			return in;
	return NULL;
}

static void unknown(struct lint *l, const struct yaml *y, const struct key *in)
{
	const char *near = NULL;
	unsigned best = KEYS_NEAR;
	for (; in->name; in++) {
		const unsigned n =
			str_distance(str_of(in->name), str_of(y->key), best);
		if (n < best) {
			best = n;
			near = in->name;
		}
	}
	complain(l, y->key_line, y->key_column,
		 mem_fmt(l->m, "no key is called \"%s\" here%s%s%s", y->key,
			 near ? ": did you mean " : "", near ? near : "",
			 near ? "?" : ""));
}

static void expression(struct lint *l, const struct yaml *y, bool reads)
{
	size_t at = 0;
	const char *wrong;
	if (y->kind != YAML_SCALAR) {
		at_node(l, y, "a text is wanted");
		return;
	}
	wrong = descriptor_wrong(y->text, reads, l->creds, &at, l->m);
	if (wrong)
		complain(l, y->line, y->column + (int)at + (y->quoted ? 1 : 0),
			 wrong);
}

static bool is_word_of(const char *name, const char *all)
{
	struct str rest = str_of(all), word;
	while (str_word(&rest, &word))
		if (str_eq(word, name))
			return true;
	return false;
}

static void choice(struct lint *l, const struct yaml *y, const char *of)
{
	if (y->text && is_word_of(y->text, of))
		return;
	at_node(l, y, mem_fmt(l->m, "one of these is wanted: %s", of));
}

static void check(struct lint *l, const struct yaml *y, const struct key *k);

/* A map of anything, or a list: each member by the same rule. */
static void members(struct lint *l, const struct yaml *y, enum shape shape,
		    const struct key *in)
{
	const struct key one = { NULL, shape, false, in, NULL };
	if (y->kind != YAML_MAP)
		at_node(l, y, "a map is wanted");
	for (const struct yaml *c = y->child; c; c = c->next)
		check(l, c, &one);
}

static void words(struct lint *l, const struct yaml *y)
{
	if (y->kind != YAML_LIST)
		at_node(l, y, "a list of words is wanted: [A, B]");
	for (const struct yaml *c = y->child; c; c = c->next)
		if (c->kind != YAML_SCALAR || strchr(c->text, ' '))
			at_node(l, c, "a word is wanted");
}

/* Depth: yaml_parse has let 32 levels through at most. */
static void tree(struct lint *l, const struct yaml *y)
{
	uint16_t type;
	if (y->kind == YAML_SCALAR)
		expression(l, y, false);
	for (const struct yaml *c = y->child; c; c = c->next) {
		if (c->key && !strcmp(c->key, "$when")) {
			choice(l, c, "add del is want");
			continue;
		}
		if (c->key && c->key[0] == '$' &&
		    !is_word_of(c->key + 1, "each add del is want") &&
		    dnsmsg_type_parse(str_of(c->key + 1), &type) < 0)
			complain(l, c->key_line, c->key_column,
				 "$each, $add, $del, $is, $want, $when or "
				 "$TYPE is wanted");
		tree(l, c);
	}
}

static void keys(struct lint *l, const struct yaml *y, const struct key *in)
{
	if (y->kind != YAML_MAP) {
		at_node(l, y, "a map is wanted");
		return;
	}
	for (const struct yaml *c = y->child; c; c = c->next) {
		const struct key *k = find(in, c->key);
		if (k)
			check(l, c, k);
		else
			unknown(l, c, in);
	}
	for (; in->name; in++)
		if (in->must && !yaml_get(y, in->name))
			at_node(l, y,
				mem_fmt(l->m, "\"%s\" is missing", in->name));
}

static void check(struct lint *l, const struct yaml *y, const struct key *k)
{
	uint64_t n;
	switch (k->shape) {
	case WORD:
		if (y->kind != YAML_SCALAR)
			at_node(l, y, "a text is wanted");
		break;
	case COUNT:
		if (!y->text || str_num(str_of(y->text), INT32_MAX, &n) < 0)
			at_node(l, y, "a number is wanted");
		break;
	case CHOICE:
		choice(l, y, k->of);
		break;
	case WORDS:
		words(l, y);
		break;
	case READ:
	case WRITE:
		expression(l, y, k->shape == READ);
		break;
	case READS:
		if (y->kind == YAML_MAP)
			members(l, y, READ, NULL);
		else
			expression(l, y, true);
		break;
	case WRITES:
		members(l, y, WRITE, NULL);
		break;
	case PAIRS:
		members(l, y, WORD, NULL);
		break;
	case TREE:
		tree(l, y);
		break;
	case MAP:
		keys(l, y, k->in);
		break;
	case MAPS:
		members(l, y, MAP, k->in);
		break;
	case LIST:
		if (y->kind == YAML_MAP)
			keys(l, y, k->in);
		else if (y->kind != YAML_LIST)
			at_node(l, y, "a list is wanted");
		for (const struct yaml *c = y->child; c && y->kind == YAML_LIST;
		     c = c->next)
			keys(l, c, k->in);
		break;
	}
}

/* ---- what no single key shows ---- */
static void one_method(struct lint *l, const struct yaml *root, const char *key)
{
	static const char *const methods[] = { "get", "post", "put", "patch",
					       "delete" };
	const struct yaml *y = yaml_get(root, key);
	unsigned n = 0;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		n += yaml_get(y, methods[i]) != NULL;
	if (y && n != 1 && strcmp(descriptor_word(y, "mode", ""), "given") != 0)
		at_node(l, y, "one of get, post, put, patch, delete is wanted");
}

static void together(struct lint *l, const struct yaml *root)
{
	static const char *const calls[] = { "account", "zones",  "records",
					     "create",  "update", "delete",
					     "put",     "add",    "remove",
					     "change",  "before", "commit",
					     "rollback" };
	const bool put = yaml_get(root, "put") != NULL;
	const bool create = yaml_get(root, "create") != NULL;
	const bool add = yaml_get(root, "add") != NULL;
	const bool other = yaml_get(root, "change") || yaml_get(root, "slot");
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		one_method(l, root, calls[i]);
	one_method(l, yaml_get(root, "records"), "detail");
	one_method(l, yaml_get(root, "records"), "over");
	one_method(l, yaml_get(root, "slot"), "set");
	one_method(l, yaml_get(root, "slot"), "clear");
	if (!yaml_get(root, "records") && !yaml_get(root, "slot"))
		at_node(l, root,
			"\"records\" is missing, without which only a slot "
			"can be written");
	if (!put && !create && !add && !other)
		at_node(l, root,
			"how to write is missing: create and delete (values "
			"one by one), put (whole sets), add and remove, "
			"change, or slot");
	if (other && (put || create || add))
		at_node(l, root, "change and slot stand alone");
	if (!put && create && !yaml_get(root, "delete"))
		at_node(l, root, "\"delete\" is missing beside create");
	if (add && (put || create || !yaml_get(root, "remove")))
		at_node(l, root, "add and remove go together, alone");
	const struct yaml *need = yaml_get(root, "types");
	uint16_t type;
	for (const struct yaml *c = need ? need->child : NULL; c; c = c->next)
		if (c->text && dnsmsg_type_parse(str_of(c->text), &type) < 0)
			at_node(l, c, "no DNS type has that name");
}

/* A signature is one that we have, and is given all that it needs. */
static void signature(struct lint *l, const struct yaml *auth)
{
	const struct yaml *name = yaml_get(auth, "sign");
	const struct yaml *with = yaml_get(auth, "with");
	const struct sign_kind *k = name && name->text ? sign_find(name->text) :
							 NULL;
	unsigned known = 0;
	if (name && !k)
		at_node(l, name, "no signature is known by that name");
	if (with && !name)
		at_node(l, with, "\"with\" is for \"sign\", which is missing");
	for (unsigned bit = SIGN_ID; k && bit < SIGN_PEM; bit <<= 1) {
		const char *word = sign_member_name((enum sign_member)bit);
		const bool there = yaml_get(with, word) != NULL;
		known += there;
		if ((k->needs & bit) && !there)
			at_node(l, name,
				mem_fmt(l->m, "its \"with\" lacks \"%s\"",
					word));
	}
	if (k && with && known < with->n)
		at_node(l, with,
			"id, key, token, region, service, key_id, "
			"audience, scope and subject are known");
}

static void needs(struct lint *l, const struct yaml *root)
{
	const struct yaml *auth = yaml_get(root, "auth");
	for (const struct yaml *c = l->creds ? l->creds->child : NULL; c;
	     c = c->next)
		if (descriptor_is_word(str_of(c->key)))
			complain(l, c->key_line, c->key_column,
				 "this name means something else in "
				 "expressions: take another");
	if (auth && auth->kind == YAML_MAP)
		signature(l, auth);
	for (const struct yaml *y =
		     auth && auth->kind == YAML_LIST ? auth->child : NULL;
	     y; y = y->next) {
		const struct yaml *need = yaml_get(y, "need");
		signature(l, y);
		if (!need)
			at_node(l, y,
				"\"need\" is missing: which creds this "
				"alternative stands on");
		for (const struct yaml *c = need ? need->child : NULL; c;
		     c = c->next)
			if (c->text && !yaml_get(l->creds, c->text))
				at_node(l, c, "no credential has that name");
	}
}

int descriptor_parse(struct str text, const char *file, struct mem *m,
		     const struct descriptor **out, struct err *e)
{
	const struct key top = { NULL, MAP, true, top_keys, NULL };
	struct lint l = { .file = file, .m = m, .out = { .max = 3800 } };
	struct yaml *root;
	*out = NULL;
	if (yaml_parse(text, file, m, &root, e) < 0 ||
	    descriptor_extend(root, file, m, &root, e) < 0)
		return -1;
	l.creds = yaml_get(root, "creds");
	check(&l, root, &top);
	if (l.n == 0) {
		together(&l, root);
		needs(&l, root);
	}
	const int status = l.n ? err_set(e, ERR_CONF, "%s", buf_c(&l.out)) : 0;
	buf_free(&l.out);
	if (status < 0)
		return -1;
	struct descriptor *d = MEM_NEW(m, struct descriptor);
	descriptor_fill(d, root, m);
	*out = d;
	return 0;
}
