#!/bin/bash
# make bench: opsmail and its peers in one run on this machine, as the table of
# README.md. What it measures and how is said in tests/lab/peers-table.py.
exec "$(dirname "$0")/../lab/peers-table.sh" "$@"
