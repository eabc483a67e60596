#!/bin/bash
# The manual has the commands and options of the table, all of them, no other,
# and in its order; the program's table is the judge (opsmail help --rows).
# Every manual is well-formed.
. "$(dirname "$0")/lib.sh"
[ -x "$build/opsmail" ] || {
	echo "$build/opsmail is not built"
	exit 77
}
page=cmd/opsmail.1

# What the rows ask for. "[DOMAIN...]" is "Op Ar DOMAIN ..." in mdoc.
"$build/opsmail" help --rows | awk -F '\t' '
function mdoc(args,    n, i, word, all) {
	n = split(args, word, " ")
	for (i = 1; i <= n; i++) {
		if (word[i] ~ /^\[/) {
			gsub(/[][]/, "", word[i])
			word[i] = "Op Ar " word[i]
		} else
			word[i] = "Ar " word[i]
		sub(/\.\.\.$/, " ...", word[i])
		all = all " " word[i]
	}
	return all
}
$1 == "command" { rest = rest ".It Cm " $2 mdoc($3) "\n" }
$1 == "command" { synopsis = synopsis ".Cm " $2 mdoc($3) "\n" }
$1 == "option" {
	line = ".It " ($3 == "" ? "" : "Fl " substr($3, 2) " , ") \
		"Fl " substr($4, 2) ($5 == "" ? "" : " Ar " $5) "\n"
	if ($2 == "") all = all line
	else rest = rest line
}
END { printf "%s%s%s", synopsis, all, rest }' >"$build/manual.want"

awk '
/^\.Sh / { section = $2 }
section == "SYNOPSIS" && /^\.Cm /
section == "OPTIONS" && /^\.It Fl /
section == "COMMANDS" && /^\.It (Cm|Fl) /' "$page" >"$build/manual.has"

diff -U 2 "$build/manual.want" "$build/manual.has" | sed 1,2d |
	sed -n "s|^-|$page lacks: |p; s|^+|$page has, and the table has not: |p" |
	grep . && found=1

# Every option that the manual speaks of somewhere exists.
grep -oE 'Fl -[a-z-]+' "$page" | sort -u | while read -r _ name; do
	"$build/opsmail" help --rows | grep -qF "	-$name	" ||
		echo "$page speaks of -$name, which the table has not"
done | grep . && found=1

[ $found -eq 0 ] || exit 1
need mandoc
for page in cmd/*.[1-9]; do
	mandoc -T lint -W warning "$page" | sed 's/^mandoc: //' | grep . &&
		found=1
done
exit $found
