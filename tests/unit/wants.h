/* A small world for mail/want: configuration, zones and a DNS as text. */
#pragma once

#include "base/auto.h"
#include "conf/conf.h"
#include "mail/want.h"
#include "tests/unit/place.h"

struct want_case {
	const char *title;
	const char *conf;   /* opsmail.yaml */
	const char *domain; /* NULL: the first */
	/* "ZONE NAME WORD...", then its records, "NAME TYPE VALUE", ours with
	 * "ours " in front and " < WHAT IT WAS MADE FROM" behind. */
	const char *zones;
	/* The rest of the world; a name "*" is every name, and silent.net
	 * gives no answer. */
	const char *dns;
	const char *set;         /* words for struct want: see set_words */
	const char *has, *lacks; /* a line each: parts of what comes out */
	bool passes; /* with the wishes there, our addresses pass SPF */
};
enum { WANT_ZONES = 4, WANT_ROUNDS = 60 };
struct want_world {
	struct place place;
	struct conf conf;
	struct want want;
	struct want_zone zones[WANT_ZONES];
	struct records live[WANT_ZONES];
	struct journal_entries ours[WANT_ZONES];
	struct facts facts;
	struct wishes wishes;
	struct want_notes notes;
};

static inline bool want_record(struct mem *m, struct str line,
			       struct record *out)
{
	struct str name, type;

	if (!str_cut(&line, ' ', &name) || !str_cut(&line, ' ', &type) ||
	    dnsmsg_type_parse(type, &out->type) < 0)
		return false;
	out->name = mem_dup(m, name.at, name.n);
	out->value = line;
	return true;
}

static inline void want_zone_open(struct want_world *w, struct str line)
{
	const size_t n = w->want.zones_n++;
	struct want_zone *z = &w->zones[n];
	struct mem *m = &w->place.m;
	struct str word, txt_max = { 0 };
	uint64_t number = 0;

	assert_true(n < WANT_ZONES);
	str_word(&line, &word);
	str_word(&line, &word);
	*z = (struct want_zone){ .name = mem_dup(m, word.at, word.n),
				 .live = &w->live[n],
				 .ours = &w->ours[n] };
	while (str_word(&line, &word)) {
		z->secure |= str_eq(word, "secure");
		z->partial |= str_eq(word, "partial");
		z->no_null_mx |= str_eq(word, "no_null_mx");
		if (str_starts(word, "txt="))
			txt_max = (struct str){ word.at + 4, word.n - 4 };
		if (!str_starts(word, "types="))
			continue;
		char *types = mem_dup(m, word.at + 6, word.n - 6);
		for (char *c = types; *c; c++)
			*c = *c == ',' ? ' ' : *c;
		z->types = types;
	}
	(void)str_num(txt_max, 65535, &number);
	z->txt_max = number;
}

static inline void want_zone_line(struct want_world *w, struct str line)
{
	const size_t n = w->want.zones_n - 1;
	const bool own = str_starts(line, "ours ");
	struct journal_entries *ours = &w->ours[n];
	struct mem *m = &w->place.m;
	struct record x = { 0 };
	struct str was = { 0 };
	const char *mark = str_find(line, " < ");

	if (own) {
		line.at += 5;
		line.n -= 5;
	}
	if (mark) {
		was = (struct str){ mark + 3,
				    (size_t)(line.at + line.n - mark - 3) };
		line.n = (size_t)(mark - line.at);
	}
	assert_true(want_record(m, line, &x));
	records_add(&w->live[n], m, &x);
	if (!own)
		return;
	ours->at =
		mem_more(m, ours->at, &ours->room, ours->n, sizeof(*ours->at));
	ours->at[ours->n++] = (struct journal_entry){
		.purpose = "publish", .owner = "x.org", .record = x, .was = was
	};
}

static inline bool want_set(const char *words, const char *word)
{
	struct str rest = str_of(words), one;

	while (str_word(&rest, &one))
		if (str_eq(one, word))
			return true;
	return false;
}

static inline void set_words(struct want *w, const char *words)
{
	static const char *spki[] = { "aa11", "bb22" };
	static const char *accounts[] = {
		"letsencrypt.org https://le.test/acct/1",
		"sectigo.com https://zs.test/2"
	};
	static const struct conf_list spki_list = { .at = spki, .n = 2 };
	static const struct conf_list account_list = { .at = accounts, .n = 2 };
	static const struct want_key keys[] = {
		{ "20261125r", STR_LIT("v=DKIM1; k=rsa; p=AAAA"), "pending",
		  false },
		{ "20260101r", STR_LIT("v=DKIM1; p="), "revoked", true },
	};

	w->keys = keys;
	w->keys_n = want_set(words, "keys") ? COUNT(keys) : 0;
	w->spki = want_set(words, "spki") ? &spki_list : NULL;
	w->accounts = want_set(words, "accounts") ? &account_list : NULL;
	w->sts_id = want_set(words, "sts") ? "0123abc" : NULL;
	w->autoconfig = want_set(words, "autoconfig");
	w->proven = want_set(words, "proven");
	w->settled = want_set(words, "settled");
}

