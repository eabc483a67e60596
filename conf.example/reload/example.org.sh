#!/bin/sh
# Rename this file to {{conf_dir}}/reload/DOMAIN.sh: it runs after the certificate of DOMAIN
# changed. What it prints goes to the log; a status other than 0 is reported
# and tried again with the next renewal run.
#
# In the environment, as paths: OPSMAIL_KEY, OPSMAIL_CERT, OPSMAIL_CHAIN and
# OPSMAIL_FULLCHAIN, all in OPSMAIL_DIR. OPSMAIL_DOMAIN is $1 too, and
# OPSMAIL_NAMES holds all domains when one script serves several.
set -e

# systemctl reload nginx
# systemctl restart chasquid
