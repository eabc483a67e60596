#!/bin/bash
# Authorizations: reused, shuffled, with challenges nobody has heard of.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up REUSE=100 WITH=p210
fresh
issue "first, with reuse at 100 %" wild.test
n=$(updates)
expect "renewed with valid authorizations" ops ssl renew --force
same "without touching DNS" "$n" "$(updates)"
YAML='domains: {wild.test: {names: [wild.test, "*.wild.test", new.wild.test]}}' conf "conf$nconf"
expect "a name more" ops ssl wild.test
pair "the certificate has it" "$CONF/acme/live/wild.test" wild.test '*.wild.test' new.wild.test
least "DNS was needed only for that" $((n + 1)) "$(updates)"
most "and once" $((n + 1)) "$(updates)"
REUSE=0
restart_ca
lab_proxy
fresh https://127.0.0.1:14001/dir
rules '[{"what":"authz","strange":true},{"what":"challenge","strange":true}]'
issue "challenges of unknown make, without token or url" wild.test
fresh https://127.0.0.1:14001/dir
rules '[{"what":"authz","json":{"challenges":[{"type":"http-01","url":"https://127.0.0.1:14001/chalZ/x","token":"x","status":"pending"}]}}]'
refused "only http-01 is offered" 1 'http-01' ops ssl wild.test
if [ -e "$LAB/p210.pid" ]; then
	for ((i = 0; i < 4; i++)); do
		PORT=14100
		fresh https://127.0.0.1:14100/dir
		issue "pebble 2.10 shuffles, and offers challenges without token ($i)" wild.test
	done
else skip "pebble 2.10" pebble-new peer; fi
lab_done
