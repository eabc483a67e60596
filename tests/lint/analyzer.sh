#!/bin/bash
# gcc's own path analysis, on what has changed.
. "$(dirname "$0")/lib.sh"
need gcc
FLAGS=$(reader_flags | tr '\n' ' ')
export FLAGS
analyze() {
	local text
	# shellcheck disable=SC2086
	text=$(gcc $FLAGS -O1 -fno-builtin-malloc -fno-builtin-free \
		-fanalyzer -Werror -c -o /dev/null "$1" 2>&1) ||
		{ echo "$text" | head -n 30; return 1; }
}
each_changed analyze /dev/null < <(
	find cmd lib providers -name '*.c' 2>/dev/null | sort)
exit $found
