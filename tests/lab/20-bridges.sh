#!/bin/bash
# The bridges that hand a value on: to a server (httpreq), to acme-dns, to a script of acme.sh's. The far ends are
# mocks that write by nsupdate; lego, in two releases, is asked for certificates by httpreq first.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
mock() { # mock NAME PORT NAMESERVER ARGUMENT...
	start "$1" env PYTHONPATH="$top/tests/providers" python3 -m "mock.$1" "127.0.0.1:$2" "$3" "$LAB/tsig.key" "${@:4}"
	await 10 port "127.0.0.1:$2" || fail "the mock of $1 listens" "$(tail -3 "$LAB/$1.log")"
}
mock httpreq 9090 127.0.0.2
export LEGO_CA_CERTIFICATES=$LAB/ca.pem HTTPREQ_ENDPOINT=http://127.0.0.1:9090 HTTPREQ_USERNAME=lab HTTPREQ_PASSWORD=httpreq-password
export HTTPREQ_PROPAGATION_TIMEOUT=20 HTTPREQ_POLLING_INTERVAL=1

LEGO="--accept-tos --email a@wild.test --server https://127.0.0.1:14000/dir --dns.resolvers 127.0.0.4:53"
# lego_gets TITLE PROGRAM PROVIDER NAME...: a certificate
lego_gets() {
	local t=$1 p=$2 by=$3 d n=()
	shift 3
	for d; do n+=(-d "$d"); done
	have "$p" || { skip "$t" "$p" peer; return; }
	# shellcheck disable=SC2086
	expect "$t" "$p" $LEGO --path "$LAB/lego-$p" --dns "$by" "${n[@]}" run
}
for p in lego lego-new; do
	lego_gets "$p, by httpreq" $p httpreq 'd1.test' '*.d1.test'
	HTTPREQ_MODE=RAW lego_gets "$p, by httpreq in RAW mode" $p httpreq d2.test
	TEST=$p no_txt _acme-challenge.d1.test
	TEST=$p no_txt _acme-challenge.d2.test
done

# with PROVIDER CREDENTIALS: in place of rfc2136
with() {
	sed -i "s/provider: rfc2136/provider: $1/; /DNSUPDATE/d; /credentials:/d" "$CONF/opsmail.yaml"
	[ -z "${2:-}" ] || sed -i "/provider: $1/a\\  credentials: {$2}" "$CONF/opsmail.yaml"
}
YAML='domains: {wild.test: {}}' fresh
with httpreq
issue "httpreq: the apex and the wildcard" wild.test
YAML='domains: {d3.test: {names: [d3.test]}}' fresh
with acmeproxy 'HTTPREQ_MODE: RAW'
issue "httpreq: RAW mode" d3.test d3.test
YAML='domains: {d3.test: {names: [d3.test]}}' fresh
with httpreq 'HTTPREQ_PASSWORD: wrong-password'
refused "httpreq: a wrong password" 4 'answers 401' ops ssl d3.test
silent "without the password" wrong-password
unset HTTPREQ_ENDPOINT HTTPREQ_USERNAME HTTPREQ_PASSWORD

# acme-dns: Debian's lego does not know it, so the account is made by curl and kept as lego keeps one.
export ACME_DNS_API_BASE=http://127.0.0.1:9091 ACME_DNS_STORAGE_PATH=$LAB/accounts.json
acmedns() { [ -e "$LAB/acmedns.pid" ] && stop acmedns; mock acmedns 9091 127.0.0.5 "$1"; }
acmedns other.knot.test
(umask 077; curl -sS -X POST $ACME_DNS_API_BASE/register | sed 's/.*/{"knot.other.test":&}/' >"$ACME_DNS_STORAGE_PATH")
YAML='domains: {knot.other.test: {names: [knot.other.test]}}' fresh
with acmedns
expect "acmedns: with an account that is there" ops ssl knot.other.test
pair "acmedns: a pair" "$CONF/acme/live/knot.other.test" knot.other.test
acmedns knot.knot.test
unset ACME_DNS_STORAGE_PATH
YAML='domains: {d3.test: {names: [d3.test]}}' fresh
with acmedns
refused "acmedns: an account is made, and its CNAME named" 1 '_acme-challenge\.d3\.test\. 300 IN CNAME knot\.knot\.test\.' ops ssl d3.test
same "acmedns: the account is for us alone" 600 "$(stat -c %a "$CONF/acmedns.json")"
refused "acmedns: the second run makes no other" 1 'does not lead to its account' ops ssl d3.test
same "acmedns: one account" 1 "$(grep -c fulldomain "$CONF/acmedns.json")"

# acme.sh: a stand-in in its layout, which writes by nsupdate.
mkdir -p "$LAB/acme.sh/dnsapi"
cat >"$LAB/acme.sh/acme.sh" <<-'E'
	_initpath() { [ -d "$LE_CONFIG_HOME" ]; }
	_err() { echo "$@" >&2; }
	main() { [ -z "$1" ] && exit 9; if [ "${1#-}" != "$1" ]; then exit 8; else "$@"; fi; }
	main "$@"
E
cat >"$LAB/acme.sh/dnsapi/dns_lab.sh" <<-'E'
	dns_lab_info='The lab
	Options:
	 LAB_Key Path of the key
	 LAB_Secret Not used
	'
	_lab() { printf 'server 127.0.0.2\nupdate %s %s. %s TXT "%s"\nsend\n' "$1" "$2" "$3" "$4" | nsupdate -k "$LAB_Key" -v; }
	dns_lab_add() {
	  [ -z "$LAB_LEAK" ] || { _err "sees LAB_LEAK"; return 1; }
	  [ -s "$LAB_Key" ] || { _err "the key $LAB_Secret is refused"; return 1; }
	  _lab add "$1" 60 "$2"
	}
	dns_lab_rm() { _lab delete "$1" "" "$2"; }
E
export LAB_LEAK=1 LAB_Key=$LAB/tsig.key
YAML='domains: {wild.test: {}}' fresh
with acme.sh "ACMESH_HOME: $LAB/acme.sh, ACMESH_HOOK: dns_lab, LAB_Secret: hush-hush"
issue "acme.sh: the apex and the wildcard, by a script of its own" wild.test
same "acme.sh: its folder is for us alone" 700 "$(stat -c %a "$CONF/acmesh/wild.test")"
YAML='domains: {wild.test: {}}' fresh
with acmesh "ACMESH_HOME: $LAB/acme.sh, ACMESH_HOOK: lab, LAB_Key: /nonexistent, LAB_Secret: hush-hush"
refused "acme.sh: a script that fails" 1 'dns_lab_add _acme-challenge\.wild\.test ends with status 1: the key \*\*\* is refused' ops -v ssl wild.test
silent "acme.sh: without the secret" hush-hush
lab_done
