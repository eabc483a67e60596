#!/bin/sh
# Runs after the certificate of {{domain}} changed. Take the mark from
# the line that fits, or write your own. What it prints goes to the log; a
# status other than 0 is reported and tried again by the next renewal run.
#
# In the environment, as paths: OPSMAIL_KEY, OPSMAIL_CERT, OPSMAIL_CHAIN and
# OPSMAIL_FULLCHAIN, all in OPSMAIL_DIR. OPSMAIL_DOMAIN is $1 too, and
# OPSMAIL_NAMES holds all domains when one script serves several.
set -e

# nginx -s reload
# systemctl reload postfix dovecot
# systemctl restart chasquid
