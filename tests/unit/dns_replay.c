/* What was recorded at the vendors' ($OPSMAIL_DATA/cassettes, not ours): every
 * list must be read, and every write that made or removed a value must have an
 * equal one of ours: method, path and members, by meaning. Paging, the order of
 * keys, ids and what a row of the table ignores are aside. */
#include "tests/unit/dns_replay_tape.h"

/* "%40" is "@", and a slash at the end says nothing. */
static bool same_path(const char *ours, const char *theirs, struct mem *m)
{
	const char *both[2] = { ours, theirs };
	struct buf b[2] = { 0 };

	for (int i = 0; i < 2; i++) {
		for (const char *c = both[i]; *c; c++) {
			AUTO(buf) struct buf byte = { 0 };

			if (*c == '%' &&
			    hex_read((struct str){ c + 1, 2 }, &byte) == 0) {
				buf_view(&b[i], buf_get(&byte));
				c += 2;
			} else
				buf_char(&b[i], *c);
		}
		while (str_ends(buf_get(&b[i]), "/"))
			buf_cut(&b[i], b[i].n - 1);
		both[i] = mem_str(m, buf_c(&b[i]));
	}
	buf_free(&b[0]);
	buf_free(&b[1]);
	return !strcmp(both[0], both[1]);
}

/* Quotes around a text and the dot after a name are the codec's. */
static const char *meaning(struct tape *t, json_t *j)
{
	const char *in = mem_fmt(&t->mem, ".%s", t->row->zone);
	struct str s = str_of(descriptor_show(j, &t->mem));

	if (str_starts(s, "\"") && str_ends(s, "\"") && s.n > 1)
		s = (struct str){ s.at + 1, s.n - 2 };
	if (str_ends(s, "."))
		s.n--;
	if (str_ends(s, in)) /* a name in the zone, either way */
		s.n -= strlen(in);
	return mem_dup(&t->mem, s.at, s.n);
}

static bool is_ignored(const struct tape *t, const char *key)
{
	struct str rest = str_of(t->row->ignored), word;

	while (str_word(&rest, &word))
		if (str_eq(word, key))
			return true;
	return false;
}

static bool same(struct tape *t, json_t *ours, json_t *theirs, int depth);

static bool covers(struct tape *t, json_t *a, json_t *b, int depth)
{
	const char *key;
	json_t *v;

	json_object_foreach(a, key, v)
	{
		json_t *w = json_object_get(b, key);

		if (is_ignored(t, key) || json_is_null(v))
			continue;
		if (!w && json_is_integer(v) && json_integer_value(v) == 0)
			continue; /* a priority where there is none */
		if (strstr(key, "ttl") && (!w || json_integer_value(v) == 0 ||
					   json_integer_value(w) == 0 ||
					   json_integer_value(v) < 600 ||
					   json_integer_value(w) < 600))
			continue; /* raised to what is allowed */
		if (!same(t, v, w, depth + 1))
			return false;
	}
	return true;
}

static bool same(struct tape *t, json_t *ours, json_t *theirs, int depth)
{
	if (depth > 16 || !ours || !theirs)
		return ours == theirs;
	if (json_is_object(ours) && json_is_object(theirs))
		return covers(t, ours, theirs, depth) &&
		       covers(t, theirs, ours, depth);
	if (json_is_array(ours) && json_is_array(theirs)) {
		if (json_array_size(ours) != json_array_size(theirs))
			return false;
		for (size_t i = 0; i < json_array_size(ours); i++)
			if (!same(t, json_array_get(ours, i),
				  json_array_get(theirs, i), depth + 1))
				return false;
		return true;
	}
	return !strcmp(meaning(t, ours), meaning(t, theirs));
}

static bool is_equal(struct tape *t, const struct spoken *s)
{
	AUTO(json) json_t *ours = json_loads(t->body, 0, NULL);
	AUTO(json) json_t *theirs = json_loads(s->sent, 0, NULL);
	const char *path = after_base(t, t->path);

	if (json_is_object(theirs) && json_object_size(theirs) == 0) {
		json_decref(theirs);
		theirs = NULL; /* "{}" where nothing is meant */
	}
	if (json_is_object(ours) && json_object_get(ours, "apikey"))
		json_object_del(ours, "apikey"),
			json_object_del(ours, "secretapikey");
	if (json_is_object(ours) && json_object_size(ours) == 0) {
		json_decref(ours);
		ours = NULL;
	}
	return !strcmp(t->method, s->method) &&
	       same_path(path, s->path, &t->mem) && same(t, ours, theirs, 0);
}

