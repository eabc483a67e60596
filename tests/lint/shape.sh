#!/bin/bash
# Sizes that keep the code readable: functions up to 90 lines, files up to
# 600, lines up to 80 columns, no goto, no typedef of a struct, no mark that
# something is left to do.
. "$(dirname "$0")/lib.sh"
ours '*.[ch]' | xargs -r awk '
function bad(why) { print FILENAME ":" FNR ": " why; status = 1 }
FNR == 1 { open = 0 }
FNR == 601 { bad("more than 600 lines in a file") }
/^\{/ { open = FNR }
/^\}/ && open {
	longest = FILENAME ~ /^tests/ ? 150 : 90 # tables of cases
	if (FNR - open - 1 > longest) bad("a function of " FNR - open - 1 " lines")
	open = 0
}
/^[^"]*(^|[^a-z_])goto[ \t]+[a-z]/ && !/^[ \t]*(\/?\*)/ { bad("goto") }
/^typedef[ \t]+(struct|enum|union)/ { bad("typedef of a struct or enum") }
{
	line = $0
	while (match(line, /^\t*\t/)) sub(/\t/, "        ", line)
	gsub(/[\200-\277]/, "", line)
	if (length(line) > 80 && FILENAME ~ /\.h$/) bad("wider than 80 columns")
}
/[ \t]+$/ { bad("blanks at the end of a line") }
END { exit status }' || found=1
mark='TO''DO|FIX''ME|XX''X'
{ ours '*.[ch]'; ours '*.sh'; echo Makefile; } |
	xargs grep -nE "(^|[^A-Za-z0-9_])($mark)([^A-Za-z0-9_]|$)" && found=1
exit $found
