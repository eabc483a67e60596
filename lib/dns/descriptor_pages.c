/* Lists that come in pages: all of them, or a failure. */
#include <string.h>

#include "dns/descriptor_parts.h"

enum { ITEMS_MAX = 200000, PAGES_MAX = 5000 };

struct pages {
	const struct descriptor_scope *s;
	const struct yaml *list, *page;
	const char *path;
	json_t *all;
	size_t count; /* what the provider says there are; 0: it does not */
	const char *url, *more;
	unsigned nth;
};

/* Whether the text is one of those that "|" divides. */
bool descriptor_one_of(const char *text, const char *of)
{
	const size_t n = strlen(text);
	size_t len = strcspn(of, "|");
	while (len != n || memcmp(of, text, n) != 0) {
		if (!of[len])
			return false;
		of += len + 1;
		len = strcspn(of, "|");
	}
	return true;
}

/* Whether all that `key` of the list says holds of the item. */
static bool fits(const struct pages *p, const char *key, json_t *item)
{
	const struct yaml *where = yaml_get(p->list, key);
	for (const struct yaml *y = where ? where->child : NULL; y;
	     y = y->next) {
		const char *want = strcmp(y->text, "{zone}") ? y->text :
							       p->s->zone;
		json_t *at = descriptor_path(item, y->key);
		if (!want)
			continue;
		if (!strcmp(want, "*") ?
			    !at :
			    !descriptor_one_of(descriptor_show(at, p->s->m),
					       want))
			return false;
	}
	return true;
}

static int odd(const struct pages *p, const char *what, struct err *e)
{
	return err_set(e, ERR_TEMP,
		       "%s: a list is incomplete: %s; nothing is changed on "
		       "such ground",
		       p->s->d->provider.name, what);
}

/* What stands at one of several paths: a list, or what is alone. */
static int take_from(struct pages *p, json_t *j, const char *path, bool alone,
		     size_t *n, struct err *e)
{
	const uint64_t parts = descriptor_number(p->list, "split", 0);
	AUTO(json) json_t *items =
		descriptor_several(descriptor_path(j, path), alone && *path);
	const bool map = json_is_object(items);
	json_t *one;
	const char *key;
	size_t i;
	if (!items && str_ends(str_of(path), "?"))
		return 0;
	if (!items)
		return odd(p,
			   mem_fmt(p->s->m, "the answer has no \"%s\"", path),
			   e);
	*n += map ? json_object_size(items) : json_array_size(items);
	if (json_array_size(p->all) + *n > ITEMS_MAX)
		return odd(p, "it has too many entries", e);
	json_array_foreach(items, i, one)
		json_array_append_new(p->all, descriptor_split(one, parts));
	if (map && !yaml_get(p->list, "items")) {
		json_array_append(p->all, items); /* the answer is the item */
		*n = 1;
	} else if (map) {
		json_object_foreach(items, key, one)
			json_array_append(p->all, one);
	}
	return 0;
}

/* Takes a page's items over; *n is how many there were. */
static int take(struct pages *p, json_t *j, size_t *n, struct err *e)
{
	const char *paths = descriptor_word(p->list, "items", "");
	const bool alone = strcmp(descriptor_format(p->s, p->list), "json") ||
			   strchr(paths, ' ');
	struct str rest = str_of(paths), path = { "", 0 };
	do {
		str_word(&rest, &path);
		if (take_from(p, j, mem_dup(p->s->m, path.at, path.n), alone, n,
			      e) < 0)
			return -1;
	} while (str_trim(rest).n);
	return 0;
}

static uint64_t told(const struct pages *p, json_t *j, const char *key)
{
	const char *path = descriptor_word(p->page, key, NULL);
	uint64_t n = 0;
	if (path)
		str_num(str_of(descriptor_show(descriptor_path(j, path),
					       p->s->m)),
			INT32_MAX, &n);
	return n;
}

