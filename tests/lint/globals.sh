#!/bin/bash
# Mutable state that outlives a call: the log level and secrets, the wish to
# stop. All else is const (read-only once the loader is done) or on a stack.
. "$(dirname "$0")/lib.sh"
allowed='^lib/(base/log\.c (level|secrets|secrets_lock)'
allowed="$allowed|base/stop\.c (asked|shields)"
allowed="$allowed|net/http\.c once)\$" # libcurl wants one global start
for object in $(find "$build/lib" "$build/providers" "$build/cmd" -name '*.o' \
	2>/dev/null | sort); do
	source=${object#"$build"/}
	source=${source%.o}.c
	[ -e "$source" ] || continue
	while read -r name; do
		echo "$source ${name%%.*}" | grep -qE "$allowed" ||
			breach "$source:1: $name is mutable and global"
	done < <(nm -f sysv --defined-only "$object" 2>/dev/null |
		awk -F '|' '$4 ~ /OBJECT|TLS|COMMON/ &&
			$7 ~ /\*COM\*|\.(data|bss|tdata|tbss)/ &&
			$7 !~ /\.data\.rel\.ro/ {
			gsub(/ /, "", $1); print $1 }' |
		grep -vE '^(__gcov|__asan|__odr|__llvm)')
done
exit $found
