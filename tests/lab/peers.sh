#!/bin/bash
# Fetches the strangers of the lab and unpacks them under build/peers. Nothing is
# installed but a few tools that start no daemon (see BASE); a name server or a CA
# from here runs only when the lab starts it, with its own configuration.
#
#   build/peers/bin/NAME   a wrapper that runs the unpacked program with its libraries
#   build/peers/env        PATH and the list of what could not be had
#
# Idempotent: a second run costs a few milliseconds. --versions prints what is there.
set -u
top=$(cd "$(dirname "$0")/../.." && pwd)
P=${PEERS:-$top/build/peers}
BASE="python3 iproute2 openssl curl ca-certificates procps"
OLD="pebble bind9 bind9-dnsutils bind9-utils knot pdns-server pdns-backend-sqlite3 unbound lego uacme
 dehydrated certbot python3-certbot-dns-rfc2136 python3-yaml faketime strace"
NEW="pebble lego"
# Clients of DNS providers' APIs, for tests/providers/foreign.py; and the vendors' own, from npm.
DNS="lexicon ansible certbot python3-libcloud python3-transip python3-certbot-dns-cloudflare
 python3-certbot-dns-digitalocean python3-certbot-dns-dnsimple python3-certbot-dns-gandi
 python3-certbot-dns-google python3-certbot-dns-linode python3-certbot-dns-ovh python3-certbot-dns-route53"
NPM="$top/tests/providers/foreign/npm.txt"
stamp="$OLD / $NEW / 1"

