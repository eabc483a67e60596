#!/bin/bash
# The lab judges itself first: its servers serve, its faults are faults, and a stranger gets a certificate in it.
. "$(dirname "$0")/lib.sh"
lab_up WITH="p210 p210p p24e pdns" NDELAY=2
for z in wild.test:2 knot.test:5 pdns.test:6 other.test:2; do
	if ask @127.0.0.4 "${z%:*}" NS | grep -q "ns${z#*:}.nic.test"; then ok "the resolver finds ${z%:*}"; else fail "the resolver finds ${z%:*}"; fi
done
up() { printf 'server %s\nzone %s\nupdate %s %s 5 TXT "%s"\nsend\n' "$1" "$2" "${5:-add}" "$3" "$4" | nsupdate -k "$LAB/tsig.key" -v; }
expect "BIND takes an update" up 127.0.0.2 alias.test chain.alias.test. one
same "the secondary does not have it yet" "" "$(txt chain.alias.test 127.0.0.3)"
await 6 eval '[ -n "$(txt chain.alias.test 127.0.0.3)" ]' && ok "and has it later" || fail "and has it later"
same "it shows through a chain of CNAMEs" '"one"' "$(txt _acme-challenge.chain.other.test 127.0.0.4)"
expect "knot takes an update" up 127.0.0.5 knot.test x.knot.test. two
same "and shows it" '"two"' "$(txt x.knot.test 127.0.0.4)"
if [ -e "$LAB/pdns.pid" ]; then
	expect "PowerDNS takes an update" up 127.0.0.6 pdns.test x.pdns.test. three
	same "and shows it" '"three"' "$(txt x.pdns.test 127.0.0.4)"
fi
expect_rc 2 "an update is refused where it should be" up 127.0.0.2 locked.test x.locked.test. four
for p in 14000 14100 14200 14300; do
	expect "a CA answers at $p" curl -fsS --cacert "$LAB/ca.pem" "https://127.0.0.1:$p/dir"
done
for f in refused:REFUSED servfail:SERVFAIL none:NOERROR truncate:NOERROR; do
	fault 9 "${f%:*}"
	same "dnsfault ${f%:*}" "${f#*:}" "$(dig +time=1 +tries=1 @127.0.0.9 wild.test SOA | sed -n 's/.*status: \([A-Z]*\).*/\1/p')"
	stop fault9
done
fault 9 drop
same "dnsfault drop" "" "$(ask @127.0.0.9 wild.test SOA | grep -v '^;')"
stop fault9

lab_proxy
lab_late
D=https://127.0.0.1:14001/dir
code() { api -o /dev/null -w '%{http_code}' "$@" 2>/dev/null; }
same "the proxy passes on" 200 "$(code $D)"
rules '[{"what":"directory","times":1,"status":503,"retry_after":7}]'
run api -i $D
says "the proxy says 503 when told" '^HTTP/1.1 503'
says "and when to come again" '^Retry-After: 7'
same "but once" 200 "$(code $D)"
same "and has counted" 2 "$(counts 'c["requests"]')"
rules '[{"what":"directory","truncate":10}]'
expect_rc 18 "the proxy cuts a body" api $D
rules '[{"what":"directory","reset":"after"}]'
expect_rc "35 52 55 56" "the proxy breaks a connection" api $D
rules '[{"what":"nonce","drop":["Replay-Nonce"]}]'
run api -I https://127.0.0.1:14001/nonce-plz
silent "the proxy takes a header away" 'replay-nonce'
rules '[]'
ms=$(api -o /dev/null -w '%{time_total}' https://127.0.0.1:14003/dir | tr -d .)
least "microseconds of a request 50 ms away: TCP, TLS and itself" 290000 "$((10#$ms))"
same "which are three round trips" 3 "$(counts 'c["round_trips"]' 14004)"

printf '#!/bin/sh\n[ "$2" = dns-01 ] || exit 1\ncase $1 in begin) a=add;; *) a=delete;; esac\nprintf "server 127.0.0.2\\nupdate %%s _acme-challenge.%%s. 5 TXT \\"%%s\\"\\nsend\\n" $a "$3" "$5" | nsupdate -k %s/tsig.key -v\n[ $1 = begin ] && sleep 5 || true\n' \
	"$LAB" >"$LAB/hook"
chmod 755 "$LAB/hook"
if have uacme; then
	expect "a stranger registers" uacme -a $D -c "$LAB/u" -y -t EC new a@wild.test
	expect "and gets a certificate" uacme -a $D -c "$LAB/u" -y -t EC -h "$LAB/hook" issue wild.test '*.wild.test'
	same "the CA's log counts it" 1 "$(issued)"
	least "the proxy saw its requests" 10 "$(counts 'c["requests"]')"
else skip "a stranger gets a certificate" uacme peer; fi
lab_done
