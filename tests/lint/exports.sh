#!/bin/bash
# Module = file = prefix: lib/dns/plan.c and plan_*.c export plan_*, no more.
# A module whose words are others has them here.
. "$(dirname "$0")/lib.sh"
words_of() {
	case $1 in
	lib/acme/client*) echo 'acme' ;;
	lib/acme/order*) echo 'authz|acme' ;;
	lib/base/b64*) echo 'b32|b64url|hex' ;;
	lib/crypto/hmac*) echo 'hash' ;;
	lib/crypto/x509*) echo 'cert|chain' ;;
	lib/dns/provider*) echo 'dns' ;;
	lib/dns/record*) echo 'records' ;;
	lib/net/resolve*) echo 'resolver' ;;
	cmd/*) echo 'cmd' ;;
	providers/*) echo 'provider' ;;
	*) echo 'nothing' ;;
	esac
}
for object in $(find "$build/lib" "$build/providers" "$build/cmd" -name '*.o' \
	2>/dev/null | sort); do
	source=${object#"$build"/}
	source=${source%.o}.c
	[ -e "$source" ] || continue
	module=$(basename "$source" .c)
	module=${module%%_*}
	allowed="($module|$(words_of "$source"))(_.*)?"
	[ "$source" != cmd/main.c ] || allowed=main
	while read -r name; do
		breach "$source:1: exports $name, not ${module}_..."
	done < <(nm -g --defined-only -P "$object" | awk '{ print $1 }' |
		grep -vE "^(${allowed}|__gcov.*|__asan.*|__odr.*)$")
done
exit $found
