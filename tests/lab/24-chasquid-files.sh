#!/bin/bash
# chasquid's files between chasquid and us: each reads what the other wrote, names are brought into one form by both,
# its server lets in whom we added and resolves our aliases as we do; where it does not, the difference is wanted.
# shellcheck disable=SC2154
. "$(dirname "$0")/lib.sh"
ip link set lo up
trap lab_down EXIT
have chasquid-util || { skip "chasquid's files" "chasquid" peer; lab_done; }
cd "$LAB" || exit 1
mkdir -p d/domains d/certs/h our
ln -s "$OPSMAIL" our/chasquid-util
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout d/certs/h/privkey.pem \
	-out d/certs/h/fullchain.pem -days 30 -subj /CN=mx.test 2>/dev/null
cat >d/chasquid.conf <<-E
	hostname: "mx.test"
	smtp_address: ":25"
	submission_address: [":587"],
	submission_over_tls_address: ':465';
	data_dir: "$LAB/data"
	mail_log_path: "<stdout>"
	mail_delivery_agent_bin: "/bin/true"
	give_up_send_after: "1h30m"
E
theirs() { timeout 20 chasquid-util -C=d "$@"; }
older() { timeout 20 chasquid-old-util -C=d "$@"; }
ours() { timeout 20 our/chasquid-util -C=d "$@"; }
mail() { timeout 20 "$OPSMAIL" --conf d "$@"; }
# said NAME WANTED: the last output is that
said() { same "$1" "$2" "$out"; }

# Users, by both in turn, in one file.
expect "theirs adds one" theirs user-add alice@a.test --password=secret
expect "theirs adds one who only receives" theirs user-add bob@a.test --receive_only
expect "ours lets the first in" ours authenticate alice@a.test --password=secret
expect_rc 1 "and not with another password" ours authenticate alice@a.test --password=secret2
expect_rc 1 "nor the one who receives" ours authenticate bob@a.test --password=
run mail user list
says "both are listed" 'alice@a.test +scrypt'
says "as what they are" 'bob@a.test +denied'
printf 'p w\303\266\n' >pw
chmod 600 pw
expect "ours adds one" mail user add carol@a.test --password-file pw
expect "ours gives another password" mail user passwd alice@a.test --password-file pw
expect "theirs lets her in" theirs authenticate carol@a.test "--password=$(cat pw)"
expect "and with the new password" theirs authenticate alice@a.test "--password=$(cat pw)"
expect_rc 1 "not with the old one" theirs authenticate alice@a.test --password=secret
run theirs check-userdb a.test
said "theirs counts three" "Database loaded (3 users)"
expect "ours removes one" mail user remove bob@a.test
run theirs check-userdb a.test
said "theirs counts two" "Database loaded (2 users)"
expect "theirs writes the file anew" theirs user-add dave@a.test --password=x
expect "ours lets in whom ours had added" ours authenticate carol@a.test "--password=$(cat pw)"
# Salts and hashes are any bytes: all of them come through both ways.
for ((i = 0; i < 20; i++)); do ours user-add "u$i@many.test" --password="p$i" >/dev/null || break; done
run theirs check-userdb many.test
said "twenty of ours are read" "Database loaded (20 users)"
n=0
for ((i = 0; i < 20; i++)); do theirs authenticate "u$i@many.test" --password="p$i" >/dev/null && n=$((n + 1)); done
same "and let in" 20 $n
for ((i = 0; i < 20; i++)); do theirs user-add "t$i@many.test" --password="p$i" >/dev/null || break; done
n=0
for ((i = 0; i < 20; i++)); do ours authenticate "t$i@many.test" --password="p$i" >/dev/null && n=$((n + 1)); done
same "twenty of theirs are let in" 20 $n
if have chasquid-old-util; then
	expect "the chasquid of this release lets in ours" older authenticate u7@many.test --password=p7
	expect "and adds one" older user-add old@many.test --password=old
	expect "whom ours lets in" ours authenticate old@many.test --password=old
else
	skip "the chasquid of this release" "chasquid-old-util" peer
fi

# One name, one form: what either takes, the other takes for the same.
: >differ
names=0
while IFS= read -r name; do
	name=$(printf '%b' "$name")
	names=$((names + 1))
	rm -rf d/domains/n1.test d/domains/n2.test
	theirs user-add "$name@n1.test" --receive_only >/dev/null 2>&1
	ours user-add "$name@n2.test" --receive_only >/dev/null 2>&1
	a=$(mail user list n1.test 2>/dev/null | sed -n 's/@n1.test.*//p')
	b=$(mail user list n2.test 2>/dev/null | sed -n 's/@n2.test.*//p')
	[ "$a" = "$b" ] || printf '%s: %s / %s\n' "$name" "$a" "$b" >>differ
