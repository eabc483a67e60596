#!/bin/bash
# clang-format is the referee of layout.
. "$(dirname "$0")/lib.sh"
need clang-format
ours '*.[ch]' | xargs -r clang-format --dry-run -Werror 2>&1 |
	sed -n 's/\(.*error:.*\) \[-W.*/\1/p' | sort -u -t : -k 1,1 | grep . &&
	found=1
exit $found
