#!/bin/bash
# Rejected nonces: uacme and dehydrated lose at 50 %, we do not.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up NONCE=0
rate() { # rate PERCENT RUNS
	local i good=0 last=""
	NONCE=$1
	restart_ca
	for ((i = 0; i < $2; i++)); do
		fresh
		run ops ssl wild.test
		if [ $rc = 0 ]; then good=$((good + 1)); else last=$out; fi
	done
	[ $good = "$2" ] && ok "nonces rejected at $1 %: $good of $2" || fail "nonces rejected at $1 %: $good of $2" "$last"
}
if full; then for p in 0 15 50; do rate $p 40; done; rate 90 3; else rate 0 2; rate 15 6; rate 50 10; fi
NONCE=0
restart_ca
lab_proxy
fresh https://127.0.0.1:14001/dir
rules '[{"what":"newOrder","times":2,"status":400,"problem":"badNonce"}]'
issue "badNonce without a nonce: a new one is fetched" wild.test
same "the order was sent three times" 3 "$(counts 'n("newOrder")')"
fresh https://127.0.0.1:14001/dir
rules '[{"what":"newOrder","times":3,"status":400,"problem":"badNonce","nonce":true}]'
issue "badNonce with a nonce: it is used" wild.test
same "no nonce was fetched for it" 1 "$(counts 'n("nonce")')"
fresh https://127.0.0.1:14001/dir
rules '[{"method":"POST","drop":["Replay-Nonce"]}]'
issue "answers without Replay-Nonce" wild.test
fresh https://127.0.0.1:14001/dir
rules '[{"what":"newOrder","status":400,"problem":"badNonce","nonce":true}]'
LIMIT=200 refused "badNonce without end is given up" "1" 'nonce' ops ssl wild.test
lab_done
