#!/bin/bash
# Runs every test program of a build folder: unit tests and tests/*/*.test.sh
# speak TAP, fuzzers replay their corpora. Ends with one line of sums; status 0
# only when nothing failed.
set -u
build=$1
out=$build/tests/out
jobs=$(nproc)
mkdir -p "$out" && rm -f "$out"/*
export OPSMAIL=$PWD/$build/opsmail BUILD=$build CMOCKA_MESSAGE_OUTPUT=TAP

# One program: its TAP goes to a file, its exit status behind it.
one() {
	local test=$1 name
	name=$(echo "${test#"$BUILD"/}" | tr / _)
	case $test in
	"$BUILD"/tests/fuzz/*)
		timeout 120 "$test" "tests/fuzz/corpus/${test##*/}" ;;
	*) timeout 120 "$test" ;;
	esac >"$BUILD/tests/out/$name" 2>"$BUILD/tests/out/$name.err" </dev/null
	echo "status $?" >>"$BUILD/tests/out/$name"
}
export -f one

tests=$(ls tests/unit/*.sh 2>/dev/null
	for f in tests/unit/*.c; do
		[ -e "$f" ] && echo "$build/${f%.c}"
	done
	for f in tests/fuzz/*.c; do
		[ -e "$f" ] && [ "$f" != tests/fuzz/driver.c ] &&
			echo "$build/${f%.c}"
	done)
[ -z "$tests" ] || echo "$tests" | xargs -r -n 1 -P "$jobs" bash -c 'one "$1"' one

passed=0 failed=0 skipped=0
for f in "$out"/*; do
	f=${f##*/}
	[ "$f" = "${f%.err}" ] || continue
	read -r p n s status < <(awk '
		# cmocka calls a skipped test "not ok N # SKIP".
		/^(not )?ok .*# [Ss][Kk][Ii][Pp]/ { s++; next }
		/^ok / { p++ }
		/^not ok / { n++ }
		/^status / { status = $2 }
		END { print p + 0, n + 0, s + 0, status + 0 }' "$out/$f")
	# A program that died, or said nothing at all, is a failure of its own.
	if [ "$status" -ne 0 ] && [ "$n" -eq 0 ] || [ $((p + n + s)) -eq 0 ]; then
		n=$((n + 1))
		echo "not ok $f # ended with status $status"
	fi
	passed=$((passed + p)) failed=$((failed + n)) skipped=$((skipped + s))
	if [ "$n" -gt 0 ]; then
		grep -B 2 -A 8 '^not ok' "$out/$f"
		tail -n 40 "$out/$f.err"
	fi
	grep -h '# [Ss][Kk][Ii][Pp]' "$out/$f" | sed "s/^/$f: /"
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
