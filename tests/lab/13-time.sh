#!/bin/bash
# When to renew: certificates of 90, 45 and 6.67 days, ARI, clocks that are wrong.
# The clock of opsmail alone is moved (faketime); the CA reuses its authorizations, since TSIG needs a true clock.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up REUSE=100 WITH="p210 p210p"
have lab-faketime || { skip "time" faketime peer; lab_done; }
at() { local t=$1; shift; timeout 60 lab-faketime "$t" "$OPSMAIL" --conf "$CONF" "$@"; }
due() { # due TITLE TIME: at that time renew renews
	local s
	s=$(serial)
	run at "$2" ssl renew
	if [ $rc = 0 ] && [ "$s" != "$(serial)" ]; then ok "$1"; else fail "$1" "status $rc, not renewed: $out"; fi
}
idle() {
	local s
	s=$(serial)
	run at "$2" ssl renew
	if [ $rc = 0 ] && [ "$s" = "$(serial)" ]; then ok "$1"; else fail "$1" "status $rc: $out"; fi
}
fresh
issue "90 days" wild.test
idle "on day 1 nothing is due" +1d
idle "on day 58 neither" +58d
due "on day 61 it is" +61d
due "on day 89" +89d
run at -365d ssl list
[ $rc = 0 ] && ok "the clock is a year back: list" || fail "the clock is a year back: list" "$out"
idle "and nothing is renewed for that" -365d
expect "list says when and why" ops ssl list
says "the next renewal" '20[0-9][0-9]-'
CERTTTL=6
restart_ca
fresh
issue "6 seconds" wild.test
sleep 7
due "when it has expired" +0d
CERTTTL=7776000
restart_ca
if [ -e "$LAB/p210p.pid" ]; then
	PORT=14200
	for p in tlsserver:29:32 shortlived:3:6; do
		IFS=: read -r prof no yes <<<"$p"
		ACME="  eab: {kid: kid-1, hmac: $EABKEY}
  profile: $prof" fresh https://127.0.0.1:14200/dir
		chmod 600 "$CONF/opsmail.yaml"
		issue "profile $prof" wild.test
		idle "$prof: on day $no nothing is due" "+${no}d"
		due "$prof: on day $yes it is" "+${yes}d"
	done
fi
if [ -e "$LAB/p210.pid" ]; then
	PORT=14100
	lab_proxy 14100
	ari() { # ari RESPONSE: what the CA shall say about the live certificate
		python3 -c 'import json,sys; print(json.dumps({"Certificate": open(sys.argv[1]).read(), "ARIResponse": sys.argv[2]}))' \
			"$CONF/acme/live/wild.test/cert.pem" "$1" >"$LAB/ari.json"
		api -X POST -H 'Content-Type: application/json' --data-binary "@$LAB/ari.json" https://127.0.0.1:15100/set-renewal-info/ >/dev/null
	}
	win() { echo "{\"suggestedWindow\":{\"start\":\"$(date -u -d "$1" +%FT%TZ)\",\"end\":\"$(date -u -d "$2" +%FT%TZ)\"},\"explanationURL\":\"https://ca.test/why\"}"; }
	new() { rm -f "$LAB/proxy.rules"; fresh https://127.0.0.1:14001/dir; rules '[]'; run ops ssl wild.test; [ $rc = 0 ] || fail "a certificate for ARI" "$out"; }
	new
	ari "$(win '2 days ago' '1 day ago')"
	due "ARI: the window is past" +0d
	grep -q 'is a replacement of' "$LAB/p210.log" && ok "the order said what it replaces" || fail "the order said what it replaces"
	new
	ari "$(win '+80 days' '+81 days')"
	idle "ARI: the window is later than a third of life" +62d
	new
	ari "$(win '+10 days' '+11 days')"
	idle "ARI: before the window" +8d
	due "ARI: after it" +12d
	for bad in 'not json at all' '{"suggestedWindow":{"start":"soon","end":"later"}}' "$(win '2 days ago' '3 days ago')" \
		'{"suggestedWindow":{"start":"9999-12-31T00:00:00Z","end":"9999-12-31T23:59:59Z"}}' '{}'; do
		new
		ari "$bad"
		idle "ARI is nonsense (${bad:0:30}): nothing on day 1" +1d
		due "and the old rule holds on day 61" +61d
	done
	new
	rules '[{"what":"renewalInfo","status":500,"html":true}]'
	due "ARI answers 500: renewed by the old rule" +61d
	new
	rules '[]'
	idle "a first look" +1h
	idle "a second look an hour later" +2h
	most "Retry-After is kept over runs" 1 "$(counts 'n("renewalInfo")')"
	new
	rules '[{"what":"newOrder","times":1,"status":409,"problem":"alreadyReplaced","detail":"was replaced"}]'
	ari "$(win '2 days ago' '1 day ago')"
	due "alreadyReplaced: once more without it" +0d
	same "two orders were asked for" 2 "$(counts 'n("newOrder")')"
else skip "ARI" pebble-new peer; fi
lab_done
