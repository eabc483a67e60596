#!/bin/bash
# opsmail beside lego, uacme, dehydrated and certbot on the same CA and DNS: prints the table of README.md.
# peers-table.sh [NAME...]   RUNS (9) for the quick, SLOW_RUNS (3) for those that take over two seconds.
. "$(dirname "$0")/lib.sh"
exec 3>&1 1>&2
lab_up VADNS=127.0.0.2:53 # the kindest CA: it asks the server that was just written to
lab_proxy
lab_late
cc -O2 -o "$LAB/timeit" "$here/timeit.c" || exit 1
export LAB OPSMAIL
python3 "$here/peers-table.py" "$@" >&3
