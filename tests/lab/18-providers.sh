#!/bin/bash
# Descriptors against real servers: PowerDNS by its HTTP API, with every type, and DNS says what is served.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up WITH=pdns
have pdns_server || { skip "PowerDNS" pdns_server peer; lab_done; }
await 10 port 127.0.0.6:8081 || fail "the API of PowerDNS listens" "$(tail -5 "$LAB/pdns.log")"
export OPSMAIL_PROVIDER=powerdns PDNS_API_URL=http://127.0.0.6:8081 PDNS_API_KEY=lab-pdns-key
make -s -C "$top" build/tests/unit/dns_live >"$LAB/make.log" 2>&1 || fail "the test is built" "$(cat "$LAB/make.log")"
live() { "$top/build/tests/unit/dns_live"; }
at() { dig +short +tcp +time=2 +tries=1 @127.0.0.6 "$1.pdns.test" "$2" | sort | tr '\n' '|'; }

OPSMAIL_KEEP=1 expect "all types are written, once, and read back" live
same "A" "192.0.2.1|192.0.2.2|" "$(at a A)"
same "AAAA" "2001:db8::1|" "$(at a AAAA)"
same "CNAME" "a.pdns.test.|" "$(at www CNAME)"
same "a wildcard" "a.pdns.test.|" "$(at some.wild CNAME)"
same "MX" "10 mail.pdns.test.|20 mx.example.net.|" "$(at mx MX)"
same "a null MX" "0 .|" "$(at null MX)"
same "SRV" "0 1 465 mail.pdns.test.|" "$(at _submissions._tcp SRV)"
same "CAA" '0 issue "letsencrypt.org"|128 issue "ca.test; validationmethods=dns-01"|' "$(at caa CAA)"
same "TLSA" "3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF|" "$(at _25._tcp.mail TLSA | tr -d ' ' |
	sed 's/^311/3 1 1 /')"
same "PTR" "mail.pdns.test.|" "$(at ptr PTR)"
same "TXT with quotes, a backslash, blanks and UTF-8" \
	'"gr\195\188\195\159 dich"|"say \"hello\"; back\\slash  two blanks "|"v=spf1 mx -all"|' "$(at txt TXT)"
same "a TXT of 800 bytes in four strings" 4 "$(at long TXT | grep -o '"[a-z]*"' | wc -l)"
same "of which none is lost" 800 "$(at long TXT | tr -dc a-z | wc -c)"

YAML='domains: {pdns.test: {}}' fresh
sed -i 's/provider: rfc2136/provider: powerdns/; /DNSUPDATE/d; /credentials:/d' "$CONF/opsmail.yaml"
TEST=pdns issue "a certificate by the API alone" pdns.test
TEST=pdns no_txt _acme-challenge.pdns.test 127.0.0.6

PDNS_API_KEY=wrong run live
[ $rc != 0 ] && ok "a wrong key is refused" || fail "a wrong key is refused" "$out"
says "and it says so" '401|unauthorized'
silent "without the key" 'wrong'
lab_done