/* Only the host that has our credentials gets them again. */
static int follow(struct pages *p, const char *url, struct err *e)
{
	const char *base;
	if (descriptor_make(p->s, descriptor_word(p->s->d->root, "base", ""),
			    &base, e) < 0)
		return -1;
	const char *host = strstr(base, "://");
	const size_t n =
		host ? (size_t)(host - base) + 3 + strcspn(host + 3, "/") : 0;
	const char *path = n && !strncmp(url, base, n) ? url + n : "";
	if (str_starts(str_of(path), ":443") && !strncmp(base, "https:", 6))
		path += 4; /* the same host, said at length */
	if (path[0] != '/' && path[0] != '?')
		return err_set(e, ERR_PERM,
			       "%s: the next page is said to be at %s, which "
			       "is another host",
			       p->s->d->provider.name, url);
	url = mem_fmt(p->s->m, "%.*s%s", (int)n, base, path);
	if (p->url && !strcmp(p->url, url))
		return odd(p, "a page is its own successor", e);
	p->url = url;
	p->more = NULL;
	return 0;
}

static const char *counted(const struct pages *p)
{
	const uint64_t by = descriptor_number(p->page, "by", 100);
	const uint64_t first = descriptor_number(p->page, "first", 1);
	const char *page = descriptor_word(p->page, "page", NULL);
	const char *offset = descriptor_word(p->page, "offset", NULL);
	const char *size = descriptor_word(p->page, "size", NULL);
	const char *all = "";
	if (size)
		all = mem_fmt(p->s->m, "%s=%u", size, (unsigned)by);
	if (page)
		return mem_fmt(p->s->m, "%s=%u%s%s", page,
			       (unsigned)first + p->nth, *all ? "&" : "", all);
	if (offset)
		return mem_fmt(p->s->m, "%s=%zu%s%s", offset,
			       json_array_size(p->all), *all ? "&" : "", all);
	return *all ? all : NULL;
}

/* The next page by what the answer names: a URL or a word to hand back. */
static int named(struct pages *p, json_t *j, const char *link, bool *more,
		 struct err *e)
{
	const char *param = descriptor_word(p->page, "param", NULL);
	const char *path =
		descriptor_word(p->page, param ? "cursor" : "next", NULL);
	const char *at =
		path ? descriptor_show(descriptor_path(j, path), p->s->m) :
		       link;
	*more = at && *at;
	if (!*more)
		return 0;
	if (!param)
		return follow(p, at, e);
	AUTO(buf) struct buf b = { 0 };
	const char *size = descriptor_word(p->page, "size", NULL);
	if (size)
		buf_fmt(&b, "%s=%u&", size,
			(unsigned)descriptor_number(p->page, "by", 100));
	buf_fmt(&b, "%s=", param);
	descriptor_percent(&b, str_of(at));
	const struct yaml *also = yaml_get(p->page, "also");
	for (const struct yaml *y = also ? also->child : NULL; y; y = y->next) {
		at = descriptor_show(descriptor_path(j, y->text), p->s->m);
		if (!*at)
			continue;
		buf_fmt(&b, "&%s=", y->key);
		descriptor_percent(&b, str_of(at));
	}
	if (p->more && !strcmp(p->more, buf_c(&b)))
		return odd(p, "a page is its own successor", e);
	p->more = mem_str(p->s->m, buf_c(&b));
	return 0;
}

static int advance(struct pages *p, json_t *j, const char *link, size_t n,
		   bool *more, struct err *e)
{
	const uint64_t pages = told(p, j, "pages");
	const char *flag = descriptor_word(p->page, "more", NULL);
	p->count = told(p, j, "count");
	p->nth++;
	*more = false;
	if (!p->page)
		return 0;
	if (yaml_get(p->page, "next") || yaml_get(p->page, "cursor") ||
	    yaml_get(p->page, "cursor_header") || yaml_get(p->page, "link"))
		return named(p, j, link, more, e);
	if (pages)
		*more = p->nth < pages;
	else if (p->count)
		*more = n > 0 && json_array_size(p->all) < p->count &&
			(yaml_get(p->page, "page") ||
			 yaml_get(p->page, "offset"));
	else if (flag)
		*more = json_is_true(descriptor_path(j, flag));
	else
		*more = n > 0 && n >= descriptor_number(p->page, "by", 100);
	p->more = counted(p);
	return 0;
}

/* What a write must give back: to be taken as one against this list, and so
 * that the rest of the zone stays as it is. */
