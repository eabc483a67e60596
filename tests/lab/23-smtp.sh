#!/bin/bash
# The cores of SMTP among strangers, a socket lent to each: swaks, smtp-source, msmtp and Python's smtplib speak to the
# server; the client speaks to smtp-sink and aiosmtpd. Every false end of a message, over a wire.
# shellcheck disable=SC2154
. "$(dirname "$0")/lib.sh"
ip link set lo up
trap lab_down EXIT
make -s -C "$top" build/tests/smtp/serve build/tests/smtp/send >"$LAB/make.log" 2>&1 || fail "the programs are built" "$(cat "$LAB/make.log")"
serve=$top/build/tests/smtp/serve send=$top/build/tests/smtp/send here=$top/tests/smtp
cd "$LAB" || exit 1
ulimit -n 8192
mkdir kept msa proxy proxytls far lmtp starttls tls
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 30 -subj /CN=mx.test 2>/dev/null
start mx "$serve" --cert cert.pem --key key.pem --size 2000000 --dir kept 25
start msa "$serve" --cert cert.pem --key key.pem --login --implicit --dir msa 465
start proxy "$serve" --cert cert.pem --key key.pem --proxy --dir proxy 2525
start proxytls "$serve" --cert cert.pem --key key.pem --proxy --implicit --dir proxytls 2465
start fast "$serve" --open 2526
start sink smtp-sink -u root 127.0.0.1:26 1000
start old smtp-sink -u root -e 127.0.0.1:27 1000
start nopipe smtp-sink -u root -p 127.0.0.1:28 1000
start lmtpsink smtp-sink -u root -L 127.0.0.1:24 1000
start later smtp-sink -u root -r rcpt 127.0.0.1:29 1000
start never smtp-sink -u root -f data 127.0.0.1:30 1000
start gone smtp-sink -u root -q . 127.0.0.1:31 1000
start busy smtp-sink -u root -Q rcpt 127.0.0.1:32 1000
start far python3-smtp "$here/sink.py" 33 far smtp
start lmtp python3-smtp "$here/sink.py" 34 lmtp lmtp
start starttls python3-smtp "$here/sink.py" 35 starttls starttls cert.pem key.pem
start tls python3-smtp "$here/sink.py" 36 tls tls cert.pem key.pem
for p in 25 465 2526 24 26 27 28 29 30 32 33 34 35 36; do await 10 port 127.0.0.1:$p || fail "port $p is open" "$(cat ./*.log | tail -5)"; done

# strangers WHAT PORT: each line a result
strangers() {
	local line
	while read -r line; do
		case $line in
		"ok "*) ok "${line#ok }" ;;
		*) fail "${line#not ok }" ;;
		esac
	done < <(python3 "$here/strangers.py" "$1" "$2" kept 2>&1)
}
newest() { cat "$1/$(find "$1" -name '*.msg' -printf '%f\n' | sort -n | tail -1)"; }

# ---- the server ----
sw() { swaks --server 127.0.0.1 --helo c.test --from joe@local.test --to jil@local.test "$@"; }
expect "swaks" sw --port 25
expect "swaks with STARTTLS" sw --port 25 --tls
out=$(newest kept)
says "and the trace says so" 'with ESMTPS id'
expect "swaks logs in by PLAIN" sw --port 465 --tls-on-connect --auth PLAIN --auth-user joe --auth-password secret --to x@far.test
expect "swaks logs in by LOGIN, pipelining" sw --port 465 --tlsc --auth LOGIN --auth-user joe --auth-password secret --to x@far.test --pipeline
out=$(newest msa)
says "and the trace says so" 'with ESMTPSA id'
silent "and not from where" '127\.0\.0\.1'
expect_rc 28 "swaks with a wrong password" sw --port 465 --tlsc --auth PLAIN --auth-user joe --auth-password x
expect_rc 23 "swaks without a login" sw --port 465 --tlsc
expect_rc 24 "swaks to nobody" sw --port 25 --to unknown@local.test
expect_rc 24 "swaks to somebody else" sw --port 25 --to x@far.test
expect "swaks through a balancer, PROXY 1" sw --port 2525 --proxy-version 1 --proxy-family TCP4 --proxy-source 192.0.2.7 --proxy-source-port 4711 \
	--proxy-dest 192.0.2.8 --proxy-dest-port 25
out=$(newest proxy)
says "and the trace names the client" '\[192\.0\.2\.7\]'
expect "swaks through a balancer, PROXY 2" sw --port 2525 --proxy-version 2 --proxy-family AF_INET6 --proxy-protocol STREAM --proxy-command PROXY \
	--proxy-source 2001:db8::7 --proxy-source-port 4711 --proxy-dest 2001:db8::8 --proxy-dest-port 25
out=$(newest proxy)
says "and the trace names the client" '\[IPv6:2001:db8::7\]'
expect "swaks through a balancer before TLS" sw --port 2465 --tlsc --proxy-version 1 --proxy-family TCP4 --proxy-source 192.0.2.9 \
	--proxy-source-port 4711 --proxy-dest 192.0.2.8 --proxy-dest-port 465
