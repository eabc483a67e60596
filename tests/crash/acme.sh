#!/bin/bash
# Kills opsmail at system calls and runs it again: it must converge.
#
#   acme.sh [--sample N] [issue|renew ...]
#
# A first run under strace shows which calls there are. Then, for every call that changes something outside the
# process, and for one in fifty of the others, opsmail is killed (SIGKILL) as it enters that call, and run once more
# as a person would. Afterwards the pair in live/ is whole, no TXT is left, and the CA has signed no second
# certificate when it had signed one. --sample N takes every Nth point only. Two workers, a lab each.
cd "$(dirname "$0")" || exit 1
if [ -z "${CRASH_WORKER:-}" ]; then
	[ "$(id -u)" = 0 ] || exec sudo -E "$0" "$@"
	../lab/peers.sh || exit 1
	out=$(mktemp -d /tmp/opsmail-crash.XXXXXX)
	trap 'rm -rf "$out"' EXIT
	n=${JOBS:-2}
	for ((i = 0; i < n; i++)); do CRASH_WORKER="$i $n" ./acme.sh "$@" >"$out/$i" 2>&1 & done
	wait
	grep -hvE '^([0-9]+ passed|ok )' "$out"/*
	grep -c '^ok ' "$out"/* | sed 's/.*:/# points that converged: /'
	cat "$out"/* | awk '/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $1; f += $3; s += $5; w++ }
		END { if (w != '"$n"') { print "not ok a worker ended early"; f++ }
		printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }'
	exit
fi
. "$(dirname "$0")/../lab/lib.sh"
sample=1 what=() litter=""
while [ $# -gt 0 ]; do
	case $1 in --sample) sample=$2; shift 2 ;; *) what+=("$1"); shift ;; esac
done
read -r me workers <<<"$CRASH_WORKER"
lab_up
[ -x "$OPSMAIL" ] || { skip "crash points" "build/opsmail is missing"; lab_done; }

cat >"$LAB/points.py" <<'E'
"""strace -f output -> "syscall ordinal", one a line: what to kill at. Ordinals count per thread, as strace's own do."""
import collections, re, sys
ALWAYS = set("""write pwrite64 writev pwritev sendto sendmsg sendmmsg connect rename renameat renameat2 link linkat unlink
unlinkat rmdir fsync fdatasync sync_file_range mkdir mkdirat chmod fchmod fchmodat chown fchown fchownat lchown symlink symlinkat
setxattr fsetxattr lsetxattr removexattr fremovexattr truncate ftruncate fallocate flock utimensat""".split())
seen, points, others = collections.Counter(), {}, []
for ln in open(sys.argv[1]):
    m = re.match(r"(\d+) +(\w+)\((.*)", ln)
    if not m or m[2] in ("exit", "exit_group", "execve", "rt_sigreturn"):
        continue
    tid, call, args = m.groups()
    seen[tid, call] += 1
    p = call, seen[tid, call]
    if call in ALWAYS and not (call.startswith("write") and re.match(r"[12],", args)) or \
            call in ("openat", "open", "creat") and re.search("O_CREAT|O_TRUNC|O_TMPFILE", args):
        points[p] = 1
    else:
        others.append(p)
for p in others[::50]:
    points.setdefault(p, 1)
for call, n in points:
    print(call, n)
E

# trial: a conf folder as the template left it
trial() { rm -rf "$LAB/conf"; cp -a "$LAB/template.$1" "$LAB/conf"; CONF=$LAB/conf; }
point() { # point MODE SYSCALL ORDINAL COMMAND...
	local mode=$1 call=$2 n=$3 before mid after old new bad="" name
	shift 3
	name="$mode: killed at $call $n"
	trial "$mode"
	old=$(serial)
	before=$(issued)
	run strace -f -qq -o /dev/null -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" "$OPSMAIL" --conf "$CONF" "$@"
	local first=$rc
	mid=$(issued)
	new=$(serial)
	LIMIT=60 run "$OPSMAIL" --conf "$CONF" "$@"
	after=$(issued)
	[ $rc = 0 ] || bad="the next run ended with $rc: $out"
	# one that was signed but not yet live must be fetched, not asked for again; a forced renewal after a whole one is a new one
	local most=1
	[ "$mode" = renew ] && [ "$old" != "$new" ] && most=2
	[ $((after - before)) -le $most ] || bad="$bad; the CA signed $((mid - before)) then $((after - mid))"
	[ -z "$(txt _acme-challenge.wild.test)" ] || { bad="$bad; TXT left"; wipe _acme-challenge.wild.test; }
	litter=$litter$(find "$CONF" -name '*.tmp*' -printf "$name: %P; " 2>/dev/null)
	local d=$CONF/acme/live/wild.test
	[ "$(openssl x509 -in "$d/cert.pem" -noout -pubkey 2>&1)" = "$(openssl pkey -in "$d/privkey.pem" -pubout 2>&1)" ] ||
		bad="$bad; key and certificate do not fit"
	openssl verify -CAfile "$LAB/root.14000.pem" -untrusted "$d/chain.pem" "$d/cert.pem" >/dev/null 2>&1 || bad="$bad; not verified"
	[ "$first" = 137 ] || name="$name (not reached)"
	if [ -z "$bad" ]; then ok "$name"; else fail "$name (first run: $first)" "${bad#; }"; fi
}
each() { # each MODE COMMAND...
	local mode=$1 i=0 call n
	shift
	trial "$mode"
	run strace -f -qq -o "$LAB/trace" "$OPSMAIL" --conf "$CONF" "$@"
	[ $rc = 0 ] || { fail "$mode: the run to be broken works" "$out"; return; }
	python3 "$LAB/points.py" "$LAB/trace" >"$LAB/points"
	[ "$me" = 0 ] && echo "# $mode: $(wc -l <"$LAB/trace") system calls, $(wc -l <"$LAB/points") points, every ${sample}th"
	while read -r call n <&4; do
		i=$((i + 1))
		[ $((i % sample)) = 0 ] || continue
		[ $((i / sample % workers)) = "$me" ] || continue
		point "$mode" "$call" "$n" "$@"
	done 4<"$LAB/points"
}

[ ${#what[@]} -gt 0 ] || what=(issue renew)
conf template.issue
cp -a "$CONF" "$LAB/template.renew"
CONF=$LAB/template.renew
expect "a certificate to renew" ops ssl wild.test
for w in "${what[@]}"; do
	case $w in
	issue) each issue ssl wild.test ;;
	renew) each renew ssl renew --force wild.test ;;
	*) echo "issue or renew, not $w"; exit 64 ;;
	esac
done
[ -z "$litter" ] && ok "no temporary file stays" || fail "no temporary file stays" "$litter"
lab_done