say() { echo "peers: $*" >&2; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

base() {
	local need=""
	command -v python3 >/dev/null || need="$need python3"
	command -v ip >/dev/null || need="$need iproute2"
	command -v openssl >/dev/null || need="$need openssl"
	command -v curl >/dev/null || need="$need curl"
	command -v ps >/dev/null || need="$need procps"
	[ -e /etc/ssl/certs/ca-certificates.crt ] || need="$need ca-certificates"
	[ -z "$need" ] && return
	say "installs$need"
	as_root apt-get -qq update
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive as_root apt-get -qq install -y --no-install-recommends $need \
		>"$P/base.log" 2>&1 || { cat "$P/base.log" >&2; exit 1; }
}

# get DIR APT-OPTIONS... -- PACKAGES: what this machine lacks of them and of all they need
get() {
	local d=$1 o=() try
	shift
	while [ "$1" != -- ]; do o+=("$1"); shift; done
	shift
	mkdir -p "$d/cache/archives/partial" "$d/root"
	for try in 1 2 3; do
		apt-get -qq "${o[@]}" -o Dir::Cache="$d/cache" -o APT::Sandbox::User=root \
			-o Debug::NoLocking=1 install --reinstall -y --no-install-recommends --download-only "$@" \
			>"$d/apt.log" 2>&1 && break
		[ "$try" = 3 ] && { cat "$d/apt.log" >&2; return 1; }
		if [ ${#o[@]} = 0 ]; then as_root apt-get -qq update; else apt-get -qq "${o[@]}" update; fi
	done
	local f
	for f in "$d"/cache/archives/*.deb; do dpkg -x "$f" "$d/root"; done
	rm -rf "$d/cache"
}

# wrap NAME FILE [INTERPRETER]: bin/NAME runs FILE with the libraries that lie beside it
wrap() {
	[ -e "$2" ] || return 1
	local r=${2%/usr/*} t
	t=$(dpkg-architecture -qDEB_HOST_MULTIARCH 2>/dev/null || gcc -dumpmachine 2>/dev/null || echo "$(uname -m)-linux-gnu")
	printf '#!/bin/sh\nexport LD_LIBRARY_PATH=%s/usr/lib/%s:%s/lib/%s:%s/usr/lib PYTHONPATH=%s/usr/lib/python3/dist-packages\nexec %s %s "$@"\n' \
		"$r" "$t" "$r" "$t" "$r" "$r" "${3:-}" "$2" >"$P/bin/$1"
	chmod 755 "$P/bin/$1"
}

debian_uri() {
	cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
		awk '/^URIs:/ && $2 ~ /debian/ { print $2; exit }
		/^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^(https?|file|copy):.*debian/) { print $i; exit } }'
}

unpack() {
	rm -rf "${P:?}/bin" "$P/root" "$P/new" "$P/new.log"
	mkdir -p "$P/bin"
	missing=""
	# shellcheck disable=SC2086
	get "$P/old" -- $OLD || say "Debian's peers cannot be had"
	mv "$P/old/root" "$P/root" 2>/dev/null
	local r=$P/root n f
	for n in pebble lego named nsupdate dig tsig-keygen rndc named-checkconf dnssec-keygen dnssec-signzone knotd knotc \
		pdns_server pdnsutil unbound unbound-anchor uacme dehydrated; do
		for f in "$r/usr/sbin/$n" "$r/usr/bin/$n"; do wrap $n "$f" && break; done
	done
	wrap certbot "$r/usr/bin/certbot" "$(command -v /usr/bin/python3 || command -v python3)"
	[ -x "$r/usr/bin/strace" ] && wrap strace "$r/usr/bin/strace"
	f=$(ls "$r"/usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null)
	[ -n "$f" ] && printf '#!/bin/sh\n# lab-faketime SPEC COMMAND...\nt=$1; shift\nFAKETIME="$t" FAKETIME_DONT_FAKE_MONOTONIC=1 LD_PRELOAD=%s exec "$@"\n' "$f" \
		>"$P/bin/lab-faketime" && chmod 755 "$P/bin/lab-faketime"

	# A newer pebble and lego: static enough to run on the older release.
	local suite uri
	uri=$(debian_uri)
	for suite in forky sid; do
		mkdir -p "$P/new/lists/partial"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" >"$P/new/list"
		get "$P/new" -o Dir::Etc::sourcelist="$P/new/list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$P/new/lists" \
			-o Acquire::Languages=none -o Acquire::Check-Valid-Until=false -- $NEW 2>>"$P/new.log" && break
	done
	rm -rf "$P/new/lists"
	wrap pebble-new "$P/new/root/usr/bin/pebble"
	wrap lego-new "$P/new/root/usr/bin/lego"

	for n in pebble pebble-new named nsupdate dig knotd pdns_server unbound lego lego-new uacme dehydrated certbot strace lab-faketime; do
		[ -x "$P/bin/$n" ] || command -v $n >/dev/null || missing="$missing $n"
	done
	{
		echo "PATH=$P/bin:\$PATH:/usr/sbin:/sbin"
		echo "PEERS_ROOT=$P/root"
		echo "PEERS_MISSING='${missing# }'"
	} >"$P/env"
	echo "$stamp" >"$P/stamp"
	[ -z "$missing" ] || rm -f "$P/stamp"
}

clients() {
	rm -rf "$P/dns" "$P/dns.stamp"
	# shellcheck disable=SC2086
	get "$P/dns" -- $DNS || say "Debian's clients of DNS providers cannot be had"
	local n py
	py=$(command -v /usr/bin/python3 || command -v python3)
	for n in lexicon ansible; do wrap $n "$P/dns/root/usr/bin/$n" "$py"; done
	wrap certbot-dns "$P/dns/root/usr/bin/certbot" "$py"
	[ -x "$P/bin/lexicon" ] && [ -x "$P/bin/ansible" ] && [ -x "$P/bin/certbot-dns" ] && echo "$DNS" >"$P/dns.stamp"
}

npm_clients() { # nothing of theirs runs while they are fetched
	local list
	list=$(grep -v '^#' "$NPM")
	mkdir -p "$P/npm"
	# shellcheck disable=SC2086
	command -v npm >/dev/null && npm install --prefix "$P/npm" --no-save --no-audit --no-fund --ignore-scripts --legacy-peer-deps --loglevel=error \
		$list >"$P/npm.log" 2>&1 && echo "$list" >"$P/npm.stamp" || say "the vendors' clients cannot be had from npm"
}

# Wanted since the others were unpacked: fetched alone, beside them.
more() {
	[ -x "$P/bin/kzonecheck" ] && [ -x "$P/bin/nsd" ] && return
	get "$P/more" -- knot-dnssecutils nsd 2>"$P/more.log"
	local n f
	for n in kzonecheck nsd nsd-checkzone nsd-control; do
		for f in "$P/more/root/usr/sbin/$n" "$P/more/root/usr/bin/$n"; do wrap $n "$f" && break; done
	done
}

# What judges mail: strangers that sign and verify. Nothing of mailauth's runs while it is fetched.
MAIL="opendkim opendkim-tools python3-dkim python3-nacl python3-dnspython libmail-dkim-perl"
MAILAUTH=mailauth@4.13.3
mail() {
	[ "$(cat "$P/mail.stamp" 2>/dev/null)" = "$MAIL $MAILAUTH" ] && return
	rm -rf "$P/mail" "$P/npm-mail" "$P/mail.stamp"
	# shellcheck disable=SC2086
	get "$P/mail" -- $MAIL 2>"$P/mail.log"
	local r=$P/mail/root n f py
	py=$(command -v /usr/bin/python3 || command -v python3)
	for n in opendkim opendkim-testkey opendkim-testmsg; do
		for f in "$r/usr/sbin/$n" "$r/usr/bin/$n"; do wrap $n "$f" && break; done
	done
	for n in dkimsign dkimverify; do wrap $n "$r/usr/bin/$n" "$py"; done
	wrap dkimproxy-verify "$r/usr/bin/dkimproxy-verify" \
		"env PERL5LIB=$r/usr/share/perl5:$(echo "$r"/usr/lib/*/perl5/5* | tr ' ' :) perl"
	mkdir -p "$P/npm-mail"
	command -v npm >/dev/null && npm install --prefix "$P/npm-mail" --no-save --no-audit --no-fund --ignore-scripts --omit=optional --loglevel=error \
		"$MAILAUTH" >"$P/npm-mail.log" 2>&1 && printf '#!/bin/sh\nexec node %s "$@"\n' "$P/npm-mail/node_modules/mailauth/bin/mailauth.js" \
		>"$P/bin/mailauth" && chmod 755 "$P/bin/mailauth" || say "mailauth cannot be had from npm"
	[ -x "$P/bin/opendkim-testkey" ] && [ -x "$P/bin/dkimverify" ] && [ -x "$P/bin/mailauth" ] && echo "$MAIL $MAILAUTH" >"$P/mail.stamp"
}

# Those who speak SMTP with us.
SMTP="swaks postfix msmtp python3-aiosmtpd"
smtp() {
	[ "$(cat "$P/smtp.stamp" 2>/dev/null)" = "$SMTP" ] && return
	rm -rf "$P/smtp" "$P/smtp.stamp"
	# shellcheck disable=SC2086
	get "$P/smtp" -- $SMTP 2>"$P/smtp.log"
	local r=$P/smtp/root n py
	py=$(command -v /usr/bin/python3 || command -v python3)
	for n in smtp-source smtp-sink; do
		wrap $n "$r/usr/sbin/$n" "env LD_LIBRARY_PATH=$r/usr/lib/postfix:$(echo "$r"/usr/lib/*-linux-gnu)"
	done
	wrap swaks "$r/usr/bin/swaks" perl
	wrap msmtp "$r/usr/bin/msmtp"
	wrap aiosmtpd "$r/usr/bin/aiosmtpd" "$py"
	printf '#!/bin/sh\nPYTHONPATH=%s exec %s "$@"\n' "$r/usr/lib/python3/dist-packages" "$py" >"$P/bin/python3-smtp"
	chmod 755 "$P/bin/python3-smtp"
	[ -x "$P/bin/swaks" ] && [ -x "$P/bin/smtp-sink" ] && [ -x "$P/bin/aiosmtpd" ] && echo "$SMTP" >"$P/smtp.stamp"
}

# chasquid as this release has it, and the newest that runs here.
chasquids() {
	[ -x "$P/bin/chasquid-util" ] && [ -x "$P/bin/chasquid-old-util" ] && return
	local suite d=$P/chasquid-new n
	get "$P/chasquid-old" -- chasquid 2>"$P/chasquid.log"
	for suite in forky sid; do
		mkdir -p "$d/lists/partial"
		echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $(debian_uri) $suite main" >"$d/list"
		get "$d" -o Dir::Etc::sourcelist="$d/list" -o Dir::Etc::sourceparts=- -o Dir::State::lists="$d/lists" \
			-o Acquire::Languages=none -o Acquire::Check-Valid-Until=false -- chasquid 2>>"$P/chasquid.log" && break
	done
	rm -rf "$d/lists"
	for n in chasquid chasquid-util; do
		wrap $n "$d/root/usr/bin/$n"
		wrap "chasquid-old${n#chasquid}" "$P/chasquid-old/root/usr/bin/$n"
	done
	"$P/bin/chasquid" -version >/dev/null 2>&1 || rm -f "$P/bin/chasquid" "$P/bin/chasquid-util" # made for a newer system
}

versions() {
	# shellcheck disable=SC1091
	. "$P/env"
	local n
	for n in pebble pebble-new named knotd pdns_server unbound lego lego-new uacme dehydrated certbot; do
		printf '%-12s ' $n
		case $n in
		pebble) command -v pebble >/dev/null && echo 2.4.0 ;;
		pebble-new) pebble-new -version 2>&1 | head -1 ;;
		named) named -v ;;
		knotd | lego | lego-new | certbot) $n --version 2>&1 | tail -1 ;;
		pdns_server) pdns_server --version 2>&1 | head -1 ;;
		unbound) unbound -V 2>&1 | head -1 ;;
		uacme) uacme -V 2>&1 | head -1 ;;
		dehydrated) dehydrated --version 2>&1 | grep -m1 'ersion:' ;;
		esac || echo missing
	done
}

