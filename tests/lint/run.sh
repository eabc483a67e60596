#!/bin/bash
# All lints, each as a line of TAP; a reader that is missing is a loud skip,
# and a failure where CI is set.
set -u
build=${1:-build}
passed=0 failed=0 skipped=0
cd "$(dirname "$0")/../.." || exit 1
for lint in tests/lint/*.sh; do
	name=$(basename "$lint" .sh)
	case $name in run | lib) continue ;; esac
	text=$("$lint" "$build" 2>&1)
	status=$?
	if [ $status -eq 77 ] && [ -z "${CI:-}" ]; then
		echo "ok $name # SKIP $text"
		skipped=$((skipped + 1))
	elif [ $status -eq 0 ]; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "not ok $name"
		echo "$text" | head -n 60
		failed=$((failed + 1))
	fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