out=$(newest proxytls)
says "and the trace names the client" '\[192\.0\.2\.9\]'
expect_rc "2 6 21" "swaks without the balancer is not heard" sw --port 2525 --timeout 3

cat >msmtprc <<-E
	account default
	host 127.0.0.1
	port 465
	tls on
	tls_starttls off
	tls_certcheck off
	auth on
	user joe
	password secret
	from joe@local.test
E
chmod 600 msmtprc
printf 'Subject: by msmtp\n\n.\n..\nend\n' >m
by_msmtp() { msmtp -C msmtprc x@far.test <m; }
expect "msmtp" by_msmtp
out=$(newest msa | tr -d '\r' | tail -3 | tr '\n' '|')
same "and its dots" ".|..|end|" "$out"

strangers smtplib 25
strangers smuggling 25
strangers crowd 25
t=$(date +%s%N)
expect "smtp-source, 20 sessions" smtp-source -s 20 -m 10000 -l 4096 -d -f a@b.test -t joe@local.test 127.0.0.1:2526
echo "# $((10000 * 1000 / (($(date +%s%N) - t) / 1000000))) messages of 4 KB a second, not kept"
expect "smtp-source, a connection a message" smtp-source -s 20 -m 500 -l 100000 -f a@b.test -t joe@local.test 127.0.0.1:2526
expect "smtp-source, many recipients" smtp-source -s 5 -m 50 -r 900 -f a@b.test -t joe@local.test 127.0.0.1:2526

# ---- the client ----
printf 'Subject: x\n\n.\n..\n.dot\nend\n' >m
sed 's/$/\r/' m >m.crlf
snd() { "$send" "$@" <m; }
for what in "26:smtp-sink" "27:one that knows no EHLO" "28:one without PIPELINING" "33:aiosmtpd"; do
	expect "to ${what#*:}" snd --never "${what%%:*}" a@b.test c@d.test e@d.test
	same "both are delivered" "c@d.test 250 e@d.test 250" "$(awk '{ printf "%s%s %s", s, $1, $2; s = " " }' <<<"$out")"
done
expect "as it was" cmp m.crlf far/1
expect "to smtp-sink, 2000 messages on one connection" snd --times 2000 26 a@b.test c@d.test
expect "to LMTP" snd --lmtp 24 a@b.test c@d.test e@d.test
same "each has an answer" 2 "$(grep -c ' 250 2' <<<"$out")"
expect "to LMTP of aiosmtpd" snd --lmtp 34 a@b.test c@d.test
expect "as it was" cmp m.crlf lmtp/1
expect "one of two is refused" snd 33 a@b.test unknown@d.test c@d.test
says "and says why" '^unknown@d.test 550 5.1.1 nobody'
says "the other is delivered" '^c@d.test 250 2.0.0 kept'
expect "all are refused" snd 33 a@b.test unknown@d.test unknown@e.test
same "and say so" 2 "$(grep -c ' 550 5.1.1 nobody' <<<"$out")"
expect "later" snd 29 a@b.test c@d.test
says "is what it says" '^c@d.test 450'
expect "never" snd 30 a@b.test c@d.test
says "is what it says" '^c@d.test 500'
expect_rc "1 2" "one that hangs up" snd 31 a@b.test c@d.test
says "decides nothing" '^c@d.test 0'
expect_rc 1 "421" snd 32 a@b.test c@d.test
says "is an end, and told" 'failed: it closes the connection: 421'
expect "STARTTLS to aiosmtpd, login by PLAIN" snd --must --user joe --password secret 35 a@b.test c@d.test
out=$(cat starttls/1.env)
says "it knows who it was" 'PLAIN-joe'
expect "TLS from the first byte, login by LOGIN" snd --implicit --user joe --password secret --mechanism LOGIN 36 a@b.test c@d.test
expect "as it was" cmp m.crlf tls/1
expect_rc 1 "a wrong password" snd --implicit --user joe --password x 36 a@b.test c@d.test
says "is told" 'refuses the login: 535'
expect_rc 1 "TLS where there is none" snd --must 33 a@b.test c@d.test
says "is told" 'offers no STARTTLS'
expect_rc 1 "no password in clear" snd --user joe --password secret 33 a@b.test c@d.test
says "is told" 'not sent in clear'
# ---- and to each other: BDAT, DSN ----
expect "client to server, BDAT" snd --notify 25 a@b.test joe@local.test
same "the message" "$(sha256sum <m.crlf)" "$(newest kept | sed '1,/^\t[A-Z][a-z][a-z], /d' | sha256sum)"
expect "client to server, DATA" snd --no-bdat --must 25 a@b.test joe@local.test
same "the message" "$(sha256sum <m.crlf)" "$(newest kept | sed '1,/^\t[A-Z][a-z][a-z], /d' | sha256sum)"
lab_done