static inline void want_world_open(struct want_world *w,
				   const struct want_case *x)
{
	struct str rest = str_of(x->zones), line;
	struct err e = { 0 };

	*w = (struct want_world){ 0 };
	place_open(&w->place);
	place_put(&w->place, "opsmail.yaml", x->conf, 0640);
	if (conf_read(w->place.dir, &w->conf, &e))
		fail_msg("%s: %s", x->title, e.msg);
	w->want = (struct want){ .conf = &w->conf,
				 .domain = w->conf.domains,
				 .zones = w->zones,
				 .host = w->conf.hostname,
				 .addresses = &w->conf.addresses,
				 .now = 1795600000 };
	for (size_t i = 0; x->domain && i < w->conf.domains_n; i++)
		if (!strcmp(w->conf.domains[i].name, x->domain))
			w->want.domain = &w->conf.domains[i];
	set_words(&w->want, x->set);
	while (str_line(&rest, &line))
		if (str_starts(line, "ZONE "))
			want_zone_open(w, line);
		else
			want_zone_line(w, line);
}

static inline void want_world_close(struct want_world *w)
{
	facts_free(&w->facts);
	conf_free(&w->conf);
	place_close(&w->place);
}

static inline void want_answer(struct want_world *w, struct fact *f,
			       const char *dns)
{
	struct str rest = str_of(dns), line;
	struct record x;

	while (str_line(&rest, &line))
		if (want_record(&w->place.m, line, &x) && x.type == f->type &&
		    (!strcmp(x.name, f->name) || !strcmp(x.name, "*")))
			facts_value(&w->facts, f, x.value);
	if (!strcmp(f->name, "silent.net"))
		facts_tell(&w->facts, f, FACT_TEMP);
	else
		facts_tell(&w->facts, f, f->n ? FACT_FOUND : FACT_VOID);
}

/* Runs it until it knows all; while it does not, it says nothing. */
static inline void want_run_all(struct want_world *w, const char *dns)
{
	struct fact *f;

	for (int i = 0; !want_domain(&w->want, &w->facts, &w->place.m,
				     &w->wishes, &w->notes);
	     i++) {
		assert_true(i < WANT_ROUNDS);
		assert_int_equal(w->wishes.n, 0);
		assert_int_equal(w->notes.n, 0);
		f = facts_next(&w->facts);
		assert_non_null(f);
		for (; f; f = facts_next(&w->facts))
			want_answer(w, f, dns);
	}
}

static inline const char *want_shown(struct want_world *w)
{
	static const char *const how[] = { "shared", "alone", "merged",
					   "gone" };
	static const char *const level[] = { "info", "warn", "stop" };
	const char *all = "";
	struct mem *m = &w->place.m;
	char type[16];

	for (size_t i = 0; i < w->wishes.n; i++) {
		const struct wish *x = &w->wishes.at[i];
		dnsmsg_type_name(x->record.type, type);
		all = mem_fmt(m, "%s%s %s %s %s %.*s", all, how[x->how],
			      x->kind, x->record.name, type,
			      STR_FMT(x->record.value));
		all = mem_fmt(m, "%s%s%.*s\n", all, x->was.n ? " < " : "",
			      STR_FMT(x->was));
		assert_string_equal(x->owner, w->want.domain->name);
		assert_true(*x->reason);
		assert_int_equal(x->record.ttl, w->want.settled ? 3600 : 300);
	}
	for (size_t i = 0; i < w->notes.n; i++)
		all = mem_fmt(m, "%s%s %s: %s\n", all,
			      level[w->notes.at[i].level], w->notes.at[i].kind,
			      w->notes.at[i].text);
	return all;
}