static int keep(struct pages *p, const char *key, json_t *from,
		const char **into, struct err *e)
{
	const char *expr = descriptor_word(p->list, key, NULL);
	struct descriptor_scope at = *p->s;
	at.m = &p->s->dns->mem;
	at.item = from;
	return expr ? descriptor_make(&at, expr, into, e) : 0;
}

static int keep_etag(struct pages *p, json_t *j, const char *header,
		     struct err *e)
{
	struct descriptor_state *st = p->s->dns->state;
	const bool within = yaml_get(p->list, "tag_where");
	if (header)
		st->etag = mem_str(&p->s->dns->mem, header);
	if (!within && keep(p, "tag", j, &st->etag, e) < 0)
		return -1;
	return keep(p, "kept", j, &st->kept, e);
}

/* The state of a zone may be in an entry of its list: the serial in its SOA. */
static int keep_entry(struct pages *p, struct err *e)
{
	struct descriptor_state *st = p->s->dns->state;
	if (!yaml_get(p->list, "tag_where"))
		return 0;
	for (size_t i = 0; i < json_array_size(p->all); i++) {
		json_t *one = json_array_get(p->all, i);
		if (fits(p, "tag_where", one))
			return keep(p, "tag", one, &st->etag, e);
	}
	return odd(p, "it lacks the entry that tells its state", e);
}

static int all_pages(struct pages *p, struct err *e)
{
	const char *cursor = descriptor_word(p->page, "cursor_header", NULL);
	const char *header = descriptor_word(p->list, "tag_header", cursor);
	const char *etag = NULL;
	const bool in_body = yaml_get(p->page, "in") != NULL;
	bool more = true;
	p->more = p->page ? counted(p) : NULL;
	while (more) {
		const struct descriptor_ask q = { .call = p->list,
						  .path = p->path,
						  .url = p->url,
						  .more = p->more,
						  .in_body = in_body,
						  .header = header,
						  .value = &etag };
		AUTO(json) json_t *j = NULL;
		const char *link = NULL;
		size_t n = 0;
		if (p->nth == PAGES_MAX)
			return odd(p, "it has no end", e);
		if (descriptor_send(p->s, &q, &j, &link, e) < 0)
			return -1;
		if (cursor) {
			link = etag;
			etag = NULL;
		}
		if (keep_etag(p, j, etag, e) < 0 || take(p, j, &n, e) < 0 ||
		    advance(p, j, link, n, &more, e) < 0)
			return -1;
	}
	if (json_array_size(p->all) < p->count)
		return odd(p,
			   mem_fmt(p->s->m, "%zu of %zu entries came",
				   json_array_size(p->all), p->count),
			   e);
	return 0;
}

/* Items that are only named are asked for one by one; one that went meanwhile
 * is none. */
static int details(struct pages *p, const struct yaml *y, struct err *e)
{
	AUTO(json) json_t *named = p->all;
	json_t *item;
	size_t i;
	p->all = json_array();
	json_array_foreach(named, i, item)
	{
		struct record r = { .id = descriptor_show(item, p->s->m) };
		struct descriptor_scope at = *p->s;
		const struct descriptor_ask q = { .call = y };
		AUTO(json) json_t *j = NULL;
		at.record = &r;
		if (descriptor_send(&at, &q, &j, NULL, e) == 0) {
			json_t *one = descriptor_path(
				j, descriptor_word(y, "items", ""));
			if (!one)
				return odd(p, "an entry says nothing", e);
			json_array_append(p->all, one);
		} else if (e->kind == ERR_MISSING) {
			*e = (struct err){ 0 };
		} else {
			return -1;
		}
	}
	return 0;
}

int descriptor_fetch(const struct descriptor_scope *s, const struct yaml *y,
		     const char *path, json_t **out, struct err *e)
{
	struct pages p = { .s = s,
			   .list = y,
			   .path = path,
			   .page = yaml_get(y, "page"),
			   .all = json_array() };
	json_t *one;
	size_t i;
	const struct yaml *detail = yaml_get(y, "detail");
	int status = all_pages(&p, e);
	if (status == 0)
		status = keep_entry(&p, e);
	if (status == 0 && detail)
		status = details(&p, detail, e);
	*out = status < 0 ? NULL : json_array();
	json_array_foreach(p.all, i, one) if (*out && fits(&p, "where", one))
		json_array_append(*out, one);
	json_decref(p.all);
	return status;
}
