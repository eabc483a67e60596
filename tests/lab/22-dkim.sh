#!/bin/bash
# DKIM among strangers: what `dkim sign` makes is verified by OpenDKIM, dkimpy, Perl's Mail::DKIM and mailauth, by the DNS;
# what they sign, `dkim verify` passes; and what was changed on the way passes nowhere.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
YAML='domains: {d1.test: {}, d2.test: {}}'
fresh
msg=$LAB/msg
cat >"$msg" <<-'E'
	From: Somebody <a@d1.test>
	To: b@d2.test
	Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?= and a folded
	  line  with   blanks
	Date: Wed, 25 Nov 2026 12:00:00 +0000
	Message-ID: <1@d1.test>
	Received: from x by y; Wed, 25 Nov 2026 12:00:00 +0000

	Hello,

	a  line with   blanks at its end	 
	.

	-- 


E
sed 's/$/\r/' "$msg" >"$msg.crlf"

expect "keys are made" ops dkim keygen d1.test
rsa=$(cd "$CONF/dkim/d1.test/pending" && echo *r.pem) && rsa=${rsa%.pem}
ed=${rsa%r}e
key() { echo "$CONF/dkim/d1.test/pending/$1.pem"; }

# The record goes into the zone as `dkim show` prints it for a zone file.
add() { # add SERVER SELECTOR
	printf 'server %s\nupdate add %s\nsend\n' "$1" "$(ops dkim show d1.test "$2" | tail -n 1)" >"$LAB/update"
	nsupdate -v -k "$LAB/tsig.key" "$LAB/update"
}
expect "the RSA record is taken as it is printed" add 127.0.0.2 "$rsa"
expect "and the Ed25519 record" add 127.0.0.2 "$ed"
await 10 test -n "$(ask @127.0.0.3 "$ed._domainkey.d1.test" TXT)"
same "a server has the value as one string" \
	"$(ops dkim show d1.test "$rsa" --json | tail -n 1 | python3 -c 'import json,sys; print(json.load(sys.stdin)["value"])')" \
	"$(ask @127.0.0.2 "$rsa._domainkey.d1.test" TXT | sed 's/" "//g; s/"//g')"

# ---- a key's record, judged by OpenDKIM, whose resolver is told about this small internet ----
cat >"$LAB/ub-opendkim.conf" <<-'E'
	server:
	  do-not-query-localhost: no
	  local-zone: "test." nodefault
	forward-zone:
	  name: "."
	  forward-addr: 127.0.0.4
E
echo "ResolverConfiguration $LAB/ub-opendkim.conf" >"$LAB/opendkim.conf"
testkey() { opendkim-testkey -x "$LAB/opendkim.conf" -d d1.test -vv "$@"; }
if have opendkim-testkey; then
	expect "opendkim-testkey finds the RSA key and its record to fit" testkey -s "$rsa" -k "$(key "$rsa")"
	says "and says so, but for DNSSEC" "key OK|key not secure"
	expect_rc "1 69 78" "but not with another key" testkey -s "$rsa" -k "$LAB/ca.key"
	expect "opendkim-testkey reads the Ed25519 record" testkey -s "$ed"
	says "and says so of it too" "key OK|key not secure"
else
	skip "opendkim-testkey" opendkim-tools peer
fi

# ---- strangers judge ----
ours() { ops dkim verify <"$1"; }
dkimpy() { dkimverify <"$1"; }
perls() { dkimproxy-verify <"$1" | tee /dev/stderr | grep -q '^verify result: pass'; }
testmsg() { opendkim-testmsg -C <"$1"; }
opendkims() { # the filter itself, in its test mode
	opendkim -x "$LAB/opendkim.conf" -b v -vv -t "$1" 2>&1 | tee "$LAB/opendkim.log" | grep -q 'dkim=pass' &&
		! grep -q 'dkim=fail' "$LAB/opendkim.log"
}
mailauths() { # a result for each signature: all must pass
	mailauth report -i 127.0.0.1 -e x.test -f a@d1.test -m x.test "$1" | python3 -c '
import json, sys
all = [r for r in json.load(sys.stdin)["dkim"]["results"] if r.get("signingDomain")]
for r in all:
	print(r["selector"], r["status"]["result"], r["status"].get("comment", ""))
sys.exit(not all or any(r["status"]["result"] != "pass" for r in all))'
}
for end in lf crlf; do
	in=$msg
	[ $end = lf ] || in=$msg.crlf
	ops dkim sign --domain d1.test --selector "$rsa" <"$in" >"$LAB/rsa.$end" || fail "sign with RSA ($end)"
	ops dkim sign --domain d1.test --selector "$ed" <"$in" >"$LAB/ed.$end" || fail "sign with Ed25519 ($end)"
	ops dkim sign --domain d1.test --selector "$ed" <"$LAB/rsa.$end" >"$LAB/both.$end" || fail "sign with both ($end)"
	for kind in rsa ed both; do sed 's/blanks at/planks at/' "$LAB/$kind.$end" >"$LAB/$kind.bad.$end"; done
