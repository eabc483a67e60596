#!/bin/bash
# Runs the scenarios, each in a namespace of its own, two at a time (JOBS).
# run.sh [--full] [NAME...]: --full takes the long parts too; a NAME is the beginning of a file's name.
cd "$(dirname "$0")" || exit 1
if [ "${1:-}" = --full ]; then export LAB_FULL=1; shift; fi
[ "$(id -u)" = 0 ] || exec sudo -E ./run.sh "$@"
./peers.sh || exit 1
files=()
for f in [0-9][0-9]-*.sh; do
	[ $# = 0 ] && files+=("$f")
	for n in "$@"; do case $f in "$n"*) files+=("$f") ;; esac; done
done
[ ${#files[@]} -gt 0 ] || { echo "no scenario is called $*" >&2; exit 64; }
out=$(mktemp -d /tmp/opsmail-lab-run.XXXXXX)
trap 'rm -rf "$out"' EXIT
one() { # its output, then its time, whole: two at once do not mix
	local t=$SECONDS
	timeout -k 10 "$SCENARIO_LIMIT" ./"$1" >"$2/$1" 2>&1 </dev/null || echo "# status $?" >>"$2/$1"
	grep -qE '^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$' "$2/$1" ||
		printf 'not ok %s ended early\n0 passed, 1 failed, 0 skipped\n' "$1" >>"$2/$1"
	{ echo "== $1 ($((SECONDS - t)) s)"; cat "$2/$1"; } | flock "$2" cat
}
export -f one
if [ -n "${LAB_FULL:-}" ]; then SCENARIO_LIMIT=3000; else SCENARIO_LIMIT=400; fi
export SCENARIO_LIMIT
printf '%s\n' "${files[@]}" | xargs -P "${JOBS:-2}" -I{} bash -c 'one "$1" "$2"' _ {} "$out"
grep -h '^not ok' "$out"/* | sed 's/^/# /'
cat "$out"/* | awk '/^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$/ { p += $1; f += $3; s += $5 }
	END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 }'
