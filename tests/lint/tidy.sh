#!/bin/bash
# clang-tidy with the rules of .clang-tidy, on what has changed.
. "$(dirname "$0")/lib.sh"
need clang-tidy
FLAGS=$(reader_flags | tr '\n' ' ')
export FLAGS
tidy() {
	local text
	# shellcheck disable=SC2086
	text=$(clang-tidy --quiet --warnings-as-errors='*' "$1" -- $FLAGS \
		2>/dev/null) || { echo "$text"; return 1; }
}
each_changed tidy .clang-tidy < <(
	find cmd lib providers -name '*.c' 2>/dev/null | sort)
exit $found
