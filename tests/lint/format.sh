#!/bin/bash
# clang-format is the referee of layout.
. "$(dirname "$0")/lib.sh"
need clang-format
ours '*.[ch]' | xargs -r clang-format --dry-run -Werror 2>&1 |
	grep 'error:' | sed 's/ \[-W.*//' | sort -u -t : -k 1,1 && found=1
exit $found
