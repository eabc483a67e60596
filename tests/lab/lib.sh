# shellcheck shell=bash
# The lab: a small internet on the loopback of a network namespace of its own. A scenario
# starts with
#	. "$(dirname "$0")/lib.sh"
#	lab_up NONCE=15 WITH="pdns p210"
# and ends with lab_done. Real ports, own /etc/resolv.conf, nothing of the machine changes;
# what was started ends with the namespace, or by its pid.
#
# Who lives where (all on port 53 or as said):
#	127.0.0.2 fd00:53::2	BIND, primary of the zones below, TSIG acme-key
#	127.0.0.3 fd00:53::3	knot, their secondary (NDELAY seconds late)
#	127.0.0.4		unbound, the resolver in /etc/resolv.conf
#	127.0.0.5 fd00:53::5	knot, the root, test., and primary of knot.test (TSIG acme-key)
#	127.0.0.6 fd00:53::6	PowerDNS, pdns.test (TSIG acme-key)		WITH=pdns
#	127.0.0.7 fd00:53::7	nobody: _acme-challenge.self.test is delegated there
#	127.0.0.8 fd00:53::8	nobody: the second server of half.test (dnsfault.py may sit there)
# hidden.test is served by knot alone to the world (BIND, which is written to, is its hidden primary);
# six.test only over v6.
#	127.0.0.1:14000 :15000	pebble 2.4.0 and its management
#	127.0.0.1:14100 :15100	pebble 2.10					WITH=p210
#	127.0.0.1:14200 :15200	pebble 2.10, EAB required, three profiles	WITH=p210p
#	127.0.0.1:14300 :15300	pebble 2.4.0, EAB required			WITH=p24e
#	127.0.0.1:14001 :14002	proxy.py before 14000, and its control		lab_proxy
#	127.0.0.1:14003 :14004	the late one, and its control			lab_late
# Knobs: NONCE REUSE ALT (pebble), VADNS (who pebble asks), NDELAY, UBTTL, QLOG, CERTTTL, ZONES (d1..dN.test)
# shellcheck disable=SC2034,SC2154

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
if [ -z "${LAB_INSIDE:-}" ]; then
	[ "$(id -u)" = 0 ] || exec sudo -E "$0" "$@"
	"$here/peers.sh" || exit 1
	export LAB_INSIDE=1
	if unshare -mn true 2>/dev/null; then
		exec unshare -mnpf --mount-proc --kill-child "$0" "$@"
	fi
	# In a chroot / is no mount point, and a namespace of one's own needs it to be: it is mounted on a folder and
	# entered there; where that would show outside (a shared mount), resolv.conf is lent for the time, one lab at once.
	mkdir -p "$top/build/peers/root-of-the-lab"
	export LAB_ROOT="$top/build/peers/root-of-the-lab"
	# shellcheck disable=SC2016
	exec unshare -m --propagation unchanged bash -c 'mount --rbind / "$LAB_ROOT" || exit 1
		if grep " $LAB_ROOT.* shared:" /proc/self/mountinfo >/dev/null; then
			umount -l "$LAB_ROOT"
			LAB_INSIDE=nomount exec flock /tmp/opsmail-lab.lock unshare -n "$@"
		fi
		d=$PWD
		exec chroot "$LAB_ROOT" bash -c "cd \"\$1\" && shift && exec unshare -mnpf --mount-proc --kill-child \"\$@\"" _ "$d" "$@"' _ "$0" "$@"
fi
. "$top/build/peers/env"
export PATH
OPSMAIL=${OPSMAIL:-$top/build/opsmail}
LAB=$(mktemp -d /tmp/opsmail-lab.XXXXXX)
chmod 755 "$LAB"
passed=0 failed=0 skipped=0 pids=()