done <<-'NAMES'
	joe
	JOE.Doe+x
	a b
	a\tb
	!#$%&'*/=?^_`{|}~
	\303\221And\303\232
	pe\314\201
	\357\274\241\357\274\221
	\357\275\266\357\276\236
	\316\243\316\261\316\243
	\317\202
	\304\260stanbul
	stra\303\237e
	\341\272\236
	l\302\267l
	a\302\267l
	\315\265a
	\327\220\327\263
	a\327\263
	a\343\203\273
	\330\247\331\241
	\330\247\331\241\333\261
	\340\244\225\340\245\215\342\200\215\340\244\267
	a\342\200\215b
	\331\206\330\247\331\205\331\207\342\200\214\330\247\333\214
	\330\247\342\200\214\330\247
	\327\220b
	b\327\220
	\327\2201
	1\327\220
	\331\200
	\341\204\200
	\352\260\200
	\342\205\243
	\342\231\232
	\302\271
	\302\255
	x\302\240y
	x\377y
	\347\224\250\346\210\267
	\340\270\227\340\270\224
	\360\237\230\200
	\360\240\200\200
	\357\254\201
NAMES
same "$names names are the same to both" "" "$(cat differ)"
# RFC 5892 allows a keraia before Greek and a dot among Katakana (A.4, A.7); Go's library does not.
for name in "$(printf '\315\265\316\261')" "$(printf '\343\202\253\343\203\273')"; do
	expect_rc 1 "theirs refuses $name" theirs user-add "$name@n1.test" --receive_only
	expect "ours takes $name, which is wanted" ours user-add "$name@n2.test" --receive_only
done

# The configuration in force.
theirs print-config | sed 's/:  /: /' >theirs.conf
ours print-config >ours.conf
same "the same configuration is in force" "$(cat theirs.conf)" "$(cat ours.conf)"

# The server, on files that we wrote.
expect "an alias" mail alias add sales@a.test carol 'Someone@Remote.test'
expect "a forward" mail alias add fwd@a.test 'x@remote.test via h1/h2'
expect "a program" mail alias add prog@a.test '| /bin/cat -n'
expect "one with a suffix" mail alias add carol+list@a.test dave
expect "one of many" mail alias add all@a.test sales prog nobody
nandu=$(printf '\303\261and\303\272')
expect "in Unicode" mail alias add "$nandu@a.test" "$nandu@$nandu.test"
expect "a catch-all" mail alias add '*@b.test' '*@remote.test'
expect "a loop" mail alias add loop@b.test loop
start chasquid chasquid -config_dir=d
if await 10 port 127.0.0.1:587; then ok "it starts on them"; else fail "it starts on them" "$(cat chasquid.log)"; fi
await 10 test -S data/localrpc-v1
: >differ
mkdir -p away
for a in sales@a.test sales+x@a.test s.ales@a.test fwd@a.test prog@a.test carol@a.test carol+list@a.test \
	c.arol+other@a.test all@a.test nobody@a.test "$nandu@a.test" x.y+z@b.test x@remote.test a@localhost loop@b.test; do
	t=$(theirs aliases-resolve "$a" 2>&1)
	o=$(ours aliases-resolve "$a" 2>&1)
	[ "$t" = "$o" ] || printf '%s, asked: %s / %s\n' "$a" "$t" "$o" >>differ
	mv data/localrpc-v1 away/
	f=$(ours aliases-resolve "$a" 2>&1 | sed 's/resolving: .*: recursion/resolving: recursion/')
	mv away/localrpc-v1 data/
	[ "$t" = "$f" ] || printf '%s, by the files: %s / %s\n' "$a" "$t" "$f" >>differ
done
same "15 addresses go where its server sends them" "" "$(cat differ)"
run mail alias add '*@a.test' caught@remote.test
kill -HUP "$(cat chasquid.pid)"
caught() { theirs aliases-resolve zz@a.test | grep -q caught; }
await 5 caught
run theirs aliases-resolve carol+tag@a.test
said "theirs gives a user's suffixed mail to the catch-all" "(email)  caught@remote.test"
mv data/localrpc-v1 away/
run ours aliases-resolve carol+tag@a.test
said "ours to the user, which is wanted" "(email)  carol@a.test"
mv away/localrpc-v1 data/
cat >login.py <<-'PY'
	import smtplib, ssl, sys
	s = smtplib.SMTP("127.0.0.1", 587)
	s.starttls(context=ssl._create_unverified_context())
	try:
	    s.login("carol@a.test", sys.argv[1])
	    print(s.sendmail("carol@a.test", ["dave@a.test"], "Subject: x\r\n\r\ny\r\n") == {})
	except smtplib.SMTPAuthenticationError as e:
	    print(e.smtp_code)
PY
printf 'plain-one\n' >pw
expect "another password while it runs" mail user passwd carol@a.test --password-file pw
kill -HUP "$(cat chasquid.pid)"
let_in() { python3 login.py plain-one | grep -q True; }
if await 5 let_in; then ok "its server lets in whom we gave it"; else fail "its server lets in whom we gave it" "$(tail -n 5 chasquid.log)"; fi
run python3 login.py wrong
said "and nobody else" 535
run ours domaininfo-remove never.test
said "what it does not know of it cannot forget" "Error removing domaininfo entry: does not exist"
stop chasquid
lab_done