static const char *segment(const struct spoken *s, int from_end, struct mem *m)
{
	struct str rest = str_of(s->path), part, all[16] = { 0 };
	int n = 0;

	while (n < 16 && str_cut(&rest, '/', &part))
		if (part.n)
			all[n++] = part;
	return n >= from_end ?
		       mem_dup(m, all[n - from_end].at, all[n - from_end].n) :
		       "";
}

static void add_value(struct tape *t, struct records *set,
		      const struct record *like, json_t *j, unsigned priority)
{
	struct record r = *like;
	const char *text = mem_str(&t->mem, meaning(t, j));

	if (r.type == DNS_CNAME)
		text = mem_fmt(&t->mem, "%s.", text);
	if (r.type == DNS_MX)
		text = mem_fmt(&t->mem, "%u %s.", priority, text);
	r.value = str_of(text);
	records_add(set, &t->mem, &r);
}

/* The record a recorded write is about. */
static bool understood(struct tape *t, const struct spoken *s, json_t *sent,
		       struct record *r, struct records *set)
{
	const struct row *row = t->row;
	const struct yaml *y = yaml_get(t->d->root, "records");
	json_t *item = descriptor_path(sent, row->item), *one;
	struct descriptor_scope scope = {
		.dns = &t->dns, .d = t->d, .m = &t->mem, .item = item
	};
	const char *name = "", *type = "";
	struct err e = { 0 };
	size_t i;

	if (!item)
		return false;
	if (row->name_at) {
		name = segment(s, row->name_at, &t->mem);
		type = segment(s, row->type_at, &t->mem);
	} else {
		const char *key = descriptor_word(y, "name", "{name}");

		/* what reads "{fqdn}" is written as "host" */
		if (!strcmp(key, "{fqdn}"))
			key = "{host}";
		if (!strcmp(key, "{name|dot}"))
			key = "{name}";
		descriptor_make(&scope, key, &name, &e);
		descriptor_make(&scope, descriptor_word(y, "type", "{type}"),
				&type, &e);
	}
	if (!*type || descriptor_type_in(t->d, type, &r->type) < 0)
		return false;
	if (record_in_zone(name, row->zone))
		name = mem_fmt(&t->mem, "%s.", name); /* whole, undotted */
	r->name = descriptor_name_in(t->d, name, row->zone, &t->mem);
	r->ttl = 3600;
	if (!row->values)
		add_value(t, set, r, descriptor_path(item, row->value),
			  (unsigned)json_integer_value(
				  json_object_get(item, "priority")));
	else
		json_array_foreach(descriptor_path(item, row->values), i, one)
			add_value(t, set, r, descriptor_path(one, row->value),
				  0);
	return true;
}

static bool ours(struct tape *t, struct change *c, const struct spoken *s)
{
	struct err e = { 0 };

	t->method = NULL;
	t->answer = s;
	return t->dns.provider->apply(&t->dns, t->row->zone, c, &e) == 0 &&
	       t->method && is_equal(t, s);
}

/* A removal: the value by its id, or all of a set. */
static bool removes(struct tape *t, const struct spoken *s)
{
	struct record r = { .name = t->row->zone,
			    .type = DNS_TXT,
			    .ttl = 3600,
			    .value = STR_LIT("x"),
			    .id = segment(s, 1, &t->mem) };
	AUTO(json) json_t *sent = json_loads(s->sent, 0, NULL);
	struct records set = { 0 };

	if (t->row->name_at) {
		r.name = descriptor_name_in(
			t->d, segment(s, t->row->name_at, &t->mem),
			t->row->zone, &t->mem);
		if (dnsmsg_type_parse(
			    str_of(segment(s, t->row->type_at, &t->mem)),
			    &r.type) < 0)
			return false;
	} else if (sent && yaml_get(t->d->root, "put"))
		understood(t, s, sent, &r, &set);
	const char *id = descriptor_show(
		descriptor_path(sent, "changes.0.delete.id"), &t->mem);

	if (*id)
		r.id = id;
	struct change c = { .name = r.name, .type = r.type, .ttl = 3600 };

	records_add(&c.is, &t->mem, &r);
	records_add(&c.del, &t->mem, &r);
	return ours(t, &c, s);
}

