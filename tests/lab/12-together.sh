#!/bin/bash
# Many at once: the second run of lego and acme.sh takes away the first one's TXT; dehydrated stays stuck on its lock.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up ZONES=50
fresh
start a "$OPSMAIL" --conf "$CONF" ssl wild.test
start b "$OPSMAIL" --conf "$CONF" ssl wild.test
start c "$OPSMAIL" --conf "$CONF" ssl wild.test
n=0
for x in a b c; do wait "$(cat "$LAB/$x.pid")" || { n=$((n + 1)); cat "$LAB/$x.log"; }; done
same "three runs of one conf at once are all well" 0 $n
same "one certificate was signed" 1 "$(issued)"
same "one account was made" 1 "$(find "$CONF/acme/accounts" -name key.pem | wc -l)"
start a "$OPSMAIL" --conf "$CONF" ssl renew
start b "$OPSMAIL" --conf "$CONF" ssl renew --force
start c "$OPSMAIL" --conf "$CONF" ssl d1.test
n=0
for x in a b c; do # the scheduled run does not wait: it says who is at work
	wait "$(cat "$LAB/$x.pid")" || grep -q 'is at work on it' "$LAB/$x.log" || { n=$((n + 1)); cat "$LAB/$x.log"; }
done
same "two renewals and a new domain at once" 0 $n
pair "the pair is whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'

# Two machines, the same domain: each adds its own values and takes away only those.
tries=2
full && tries=10
good=0
for ((i = 0; i < tries; i++)); do
	fresh; A=$CONF
	fresh; B=$CONF
	start a "$OPSMAIL" --conf "$A" ssl wild.test
	start b "$OPSMAIL" --conf "$B" ssl wild.test
	wait "$(cat "$LAB/a.pid")" && wait "$(cat "$LAB/b.pid")" && good=$((good + 1)) || cat "$LAB/a.log" "$LAB/b.log"
done
same "two machines at once, the same domain" $tries $good
no_txt

# A lock dies with its holder.
lab_proxy
rules '[{"what":"finalize","delay":60}]'
fresh https://127.0.0.1:14001/dir
start a "$OPSMAIL" --conf "$CONF" ssl wild.test
await 10 eval '[ -n "$(txt _acme-challenge.wild.test)" ]'
p=$(cat "$LAB/a.pid")
{ kill -9 "$p"; wait "$p"; } 2>/dev/null
rules '[]'
t=$SECONDS
issue "after kill -9 nothing is locked" wild.test
most "and nobody waits" 10 $((SECONDS - t))

mapfile -t fifty < <(seq -f 'd%g.test' 1 50)
fresh https://127.0.0.1:14001/dir
rules '[]'
t=$(date +%s%N)
expect "fifty domains" ops ssl "${fifty[@]}"
t=$((($(date +%s%N) - t) / 1000000))
most "milliseconds for fifty domains through the proxy" 20000 $t
same "fifty pairs" 50 "$(find "$CONF/acme/live" -mindepth 1 -maxdepth 1 | wc -l)"
same "one registration" 1 "$(counts 'n("newAccount")')"
most "connections" 10 "$(counts 'c["connections"]')"
fresh
t=$(date +%s%N)
expect "fifty domains, straight" ops ssl "${fifty[@]}"
most "milliseconds for fifty domains" 10000 $((($(date +%s%N) - t) / 1000000))
left=$(for d in "${fifty[@]}"; do txt "_acme-challenge.$d"; done)
same "no TXT is left of any" "" "$left"
# One that fails does not stop the others.
fresh
run ops ssl d1.test nowhere.example d2.test
same "one of three fails: partly done" 5 $rc
says "and it is named" 'nowhere\.example'
pair "the first is there" "$CONF/acme/live/d1.test" d1.test '*.d1.test'
pair "and the last" "$CONF/acme/live/d2.test" d2.test '*.d2.test'
lab_done
