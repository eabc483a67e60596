#include "dns/descriptor_keys.h"

#include <stddef.h>

#include "dns/cred.h"

static const struct descriptor_key cred_keys[] = {
	{ "names", WORD, true, NULL, NULL },
	{ "help", WORD, true, NULL, NULL },
	{ "secret", CHOICE, false, NULL, "yes no" },
	{ "optional", CHOICE, false, NULL, "yes no" },
	{ "preset", WORD, false, NULL, NULL },
	{ "tool", WORD, false, NULL, NULL },
	{ 0 },
};
static const char formats[] = "json xml xmlrpc soap form lines headed text";
static const struct descriptor_key rpc_keys[] = {
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
static const struct descriptor_key call_keys[] = { CALL_KEYS, { 0 } };
static const struct descriptor_key login_keys[] = {
	CALL_KEYS,
	{ "basic", WRITE, false, NULL, NULL },
	{ "query", WRITES, false, NULL, NULL },
	{ "sign", WORD, false, NULL, NULL },
	{ "with", WRITES, false, NULL, NULL },
	{ "let", WRITES, false, NULL, NULL },
	{ "token", READ, false, NULL, NULL },
	{ "token_header", WORD, false, NULL, NULL },
	{ "cookies", CHOICE, false, NULL, "yes no" },
	{ "expires", READ, false, NULL, NULL },
	{ "lifetime", COUNT, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key account_keys[] = {
	CALL_KEYS,
	{ "value", READ, true, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key onboard_keys[] = {
	CALL_KEYS,
	{ "cred", WORD, true, NULL, NULL },
	{ "value", READ, true, NULL, NULL },
	{ "show", READ, true, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key tls_keys[] = {
	{ "ca", WRITE, false, NULL, NULL },
	{ "insecure", WRITE, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key auth_keys[] = {
	{ "need", WORDS, false, NULL, NULL },
	{ "headers", WRITES, false, NULL, NULL },
	{ "basic", WRITE, false, NULL, NULL },
	{ "query", WRITES, false, NULL, NULL },
	{ "body", TREE, false, NULL, NULL },
	{ "sign", WORD, false, NULL, NULL },
	{ "with", WRITES, false, NULL, NULL },
	{ "let", WRITES, false, NULL, NULL },
	{ "source", CHOICE, false, NULL, cred_sources },
	{ "login", MAP, false, login_keys, NULL },
	{ "logout", MAP, false, call_keys, NULL },
	{ "clock", MAP, false, account_keys, NULL },
	{ 0 },
};
static const struct descriptor_key page_keys[] = {
	{ "in", CHOICE, false, NULL, "body" },
	{ "also", PAIRS, false, NULL, NULL },
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
	{ "cursor_header", WORD, false, NULL, NULL },
	{ "param", WORD, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key put_keys[] = {
	CALL_KEYS,
	{ "unit", CHOICE, false, NULL, "set name zone" },
	{ "loses", PAIRS, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key slot_keys[] = {
	{ "set", MAP, true, call_keys, NULL },
	{ "clear", MAP, true, call_keys, NULL },
	{ 0 },
};
static const struct descriptor_key zones_keys[] = {
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
static const struct descriptor_key detail_keys[] = {
	CALL_KEYS,
	{ "items", WORD, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key over_keys[] = {
	CALL_KEYS,
	{ "items", WORD, false, NULL, NULL },
	{ "name", READ, false, NULL, NULL },
	{ "page", MAP, false, page_keys, NULL },
	{ 0 },
};
static const struct descriptor_key records_keys[] = {
	CALL_KEYS,
	{ "one", WRITE, false, NULL, NULL },
	{ "tag", READ, false, NULL, NULL },
	{ "tag_where", PAIRS, false, NULL, NULL },
	{ "tag_header", WORD, false, NULL, NULL },
	{ "kept", READ, false, NULL, NULL },
	{ "items", WORD, false, NULL, NULL },
	{ "id", READ, false, NULL, NULL },
	{ "name", READS, false, NULL, NULL },
	{ "type", READ, false, NULL, NULL },
	{ "ttl", READS, false, NULL, NULL },
	{ "values", PATHS, false, NULL, NULL },
	{ "split", COUNT, false, NULL, NULL },
	{ "detail", MAP, false, detail_keys, NULL },
	{ "over", MAP, false, over_keys, NULL },
	{ "value", READS, true, NULL, NULL },
	{ "where", PAIRS, false, NULL, NULL },
	{ "page", MAP, false, page_keys, NULL },
	{ 0 },
};
static const struct descriptor_key wait_keys[] = {
	{ "get", WRITE, true, NULL, NULL },
	{ "id", READ, true, NULL, NULL },
	{ "status", READ, true, NULL, NULL },
	{ "done", WORD, true, NULL, NULL },
	{ "failed", WORD, true, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key codec_keys[] = {
	{ "name", CHOICE, false, NULL, "rel fqdn fqdn-dot" },
	{ "apex", WORD, false, NULL, NULL },
	{ "txt", CHOICE, false, NULL, "plain quoted quoted255" },
	{ "txt_read", CHOICE, false, NULL, "plain quoted" },
	{ "octal", CHOICE, false, NULL, "yes no" },
	{ "dots", CHOICE, false, NULL, "yes no" },
	{ "idn", CHOICE, false, NULL, "ascii unicode" },
	{ "srv", CHOICE, false, NULL, "name owner" },
	{ "types", PAIRS, false, NULL, NULL },
	{ "words", PAIRS, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key ttl_keys[] = {
	{ "min", COUNT, false, NULL, NULL },
	{ "max", COUNT, false, NULL, NULL },
	{ "default", COUNT, false, NULL, NULL },
	{ "allowed", WORDS, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key rate_keys[] = {
	{ "interval_ms", COUNT, false, NULL, NULL },
	{ "pause_ms", COUNT, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key reply_keys[] = {
	{ "ok", PAIRS, false, NULL, NULL },
	{ "failed", PAIRS, false, NULL, NULL },
	{ "message", WORD, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key error_keys[] = {
	{ "status", COUNT, false, NULL, NULL },
	{ "text", WORD, false, NULL, NULL },
	{ "kind", CHOICE, true, NULL,
	  "auth perm missing rate temp exists changed" },
	{ 0 },
};
static const struct descriptor_key audit_keys[] = {
	{ "txt_max", COUNT, false, NULL, NULL },
	{ "txt_no", WORD, false, NULL, NULL },
	{ "txt_trim", CHOICE, false, NULL, "yes no" },
	{ "txt_ascii", CHOICE, false, NULL, "yes no" },
	{ "only", PAIRS, false, NULL, NULL },
	{ "null_mx", CHOICE, false, NULL, "yes no" },
	{ 0 },
};
static const struct descriptor_key proof_keys[] = {
	{ "level", CHOICE, true, NULL, "unproven L2 L3 L4" },
	{ "by", WORD, true, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key find_keys[] = {
	CALL_KEYS,
	{ "items", WORD, false, NULL, NULL },
	{ "where", PAIRS, false, NULL, NULL },
	{ "page", MAP, false, page_keys, NULL },
	{ "holds", READ, true, NULL, NULL },
	{ "id", READ, false, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key get_keys[] = {
	CALL_KEYS,
	{ "items", WORD, false, NULL, NULL },
	{ "ip", READ, false, NULL, NULL },
	{ "value", READ, true, NULL, NULL },
	{ 0 },
};
static const struct descriptor_key way_keys[] = {
	{ "family", CHOICE, false, NULL, "v4 v6" },
	{ "find", MAP, false, find_keys, NULL },
	{ "get", MAP, true, get_keys, NULL },
	{ "set", MAP, true, call_keys, NULL },
	{ "create", LIST, false, call_keys, NULL },
	{ "reset", MAP, false, call_keys, NULL },
	{ 0 },
};
static const struct descriptor_key ptr_keys[] = {
	{ "scope", WORD, false, NULL, NULL },
	{ "proof", MAP, true, proof_keys, NULL },
	{ "presets", WORDS, false, NULL, NULL },
	{ "forward", CHOICE, false, NULL, "first any" },
	{ "slow", WORD, false, NULL, NULL },
	{ "wait", MAP, false, wait_keys, NULL },
	{ "ways", LIST, true, way_keys, NULL },
	{ 0 },
};
const struct descriptor_key descriptor_top_keys[] = {
	{ "name", WORD, true, NULL, NULL },
	{ "extends", WORD, false, NULL, NULL },
	{ "aliases", WORDS, false, NULL, NULL },
	{ "about", WORD, true, NULL, NULL },
	{ "url", WORD, true, NULL, NULL },
	{ "scope", WORD, false, NULL, NULL },
	{ "tls", MAP, false, tls_keys, NULL },
	{ "proof", MAP, false, proof_keys, NULL },
	{ "types", WORDS, false, NULL, NULL },
	{ "creds", MAPS, true, cred_keys, NULL },
	{ "base", WRITE, true, NULL, NULL },
	{ "format", CHOICE, false, NULL, formats },
	{ "auth", LIST, true, auth_keys, NULL },
	{ "onboard", MAP, false, onboard_keys, NULL },
	{ "account", MAP, false, account_keys, NULL },
	{ "zones", MAP, false, zones_keys, NULL },
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
	{ "ptr", MAP, false, ptr_keys, NULL },
	{ 0 },
};