mkdir -p "$P"
exec 9>"$P/lock"
flock 9
base
[ "$(cat "$P/stamp" 2>/dev/null)" = "$stamp" ] || unpack
# Wanted since the others were unpacked: no reason to fetch them all again.
[ -x "$P/bin/named-checkzone" ] || wrap named-checkzone "$P/root/usr/bin/named-checkzone"
[ "$(cat "$P/dns.stamp" 2>/dev/null)" = "$DNS" ] || clients
if [ -e "$NPM" ]; then
	[ "$(cat "$P/npm.stamp" 2>/dev/null)" = "$(grep -v '^#' "$NPM")" ] || npm_clients
fi
more
mail
smtp
chasquids
[ "${1:-}" = --versions ] && versions
. "$P/env"
[ -e "$P/dns.stamp" ] || PEERS_MISSING="$PEERS_MISSING lexicon ansible certbot-dns"
[ -e "$P/smtp.stamp" ] || PEERS_MISSING="$PEERS_MISSING swaks smtp-sink msmtp aiosmtpd"
[ -x "$P/bin/chasquid-util" ] || PEERS_MISSING="$PEERS_MISSING chasquid"
[ -e "$P/npm.stamp" ] || ! [ -e "$NPM" ] || PEERS_MISSING="$PEERS_MISSING npm"
if [ -n "$PEERS_MISSING" ]; then
	say "could not be had: $PEERS_MISSING"
	[ -z "${CI:-}" ] || exit 1
fi
exit 0
