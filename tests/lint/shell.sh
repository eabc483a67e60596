#!/bin/bash
# Every shell script can be parsed, and shellcheck finds nothing to say.
. "$(dirname "$0")/lib.sh"
scripts=$({ ours '*.sh'; ls .ci/run; } 2>/dev/null)
for script in $scripts; do
	case $(head -n 1 "$script") in
	*bash*) bash -n "$script" || found=1 ;;
	'#!'*) sh -n "$script" || found=1 ;;
	*) bash -n "$script" || found=1 ;;
	esac
	[ -x "$script" ] || case $(head -n 1 "$script") in
	'#!'*) breach "$script:1: not executable" ;;
	esac
done
[ -n "$scripts" ] || exit $found
need shellcheck
echo "$scripts" | xargs -n 4 -P "$(nproc)" \
	shellcheck -x -P SCRIPTDIR -S warning -f gcc || found=1
exit $found