have() { command -v "$1" >/dev/null; }
full() { [ -n "${LAB_FULL:-}" ]; }
ok() { passed=$((passed + 1)); echo "ok $1"; }
fail() {
	failed=$((failed + 1))
	echo "not ok $1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | tail -n 25 | sed 's/^/	/'
}
skip() {
	if [ -n "${CI:-}" ] && [ "${3:-}" = peer ]; then fail "$1" "missing: $2"; return; fi
	skipped=$((skipped + 1))
	echo "skip $1: $2"
}
# run CMD...: output in $out, status in $rc
run() {
	local t="timeout ${LIMIT:-120}"
	[ "$(type -t "$1")" = function ] && t=""
	# shellcheck disable=SC2086
	out=$($t "$@" 2>&1 </dev/null) && rc=0 || rc=$?
}
expect() { local n=$1; shift; run "$@"; if [ $rc = 0 ]; then ok "$n"; else fail "$n" "status $rc: $out"; fi; }
expect_rc() {
	local want=$1 n=$2; shift 2; run "$@"
	case " $want " in *" $rc "*) ok "$n" ;; *) fail "$n" "status $rc, not $want: $out" ;; esac
}
# says NAME PATTERN: the last output has it;  silent NAME PATTERN: it has not
says() { if grep -qiE -- "$2" <<<"$out"; then ok "$1"; else fail "$1" "no /$2/ in: $out"; fi; }
silent() { if grep -qiE -- "$2" <<<"$out"; then fail "$1" "/$2/ in: $out"; else ok "$1"; fi; }
same() { if [ "$2" = "$3" ]; then ok "$1"; else fail "$1" "wanted $2, is $3"; fi; }
most() { if [ "$2" -ge "$3" ]; then ok "$1 ($3)"; else fail "$1" "at most $2, is $3"; fi; }
least() { if [ "$2" -le "$3" ]; then ok "$1 ($3)"; else fail "$1" "at least $2, is $3"; fi; }

# start NAME CMD...: in the background, log in $LAB/NAME.log, pid kept
start() {
	local n=$1; shift
	"$@" >"$LAB/$n.log" 2>&1 </dev/null &
	echo $! >"$LAB/$n.pid"
	pids+=($!)
}
stop() { kill "$(cat "$LAB/$1.pid")" 2>/dev/null; wait "$(cat "$LAB/$1.pid")" 2>/dev/null; rm -f "$LAB/$1.pid"; }
await() { # await SECONDS CMD...
	local t=$((SECONDS + $1)); shift
	until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $t ] || return 1; sleep 0.05; done
}
port() { (exec 3<>"/dev/tcp/${1%:*}/${1##*:}") 2>/dev/null; }
ask() { dig +short +time=1 +tries=1 "$@"; }
api() { curl -sS --cacert "$LAB/ca.pem" "$@"; }

. "$here/net.sh"

secondary_ready() { [ -n "$(ask @127.0.0.3 wild.test SOA)" ] && [ -n "$(ask @127.0.0.3 "d${ZONES:-3}.test" SOA)" ]; }

