#!/bin/bash
# make demo: a CA and DNS servers of our own on this machine, one real wildcard certificate, said aloud.
. "$(dirname "$0")/lib.sh"
[ -x "$OPSMAIL" ] || { echo "build/opsmail is missing: make all"; exit 1; }
step() { printf '\n\033[1m== %s\033[0m\n' "$*" | if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
die() { echo "demo failed: $*"; exit 1; }

step "A small internet in a network namespace: a CA (pebble), two name servers (BIND, knot), a resolver (unbound)"
lab_up
echo "wild.test is served by: $(ask @127.0.0.4 wild.test NS | tr '\n' ' ')"
echo "the CA's directory:     https://127.0.0.1:14000/dir"

step "The configuration: one file"
conf conf
sed 's/^/    /' "$CONF/opsmail.yaml"
mkdir -p "$CONF/reload"
printf '#!/bin/sh\necho "    (the reload script runs for $1)"\ntouch "$OPSMAIL_CONF/reloaded"\n' >"$CONF/reload/wild.test.sh"
chmod 755 "$CONF/reload" "$CONF/reload/wild.test.sh"

step "\$ opsmail --conf conf ssl wild.test"
ops ssl wild.test || die "no certificate"

step "What the CA signed"
live=$CONF/acme/live/wild.test
openssl x509 -in "$live/cert.pem" -noout -subject -issuer -dates -ext subjectAltName | sed 's/^/    /'

step "Is it good?"
pair "the key fits, the chain ends at the CA's root, the names are wild.test and *.wild.test" "$live" wild.test '*.wild.test'
no_txt
await 10 eval '[ -z "$(txt _acme-challenge.wild.test 127.0.0.3)" ]' # it hears of it a moment later
no_txt _acme-challenge.wild.test 127.0.0.3
if [ -e "$CONF/reloaded" ]; then ok "the reload script ran"; else fail "the reload script ran"; fi

step "\$ opsmail --conf conf ssl list"
expect "the list knows it" ops ssl list
printf '%s\n' "$out" | sed 's/^/    /'

step "Once more: nothing is due, so nothing is asked of the CA"
n=$(issued)
expect "renew has nothing to do" ops ssl renew
same "no second certificate" "$n" "$(issued)"
step "And renewed by force"
old=$(serial)
expect "renew --force" ops ssl renew --force
pair "the new pair is whole" "$live" wild.test '*.wild.test'
[ "$old" != "$(serial)" ] && ok "it is a new one" || fail "it is a new one"
no_txt
echo
lab_done
