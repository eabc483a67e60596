#!/bin/bash
# Runs every fuzzer of a build folder for some seconds each. What it finds that
# is new goes into build, what it breaks on as well; the corpora stay as they
# are.
set -u
build=$1 seconds=$2
cd "$(dirname "$0")/../.." || exit 1
passed=0 failed=0
for source in tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	[ "$name" != driver ] || continue
	mkdir -p "$build/found/$name" "tests/fuzz/corpus/$name"
	if "$build/tests/fuzz/$name" -max_total_time="$seconds" -timeout=10 \
		-rss_limit_mb=2048 -max_len=16384 -print_final_stats=1 \
		-artifact_prefix="$build/found/$name-" "$build/found/$name" \
		"tests/fuzz/corpus/$name" >"$build/found/$name.log" 2>&1; then
		echo "ok $name $(grep -h number_of_executed "$build/found/$name.log")"
		passed=$((passed + 1))
	else
		echo "not ok $name"
		tail -n 40 "$build/found/$name.log"
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed -eq 0 ]
