#!/bin/bash
# The providers' descriptors against mocks of the vendors' APIs, and the mocks against recordings and strangers;
# --full takes every stranger. On the loopback alone: it needs no namespace.
cd "$(dirname "$0")/../.." || exit 1
tests/lab/peers.sh || exit 1
exec tests/providers/evidence.py ${LAB_FULL:+--full}
