#!/bin/bash
# Who may know whom: a row a folder. And a third-party library has one door.
. "$(dirname "$0")/lib.sh"
find lib providers cmd -name '*.[ch]' 2>/dev/null | sort | xargs -r awk '
BEGIN {
	lib = "base data conf crypto net dns mail publish acme host smtp report"
	sees["base"] = ""
	sees["data"] = "base"
	sees["conf"] = "base data crypto" # key types and envelopes
	sees["crypto"] = "base"
	sees["net"] = "base crypto"
	sees["dns"] = "base data conf crypto net"
	sees["mail"] = "base conf crypto dns"
	sees["publish"] = "base data conf crypto net dns mail"
	sees["acme"] = "base conf crypto net dns"
	sees["host"] = "base data conf crypto net dns"
	sees["smtp"] = "base crypto net mail"
	sees["report"] = "base data conf mail"
	sees["relay"] = "base conf crypto net dns mail acme smtp report"
	sees["check"] = lib
	sees["providers"] = "base data conf crypto net dns"
	sees["cmd"] = lib " relay check providers"

	door["curl/"] = "lib/net/http[a-z0-9_]*.[ch]"
	door["yaml.h"] = "lib/data/yaml[a-z0-9_]*.c"
	door["expat.h"] = "lib/data/xml[a-z0-9_]*.c"
	door["archive"] = "lib/data/archive[a-z0-9_]*.c"
	door["zlib.h"] = "lib/data/archive[a-z0-9_]*.c"
	door["sqlite3.h"] = "lib/data/sqlite[a-z0-9_]*.c"
	door["git2"] = "lib/conf/repo[a-z0-9_]*.c"
	door["openssl/"] = "lib/(crypto|net)/[a-z0-9_]*.[ch]"
	door["unbound.h"] = "lib/net/resolve[a-z0-9_]*.c"
	door["ldns/"] = "lib/net/dnsmsg[a-z0-9_]*.[ch]"
	door["idn2.h"] = "lib/base/idn[a-z0-9_]*.c"
	door["sys/acl.h"] = "lib/base/acl[a-z0-9_]*.c"
	door["acl/"] = "lib/base/acl[a-z0-9_]*.c"
	door["libsmartcols"] = "cmd/out[a-z0-9_]*.c"
	door["seccomp.h"] = "lib/relay/[a-z0-9_]*.c"
	door["hiredis"] = "lib/relay/shared[a-z0-9_]*.c"
}
function bad(why) { print FILENAME ":" FNR ": " why; status = 1 }
FNR == 1 {
	split(FILENAME, at, "/")
	mine = at[1] == "lib" ? at[2] : at[1]
	if (!(mine in sees)) bad("the folder " mine " is in no row of " \
		"tests/lint/layers.sh")
	own = 0
}
/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, part, "\"")
	if (part[2] !~ /\//) { bad("include \"" part[2] "\" by its folder"); next }
	split(part[2], to, "/")
	theirs = to[1]
	if (theirs != mine && index(" " sees[mine] " ", " " theirs " ") == 0)
		bad(mine " must not know " theirs)
}
/^[ \t]*#[ \t]*include/ && FILENAME ~ /\.c$/ && !own {
	own = 1
	header = FILENAME
	sub(/^lib\//, "", header)
	sub(/\.c$/, ".h", header)
	file = (FILENAME ~ /^lib/ ? "lib/" : "") header
	if ((getline line < file) >= 0) {
		close(file)
		if ($0 != "#include \"" header "\"")
			bad("the own header comes first, which proves that it " \
				"stands alone")
	}
}
/^[ \t]*#[ \t]*include[ \t]*</ {
	split($0, part, /[<>]/)
	for (d in door)
		if (index(part[2], d) == 1 && FILENAME !~ "^" door[d] "$")
			bad("<" part[2] "> only in " door[d])
}
/^#pragma once/ { once[FILENAME] = 1 }
END {
	for (i = 1; i < ARGC; i++)
		if (ARGV[i] ~ /\.h$/ && ARGV[i] != "lib/base/banned.h" && \
			!(ARGV[i] in once)) {
			print ARGV[i] ":1: no #pragma once"
			status = 1
		}
	exit status
}' || found=1
exit $found
