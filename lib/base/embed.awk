# Reads `wc -c` lines (size, path) in the order of the paths and writes the
# table of lib/base/embed.h. The assembler brings the bytes in, so a hundred
# files cost nothing to compile.
$2 == "total" || $2 == "/dev/null" { next }
{
	n++
	path[n] = $2
	size[n] = $1
}
END {
	print "#include \"base/embed.h\"\n"
	for (i = 1; i <= n; i++) {
		printf "__asm__(\".pushsection .rodata\\n\"\n"
		printf "\t\"embed_%d: .incbin \\\"%s\\\"\\n\"\n", i, path[i]
		printf "\t\".byte 0\\n.popsection\\n\");\n"
		printf "extern const char embed_%d[];\n", i
	}
	print "\nconst struct embed embed_all[] = {"
	for (i = 1; i <= n; i++)
		printf "\t{ \"%s\", { embed_%d, %d } },\n", path[i], i, size[i]
	print "\t{ 0 },\n};"
	printf "const size_t embed_n = %d;\n", n
}
