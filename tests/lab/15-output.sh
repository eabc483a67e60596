#!/bin/bash
# Dry runs keep nothing, JSON is JSON, quiet is quiet, and no secret is ever seen.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
json() { # json TITLE CMD...: standard output is one object a line, the first of type version
	local t=$1
	shift
	timeout 60 "$@" >"$LAB/json" 2>/dev/null </dev/null
	expect "$t is JSON, a line each" python3 -c 'import json,sys
rows = [json.loads(l) for l in open(sys.argv[1])]
assert rows and rows[0]["type"] == "version" and rows[0]["schema"], rows[:1]
assert all(isinstance(r.get("type"), str) for r in rows), rows' "$LAB/json"
}
fresh
find "$CONF" | grep -vE '/(acme|journal)' | sort >"$LAB/before"
run ops ssl --dry-run wild.test
case $rc in
0) ok "a dry run goes the whole way" ;;
*) says "a dry run without a staging server is refused, and said so" 'staging|dry' ;;
esac
[ ! -e "$CONF/acme/live" ] && ok "and nothing is live" || fail "and nothing is live" "$(find "$CONF/acme/live")"
no_txt
find "$CONF" | grep -vE '/(acme|journal)' | sort | diff "$LAB/before" - >"$LAB/diff" && ok "nothing was made but in acme/ and the journal of TXT values" || fail "nothing was made but in acme/ and the journal of TXT values" "$(cat "$LAB/diff")"
json "ssl --json" "$OPSMAIL" --conf "$CONF" ssl wild.test --json
json "ssl list --json" "$OPSMAIL" --conf "$CONF" ssl list --json
json "ssl renew --json" "$OPSMAIL" --conf "$CONF" --json ssl renew
run ops -q ssl renew
same "quiet is quiet" "" "$out"
json "an error with --json" "$OPSMAIL" --conf "$CONF" --json ssl nowhere.example
fresh
run ops -v -v ssl wild.test
silent "with -vv the TSIG secret is not shown" "$(sed 's/[+/.]/./g' "$LAB/secret")"
says "but much else is" '_acme-challenge'
silent "no colour in a pipe" $'\x1b'
run env CLICOLOR_FORCE=1 "$OPSMAIL" --conf "$CONF" ssl list
fresh
strace_args() { strace -f -qq -o "$LAB/exec" -e trace=execve -s 4096 "$OPSMAIL" --conf "$CONF" ssl wild.test; }
if have strace; then
	expect "a run under strace" strace_args
	same "no child process was started but the reload script" 1 "$(grep execve "$LAB/exec" | grep -vc 'reload/wild.test.sh')"
fi
expect "revoke" ops ssl revoke --yes --reason superseded wild.test
num=$(openssl x509 -in "$CONF/acme/live/wild.test/cert.pem" -noout -serial | cut -d= -f2)
out=$(api "https://127.0.0.1:15000/cert-status-by-serial/$(echo "$num" | tr A-F a-f | sed 's/^0*//')")
says "the CA says it is revoked" 'revoked'
says "for the reason given" 'superseded|"?4|Reason"?: *4'
fresh
issue "another" wild.test
expect "revoked by its own key" ops ssl revoke --yes --by-key wild.test
expect "and once more is no error" ops ssl revoke --yes wild.test
fresh
issue "another" wild.test
expect "account show" ops ssl account show
says "it shows the URL" 'my-account'
url=$(grep -o 'https://[^ "]*my-account[^ "]*' <<<"$out" | head -1)
sed -i 's/^email:.*/email: b@wild.test/' "$CONF/opsmail.yaml"
expect "account update" ops ssl account update
expect "account rollover" ops ssl account rollover
expect "renewed with the new key" ops ssl renew --force
run ops ssl account show
says "the account's URL is the same" "${url:-missing}"
expect "account deactivate" ops ssl account deactivate --yes
run ops ssl renew --force
case $rc in 0) ok "afterwards a new account is made" ;; *) says "afterwards it says so" 'account' ;; esac
lab_done
