#!/bin/bash
# The map in README.md and the tree say the same.
. "$(dirname "$0")/lib.sh"
map=$(sed -n '/^<!-- map -->/,/^<!-- end of map -->/p' README.md |
	awk '/^[a-z.][A-Za-z.\/]*\/ / { sub(/\/$/, "", $1); print $1 }')
for dir in $map; do
	[ -d "$dir" ] || breach "README.md: the map names $dir, which is not there"
done
for dir in .ci cmd lib/* providers templates conf.example tests/*; do
	[ -d "$dir" ] || continue
	echo "$map" | grep -qx "$dir" ||
		breach "README.md: the map lacks $dir"
done
for goal in $(grep -oE '`make [a-z-]+`' README.md | tr -d '`' |
	awk '{ print $2 }' | sort -u); do
	grep -qE "^([a-z -]* )?$goal( [a-z -]*)?:" Makefile ||
		breach "README.md: make $goal is no goal of the Makefile"
done
exit $found
