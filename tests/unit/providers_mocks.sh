#!/bin/bash
# The scenarios of tests/providers for a few providers, one a shape of API; make
# lab runs them for all.
python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null || {
	echo "ok 1 # SKIP python3 3.9 or later is missing"
	exit 0
}
DRIVE=$PWD/${BUILD:-build}/tests/providers/drive
export DRIVE
tests/providers/run.py vultr hosttech tls | grep -v '^skip'
exit "${PIPESTATUS[0]}"