static bool makes(struct tape *t, const struct spoken *s)
{
	AUTO(json) json_t *sent = json_loads(s->sent, 0, NULL);
	struct record r = { 0 };
	struct records set = { 0 };

	if (!sent || !understood(t, s, sent, &r, &set) || set.n == 0)
		return false;
	struct change c = { .name = r.name,
			    .type = r.type,
			    .ttl = 3600,
			    .want = set,
			    .add = set };

	if (ours(t, &c, s))
		return true;
	r.id = segment(s, 1, &t->mem);
	r.value = STR_LIT("old");
	records_add(&c.is, &t->mem, &r);
	if (yaml_get(t->d->root, "update"))
		records_add(&c.del, &t->mem, &r);
	return ours(t, &c, s);
}

/* An element is a record of a type we know. */
static size_t known(struct tape *t, json_t *list)
{
	size_t i, n = 0;
	json_t *one;
	uint16_t type;
	const struct yaml *y = yaml_get(t->d->root, "records");
	struct str key = str_of(descriptor_word(y, "type", "{type}"));
	const char *path = mem_dup(&t->mem, key.at + 1, key.n - 2);

	json_array_foreach(list, i, one)
	{
		const char *text =
			descriptor_show(descriptor_path(one, path), &t->mem);

		n += *text && descriptor_type_in(t->d, text, &type) == 0;
	}
	return n;
}

static bool is_list(struct tape *t, const struct spoken *s)
{
	struct records none = { 0 };
	struct err e = { 0 };

	t->method = NULL;
	t->answer = NULL;
	t->dns.provider->list(&t->dns, t->row->zone, NULL, 0, &t->mem, &none,
			      &e);
	return t->method && !strcmp(t->method, s->method) &&
	       same_path(after_base(t, t->path), s->path, &t->mem) &&
	       s->status == 200;
}

/* A first page whose other pages nobody asked for: we would refuse it. */
static bool is_cut(struct tape *t, const struct yaml *y, json_t *got,
		   json_t *list)
{
	const char *count = descriptor_word(yaml_get(y, "page"), "count", "?");
	const char *url = descriptor_word(yaml_get(y, "page"), "next", "-");
	const char *all = descriptor_show(descriptor_path(got, count), &t->mem);
	const bool more = *descriptor_show(descriptor_path(got, url), &t->mem);

	return json_is_array(list) && !more &&
	       strtoul(all, NULL, 10) > json_array_size(list);
}

static void reads(struct tape *t, const struct spoken *s)
{
	AUTO(json) json_t *got = json_loads(s->got, 0, NULL);
	const struct yaml *y = yaml_get(t->d->root, "records");
	struct records out = { 0 };
	struct err e = { 0 };
	json_t *list = descriptor_path(got, descriptor_word(y, "items", ""));

	if (is_cut(t, y, got, list)) {
		t->others++;
		return;
	}
	t->answer = s;
	if (t->dns.provider->list(&t->dns, t->row->zone, NULL, 0, &t->mem, &out,
				  &e))
		fail_msg("%s: %s: %s", t->row->folder, s->file, e.msg);
	if (out.n < known(t, list))
		fail_msg("%s: %s: %zu of %zu records were read", t->row->folder,
			 s->file, out.n, known(t, list));
	for (size_t i = 0; i < out.n; i++)
		assert_true(record_in_zone(out.at[i].name, t->row->zone) &&
			    out.at[i].value.n > 0);
	t->lists++;
}

/* A value changed in place by somebody who has no `update` of ours. */
static bool is_update(const struct tape *t, const struct spoken *s)
{
	if (!strcmp(s->method, "DELETE") && !yaml_get(t->d->root, "delete"))
		return true; /* an empty set is one without values */
	const bool by_id = !yaml_get(t->d->root, "put") &&
			   (!strcmp(s->method, "PUT") ||
			    !strcmp(s->method, "PATCH") ||
			    strstr(s->path, "/edit/"));

	/* a removal by writing all that stays, or by another key */
	return by_id ||
	       (yaml_get(t->d->root, "put") &&
		strstr(s->file, "_delete_record_") != NULL) ||
	       strstr(s->file, "_update_record_") != NULL;
}

