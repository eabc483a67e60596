# What the lints share. Each is `tests/lint/NAME.sh [BUILD]`, run from the top
# of the tree: status 0 nothing found, 1 found and printed, 77 cannot look.
# shellcheck shell=bash
# shellcheck disable=SC2034
set -u
build=${1:-build}
found=0

# Prints a breach (FILE:LINE: sentence) and remembers it.
breach() {
	printf '%s\n' "$*"
	found=1
}

need() {
	command -v "$1" >/dev/null || {
		echo "$1 is not installed (make deps-lint)"
		exit 77
	}
}

# Ours, by suffix pattern: sources "*.[ch]", all of it "*".
ours() {
	find cmd lib providers tests -name "$1" -type f \
		-not -path '*/corpus/*' 2>/dev/null | sort
}

# The compiler's flags that other readers of C understand too.
reader_flags() {
	tr ' ' '\n' <"$build/flags" | tr -d "'" |
		grep -E '^-(I|D|std)' | grep -v FORTIFY
	echo "-include"
	echo "lib/base/banned.h"
}

# Runs `$1 FILE` for each file on stdin, several at once, unless the same
# bytes (the file, what it includes, the rules in $2) passed before.
each_changed() {
	local seen=$build/lint/${0##*/}
	mkdir -p "$seen"
	# shellcheck disable=SC2163
	export -f "$1"
	export seen build
	RULES="$({ cat "$2" "$0"; reader_flags; } | sha256sum)" CHECK=$1 \
		xargs -r -n 1 -P "$(nproc)" bash -c '
		key=$({ echo "$RULES"
			cat "$1"
			sed "s/^[^:]*://; s/\\\\$//" "$build/${1%.c}.d" \
				2>/dev/null | tr " " "\n" |
				grep -E "^(lib|cmd|providers|tests)/" |
				xargs -r cat 2>/dev/null
		} | sha256sum | cut -c 1-40)
		[ -e "$seen/$key" ] && exit 0
		"$CHECK" "$1" && : >"$seen/$key"' each || found=1
}