/* Makes the zones what they will be: how many changes that takes. */
static inline size_t want_fulfil(struct want_world *w)
{
	struct mem *m = &w->place.m;
	struct plan p = { 0 };
	size_t changes = 0;

	for (size_t i = 0; i < w->want.zones_n; i++) {
		struct wishes mine = { 0 };
		struct records after = { 0 };
		const struct plan_ask q = { .zone = w->zones[i].name,
					    .live = &w->live[i],
					    .ours = &w->ours[i],
					    .wishes = &mine };

		for (size_t k = 0; k < w->wishes.n; k++)
			if (record_in_zone(w->wishes.at[k].record.name,
					   w->zones[i].name))
				plan_wish(&mine, m, &w->wishes.at[k]);
		p = (struct plan){ 0 };
		plan_make(&q, m, &p);
		changes += plan_changes(&p);
		for (size_t k = 0; k < w->live[i].n; k++) {
			bool stays = true;
			for (size_t l = 0; l < p.n; l++)
				stays &= !((p.at[l].word == PLAN_DELETE &&
					    record_same(&p.at[l].record,
							&w->live[i].at[k])) ||
					   (p.at[l].word == PLAN_UPDATE &&
					    record_same(&p.at[l].old,
							&w->live[i].at[k])));
			if (stays)
				records_add(&after, m, &w->live[i].at[k]);
		}
		for (size_t l = 0; l < p.n; l++) {
			if (p.at[l].word != PLAN_CREATE &&
			    p.at[l].word != PLAN_UPDATE)
				continue;
			struct journal_entries *ours = &w->ours[i];
			records_add(&after, m, &p.at[l].record);
			ours->at = mem_more(m, ours->at, &ours->room, ours->n,
					    sizeof(*ours->at));
			ours->at[ours->n++] = (struct journal_entry){
				.purpose = "publish",
				.owner = w->want.domain->name,
				.record = p.at[l].record,
				.was = p.at[l].was,
			};
		}
		w->live[i] = after;
	}
	return changes;
}

static inline bool want_spf_passes(struct want_world *w, const char *dns)
{
	AUTO(facts) struct facts f = { 0 };
	struct spf_ask q = { .helo = w->want.host,
			     .from = mem_fmt(&w->place.m, "i@%s",
					     w->want.domain->name),
			     .receiver = "r.test" };
	struct spf out;
	struct fact *x;

	for (size_t i = 0; i < w->conf.addresses.n; i++) {
		assert_int_equal(spf_ip_parse(w->conf.addresses.at[i], &q.ip),
				 0);
		while (!spf_check(&q, &f, &w->place.m, &out))
			while ((x = facts_next(&f))) {
				for (size_t z = 0; z < w->want.zones_n; z++)
					for (size_t k = 0; k < w->live[z].n;
					     k++) {
						const struct record *r =
							&w->live[z].at[k];
						if (r->type == x->type &&
						    !strcmp(r->name, x->name))
							facts_value(&f, x,
								    r->value);
					}
				struct str rest = str_of(dns), line;
				struct record r;
				while (str_line(&rest, &line))
					if (want_record(&w->place.m, line,
							&r) &&
					    r.type == x->type &&
					    !strcmp(r.name, x->name))
						facts_value(&f, x, r.value);
				facts_tell(&f, x,
					   x->n ? FACT_FOUND : FACT_VOID);
			}
		if (out.result != SPF_PASS)
			return false;
	}
	return true;
}

static inline void want_expect(const struct want_case *x, const char *shown)
{
	struct str rest = str_of(x->has), line;

	while (str_line(&rest, &line))
		if (!memmem(shown, strlen(shown), line.at, line.n))
			fail_msg("%s: lacks \"%.*s\" in\n%s", x->title,
				 STR_FMT(line), shown);
	rest = str_of(x->lacks);
	while (str_line(&rest, &line))
		if (memmem(shown, strlen(shown), line.at, line.n))
			fail_msg("%s: has \"%.*s\" in\n%s", x->title,
				 STR_FMT(line), shown);
}

static inline void want_cases(const struct want_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct want_world w;

		want_world_open(&w, &cases[i]);
		want_run_all(&w, cases[i].dns);
		want_expect(&cases[i], want_shown(&w));
		want_fulfil(&w);
		if (cases[i].passes && !want_spf_passes(&w, cases[i].dns))
			fail_msg("%s: SPF does not pass", cases[i].title);
		want_world_close(&w);
	}
}

/* Once the zone is as wished, the same is wished for, and nothing changes. */
static inline void want_settle(const struct want_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct want_world w;
		const char *before, *after;

		want_world_open(&w, &cases[i]);
		want_run_all(&w, cases[i].dns);
		want_fulfil(&w);
		w.wishes = (struct wishes){ 0 };
		w.notes = (struct want_notes){ 0 };
		want_run_all(&w, cases[i].dns);
		before = want_shown(&w);
		if (want_fulfil(&w) > 0)
			fail_msg("%s: changes again\n%s", cases[i].title,
				 before);
		w.wishes = (struct wishes){ 0 };
		w.notes = (struct want_notes){ 0 };
		want_run_all(&w, cases[i].dns);
		after = want_shown(&w);
		if (strcmp(before, after) != 0)
			fail_msg("%s: not settled\n%s---\n%s", cases[i].title,
				 before, after);
		want_world_close(&w);
	}
}
