#!/bin/bash
# Every type, long and odd texts and 600 values by DNS UPDATE (RFC 2136), on BIND, knot and PowerDNS; and DNS says what
# is served. BIND takes 100 values at a name, and no MX whose target has no address, unless it is told otherwise.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up WITH=pdns
make -s -C "$top" build/tests/unit/dns_live >"$LAB/make.log" 2>&1 || fail "the test is built" "$(cat "$LAB/make.log")"
export OPSMAIL_PROVIDER=rfc2136 DNSUPDATE_TSIG_KEY=acme-key DNSUPDATE_TSIG_ALGORITHM=hmac-sha256
DNSUPDATE_TSIG_SECRET=$(cat "$LAB/secret") && export DNSUPDATE_TSIG_SECRET
live() { "$top/build/tests/unit/dns_live"; }
at() { dig +short +tcp +time=2 +tries=1 "@$server" "$1.pdns.test" "$2" | sort | tr '\n' '|'; }
# judged TITLE: what was written is served
judged() {
	export DNSUPDATE_NAMESERVER=$server:53
	OPSMAIL_KEEP=1 expect "$1: all types are written, once, and read back" live
	same "$1: A" "192.0.2.1|192.0.2.2|" "$(at a A)"
	same "$1: a null MX" "0 .|" "$(at null MX)"
	same "$1: SRV" "0 1 465 mail.pdns.test.|" "$(at _submissions._tcp SRV)"
	same "$1: CAA" '0 issue "letsencrypt.org"|128 issue "ca.test; validationmethods=dns-01"|' "$(at caa CAA)"
	same "$1: TLSA" "3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF|" "$(at _25._tcp.mail TLSA |
		tr -d ' ' | sed 's/^311/3 1 1 /')"
	same "$1: a TXT of 800 bytes, of which none is lost" 800 "$(at long TXT | tr -dc a-z | wc -c)"
}
# written FOLDER: pdns.test there
written() {
	mkdir -p "$1"
	printf '$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A %s\n' "$server" >"$1/pdns.test"
}

server=127.0.0.13
written "$LAB/types-bind"
ip addr add $server/32 dev lo # BIND listens where it sees an address
cat >"$LAB/types-bind.conf" <<-E
	key acme-key { algorithm hmac-sha256; secret "$DNSUPDATE_TSIG_SECRET"; };
	options { directory "$LAB/types-bind"; pid-file none; session-keyfile "$LAB/types-bind/session.key"; recursion no;
	 listen-on port 53 { $server; }; listen-on-v6 { none; }; notify no; dnssec-validation no; check-integrity no; check-mx ignore;
	 max-records-per-type 0; };
	zone pdns.test { type primary; file "pdns.test"; allow-update { key acme-key; }; allow-transfer { key acme-key; }; };
E
start types-bind named -n 1 -g -c "$LAB/types-bind.conf"
await 10 port $server:53
judged BIND

server=127.0.0.14
written "$LAB/types-knot"
mkdir "$LAB/types-knot/db"
cat >"$LAB/types-knot.conf" <<-E
	server:
	    rundir: "$LAB/types-knot"
	    listen: [ $server@53 ]
	key:
	  - id: acme-key
	    algorithm: hmac-sha256
	    secret: $DNSUPDATE_TSIG_SECRET
	acl:
	  - id: us
	    key: acme-key
	    action: [ update, transfer ]
	database:
	    storage: "$LAB/types-knot/db"
	zone:
	  - domain: pdns.test
	    storage: "$LAB/types-knot"
	    file: pdns.test
	    acl: us
E
start types-knot knotd -c "$LAB/types-knot.conf"
await 10 port $server:53
judged knot

server=127.0.0.6
if have pdns_server; then judged PowerDNS; else skip "PowerDNS" pdns_server peer; fi
lab_done
