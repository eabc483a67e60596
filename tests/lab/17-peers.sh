#!/bin/bash
# What other clients left is taken over; where they fail we pass. (Their speed: peers-table.sh.)
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up REUSE=100
mkdir -p "$LAB/lego" "$LAB/cb"
SEC=$(cat "$LAB/secret")
DIR=https://127.0.0.1:14000/dir
# With authorizations reused only the first client needs DNS for real.
fresh
if have certbot; then
	printf 'dns_rfc2136_server = 127.0.0.2\ndns_rfc2136_port = 53\ndns_rfc2136_name = acme-key\ndns_rfc2136_secret = %s\ndns_rfc2136_algorithm = HMAC-SHA256\n' "$SEC" >"$LAB/cb/ini"
	chmod 600 "$LAB/cb/ini"
	expect "certbot gets a certificate" env REQUESTS_CA_BUNDLE="$LAB/ca.pem" certbot certonly -n --agree-tos -m a@wild.test --no-eff-email --server $DIR \
		--config-dir "$LAB/cb/c" --work-dir "$LAB/cb/w" --logs-dir "$LAB/cb/l" --dns-rfc2136 --dns-rfc2136-credentials "$LAB/cb/ini" \
		--dns-rfc2136-propagation-seconds 1 -d wild.test -d '*.wild.test'
	s=$(openssl x509 -in "$LAB/cb/c/live/wild.test/cert.pem" -noout -serial)
	n=$(issued)
	expect "taken over from certbot" ops ssl import "$LAB/cb/c"
	same "the certificate is live here" "$s" "$(serial)"
	pair "and whole" "$CONF/acme/live/wild.test" wild.test '*.wild.test'
	expect "nothing is due" ops ssl renew
	same "and none was asked for" "$n" "$(issued)"
	expect "renewed with the account taken over" ops ssl renew --force
	same "no second account at the CA" 1 "$(sed -n 's/.*There are now \([0-9]*\) accounts.*/\1/p' "$LAB/p24.log" | tail -n 1)"
else skip "certbot" certbot peer; fi
fresh
if have lego; then
	expect "lego gets a certificate" env RFC2136_NAMESERVER=127.0.0.2:53 RFC2136_TSIG_KEY=acme-key RFC2136_TSIG_ALGORITHM=hmac-sha256. RFC2136_TSIG_SECRET="$SEC" \
		RFC2136_TTL=5 RFC2136_SEQUENCE_INTERVAL=1 LEGO_CA_CERTIFICATES="$LAB/ca.pem" lego --server $DIR -a -m a@wild.test --path "$LAB/lego" --dns rfc2136 \
		-d d1.test -d '*.d1.test' run
	s=$(openssl x509 -in "$LAB/lego/certificates/d1.test.crt" -noout -serial)
	expect "taken over from lego" ops ssl import "$LAB/lego"
	same "the certificate is live here" "$s" "$(serial "$CONF/acme/live/d1.test")"
	pair "and whole" "$CONF/acme/live/d1.test" d1.test '*.d1.test'
else skip "lego" lego peer; fi
expect_rc "1" "a folder that is none of the three" ops ssl import "$LAB/bind"
lab_done
