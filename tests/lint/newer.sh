#!/bin/bash
# Nothing newer than the libraries of Ubuntu 22.04 is called. Functions: the
# package says in its symbols file which version brought each one. Constants
# of libcurl and functions of jansson, whose file does not tell: by name.
. "$(dirname "$0")/lib.sh"
need nm
info=${DPKG_INFO:-/var/lib/dpkg/info}
at_most() {
	dpkg --compare-versions "$1" le "$2"
}

# package, the version Ubuntu 22.04 has
libraries='libc6 2.35
libcurl4 7.81.0
libssl3 3.0.2
libunbound8 1.13.1
libldns3 1.7.1
libidn2-0 2.3.2
libunistring2 1.0
libyaml-0-2 0.2.5
libacl1 2.3.1
libsmartcols1 2.37.2'

objects=$(find "$build/lib" "$build/cmd" "$build/providers" -name '*.o' \
	2>/dev/null)
if [ -n "$objects" ]; then
	# shellcheck disable=SC2086
	nm -u -P $objects 2>/dev/null | awk 'NF > 1 { print $1 }' | sort -u \
		>"$build/lint-undefined"
	while read -r package has; do
		for file in "$info/$package.symbols" "$info/$package":*.symbols; do
			[ -e "$file" ] || continue
			# The newest version of a name is the one a link takes.
			awk -v n="$build/lint-undefined" '
				BEGIN { while ((getline < n) > 0) use[$1] = 1 }
				/^ / {
					split($1, at, "@")
					if (at[1] in use) print at[1], $2, at[2]
				}' "$file" | sort -u
		done | while read -r name since _; do
			at_most "$since" "$has" ||
				echo "$package: $name came with $since," \
					"Ubuntu 22.04 has $has"
		done
	done <<-END >"$build/lint-newer"
	$libraries
	END
	# A libc function may have an old version under the same name; what the
	# program is linked to decides.
	grep -v '^libc6:' "$build/lint-newer" && found=1
fi
if [ -x "$build/opsmail" ]; then
	objdump -T "$build/opsmail" | grep -oE 'GLIBC_2\.[0-9]+' | sort -u |
		while read -r version; do
			at_most "${version#GLIBC_}" 2.35 ||
				echo "the binary asks for $version"
		done | grep . && found=1
fi

curl='CURLOPT_(SSH_HOSTKEY(FUNCTION|DATA)|WS_OPTIONS|(REDIR_)?PROTOCOLS_STR'
curl="$curl|QUICK_EXIT|CA_CACHE_TIMEOUT|HAPROXY_CLIENT_IP|ECH|TCP_KEEPCNT"
curl="$curl|SERVER_RESPONSE_TIMEOUT_MS|UPLOAD_FLAGS|SSL_SIGNATURE_ALGORITHMS)"
curl="$curl|CURLINFO_(CAINFO|CAPATH|CONN_ID|XFER_ID|QUEUE_TIME_T|USED_PROXY"
curl="$curl|POSTTRANSFER_TIME_T|EARLYDATA_SENT_T|HTTPAUTH_USED|PROXYAUTH_USED)"
curl="$curl|CURLE_(UNRECOVERABLE_POLL|TOO_LARGE|ECH_REQUIRED)"
curl="$curl|CURLU_(PUNYCODE|PUNY2IDN|GET_EMPTY|NO_GUESS_SCHEME)"
curl="$curl|CURL_HTTP_VERSION_3ONLY|CURLWS_[A-Z]+|CURLH_[A-Z]+|CURLHcode"
curl="$curl|CURLSSLOPT_EARLYDATA|CURLMNWC_[A-Z]+|CURLMOPT_[A-Z_]*NETWORK[A-Z_]*"
jansson='json_(object_(getn|setn|setn_new|setn_new_nocheck|setn_nocheck|deln'
jansson="$jansson|iter_key_len)|object_keylen_foreach"
jansson="$jansson|object_keylen_foreach_safe)"
glibc='(strlcpy|strlcat|wcslcpy|arc4random(_buf|_uniform)?|pidfd_(open|getfd'
glibc="$glibc|send_signal|spawn|spawnp)|process_(madvise|mrelease)"
glibc="$glibc|posix_spawnattr_[gs]etcgroup_np|fsopen|fsmount|fsconfig"
glibc="$glibc|open_tree|mount_setattr|move_mount)"
sources=$(find cmd lib providers -name '*.[ch]' 2>/dev/null)
if [ -n "$sources" ]; then
	# shellcheck disable=SC2086
	awk '{ gsub(/\/\*.*\*\//, ""); print FILENAME ":" FNR ":" $0 }' \
		$sources >"$build/lint-code"
	grep -Ew "$curl|$jansson" "$build/lint-code" && found=1
	grep -E ":([^:]*[^a-zA-Z0-9_.>\"])?$glibc\(" "$build/lint-code" && found=1
fi
exit $found
