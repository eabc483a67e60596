#include <string.h>

#include "dns/descriptor_keys.h"
#include "dns/descriptor_parts.h"

enum { COMPLAINTS = 20, KEYS_NEAR = 3 };

struct lint {
	const char *file;
	struct mem *m;
	const struct yaml *creds;
	const struct yaml *known; /* creds, and the words of `let` */
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

static const struct descriptor_key *find(const struct descriptor_key *in,
					 const char *name)
{
	for (; in->name; in++)
		if (!strcmp(in->name, name))
			return in;
	return NULL;
}

static void unknown(struct lint *l, const struct yaml *y,
		    const struct descriptor_key *in)
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
	wrong = descriptor_wrong(y->text, reads, l->known, &at, l->m);
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

static void check(struct lint *l, const struct yaml *y,
		  const struct descriptor_key *k);

/* A map of anything, or a list: each member by the same rule. */
static void members(struct lint *l, const struct yaml *y,
		    enum descriptor_shape shape,
		    const struct descriptor_key *in)
{
	const struct descriptor_key one = { NULL, shape, false, in, NULL };
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
		    !is_word_of(c->key + 1,
				"each one add del is want json lines other") &&
		    dnsmsg_type_parse(str_of(c->key + 1), &type) < 0)
			complain(l, c->key_line, c->key_column,
				 "$each, $one, $add, $del, $is, $want, $json, "
				 "$lines, $other, $when or $TYPE is wanted");
		tree(l, c);
	}
}

static void keys(struct lint *l, const struct yaml *y,
		 const struct descriptor_key *in)
{
	if (y->kind != YAML_MAP) {
		at_node(l, y, "a map is wanted");
		return;
	}
	for (const struct yaml *c = y->child; c; c = c->next) {
		const struct descriptor_key *k = find(in, c->key);
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

static void check(struct lint *l, const struct yaml *y,
		  const struct descriptor_key *k)
{
	uint64_t n;
	switch (k->shape) {
	case WORD:
	case PATHS:
		if (k->shape == PATHS && y->kind == YAML_MAP)
			members(l, y, WORD, NULL);
		else if (y->kind != YAML_SCALAR)
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

/* Reverse DNS: every call is one, and a step that is found by nothing has
 * nothing to read. */
static void reverse(struct lint *l, const struct yaml *ptr)
{
	static const char *const calls[] = { "find", "set", "reset" };
	const struct yaml *ways = ptr ? yaml_get(ptr, "ways") : NULL;
	const bool list = ways && ways->kind == YAML_LIST;
	for (const struct yaml *y = list ? ways->child : ways; y;
	     y = list ? y->next : NULL) {
		const struct yaml *fresh = yaml_get(y, "create");
		for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
			one_method(l, y, calls[i]);
		if (fresh && fresh->kind == YAML_MAP)
			one_method(l, y, "create");
		if (!yaml_get(y, "find") &&
		    !descriptor_is_call(yaml_get(y, "get")))
			at_node(l, yaml_get(y, "get"),
				"without \"find\" this needs a call: get, "
				"post, put, patch or delete");
	}
}

/* What says what zones there are and what is in them. */
static bool has_zones(const struct yaml *root)
{
	static const char *const keys[] = { "zones", "records", "create",
					    "put",   "add",     "change",
					    "slot",  "types" };
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (yaml_get(root, keys[i]))
			return true;
	return false;
}

static void together(struct lint *l, const struct yaml *root)
{
	static const char *const calls[] = { "account",  "zones",  "records",
					     "create",   "update", "delete",
					     "put",      "add",    "remove",
					     "change",   "before", "commit",
					     "rollback", "onboard" };
	const bool put = yaml_get(root, "put") != NULL;
	const bool create = yaml_get(root, "create") != NULL;
	const bool add = yaml_get(root, "add") != NULL;
	const bool other = yaml_get(root, "change") || yaml_get(root, "slot");
	reverse(l, yaml_get(root, "ptr"));
	if (yaml_get(root, "ptr") && !has_zones(root))
		return;
	if (!yaml_get(root, "types") || !yaml_get(root, "zones"))
		at_node(l, root,
			mem_fmt(l->m, "\"%s\" is missing",
				yaml_get(root, "types") ? "zones" : "types"));
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

static void onboard(struct lint *l, const struct yaml *root)
{
	const struct yaml *cred = yaml_get(yaml_get(root, "onboard"), "cred");
	const struct yaml *c = cred ? yaml_get(l->creds, cred->text) : NULL;
	if (cred && !c)
		at_node(l, cred, "no credential has that name");
	else if (c && !strcmp(descriptor_word(c, "optional", "no"), "yes"))
		at_node(l, cred,
			"nobody misses it: that credential is optional");
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
	if (auth && auth->kind == YAML_MAP) {
		signature(l, auth);
		signature(l, yaml_get(auth, "login"));
	}
	for (const struct yaml *y =
		     auth && auth->kind == YAML_LIST ? auth->child : NULL;
	     y; y = y->next) {
		const struct yaml *need = yaml_get(y, "need");
		signature(l, y);
		signature(l, yaml_get(y, "login"));
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

static void add_words(struct yaml *to, const struct yaml *from, struct mem *m)
{
	for (const struct yaml *c = from ? from->child : NULL; c; c = c->next) {
		struct yaml *x = MEM_NEW(m, struct yaml);
		*x = *c;
		x->next = to->child;
		to->child = x;
	}
}

/* What expressions may speak of beside the words that all know. */
static const struct yaml *known_words(const struct yaml *root, struct mem *m)
{
	struct yaml *all = MEM_NEW(m, struct yaml);
	const struct yaml *auth = yaml_get(root, "auth");
	all->kind = YAML_MAP;
	add_words(all, yaml_get(root, "creds"), m);
	add_words(all, yaml_get(auth, "let"), m);
	add_words(all, yaml_get(yaml_get(auth, "login"), "let"), m);
	for (const struct yaml *y =
		     auth && auth->kind == YAML_LIST ? auth->child : NULL;
	     y; y = y->next) {
		add_words(all, yaml_get(y, "let"), m);
		add_words(all, yaml_get(yaml_get(y, "login"), "let"), m);
	}
	return all;
}

int descriptor_parse(struct str text, const char *file, struct mem *m,
		     const struct descriptor **out, struct err *e)
{
	const struct descriptor_key top = { NULL, MAP, true,
					    descriptor_top_keys, NULL };
	struct lint l = { .file = file, .m = m, .out = { .max = 3800 } };
	struct yaml *root;
	*out = NULL;
	if (yaml_parse(text, file, m, &root, e) < 0 ||
	    descriptor_extend(root, file, m, &root, e) < 0)
		return -1;
	l.creds = yaml_get(root, "creds");
	l.known = known_words(root, m);
	check(&l, root, &top);
	if (l.n == 0) {
		together(&l, root);
		needs(&l, root);
		onboard(&l, root);
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
