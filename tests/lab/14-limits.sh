#!/bin/bash
# A domain that fails for a day costs few orders, and never stops the others.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up REUSE=100
have lab-faketime || { skip "limits" faketime peer; lab_done; }
at() { local t=$1; shift; timeout 60 lab-faketime "$t" "$OPSMAIL" --conf "$CONF" "$@"; }
lab_proxy
YAML='domains: {wild.test: {}, d1.test: {}}' fresh https://127.0.0.1:14001/dir
expect "two domains" ops ssl wild.test d1.test
s=$(serial "$CONF/acme/live/d1.test")
# Only the first order of each run is for wild.test when it alone is due: so let d1.test be renewed first.
expect "one renewed" at +61d ssl renew d1.test
[ "$s" != "$(serial "$CONF/acme/live/d1.test")" ] && ok "it is a new one" || fail "it is a new one"
rules '[{"what":"newOrder","status":400,"problem":"rejectedIdentifier","detail":"not today"}]'
base=$((61 * 24 * 60))
step=20
full && step=5
runs=0
for ((m = 0; m < 24 * 60; m += step)); do
	run at "+$((base + m))m" ssl renew wild.test
	runs=$((runs + 1))
done
[ $rc != 0 ] && ok "a failing domain is told by the status" || fail "a failing domain is told by the status" "$out"
# `renew DOMAIN` is a person asking; the scheduled run is the one that must hold back.
rules '[{"what":"newOrder","status":400,"problem":"rejectedIdentifier","detail":"not today"}]'
rm -rf "$CONF/acme/state.saved"
base=$((base + 3 * 24 * 60))
for ((m = 0; m < 24 * 60; m += step)); do run at "+$((base + m))m" ssl renew; done
# two domains are due now, both fail: each 1 + 3 retries + 1 a day at most
most "orders in $((24 * 60 / step)) scheduled runs over a day, two domains" 10 "$(counts 'n("newOrder")')"
least "but some" 2 "$(counts 'n("newOrder")')"
says "the last run says what it waits for" 'next try|not today|failed'
rules '[]'
base=$((base + 3 * 24 * 60))
expect "the CA is well again: renewed" at "+${base}m" ssl renew
pair "and whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
# 429 with a time is kept over runs.
rules '[{"what":"newOrder","status":429,"problem":"rateLimited","retry_after":86400}]'
base=$((base + 62 * 24 * 60))
run at "+${base}m" ssl renew
n=$(counts 'n("newOrder")')
run at "+$((base + 300))m" ssl renew
same "Retry-After of a day: nothing is asked five hours later" "$n" "$(counts 'n("newOrder")')"
lab_done
