#!/bin/bash
# A certificate of every kind, from every CA and over every name server that is here.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up WITH="p210 pdns"

fresh
issue "apex and wildcard, pebble 2.4.0, BIND" wild.test
out=$(grep -E 'adding an RR|deleting an RR|deleting rrset' "$LAB/named.log" | grep -n 'TXT' | cut -d: -f1,2 | head -40)
same "both values are added before any is removed" 2 "$(awk '/deleting/ { exit } /adding an RR at .*_acme-challenge.wild.test/ { n++ } END { print n + 0 }' "$LAB/named.log")"
n=$(issued)
expect "the same once more" ops ssl wild.test
same "and no second certificate" "$n" "$(issued)"
expect "list" ops ssl list
says "list shows the name" 'wild\.test'
run "$OPSMAIL" --conf "$CONF" ssl list --json
expect "list --json is JSON, a line each" python3 -c 'import json,sys; [json.loads(l) for l in sys.argv[1].splitlines()]' "$out"
expect "renew: nothing is due" ops ssl renew
same "nothing was asked" "$n" "$(issued)"
key=$(openssl pkey -in "$CONF/acme/live/wild.test/privkey.pem" -pubout)
expect "renew --force" ops ssl renew --force
same "the key is kept" "$key" "$(openssl pkey -in "$CONF/acme/live/wild.test/privkey.pem" -pubout)"
pair "the renewed pair is whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'

lab_proxy
fresh https://127.0.0.1:14001/dir
expect "through the counting proxy" ops ssl wild.test
rules '[]'
expect "renewed through it" ops ssl renew --force
most "HTTP requests of a renewal" 11 "$(counts 'c["requests"]')"
most "connections of a renewal" 1 "$(counts 'c["connections"]')"

YAML='domains: {wild.test: {names: [wild.test]}}' fresh
issue "apex only" wild.test wild.test
YAML='domains: {wild.test: {names: ["*.wild.test"]}}' fresh
issue "wildcard only" wild.test '*.wild.test'
YAML='domains: {münchen.test: {}}' fresh
expect "a Unicode domain" ops ssl münchen.test
pair "its pair has A-labels" "$CONF/acme/live/xn--mnchen-3ya.test" xn--mnchen-3ya.test '*.xn--mnchen-3ya.test'
mapfile -t hundred < <(seq -f 'h%g.wild.test' 1 100)
YAML="domains: {wild.test: {names: [$(IFS=,; echo "${hundred[*]}")]}}" fresh
issue "a hundred names" wild.test "${hundred[@]}"

for t in ecdsa-p384 rsa-2048 $(full && echo rsa-3072 rsa-4096); do
	ACME="  key_type: $t" fresh
	issue "a key of kind $t" wild.test
	is=$(openssl pkey -in "$CONF/acme/live/wild.test/privkey.pem" -noout -text | sed -n 's/.*Private-Key: (\([0-9]*\).*/\1/p')
	same "and it is one" "${t##*[-p]}" "$is"
done
for t in ecdsa-p384 rsa-2048; do
	ACME="  account_key_type: $t" fresh
	issue "an account key of kind $t" wild.test
done
ACME='  key_type: [ecdsa-p256, rsa-2048]' fresh
issue "a pair of ECDSA" wild.test
pair "and RSA" "$CONF/acme/live/wild.test_rsa" wild.test '*.wild.test'
ACME='  reuse_key: off' fresh
issue "without reuse of the key" wild.test
key=$(openssl pkey -in "$CONF/acme/live/wild.test/privkey.pem" -pubout)
expect "renewed" ops ssl renew --force
[ "$key" != "$(openssl pkey -in "$CONF/acme/live/wild.test/privkey.pem" -pubout)" ] && ok "the key is a new one" || fail "the key is a new one"

openssl req -newkey rsa:2048 -nodes -keyout "$LAB/own.key" -subj / -addext 'subjectAltName=DNS:wild.test,DNS:www.wild.test' -out "$LAB/own.csr" 2>/dev/null
YAML="domains: {wild.test: {csr: $LAB/own.csr}}" fresh
expect "a CSR from outside" ops ssl wild.test
same "the certificate is for that key" "$(openssl pkey -in "$LAB/own.key" -pubout)" "$(openssl x509 -in "$CONF/acme/live/wild.test/cert.pem" -noout -pubkey)"

YAML='domains: {knot.test: {}}' fresh https://127.0.0.1:14000/dir 127.0.0.5:53
issue "knot takes the update" knot.test
TEST=knot no_txt _acme-challenge.knot.test 127.0.0.5
YAML='domains: {pdns.test: {}}' fresh https://127.0.0.1:14000/dir 127.0.0.6:53
if [ -e "$LAB/pdns.pid" ]; then
	issue "PowerDNS takes the update" pdns.test
	TEST=pdns no_txt _acme-challenge.pdns.test 127.0.0.6
else skip "PowerDNS" "pdns_server" peer; fi
# knot.test has one server: of several, the resolver may ask the late one for the CA and another one for us.
DNS='  resolver: 127.0.0.4:53' YAML='domains: {knot.test: {}}' fresh https://127.0.0.1:14000/dir 127.0.0.5:53
issue "with a resolver that is asked and nobody else" knot.test
for a in hmac-sha1 hmac-sha224 hmac-sha384 hmac-sha512; do
	full || [ $a = hmac-sha512 ] || continue
	tsig-keygen -a $a acme-key >"$LAB/tsig.key"
	restart_bind
	sed -n 's/.*secret "\(.*\)".*/\1/p' "$LAB/tsig.key" >"$LAB/secret.$a"; chmod 600 "$LAB/secret.$a"
	fresh https://127.0.0.1:14000/dir 127.0.0.2:53 "$LAB/secret.$a"
	sed -i "s/hmac-sha256/$a/" "$CONF/opsmail.yaml"
	issue "TSIG with $a" wild.test
done
tsig-keygen -a hmac-sha256 acme-key >"$LAB/tsig.key"
restart_bind
sed -n 's/.*secret "\(.*\)".*/\1/p' "$LAB/tsig.key" >"$LAB/secret"

if [ -e "$LAB/p210.pid" ]; then
	PORT=14100
	fresh https://127.0.0.1:14100/dir
	issue "apex and wildcard, pebble 2.10" wild.test
	expect "renewed by force" ops ssl renew --force
	pair "and whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
	grep -q 'is a replacement of' "$LAB/p210.log" && ok "the renewal said what it replaces" || fail "the renewal said what it replaces"
	ACME='  challenge: dns-persist-01' fresh https://127.0.0.1:14100/dir
	expect "dns-persist-01" ops ssl wild.test
	says "and what it means is told" 'this record stays'
	pair "its pair is whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
	expect "renewed by the same record" ops ssl renew --force
	silent "which is not told again" 'this record stays'
	same "one record, and it stays" 1 "$(txt _validation-persist.wild.test | grep -c accounturi)"
fi
lab_done
