#!/bin/bash
# _acme-challenge points elsewhere: four of five peers do not follow.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up WITH=pdns
one() { # one TITLE NAME [SERVER]: a certificate for the one name
	YAML="domains: {$2: {names: [$2]}}" fresh https://127.0.0.1:14000/dir "${3:-127.0.0.2:53}"
	issue "$1" "$2" "$2"
}
YAML='domains: {other.test: {}}' fresh
issue "CNAME into another zone" other.test
no_txt _acme-challenge.other.alias.test
one "a chain of three" chain.other.test
no_txt chain.alias.test
one "a DNAME" x.d.other.test
no_txt _acme-challenge.x.alias.test
one "into a zone on another server" knot.other.test 127.0.0.5:53
no_txt other.knot.test 127.0.0.5
[ -e "$LAB/pdns.pid" ] && one "into a zone at PowerDNS" pdns.other.test 127.0.0.6:53
# unbound keeps the wildcard's CNAME that we looked up for the rest of its second, so the CA asks BIND itself.
VADNS=127.0.0.2:53
restart_ca
YAML='domains: {wc.test: {}}' fresh
issue "a wildcard CNAME is no delegation" wc.test
VADNS=
restart_ca
YAML='domains: {loop.other.test: {names: [loop.other.test]}}' fresh
refused "a loop is named" 1 'loop' ops ssl loop.other.test
YAML='domains: {nowhere.other.test: {names: [nowhere.other.test]}}' fresh
refused "into nowhere" "1 4 6" 'nowhere\.test' ops ssl nowhere.other.test
YAML='domains: {pdns.other.test: {names: [pdns.other.test]}}' fresh
refused "the server does not hold the target zone" "1 4" 'pdns\.test' ops ssl pdns.other.test
# The long way round: the name points nowhere we look, but the owner said where to write.
YAML='domains: {other.test: {alias: _acme-challenge.other.alias.test}}' fresh
issue "an explicit alias" other.test
no_txt _acme-challenge.other.alias.test

# The embedded responder: _acme-challenge.self.test is delegated to 127.0.0.7 and fd00:53::7.
self() {
	fresh
	cat >"$CONF/opsmail.yaml" <<-E
		email: a@wild.test
		hostname: ns7.nic.test
		acme: {server: "https://127.0.0.1:14000/dir", ca_file: $LAB/ca.pem}
		dns: {provider: self, listen: ["127.0.0.7:53", "[fd00:53::7]:53"]}
		domains: {self.test: {}}
	E
}
self
expect "the embedded responder answers while the order runs" ops ssl self.test
pair "and the pair is whole" "$CONF/acme/live/self.test" self.test '*.self.test'
port 127.0.0.7:53 && fail "it listens no more" || ok "it listens no more"
self
start serve "$OPSMAIL" --conf "$CONF" dns serve
await 5 port 127.0.0.7:53
same "dns serve answers with authority" NOERROR "$(dig +norec @127.0.0.7 _acme-challenge.self.test SOA | sed -n 's/.*status: \([A-Z]*\).*/\1/p')"
same "over v6 too" NOERROR "$(dig +norec @fd00:53::7 _acme-challenge.self.test TXT | sed -n 's/.*status: \([A-Z]*\).*/\1/p')"
same "and not for others" REFUSED "$(dig +norec @127.0.0.7 wild.test TXT | sed -n 's/.*status: \([A-Z]*\).*/\1/p')"
expect "an order beside a running dns serve" ops ssl self.test
pair "its pair is whole" "$CONF/acme/live/self.test" self.test '*.self.test'
same "no value is left" "" "$(ask @127.0.0.7 _acme-challenge.self.test TXT)"
stop serve
lab_done