/* A reply that is about one name and type. */
static bool reads_one(struct tape *t, const struct spoken *s)
{
	const char *name = segment(s, t->row->name_at, &t->mem);
	const char *type = segment(s, t->row->type_at, &t->mem);
	struct records out = { 0 };
	struct err e = { 0 };
	uint16_t number;

	if (!t->row->name_at || dnsmsg_type_parse(str_of(type), &number) < 0 ||
	    !yaml_get(yaml_get(t->d->root, "records"), "one"))
		return false;
	t->answer = s;
	if (t->dns.provider->list(&t->dns, t->row->zone,
				  descriptor_name_in(t->d, name, t->row->zone,
						     &t->mem),
				  number, &t->mem, &out, &e))
		fail_msg("%s: %s: %s", t->row->folder, s->file, e.msg);
	assert_true(same_path(after_base(t, t->path), s->path, &t->mem));
	assert_int_equal(out.n > 0, s->status == 200 && strlen(s->got) > 4);
	t->lists++;
	return true;
}

static void one(struct tape *t, const struct spoken *s)
{
	const bool get = !strcmp(s->method, "GET");
	const char *page = strstr(s->query, "page=");

	if (get && page && page[5] > '1') {
		t->others++; /* read behind its first page */
		return;
	}
	if (is_list(t, s)) {
		reads(t, s);
		return;
	}
	if (get && reads_one(t, s))
		return;
	if (get || s->status >= 400) {
		t->others++;
		return;
	}
	if (makes(t, s) || removes(t, s)) {
		t->writes++;
		return;
	}
	if (strstr(s->path, "/ping") || strstr(s->path, "/retrieve/")) {
		t->others++;
		return;
	}
	if (is_update(t, s)) {
		t->updates++;
		return;
	}
	fail_msg("%s: %s: no write of ours is like\n%s %s %s\nthe nearest "
		 "is\n%s %s %s",
		 t->row->folder, s->file, s->method, s->path, s->sent,
		 t->method ? t->method : "-", t->path ? t->path : "-",
		 t->body ? t->body : "-");
}

static void read_folder(struct tape *t, const char *dir)
{
	struct fs_names names = { 0 };
	struct err e = { 0 };

	if (fs_list(dir, &t->mem, &names, &e))
		fail_msg("%s", e.msg);
	for (size_t i = 0; i < names.n; i++) {
		const char *path = mem_fmt(&t->mem, "%s/%s", dir, names.at[i]);

		if (fs_is_dir(path))
			read_folder(t, path);
		else if (str_ends(str_of(path), ".yaml"))
			read_file(t, path);
	}
}

/* The zone as the vendor lists it; some recordings ask elsewhere. */
static bool finds_zone(struct tape *t)
{
	struct descriptor_state *st = t->dns.state;
	const char *zone = NULL;
	struct err e = { 0 };

	st->zones = NULL;
	st->all_zones = false;
	t->world = true;
	if (t->dns.provider->find_zone(&t->dns,
				       mem_fmt(&t->mem, "_acme-challenge.%s",
					       t->row->zone),
				       &zone, &e) == 0)
		assert_string_equal(zone, t->row->zone);
	else
		assert_int_equal(e.kind, ERR_MISSING);
	return zone != NULL;
}

static void replays(void **state)
{
	AUTO(mem) struct mem m = { 0 };
	size_t found = 0;
	(void)state;
	if (!fs_is_dir(data_dir(&m))) {
		print_message("# no recordings in %s\n", data_dir(&m));
		mem_free(&m);
		skip();
	}
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tape t = { .row = &rows[i] };
		bool zone;

		open_tape(&t);
		read_folder(&t, mem_fmt(&t.mem, "%s/%s", data_dir(&t.mem),
					rows[i].folder));
		for (size_t k = 0; k < t.n; k++)
			one(&t, &t.at[k]);
		zone = finds_zone(&t);
		found += zone;
		print_message("# %s: %zu lists read, %zu writes equal, %zu "
			      "changes made another way, %zu others%s\n",
			      t.row->folder, t.lists, t.writes, t.updates,
			      t.others, zone ? ", the zone found" : "");
		assert_true(t.writes > 0);
		dns_close(&t.dns);
		mem_free(&t.mem);
	}
	assert_true(found >= 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