done
# judge NAME PROGRAM KINDS: passes what is whole and not what was changed. Messages on disk end their lines with LF, on
# the wire with CRLF: both are one message.
judge() {
	local kind end
	if [ -n "$2" ] && ! have "$2"; then skip "$1 verifies what we sign" "$2" peer; return; fi
	for kind in $3; do
		for end in lf crlf; do
			expect "$1 passes $kind with $end" "$1" "$LAB/$kind.$end"
			run "$1" "$LAB/$kind.bad.$end"
			if [ $rc != 0 ]; then ok "$1 does not pass $kind with $end that was changed"; else fail "$1 passes a changed $kind" "$out"; fi
		done
	done
}
judge ours "" "rsa ed both"
judge dkimpy dkimverify "rsa ed"
judge perls dkimproxy-verify "rsa both" # this one knows no Ed25519
judge mailauths mailauth "rsa ed both"
judge opendkims opendkim "rsa ed both"
judge testmsg opendkim-testmsg "rsa"

# ---- we judge what they sign ----
openssl genrsa -traditional 2048 >"$LAB/rsa.pem" 2>/dev/null
openssl genpkey -algorithm ed25519 >"$LAB/ed.pem" 2>/dev/null
{
	echo "server 127.0.0.2"
	echo "update add theirs._domainkey.d2.test 60 TXT \"v=DKIM1; k=rsa; \" $(openssl rsa -in "$LAB/rsa.pem" -pubout -outform DER 2>/dev/null |
		base64 -w 0 | sed 's/^/p=/' | fold -w 200 | sed 's/.*/"&"/' | tr '\n' ' ')"
	echo "update add edwards._domainkey.d2.test 60 TXT \"v=DKIM1; k=ed25519; p=$(openssl pkey -in "$LAB/ed.pem" -pubout -outform DER |
		tail -c 32 | base64)\""
	echo send
} >"$LAB/update"
expect "the strangers' records" nsupdate -v -k "$LAB/tsig.key" "$LAB/update"
await 10 test -n "$(ask @127.0.0.3 edwards._domainkey.d2.test TXT)"
# theirs NAME FILE: what NAME signed passes here, not when it was changed, and not by another record
theirs() {
	expect "what $1 signed passes" ours "$2"
	says "$1: and is said to" 'd2.test: selector .*: pass'
	sed 's/blanks at/planks at/' "$2" >"$2.bad"
	expect_rc 3 "what $1 signed and was changed does not" ours "$2.bad"
	run ops_txt "$2" "v=DKIM1; p=$(openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -outform DER 2>/dev/null | base64 -w 0)"
	same "$1: nor by another's record" 3 "$rc"
}
ops_txt() { ops dkim verify --txt "$2" <"$1"; }
sed 's/d1\.test/d2.test/' "$msg.crlf" >"$LAB/theirs"
if have dkimsign; then
	for c in simple relaxed; do
		dkimsign --hcanon $c --bcanon $c theirs d2.test "$LAB/rsa.pem" <"$LAB/theirs" >"$LAB/dkimpy.$c" 2>"$LAB/dkimpy.log"
		theirs "dkimpy ($c)" "$LAB/dkimpy.$c"
	done
	openssl pkey -in "$LAB/ed.pem" -outform DER | tail -c 32 | base64 >"$LAB/ed.raw"
	dkimsign --signalg ed25519-sha256 edwards d2.test "$LAB/ed.raw" <"$LAB/theirs" >"$LAB/dkimpy.ed" 2>>"$LAB/dkimpy.log"
	theirs "dkimpy (Ed25519)" "$LAB/dkimpy.ed"
else
	skip "dkimpy signs" python3-dkim peer
fi
if have opendkim-testmsg; then
	# This tool signs by rsa-sha1 and no other, which RFC 8301 forbids to trust.
	opendkim-testmsg -C -d d2.test -s theirs -k "$LAB/rsa.pem" <"$LAB/theirs" >"$LAB/opendkim.out" 2>"$LAB/opendkim.log"
	expect_rc 3 "what OpenDKIM's tool signed by SHA-1 does not pass" ours "$LAB/opendkim.out"
	says "and why" "policy, rsa-sha1 is no longer trusted"
else
	skip "OpenDKIM signs" opendkim-tools peer
fi
if have mailauth; then
	mailauth sign -d d2.test -s theirs -k "$LAB/rsa.pem" "$LAB/theirs" >"$LAB/mailauth.out" 2>"$LAB/mailauth.log"
	theirs mailauth "$LAB/mailauth.out"
	mailauth sign -a ed25519-sha256 -d d2.test -s edwards -k "$LAB/ed.pem" "$LAB/theirs" >"$LAB/mailauth.ed" 2>>"$LAB/mailauth.log"
	theirs "mailauth (Ed25519)" "$LAB/mailauth.ed"
else
	skip "mailauth signs" mailauth peer
fi
lab_done
