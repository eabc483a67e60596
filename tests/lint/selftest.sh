#!/bin/bash
# Every lint is shown a small tree without a breach, then one with; it must
# pass the first and name the planted file in the second.
. "$(dirname "$0")/lib.sh"
top=$PWD
lints=$top/tests/lint
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
flags="cc -std=gnu17 -D_GNU_SOURCE -I. -Ilib"

# A tree with one good module, compiled.
plant_good() {
	rm -rf "$tree" && mkdir -p "$tree/tests/lint" && cd "$tree" || exit 1
	mkdir -p lib/base lib/dns lib/mail cmd providers build .ci
	cp "$top"/lib/base/*.h lib/base/
	cp "$top/.clang-format" "$top/.clang-tidy" .
	cp "$top/tests/lint/cppcheck.txt" tests/lint/
	echo "$flags" >build/flags
	plant lib/dns/good.h '/* Good. */' '#pragma once' '' \
		'int good_sum(int a, int b);'
	plant lib/dns/good.c '#include "dns/good.h"' '' \
		'int good_sum(int a, int b)' '{' '	return a + b;' '}'
	plant README.md '<!-- map -->' 'cmd/  x' 'lib/base/  x' 'lib/dns/  x' \
		'lib/mail/  x' 'providers/  x' 'tests/lint/  x' '.ci/  x' \
		'<!-- end of map -->'
	echo 'all:' >Makefile
	compile lib/dns/good.c
}

plant() {
	local file=$1
	shift
	printf '%s\n' "$@" >"$file"
}

compile() {
	mkdir -p "build/${1%/*}"
	# shellcheck disable=SC2086
	$flags -O1 -fPIE -include lib/base/banned.h -w -c \
		-o "build/${1%.c}.o" "$1" || breach "selftest: $1 does not compile"
}

# catches LINT FILE LINE...: the lint must name FILE once it has these lines.
catches() {
	local lint=$1 file=$2 text status
	shift 2
	plant_good
	text=$("$lints/$lint.sh" build 2>&1)
	status=$?
	if [ $status -eq 77 ] && [ -z "${CI:-}" ]; then
		return
	fi
	[ $status -eq 0 ] || breach "$lint: fails on good code: $text"
	mkdir -p "$(dirname "$file")"
	plant "$file" "$@"
	case $lint/$file in
	exports/*.c | globals/*.c | newer/*.c) compile "$file" ;;
	esac
	text=$("$lints/$lint.sh" build 2>&1)
	status=$?
	if [ $status -ne 1 ] || [[ $text != *"${named:-$file}"* ]]; then
		breach "$lint: does not catch what was planted in $file" \
			"(status $status): $*"
	fi
}

body() {
	echo "int bad_it(int a);"
	echo "int bad_it(int a)"
	echo "{"
	printf '\t%s\n' "$@"
	echo "}"
}

catches format lib/dns/bad.c 'int   bad_it;'
catches layers lib/base/bad.c '#include "dns/good.h"'
catches layers lib/dns/bad.c '#include "mail/x.h"'
catches layers lib/dns/bad.c '#include <curl/curl.h>'
catches layers lib/dns/bad.c '#include <yaml.h>'
catches layers lib/dns/bad.c '#  include <openssl/evp.h>'
catches layers lib/dns/bad.c '#include "good.h"'
catches layers lib/dns/bad.c '#include "providers/table.h"'
catches layers lib/dns/bad.h 'int bad_it(void);'
catches layers lib/newdir/bad.c '#include "base/str.h"'
catches layers lib/dns/good.c '#include <stdio.h>' '#include "dns/good.h"'
catches exports lib/dns/bad.c 'int good(void);' 'int good(void) { return 1; }'
catches exports lib/dns/bad.c 'extern const int badly;' 'const int badly = 1;'
catches globals lib/dns/bad.c 'int bad_state;'
catches globals lib/dns/bad.c 'static int n;' "$(body 'return n += a;')"
catches globals lib/dns/bad.c "$(body 'static int n;' 'return n += a;')"
catches globals lib/dns/bad.c 'static _Thread_local int n;' \
	"$(body 'return n += a;')"
catches globals lib/dns/bad.c 'static const char *at[] = { "a", "b" };' \
	"$(body 'at[a] = 0;' 'return at[1] != 0;')"
catches shape lib/dns/bad.c "$(body 'goto end;' 'end:' 'return a;')"
catches shape lib/dns/bad.c "$(body "$(yes ';' | head -n 91)")"
catches shape lib/dns/bad.c "$(yes 'int x;' | head -n 601)"
catches shape lib/dns/bad.c 'typedef struct bad bad;'
catches shape lib/dns/bad.c "/* TO""DO: later */"
catches shape lib/dns/bad.c 'int bad; '
catches shape lib/dns/bad.h "/* $(printf '%080d' 1) */"
catches shell tests/bad.sh '#!/bin/sh' 'if then'
catches shell tests/bad.sh '#!/bin/bash' 'rm -rf $1/* $undefined'
named='lib/newdir' catches readme lib/newdir/bad.c '/* new */'
named='nothere' catches readme README.md '<!-- map -->' 'nothere/  x' \
	'<!-- end of map -->'
named='make nothing' catches readme README.md '`make nothing`'
catches tidy lib/dns/bad.c "$(body 'int x;' 'if (a)' '	x = 1;' 'return x;')"
catches tidy lib/dns/bad.c "$(body 'return a == 1 || a == 1;')"
catches analyzer lib/dns/bad.c '#include <stdlib.h>' \
	"$(body 'char *p = malloc(9);' 'free(p);' 'free(p);' 'return a;')"
catches cppcheck lib/dns/bad.c \
	"$(body 'int x[4] = { 0 };' 'return x[4] + a;')"
catches newer lib/dns/bad.c \
	'enum { CURLOPT_PROTOCOLS_STR };' \
	"$(body 'return a + (int)CURLOPT_PROTOCOLS_STR;')"
catches newer lib/dns/bad.c '#include <jansson.h>' \
	"$(body 'return json_object_getn(0, "a", 1) != 0;')"
catches newer lib/dns/bad.c 'unsigned arc4random(void);' \
	"$(body 'return a + (int)arc4random();')"
if [ -e /var/lib/dpkg/info ]; then
	named='curl_easy_nextheader' catches newer lib/dns/bad.c \
		'#include <curl/curl.h>' \
		"$(body 'return curl_easy_nextheader(0, 0, 0, 0) != 0;')"
fi
exit $found
