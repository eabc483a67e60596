#!/bin/bash
# cppcheck, without its opinions on style.
. "$(dirname "$0")/lib.sh"
need cppcheck
mkdir -p "$build/lint/cppcheck"
sources=$(find cmd lib providers -name '*.c' 2>/dev/null | sort)
[ -n "$sources" ] || exit 0
# Macros that are loops, as cppcheck reads no header of a library.
loops=(
	'-Djson_array_foreach(a,i,v)=while ((v = json_array_get(a, i)))'
	'-Djson_object_foreach(o,k,v)=while ((k = next(o)) && (v = value(k)))'
	'-Djson_object_foreach_safe(o,n,k,v)=while ((k = next(o, n)) && (v = value(k)))'
)
# shellcheck disable=SC2086
cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
	"${loops[@]}" --std=c11 --inline-suppr -j "$(nproc)" -I. -Ilib -D_GNU_SOURCE \
	--cppcheck-build-dir="$build/lint/cppcheck" \
	--suppressions-list=tests/lint/cppcheck.txt \
	--template='{file}:{line}: {message} ({id})' $sources || found=1
exit $found
