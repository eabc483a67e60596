#include "base/precis.h"

#include <unicase.h>
#include <unictype.h>
#include <uninorm.h>
#include <unistr.h>

#include "base/auto.h"

/* How much longer a name may get: fullwidth characters decompose to one, the
 * capital I with a dot lower-cases to two. */
enum { GROWTH = 2 };

struct text {
	ucs4_t *at;
	size_t n;
};

/* Fullwidth and halfwidth characters become what they are variants of. */
static ucs4_t fold_width(ucs4_t c)
{
	ucs4_t parts[UC_DECOMPOSITION_MAX_LENGTH];
	int tag, n = uc_decomposition(c, &tag, parts);

	return n == 1 && (tag == UC_DECOMP_WIDE || tag == UC_DECOMP_NARROW) ?
		       parts[0] :
		       c;
}

static void map(struct text in, struct text *out)
{
	out->n = 0;
	for (size_t i = 0; i < in.n; i++) {
		ucs4_t c = fold_width(in.at[i]);

		if (c == 0x130) { /* its mapping is of two characters */
			out->at[out->n++] = 'i';
			out->at[out->n++] = 0x307;
		} else {
			out->at[out->n++] = uc_tolower(c);
		}
	}
}

static bool is_in(ucs4_t c, const ucs4_t *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == c)
			return true;
	return false;
}

static bool between(ucs4_t c, ucs4_t first, ucs4_t last)
{
	return c >= first && c <= last;
}

/* RFC 8264 9.6: what its context decides is neither here. */
enum verdict { UNDECIDED, VALID, DISALLOWED };
static enum verdict exception(ucs4_t c)
{
	static const ucs4_t valid[] = {
		0xdf, 0x3c2, 0x6fd, 0x6fe, 0xf0b, 0x3007
	};
	static const ucs4_t not [] = { 0x640, 0x7fa, 0x302e, 0x302f, 0x303b };

	if (is_in(c, valid, sizeof(valid) / sizeof(valid[0])))
		return VALID;
	return is_in(c, not, sizeof(not ) / sizeof(not [0])) ||
			       between(c, 0x3031, 0x3035) ?
		       DISALLOWED :
		       UNDECIDED;
}

static bool is_old_jamo(ucs4_t c)
{
	return between(c, 0x1100, 0x11ff) || between(c, 0xa960, 0xa97c) ||
	       between(c, 0xd7b0, 0xd7c6) || between(c, 0xd7cb, 0xd7fb);
}

/* RFC 8264 9.17: toNFKC(c) is not c. */
static bool has_compat(ucs4_t c)
{
	ucs4_t room[UC_DECOMPOSITION_MAX_LENGTH];
	size_t n = UC_DECOMPOSITION_MAX_LENGTH;
	ucs4_t *made = u32_normalize(UNINORM_NFKC, &c, 1, room, &n);
	bool same = made && n == 1 && made[0] == c;

	if (made && made != room)
		free(made);
	return !same;
}

static bool is_letter_or_digit(ucs4_t c)
{
	return uc_is_general_category_withtable(
		c, UC_CATEGORY_MASK_Ll | UC_CATEGORY_MASK_Lu |
			   UC_CATEGORY_MASK_Lo | UC_CATEGORY_MASK_Nd |
			   UC_CATEGORY_MASK_Lm | UC_CATEGORY_MASK_Mn |
			   UC_CATEGORY_MASK_Mc);
}

static bool is_script(struct text t, size_t i, const char *name)
{
	const uc_script_t *s = i < t.n ? uc_script(t.at[i]) : NULL;

	return s && str_eq(str_of(s->name), name);
}

/* RFC 5892 A.1: between characters that join, transparent ones aside. */
static bool joins(struct text t, size_t i)
{
	size_t before = i, after = i + 1;
	int left, right;

	while (before && uc_joining_type(t.at[before - 1]) == UC_JOINING_TYPE_T)
		before--;
	while (after < t.n && uc_joining_type(t.at[after]) == UC_JOINING_TYPE_T)
		after++;
	if (!before || after == t.n)
		return false;
	left = uc_joining_type(t.at[before - 1]);
	right = uc_joining_type(t.at[after]);
	return (left == UC_JOINING_TYPE_L || left == UC_JOINING_TYPE_D) &&
	       (right == UC_JOINING_TYPE_R || right == UC_JOINING_TYPE_D);
}

static bool is_joined(struct text t, size_t i)
{
	enum { VIRAMA = 9 };

	if (i && uc_combining_class(t.at[i - 1]) == VIRAMA)
		return true;
	return t.at[i] == 0x200c && joins(t, i);
}

