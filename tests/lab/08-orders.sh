#!/bin/bash
# Orders in every state, accounts in every state.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up WITH="p24e p210p"
lab_proxy
url=https://127.0.0.1:14001/dir
good() { fresh $url; rules "$2"; issue "$1" wild.test; }
good "pending for five polls" '[{"what":"order","times":5,"order_status":"pending"}]'
good "processing for five polls" '[{"what":"order","after":1,"times":5,"order_status":"processing"},{"what":"finalize","order_status":"processing"}]'
good "processing with Retry-After" '[{"what":"finalize","order_status":"processing","retry_after":1}]'
good "orderNotReady at finalize" '[{"what":"finalize","times":1,"status":403,"problem":"orderNotReady"}]'
if full; then good "processing for a minute" '[{"what":"order","after":1,"times":12,"order_status":"processing","retry_after":5}]'; fi
fresh $url
rules '[{"what":"order","order_status":"invalid","json":{"error":{"type":"urn:ietf:params:acme:error:compound","detail":"two names failed","status":403,"subproblems":[{"type":"urn:ietf:params:acme:error:caa","detail":"CAA says no","identifier":{"type":"dns","value":"wild.test"}}]}}}]'
refused "invalid with subproblems" 1 'CAA says no' ops ssl wild.test
no_txt
# The CA really refuses: its view of DNS is one that never sees the value.
rules '[]'
VADNS=127.0.0.5:53
restart_ca
fresh
refused "the CA sees no TXT: told why, with the name" 1 'wild\.test' ops ssl wild.test
no_txt
VADNS=127.0.0.4:53
restart_ca
fresh
issue "a certificate" wild.test
restart_ca
expect "the CA has lost its accounts: registered again" ops ssl renew --force
pair "and renewed" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
# An order that was ready when we died is taken up, not made again.
fresh $url
rules '[{"what":"finalize","times":1,"delay":4}]'
"$OPSMAIL" --conf "$CONF" ssl wild.test >"$LAB/k.log" 2>&1 &
pid=$!
await 20 eval '[ "$(counts "n(\"finalize\")")" -ge 1 ]'
kill -9 $pid; wait $pid 2>/dev/null
sleep 5
n=$(issued)
same "killed at finalize: the CA has signed" 1 "$(counts 'n("newOrder")')"
expect "run again" ops ssl wild.test
same "the order was resumed" 1 "$(counts 'n("newOrder")')"
same "no second certificate" "$n" "$(issued)"
pair "its pair is whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
no_txt
# The order is gone at the CA.
fresh $url
rules '[{"what":"finalize","reset":"before"}]'
LIMIT=60 run ops ssl wild.test
rules '[{"what":"order","times":1,"status":404,"problem":"malformed","detail":"no such order"}]'
expect "the CA forgot the order: a new one" ops ssl wild.test
pair "its pair is whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'

eab() { # eab PORT KID KEY
	ACME="  eab: {kid: $2, hmac: $3}" fresh "https://127.0.0.1:$1/dir"
	chmod 600 "$CONF/opsmail.yaml"
}
if [ -e "$LAB/p24e.pid" ]; then
	PORT=14300
	eab 14300 kid-1 "$EABKEY"
	issue "external account binding" wild.test
	fresh https://127.0.0.1:14300/dir
	refused "EAB is required and missing" 4 'eab|external' ops ssl wild.test
	eab 14300 kid-9 "$EABKEY"
	refused "EAB with a wrong kid" "1 4" 'kid|eab|external|unauthorized' ops ssl wild.test
	eab 14300 kid-1 AAAA
	refused "EAB with a wrong key" "1 4" 'eab|external|binding|unauthorized|key' ops ssl wild.test
	says "and says whom the CA did not like" .
fi
if [ -e "$LAB/p210p.pid" ]; then
	PORT=14200
	for p in classic tlsserver shortlived; do
		eab 14200 kid-1 "$EABKEY"
		sed -i "s/^acme:/acme:\n  profile: $p/" "$CONF/opsmail.yaml"
		issue "profile $p" wild.test
	done
	secs=$(($(date -d "$(openssl x509 -in "$CONF/acme/live/wild.test/cert.pem" -noout -enddate | cut -d= -f2)" +%s) - $(date +%s)))
	most "and it is short-lived" 600000 $secs
	eab 14200 kid-1 "$EABKEY"
	sed -i "s/^acme:/acme:\n  profile: nonsense/" "$CONF/opsmail.yaml"
	refused "a profile the CA does not have" 1 'shortlived' ops ssl wild.test
else skip "profiles" pebble-new peer; fi
PORT=14000
lab_done
