#!/bin/bash
# Zone files on this machine, as BIND, knot and NSD read them: every type, and DNS says what is served; then
# certificates, for a zone that nobody can update.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
make -s -C "$top" build/tests/unit/dns_live >"$LAB/make.log" 2>&1 || fail "the test is built" "$(cat "$LAB/make.log")"
export OPSMAIL_PROVIDER=zonefile

# written FOLDER: pdns.test there, as somebody keeps it
written() {
	mkdir -p "$1"
	cat >"$1/pdns.test" <<-'E'
		; kept by hand
		$TTL 1h
		@	IN SOA	ns.pdns.test. hostmaster (
		        2019010103 ; serial
		        3600 600 86400 60 )
		@       NS      ns
		ns      A       127.0.0.1  ; this one
		        AAAA    ::1
		$ORIGIN sub.pdns.test.
		@       MX      10 mail
		mail    A       192.0.2.9
		$ORIGIN pdns.test.
		; the end
	E
	cp "$1/pdns.test" "$1/before"
}
at() { dig +short +tcp +time=2 +tries=1 "@$server" "$1.pdns.test" "$2" | sort | tr '\n' '|'; }
live() { "$top/build/tests/unit/dns_live"; }
same_but_serial() { diff <(sed 's/[0-9]* ; serial/N ; serial/' "$1") <(sed 's/[0-9]* ; serial/N ; serial/' "$2"); }
# judged TITLE: everything is written, served, and what was there is there, line by line
judged() {
	OPSMAIL_KEEP=1 expect "$1: all types are written, once, and read back" live
	sleep 0.3
	same "$1: A" "192.0.2.1|192.0.2.2|" "$(at a A)"
	same "$1: a wildcard" "a.pdns.test.|" "$(at some.wild CNAME)"
	same "$1: a null MX" "0 .|" "$(at null MX)"
	same "$1: SRV" "0 1 465 mail.pdns.test.|" "$(at _submissions._tcp SRV)"
	same "$1: CAA" '0 issue "letsencrypt.org"|128 issue "ca.test; validationmethods=dns-01"|' "$(at caa CAA)"
	same "$1: TLSA" "3 1 1 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF|" "$(at _25._tcp.mail TLSA | tr -d ' ' |
		sed 's/^311/3 1 1 /')"
	same "$1: TXT with quotes, a backslash, blanks and UTF-8" \
		'"gr\195\188\195\159 dich"|"say \"hello\"; back\\slash  two blanks "|"v=spf1 mx -all"|' "$(at txt TXT)"
	same "$1: a TXT of 800 bytes, of which none is lost" 800 "$(at long TXT | tr -dc a-z | wc -c)"
	same "$1: what was there is served" "10 mail.sub.pdns.test.|" "$(at sub MX)"
	same "$1: and stands as it stood" "" "$(same_but_serial "$dir/before" "$dir/pdns.test" | grep '^<')"
	least "$1: the serial is of today" "$(date -u +%Y%m%d00)" "$(dig +short @"$server" pdns.test SOA | cut -d ' ' -f 3)"
}

# BIND and its rndc
dir=$LAB/files-bind server=127.0.0.10
written "$dir"
tsig-keygen -a hmac-sha256 rndc-key >"$LAB/rndc.key"
cat >"$LAB/files.conf" <<-E
	include "$LAB/rndc.key";
	options { directory "$dir"; pid-file none; session-keyfile "$dir/session.key"; listen-on port 53 { $server; }; listen-on-v6 { none; };
	 recursion no; notify no; dnssec-validation no; };
	controls { inet $server port 953 allow { any; } keys { "rndc-key"; }; };
	zone pdns.test { type primary; file "pdns.test"; };
E
ip addr add $server/32 dev lo # BIND listens where it sees an address
start files-bind named -n 1 -g -c "$LAB/files.conf"
await 10 port $server:53
export ZONEFILE_PATH="$dir/{zone}" ZONEFILE_SERVER=bind ZONEFILE_RELOAD="rndc -s $server -k $LAB/rndc.key reload {zone}"
judged BIND
stop files-bind
cp "$dir/pdns.test" "$dir/kept"
run live
[ $rc != 0 ] && ok "BIND: a server that does not answer is an error" || fail "BIND: a server that does not answer" "$out"
says "BIND: and it says so" 'rndc .*reload pdns.test ends with status'
same "BIND: and the file is as it was" "" "$(diff "$dir/kept" "$dir/pdns.test")"

# knot and its knotc
dir=$LAB/files-knot server=127.0.0.11
written "$dir"
cat >"$LAB/files-knot.conf" <<-E
	server:
	    rundir: "$dir"
	    listen: [ $server@53 ]
	database:
	    storage: "$dir/db"
	zone:
	  - domain: pdns.test
	    storage: "$dir"
	    file: pdns.test
	    zonefile-sync: -1
	    zonefile-load: whole
E
start files-knot knotd -c "$LAB/files-knot.conf"
await 10 port $server:53
export ZONEFILE_PATH="$dir/{zone}" ZONEFILE_SERVER=knot ZONEFILE_RELOAD="knotc -s $dir/knot.sock -b zone-reload {zone}"
if have kzonecheck; then judged knot; else skip "knot" kzonecheck peer; fi

# NSD and its nsd-control
dir=$LAB/files-nsd server=127.0.0.12
written "$dir"
cat >"$LAB/files-nsd.conf" <<-E
	server:
	    ip-address: $server
	    username: ""
	    zonesdir: "$dir"
	    database: ""
	    pidfile: "$dir/pid"
	    xfrdfile: "$dir/xfrd"
	    zonelistfile: "$dir/list"
	    server-count: 1
	remote-control:
	    control-enable: yes
	    control-interface: $dir/control
	zone:
	    name: pdns.test
	    zonefile: pdns.test
E
if have nsd && have nsd-control; then
	start files-nsd nsd -d -c "$LAB/files-nsd.conf"
	await 10 port $server:53
	export ZONEFILE_PATH="$dir/{zone}" ZONEFILE_SERVER=nsd ZONEFILE_RELOAD="nsd-control -c $LAB/files-nsd.conf reload {zone}"
	judged NSD
else skip "NSD" nsd peer; fi

# A certificate for a zone that takes no updates: its primary reads the file again when it is told to, and its
# secondary is told by NOTIFY.
unset ZONEFILE_PATH ZONEFILE_SERVER ZONEFILE_RELOAD
YAML='domains: {locked.test: {}}' fresh
sed -i 's/provider: rfc2136/provider: zonefile/; /DNSUPDATE/d; /credentials:/d' "$CONF/opsmail.yaml"
sed -i "/provider: zonefile/a\\  credentials:\\n    ZONEFILE_PATH: \"$LAB/bind/{zone}\"\\n    ZONEFILE_SERVER: bind\\n    ZONEFILE_RELOAD: /bin/kill -HUP $(cat "$LAB/named.pid")" "$CONF/opsmail.yaml"
cp "$LAB/bind/locked.test" "$LAB/locked.before"
issue "a certificate by a zone file alone" locked.test
same "the file is as it was, but for its serial" 1 "$(diff "$LAB/locked.before" "$LAB/bind/locked.test" | grep -c '^<')"
same "nothing lies beside it" "" "$(find "$LAB/bind" -name '.opsmail*')"
expect "the zone is found" ops dns zones
says "and named" '^locked\.test +zonefile'
lab_done
