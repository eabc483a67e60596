#!/bin/sh
# Rename this file to DOMAIN.sh: it runs after the certificate of DOMAIN
# changed. What it prints goes to the log; a status other than 0 is reported
# and tried again with the next renewal run.
#
# In the environment: OPSMAIL_DOMAIN, OPSMAIL_CERT, OPSMAIL_CHAIN,
# OPSMAIL_FULLCHAIN and OPSMAIL_PRIVKEY (paths).
set -e

# systemctl reload nginx
# systemctl restart chasquid