static bool has_any(struct text t, ucs4_t first, ucs4_t last)
{
	for (size_t i = 0; i < t.n; i++)
		if (between(t.at[i], first, last))
			return true;
	return false;
}

static bool has_japanese(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (is_script(t, i, "Hiragana") ||
		    is_script(t, i, "Katakana") || is_script(t, i, "Han"))
			return true;
	return false;
}

/* RFC 5892 A: characters that are right in some places. */
static enum verdict by_context(struct text t, size_t i)
{
	ucs4_t c = t.at[i];
	bool right;

	switch (c) {
	case 0x200c:
	case 0x200d:
		right = is_joined(t, i);
		break;
	case 0xb7: /* between two l */
		right = i && t.at[i - 1] == 'l' && i + 1 < t.n &&
			t.at[i + 1] == 'l';
		break;
	case 0x375:
		right = is_script(t, i + 1, "Greek");
		break;
	case 0x5f3:
	case 0x5f4:
		right = i && is_script(t, i - 1, "Hebrew");
		break;
	case 0x30fb:
		right = has_japanese(t);
		break;
	default:
		if (between(c, 0x660, 0x669))
			right = !has_any(t, 0x6f0, 0x6f9);
		else if (between(c, 0x6f0, 0x6f9))
			right = !has_any(t, 0x660, 0x669);
		else
			return UNDECIDED;
	}
	return right ? VALID : DISALLOWED;
}

/* RFC 8264 8, for the IdentifierClass. */
static bool is_allowed(struct text t, size_t i)
{
	ucs4_t c = t.at[i];
	enum verdict v = exception(c);

	if (v == UNDECIDED)
		v = by_context(t, i);
	if (v != UNDECIDED)
		return v == VALID;
	if (c < 0x80)
		return between(c, 0x21, 0x7e);
	return !is_old_jamo(c) &&
	       !uc_is_property_default_ignorable_code_point(c) &&
	       !uc_is_property_not_a_character(c) && !has_compat(c) &&
	       is_letter_or_digit(c);
}

#define BIDI(name) (1U << UC_BIDI_##name)
#define BIDI_BOTH                                                          \
	(BIDI(EN) | BIDI(ES) | BIDI(CS) | BIDI(ET) | BIDI(ON) | BIDI(BN) | \
	 BIDI(NSM))

static unsigned bidi(ucs4_t c)
{
	return 1U << uc_bidi_category(c);
}

/* RFC 5893 2: holds where anything is written from right to left. */
static bool keeps_direction(struct text t)
{
	unsigned seen = 0, last = 0, first = t.n ? bidi(t.at[0]) : 0;

	for (size_t i = 0; i < t.n; i++) {
		unsigned b = bidi(t.at[i]);

		seen |= b;
		if (b != BIDI(NSM))
			last = b;
	}
	if (!(seen & (BIDI(R) | BIDI(AL) | BIDI(AN))))
		return true;
	if (first & (BIDI(R) | BIDI(AL)))
		return !(seen & ~(BIDI_BOTH | BIDI(R) | BIDI(AL) | BIDI(AN))) &&
		       (last & (BIDI(R) | BIDI(AL) | BIDI(EN) | BIDI(AN))) &&
		       !((seen & BIDI(EN)) && (seen & BIDI(AN)));
	return false; /* what begins with L may hold nothing of the other */
}

static const char *fault_in(struct text t)
{
	for (size_t i = 0; i < t.n; i++)
		if (!is_allowed(t, i))
			return "it holds a character that no user's name may";
	return keeps_direction(t) ? NULL :
				    "its directions of writing are mixed";
}

const char *precis_username(struct mem *m, struct str name, const char **out)
{
	size_t n = 0;

	*out = "";
	if (!name.n)
		return NULL;
	if (name.n > PRECIS_MAX)
		return "it is longer than 1024 bytes";
	if (u8_check((const uint8_t *)name.at, name.n))
		return "it is no UTF-8";
	struct text in = { mem_array(m, name.n, sizeof(ucs4_t)), name.n };
	struct text made = { mem_array(m, name.n * GROWTH, sizeof(ucs4_t)), 0 };

	(void)u8_to_u32((const uint8_t *)name.at, name.n, in.at, &in.n);
	map(in, &made);
	AUTO(free)
	ucs4_t *normal =
		u32_normalize(UNINORM_NFC, made.at, made.n, NULL, &made.n);

	if (!normal)
		return "it cannot be normalised";
	made.at = normal;
	const char *fault = fault_in(made);

	if (fault)
		return fault;
	AUTO(free) uint8_t *text = u32_to_u8(made.at, made.n, NULL, &n);

	if (!text)
		return "it cannot be normalised";
	*out = mem_dup(m, text, n);
	return NULL;
}
