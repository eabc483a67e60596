#!/bin/bash
# The life of DKIM keys before two real servers, the second of them late: none signs whose record is not at both, at no
# moment, whenever the run is killed; old ones are retired, revoked and deleted; OpenDKIM judges on the way.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up NDELAY=2
YAML='mail_server: chasquid
addresses: [127.0.0.1]
hostname: smtp.d1.test
domains: {d1.test: {}, d2.test: {}}'
ACME='  propagation: 60'
fresh
LIVE=$CONF/chasquid/domains/d1.test
STATE=$CONF/dkim/d1.test/state.json
mkdir -p "$CONF/reload"
printf '#!/bin/sh\nls "$OPSMAIL_CONF/chasquid/domains/$1" >>"%s"\n' "$LAB/reloads" >"$CONF/reload/d1.test.sh"
chmod 750 "$CONF/reload" "$CONF/reload/d1.test.sh"

printf 'From: a@d1.test\nTo: b@d2.test\nSubject: x\nDate: Wed, 25 Nov 2026 12:00:00 +0000\nMessage-ID: <1@d1.test>\n\nHello\n' >"$LAB/msg"
printf 'server:\n  do-not-query-localhost: no\n  local-zone: "test." nodefault\nforward-zone:\n  name: "."\n  forward-addr: 127.0.0.4\n' >"$LAB/ub"
echo "ResolverConfiguration $LAB/ub" >"$LAB/opendkim.conf"
sign() { ops dkim sign --domain d1.test <"$LAB/msg" >"$LAB/signed"; }
verify() { ops dkim verify <"$LAB/signed"; }
opendkims() { # every signature passes
	sign || return 1
	opendkim -x "$LAB/opendkim.conf" -b v -vv -t "$LAB/signed" >"$LAB/opendkim.log" 2>&1
	[ "$(grep -c 'dkim=pass' "$LAB/opendkim.log")" -ge 1 ] && ! grep -q 'dkim=\(fail\|perm\|temp\|neutral\)' "$LAB/opendkim.log"
}
shape() { # "active active pending"
	python3 -c 'import json,sys; print(" ".join(k["state"] for k in json.load(open(sys.argv[1]))["keys"]))' "$STATE"
}
of() { # of STATE KIND: a selector
	python3 -c 'import json,sys
print(next((k["selector"] for k in json.load(open(sys.argv[1]))["keys"] if k["state"] == sys.argv[2] and k["kind"] == sys.argv[3]), ""))' "$STATE" "$1" "$2"
}
shown() { ask "@127.0.0.$2" "$1._domainkey.d1.test" TXT | sed 's/" "//g'; }
# What signs has its record at both servers.
sound() {
	local f s
	for f in "$LIVE"/dkim:*.pem; do
		[ -e "$f" ] || continue
		s=${f##*dkim:} s=${s%.pem}
		if [ -z "$(shown "$s" 2)" ] || [ -z "$(shown "$s" 3)" ]; then echo "$s signs, and is not at both servers"; return 1; fi
	done
}
older() { # older DAYS: all of its times are that much longer ago
	python3 - "$STATE" "$1" <<-'E'
		import json, sys, datetime
		f = "%Y-%m-%dT%H:%M:%SZ"
		s = json.load(open(sys.argv[1]))
		for k in s["keys"]:
		    for n in ("made", "since", "seen", "ready"):
		        if n in k:
		            t = datetime.datetime.strptime(k[n], f) - datetime.timedelta(days=int(sys.argv[2]))
		            k[n] = t.strftime(f)
		json.dump(s, open(sys.argv[1], "w"))
	E
}

# ---- the first pair ----
refused "without a key there is nothing to rotate" 1 "no DKIM key to rotate" ops dkim rotate d1.test
expect "keys are made" ops dkim keygen d1.test
expect "they go to work" ops dkim rotate d1.test
says "a signature was tried" "signs from now on; a message signed with it passes"
same "both are active" "active active" "$(shape)"
expect "and their records at both servers" sound
same "the mail server was told, once" 2 "$(wc -l <"$LAB/reloads")"
if have opendkim; then expect "OpenDKIM passes what they sign" opendkims; else skip "OpenDKIM" opendkim peer; fi
n=$(updates)
expect "a second run" ops dkim rotate d1.test
same "has nothing to write" "$n" "$(updates)"
same "nor to tell" 2 "$(wc -l <"$LAB/reloads")"

# ---- a change of keys ----
old=$(of active rsa)
cp "$STATE" "$LAB/before"
expect "a dry run" ops dkim rotate --now --dry-run d1.test
same "changes nothing" "" "$(diff "$STATE" "$LAB/before")"
same "and writes nothing" "$n" "$(updates)"
expect "new keys take their places" ops dkim rotate --now d1.test
same "the old ones retire" "retiring retiring active active" "$(shape)"
expect "what signs is at both servers" sound
same "the old record stays" 1 "$(shown "$old" 3 | grep -c 'p=M')"
[ ! -e "$LIVE/dkim:$old.pem" ] && [ -e "$CONF/dkim/d1.test/retired/$old.pem" ] && ok "its file is out" || fail "its file" "$(ls -R "$CONF/dkim" "$LIVE")"
if have opendkim; then expect "OpenDKIM passes the new ones" opendkims; fi
older 8
expect "after a week" ops dkim rotate d1.test
same "they are revoked" "revoked revoked active active" "$(shape)"
await 10 test '"v=DKIM1; p="' = "$(shown "$old" 3)"
same "at both servers" '"v=DKIM1; p=" "v=DKIM1; p="' "$(shown "$old" 2) $(shown "$old" 3)"
older 31
expect "after a month" ops dkim rotate d1.test
same "they are gone" "gone gone active active" "$(shape)"
await 10 test -z "$(shown "$old" 3)"
same "from both servers" "" "$(shown "$old" 2)$(shown "$old" 3)"
[ -z "$(find "$CONF/dkim/d1.test" -name "$old*")" ] && ok "and from the disk" || fail "a key that is gone" "$(find "$CONF/dkim")"
older 180
expect "after half a year, unasked" ops dkim rotate d1.test
same "there are others" "gone gone retiring retiring active active" "$(shape)"
expect "what signs is at both servers" sound

# ---- killed at any moment ----
bad=""
for ms in 05 1 2 4 6 8; do
	timeout -s KILL "0.$ms" "$OPSMAIL" --conf "$CONF" dkim rotate --now d1.test >/dev/null 2>&1
	bad="$bad$(sound)"
done
for s in 2 3 4 6 8 10; do
	timeout -s KILL $s "$OPSMAIL" --conf "$CONF" dkim rotate --now d1.test >/dev/null 2>&1
	bad="$bad$(sound)"
	sign && verify >/dev/null 2>&1 || bad="$bad after ${s}s nothing passes;"
done
same "killed after 0.05 to 10 s, what signs is always at both servers" "" "$bad"
expect "and the next run ends it" ops dkim rotate d1.test
same "with two keys that sign" 2 "$(shape | tr ' ' '\n' | grep -c active)"
silent "none is left half done" "pending"
expect "what signs is at both servers" sound

# ---- a server that does not follow ----
kill -STOP "$(cat "$LAB/knot.pid")"
sed -i 's/propagation: 60/propagation: 4/' "$CONF/opsmail.yaml"
keys=$(ls "$LIVE")
expect_rc 6 "with a server that is silent it ends with 6" ops dkim rotate --now d1.test
same "and nothing was switched" "$keys" "$(ls "$LIVE")"
kill -CONT "$(cat "$LAB/knot.pid")"
sed -i 's/propagation: 4/propagation: 60/' "$CONF/opsmail.yaml"
expect "when it is back the next run goes on" ops dkim rotate d1.test
[ "$keys" != "$(ls "$LIVE")" ] && ok "and has switched" || fail "it has not switched" "$(ls "$LIVE")"

# ---- a leak ----
leaked=$(of active rsa)
refused "nobody is there to say yes" 64 "[-]-yes" ops dkim revoke "$leaked"
expect "a key that leaked" ops dkim revoke "$leaked" --yes
same "is revoked at once" '"v=DKIM1; p="' "$(shown "$leaked" 2)"
expect "with another in its place" sound
same "and one that signs of each kind" "ed25519 rsa" "$(python3 -c 'import json,sys
print(*sorted(k["kind"] for k in json.load(open(sys.argv[1]))["keys"] if k["state"] == "active"))' "$STATE")"
refused "a second time there is nothing to do" 1 "is revoked" ops dkim revoke "$leaked" --yes
refused "nor for a key that nobody has" 64 "no configured domain" ops dkim revoke nobody --yes
same "keys of one domain have all different names" "" "$(python3 -c 'import json,sys
for k in json.load(open(sys.argv[1]))["keys"]: print(k["selector"])' "$STATE" | sort | uniq -d)"

# ---- a key of somebody's own ----
mkdir -p "$CONF/chasquid/domains/d2.test"
openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:2048 >"$CONF/chasquid/domains/d2.test/dkim:mail.pem" 2>/dev/null
own="k=rsa; n=mine; p=$(openssl pkey -in "$CONF/chasquid/domains/d2.test/dkim:mail.pem" -pubout -outform DER | base64 -w 0)"
printf 'server 127.0.0.2\nupdate add mail._domainkey.d2.test 60 TXT %s\nsend\n' "$(echo "$own" | fold -w 200 | sed 's/.*/"&"/' | tr '\n' ' ')" |
	nsupdate -v -k "$LAB/tsig.key"
sleep 3
expect "a key that stands there is taken up" ops dkim rotate d2.test
same "with its own words" "\"$own\"" "$(ask @127.0.0.2 mail._domainkey.d2.test TXT | sed 's/" "//g')"
expect "and is replaced when it is asked for" ops dkim rotate --now d2.test
STATE=$CONF/dkim/d2.test/state.json
older 8
expect "and revoked" ops dkim rotate d2.test
same "since its key is ours" '"v=DKIM1; p="' "$(ask @127.0.0.2 mail._domainkey.d2.test TXT)"
lab_done
