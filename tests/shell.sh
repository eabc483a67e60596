#!/bin/bash
# What the tests of commands begin with: an empty folder to stand in, the
# program, and results in TAP with both streams where they differ.
set -u
# shellcheck disable=SC2034 # for those who read this
opsmail=${OPSMAIL:-$PWD/build/opsmail}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
unset OPSMAIL_CONF NO_COLOR CLICOLOR CLICOLOR_FORCE
export LC_ALL=C TERM=xterm HOME=$dir
n=0

# result CONDITION_STATUS DESCRIPTION
result() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# out: /' out
		sed 's/^/# err: /' err
	fi
}
has() {
	grep -qF -- "$2" "$1"
	result $? "$1 has: $2"
}