lab_down() {
	local p
	[ -e "$LAB/resolv.saved" ] && cat "$LAB/resolv.saved" >/etc/resolv.conf
	for p in "${pids[@]}"; do kill -9 "$p" 2>/dev/null; done
	[ ${#pids[@]} = 0 ] || wait "${pids[@]}" 2>/dev/null
	if [ -n "${LAB_KEEP:-}" ]; then echo "# kept: $LAB"; else cd / && rm -rf "$LAB"; fi
}
lab_done() {
	echo "$passed passed, $failed failed, $skipped skipped"
	exit $((failed > 0))
}
restart_ca() { stop p24; lab_ca p24; await 20 port 127.0.0.1:14000; lab_roots 14000; }

# The proxy in front of the CA at PORT (14000): counts, and breaks what `rules` says.
lab_proxy() {
	start proxy python3 "$here/proxy.py" --listen 127.0.0.1:14001 --control 127.0.0.1:14002 \
		--upstream "127.0.0.1:${1:-14000}" --cert "$LAB/srv.pem" --key "$LAB/srv.key"
	await 10 port 127.0.0.1:14002
}
lab_late() {
	start late python3 "$here/proxy.py" --listen 127.0.0.1:14003 --control 127.0.0.1:14004 \
		--upstream "127.0.0.1:${1:-14000}" --delay "${2:-0.05}"
	await 10 port 127.0.0.1:14004
}
rules() { curl -sS -X POST --data-binary "$1" http://127.0.0.1:14002/rules >/dev/null; }
# counts EXPRESSION over c, the proxy's counts: counts c["requests"], counts n("newOrder")
counts() {
	curl -sS "http://127.0.0.1:${2:-14002}/counts" | python3 -c 'import json,sys
c = json.load(sys.stdin)
n = lambda k: c["by"].get(k, 0)
print(eval(sys.argv[1]))' "$1"
}
# fault ADDR KIND: a name server with a fault at 127.0.0.ADDR
fault() { start "fault$1" python3 "$here/dnsfault.py" --listen "127.0.0.$1:53" "${@:2}"; await 10 port "127.0.0.$1:53"; }

# conf DIR [DIRECTORY-URL [SERVER [KEY]]]: a conf folder; more YAML on standard input
conf() {
	CONF=$LAB/$1
	mkdir -p "$CONF"
	cat >"$CONF/opsmail.yaml" <<-E
		email: a@wild.test
		acme:
		  server: "${2:-https://127.0.0.1:14000/dir}"
		  ca_file: $LAB/ca.pem
		${ACME:-}
		dns:
		  provider: rfc2136
		  credentials:
		    DNSUPDATE_NAMESERVER: "${3:-127.0.0.2:53}"
		    DNSUPDATE_TSIG_KEY: acme-key
		    DNSUPDATE_TSIG_ALGORITHM: hmac-sha256
		    DNSUPDATE_TSIG_SECRET: {file: ${4:-$LAB/secret}}
		${DNS:-}
	E
	sed -i '/^$/d' "$CONF/opsmail.yaml"
	if [ -n "${YAML:-}" ]; then printf '%s\n' "$YAML" >>"$CONF/opsmail.yaml"; else echo 'domains: {wild.test: {}}' >>"$CONF/opsmail.yaml"; fi
}
need_opsmail() { [ -x "$OPSMAIL" ] || { fail "$(basename "$0")" "build/opsmail is missing: make all"; lab_done; }; }
ops() { timeout "${LIMIT:-120}" "$OPSMAIL" --conf "$CONF" "$@"; }

# pair NAME DIR NAMES...: the key fits, the chain ends at the CA's root, the names are these
pair() {
	local t=$1 d=$2 e=""
	shift 2
	if ! [ -s "$d/fullchain.pem" ] || ! [ -s "$d/privkey.pem" ]; then fail "$t" "no pair in $d: $(ls -lR "$d" 2>&1)"; return; fi
	[ "$(openssl x509 -in "$d/cert.pem" -noout -pubkey)" = "$(openssl pkey -in "$d/privkey.pem" -pubout 2>/dev/null)" ] || e="key and certificate do not fit. "
	openssl verify -CAfile "$LAB/root.${PORT:-14000}.pem" -untrusted "$d/chain.pem" "$d/cert.pem" >/dev/null 2>&1 || e="${e}not verified. "
	local is want
	is=$(openssl x509 -in "$d/cert.pem" -noout -ext subjectAltName | grep -o 'DNS:[^, ]*' | sort | tr '\n' ' ')
	want=$(printf 'DNS:%s\n' "$@" | sort | tr '\n' ' ')
	[ "$is" = "$want" ] || e="${e}names are $is, not $want"
	if [ -z "$e" ]; then ok "$t"; else fail "$t" "$e"; fi
}
# fresh [URL [SERVER [KEY]]]: an empty conf folder
nconf=0
fresh() { nconf=$((nconf + 1)); conf "conf$nconf" "$@"; }
# issue TITLE DOMAIN [NAMES...]: ssl DOMAIN gives a whole pair, and no TXT stays
issue() {
	local t=$1 d=$2 n left=""
	shift 2
	[ $# -gt 0 ] || set -- "$d" "*.$d"
	run ops ssl "$d"
	if [ $rc != 0 ]; then fail "$t" "status $rc: $out"; return; fi
	for n in "$@"; do left="$left$(txt "_acme-challenge.${n#\*.}")"; done
	if [ -n "$left" ]; then fail "$t" "TXT left: $left"; else pair "$t" "$CONF/acme/live/$d" "$@"; fi
}
# refused TITLE STATUS PATTERN CMD...: fails with that status and says so in one sentence
refused() {
	local t=$1 want=$2 pat=$3
	shift 3
	run "$@"
	case " $want " in *" $rc "*) ;; *) fail "$t" "status $rc, not $want: $out"; return ;; esac
	if grep -qiE -- "$pat" <<<"$out"; then ok "$t"; else fail "$t" "no /$pat/ in: $out"; fi
}
updates() { grep -c 'adding an RR' "$LAB/named.log"; }
restart_bind() { stop named; lab_bind; await 10 port 127.0.0.2:53; }
serial() { openssl x509 -in "${1:-$CONF/acme/live/wild.test}/cert.pem" -noout -serial 2>/dev/null; }
txt() { ask "@${2:-127.0.0.2}" "$1" TXT | grep '^"'; }
no_txt() { # no_txt [NAME [SERVER]]: nothing of ours is left
	local t
	t=$(txt "${1:-_acme-challenge.wild.test}" "${2:-127.0.0.2}")
	if [ -z "$t" ]; then ok "${TEST:+$TEST: }no TXT left at ${1:-_acme-challenge.wild.test}"; else fail "${TEST:+$TEST: }no TXT left at ${1:-}" "$t"; fi
}
wipe() { # wipe NAME...: by force, so that one failure is not many
	local n
	for n in "$@"; do printf 'server 127.0.0.2\nupdate delete %s. TXT\nsend\n' "$n" | nsupdate -k "$LAB/tsig.key" -v 2>/dev/null; done
}
issued() { grep -c 'Issued certificate' "$LAB/${1:-p24}.log"; }
