#!/bin/bash
# conf/reload/DOMAIN.sh: once a run, with a limit, tried again when it failed, and a real server really serves the new one.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up REUSE=100
script() { # script DOMAIN < text
	mkdir -p "$CONF/reload"
	chmod 755 "$CONF/reload"
	{ echo '#!/bin/sh'; cat; } >"$CONF/reload/$1.sh"
	chmod 755 "$CONF/reload/$1.sh"
}
YAML='domains: {wild.test: {acme: {reload_limit: 3s}}, d1.test: {acme: {reload_limit: 3s}}}' fresh
script wild.test <<'E'
env | sort >"$OPSMAIL_CONF/env"; echo "$1" >"$OPSMAIL_CONF/arg"; cat >"$OPSMAIL_CONF/stdin"
for f in "$OPSMAIL_KEY" "$OPSMAIL_CERT" "$OPSMAIL_CHAIN" "$OPSMAIL_FULLCHAIN"; do [ -s "$f" ] || exit 9; done
echo x >>"$OPSMAIL_CONF/count"
E
SECRET_OF_THE_CALLER=1 expect "a script that reads all it is given" ops ssl wild.test
same "the domain is its argument" wild.test "$(cat "$CONF/arg")"
same "nothing comes on standard input" "" "$(cat "$CONF/stdin")"
for v in OPSMAIL_CONF OPSMAIL_DOMAIN OPSMAIL_NAMES OPSMAIL_DIR OPSMAIL_KEY OPSMAIL_CERT OPSMAIL_CHAIN OPSMAIL_FULLCHAIN PATH HOME; do
	grep -q "^$v=." "$CONF/env" || fail "$v is in its environment"
done
grep -q SECRET_OF "$CONF/env" && fail "the environment is cleared" || ok "the environment is complete and cleared"
expect "nothing is due" ops ssl renew
same "so it did not run again" 1 "$(wc -l <"$CONF/count")"

n=$(issued)
script wild.test <<<'exit 1'
run ops ssl renew --force
[ $rc != 0 ] && ok "a script that fails is told by the status" || fail "a script that fails is told by the status" "$out"
says "and by name" 'reload'
pair "the pair is live all the same" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
script wild.test <<<'echo x >>"$OPSMAIL_CONF/again"'
expect "the next run tries it again" ops ssl renew
same "once" 1 "$(wc -l <"$CONF/again")"
same "without another certificate" $((n + 1)) "$(issued)"
expect "and then no more" ops ssl renew
same "still once" 1 "$(wc -l <"$CONF/again")"

script wild.test <<<'sleep 300 & echo $! >"$OPSMAIL_CONF/child"; sleep 300'
t=$SECONDS
run ops ssl renew --force
most "a script that hangs is ended at its limit" 12 $((SECONDS - t))
kill -0 "$(cat "$CONF/child")" 2>/dev/null && fail "its whole process group is ended" || ok "its whole process group is ended"
script wild.test <<<'sleep 20 >/dev/null 2>&1 & exit 0'
t=$SECONDS
expect "a child in the background does not hold us up" ops ssl renew --force
most "not for long" 8 $((SECONDS - t))
script wild.test <<<'sleep 8 & exit 0'
t=$SECONDS
run ops ssl renew --force
most "nor one that holds the pipe" 12 $((SECONDS - t))
script wild.test <<<'head -c 100000000 /dev/zero | tr "\0" "x"; echo; exit 0'
expect "a hundred megabytes of output" ops ssl renew --force
most "are not all kept" 2000000 ${#out}
script wild.test <<<'exec <&- >&- 2>&-; exit 0'
expect "a script that closes its descriptors" ops ssl renew --force
script wild.test <<<'/no/such/program'
run ops ssl renew --force
[ $rc != 0 ] && ok "a command that is not there" || fail "a command that is not there" "$out"
script wild.test <<<'echo one of them >>"$OPSMAIL_CONF/shared"; echo "$OPSMAIL_NAMES" >"$OPSMAIL_CONF/names"'
ln -s wild.test.sh "$CONF/reload/d1.test.sh"
expect "two domains, one script" ops ssl d1.test
rm -f "$CONF/shared"
expect "both renewed" ops ssl renew --force
same "one reload for both" 1 "$(wc -l <"$CONF/shared")"
same "which is told both names" "d1.test wild.test" "$(tr ' ' '\n' <"$CONF/names" | sort | tr '\n' ' ' | sed 's/ $//')"
chmod 777 "$CONF/reload/wild.test.sh"
run ops ssl renew --force wild.test
[ $rc != 0 ] && ok "a script that anyone may write is not run" || fail "a script that anyone may write is not run" "$out"

# A server that really runs.
fresh
script wild.test <<'E'
[ -s "$OPSMAIL_CONF/s.pid" ] && kill "$(cat "$OPSMAIL_CONF/s.pid")" && sleep 0.2
setsid openssl s_server -accept 127.0.0.1:4433 -cert "$OPSMAIL_CERT" -key "$OPSMAIL_KEY" -cert_chain "$OPSMAIL_CHAIN" -www >/dev/null 2>&1 </dev/null &
echo $! >"$OPSMAIL_CONF/s.pid"
sleep 0.3 # what is still in our process group when we end, ends too
E
served() { openssl s_client -connect 127.0.0.1:4433 -servername wild.test </dev/null 2>/dev/null | openssl x509 -noout -serial; }
for i in first second; do
	expect "$i certificate" ops ssl renew --force wild.test
	await 5 port 127.0.0.1:4433
	same "the server serves the $i" "$(serial)" "$(served)"
done
kill "$(cat "$CONF/s.pid")" 2>/dev/null
lab_done
