#!/bin/bash
# Line coverage after `make cov`: a line a file, the sums of lib/ and cmd/.
set -u
build=$1
cd "$(dirname "$0")/.." || exit 1
find "$build/lib" "$build/cmd" "$build/providers" -name '*.gcda' | sort |
	while read -r data; do
		gcov -n -o "${data%/*}" "$data" 2>/dev/null
	done | awk '
	/^File / { gsub(/\047/, ""); file = $2 }
	/^Lines executed:/ && file ~ /^(lib|cmd|providers)\/.*\.c$/ {
		split($0, part, /[:%]| of /)
		n = part[4] + 0
		hit = n * part[2] / 100
		printf "%6.1f %%  %5d  %s\n", part[2], n, file
		split(file, at, "/")
		all[at[1]] += n
		did[at[1]] += hit
		file = ""
	}
	END {
		for (dir in all)
			printf "%6.1f %%  %5d  all of %s\n", \
				100 * did[dir] / all[dir], all[dir], dir
	}'
