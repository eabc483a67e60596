#!/bin/bash
# What a name server says no with, each in one sentence and with the right status.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
fresh https://127.0.0.1:14000/dir 127.0.0.2:53 "$LAB/wrong-secret"
refused "BADSIG: the secret is wrong" 4 'tsig|secret|key' ops ssl wild.test
fresh
sed -i 's/acme-key/another-key/' "$CONF/opsmail.yaml"
refused "BADKEY: the server knows no such key" 4 'another-key|badkey' ops ssl wild.test
fresh
if have lab-faketime; then
	run timeout 60 lab-faketime +600s "$OPSMAIL" --conf "$CONF" ssl wild.test
	[ $rc != 0 ] && ok "BADTIME: the clock is ten minutes off" || fail "BADTIME" "$out"
	says "and it says so" 'clock|badtime|time'
else skip "BADTIME" faketime peer; fi
YAML='domains: {locked.test: {}}' fresh
refused "REFUSED by the server's policy" "1 4" 'refused|notauth|locked\.test' ops ssl locked.test
YAML='domains: {knot.test: {}}' fresh
refused "NOTAUTH: the zone is not there" "1 4" 'knot\.test' ops ssl knot.test
fresh https://127.0.0.1:14000/dir 127.0.0.9:53
refused "nobody listens" 1 '127\.0\.0\.9' ops ssl wild.test
DNS='  zone: nowhere.test' fresh
refused "a zone that is none" "1 4" 'nowhere\.test' ops ssl wild.test
for f in resetupdate=1 lostreply=1 truncate slow=1; do
	fault 9 "$f"
	fresh https://127.0.0.1:14000/dir 127.0.0.9:53
	issue "an update through a server with the fault $f" wild.test
	stop fault9
done
YAML='domains: {keep.wild.test: {names: [keep.wild.test]}}' fresh
expect "beside the owner's own TXT" ops ssl keep.wild.test
same "which survives, alone" '"the owner put this here"' "$(txt _acme-challenge.keep.wild.test)"
# A zone as it is read, by the judgement of BIND's own tools.
flat() { sed -E 's/[[:space:]]+/ /g' | sort -u; }
YAML='domains: {wild.test: {}, locked.test: {}}' fresh
expect "the zones are found" ops dns zones
says "wild.test is one" '^wild\.test +rfc2136'
if have named-checkzone; then
	ops dns records wild.test --format zone >"$LAB/wild.zone" 2>"$LAB/wild.err"
	expect "named-checkzone takes the zone file" named-checkzone -i none wild.test "$LAB/wild.zone"
	dig @127.0.0.2 wild.test AXFR +noall +answer | flat >"$LAB/wild.axfr"
	named-checkzone -i none -q -D -o - wild.test "$LAB/wild.zone" | flat >"$LAB/wild.read"
	named-checkzone -i none -q -D -o - wild.test "$LAB/wild.axfr" | flat >"$LAB/wild.want"
	expect "it is the AXFR, record for record" diff "$LAB/wild.want" "$LAB/wild.read"
	least "and all of it" 12 "$(wc -l <"$LAB/wild.read")"
else skip "the zone file" named-checkzone peer; fi
ops dns records wild.test --format dnscontrol >"$LAB/wild.js"
same "dnscontrol has the mail server" 1 "$(grep -c '^	MX("rich", 10, "wild.test.", TTL(300)),$' "$LAB/wild.js")"
if have node; then expect "and is JavaScript" node --check "$LAB/wild.js"; fi
ops dns records wild.test --format octodns >"$LAB/wild.yaml"
expect "octoDNS has it as YAML" env PYTHONPATH="$PEERS_ROOT/usr/lib/python3/dist-packages" python3 -c 'import sys, yaml
z = yaml.safe_load(open(sys.argv[1]))
mx = [s for s in z["rich"] if s["type"] == "MX"]
assert mx == [{"ttl": 300, "type": "MX", "values": [{"exchange": "wild.test.", "preference": 10}]}], mx' "$LAB/wild.yaml"
expect "the doctor finds wild.test well" ops dns doctor wild.test
says "served as the zone says" 'served by ns2\.nic\.test\., ns3\.nic\.test\.'
says "by a serial, which a resolver may still have an older one of" 'serial [0-9]+ (here and in public|in public, [0-9]+ at rfc2136)'
fresh https://127.0.0.1:14000/dir 127.0.0.2:53 "$LAB/wrong-secret"
refused "the doctor: a refused key" 4 'tsig|secret|key' ops dns doctor wild.test
DNS='  zone: nowhere.test' fresh
refused "the doctor: no such zone" "3 4" 'nowhere\.test' ops dns doctor wild.test
# The server goes away between add and delete, and comes back.
lab_proxy
rules '[{"what":"finalize","delay":3}]'
YAML='domains: {wild.test: {}}' fresh https://127.0.0.1:14001/dir
"$OPSMAIL" --conf "$CONF" ssl wild.test >"$LAB/back.log" 2>&1 &
pid=$!
await 20 grep -q 'adding an RR' "$LAB/named.log"
stop named; sleep 1; lab_bind; await 10 port 127.0.0.2:53
wait $pid
rc=$?
[ $rc = 0 ] || run ops ssl wild.test
pair "the server was restarted meanwhile (first run: $rc)" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
no_txt
lab_done
