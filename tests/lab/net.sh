# shellcheck shell=bash
# The servers of the lab, their zones and how they start. Sourced by lib.sh, which says who lives where.

lab_keys() {
	cd "$LAB" || exit 1
	local ec="-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
	# shellcheck disable=SC2086
	{
		openssl req -x509 $ec -days 3650 -subj /CN=lab-root -keyout ca.key -out ca.pem
		openssl req $ec -subj /CN=localhost -keyout srv.key -out srv.csr
		printf 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\nbasicConstraints=CA:FALSE\n' >ext
		openssl x509 -req -in srv.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile ext -out srv.pem
		openssl req -x509 $ec -days 3650 -subj /CN=stranger -keyout other.key -out other.pem
	} 2>keys.log || { cat keys.log; exit 1; }
	tsig-keygen -a hmac-sha256 acme-key >tsig.key
	sed -n 's/.*secret "\(.*\)".*/\1/p' tsig.key >secret
	head -c 32 /dev/urandom | base64 >wrong-secret
	chmod 600 secret wrong-secret
}

lab_net() {
	local i
	ip link set lo up
	for i in 2 3 4 5 6 7 8 9; do ip addr add 127.0.0.$i/32 dev lo; ip -6 addr add fd00:53::$i/128 dev lo nodad; done
	echo nameserver 127.0.0.4 >"$LAB/resolv.conf"
	if [ "$LAB_INSIDE" = nomount ]; then
		cp -p /etc/resolv.conf "$LAB/resolv.saved" 2>/dev/null
		cat "$LAB/resolv.conf" >/etc/resolv.conf
	else
		mount --make-rprivate /
		mount --bind "$LAB/resolv.conf" "$(readlink -f /etc/resolv.conf || echo /etc/resolv.conf)"
		cat /etc/ssl/certs/ca-certificates.crt "$LAB/ca.pem" >"$LAB/bundle.crt"
		mount --bind "$LAB/bundle.crt" /etc/ssl/certs/ca-certificates.crt
	fi
}

# zone NAME SERVER...: head of a zone file whose name servers are ns2 (BIND), ns3 (knot), ...
zone() {
	local z=$1 s; shift
	# shellcheck disable=SC2016
	printf '$ORIGIN %s.\n$TTL 60\n@ IN SOA ns%s.nic.test. h.nic.test. 1 3600 600 86400 5\n@ IN A 127.0.0.1\n' "$z" "$1"
	for s in "$@"; do echo "@ IN NS ns$s.nic.test."; done
}
DYNAMIC="wild.test alias.test wc.test xn--mnchen-3ya.test half.test hidden.test six.test"
STATIC="other.test self.test locked.test"

lab_zones() {
	local z i
	mkdir -p "$LAB/bind" "$LAB/knot" "$LAB/root" "$LAB/pdns" "$LAB/unbound"
	DYN="$DYNAMIC $(seq -f 'd%g.test' 1 "${ZONES:-3}" | tr '\n' ' ')"
	for z in $DYN $STATIC; do zone "$z" 2 3 >"$LAB/bind/$z"; done
	zone half.test 2 8 >"$LAB/bind/half.test"
	zone hidden.test 3 >"$LAB/bind/hidden.test"
	zone six.test 6only >"$LAB/bind/six.test"
	cat >>"$LAB/bind/other.test" <<-'E'
		_acme-challenge IN CNAME _acme-challenge.other.alias.test.
		_acme-challenge.chain IN CNAME c1
		c1 IN CNAME c2.other.test.
		c2 IN CNAME chain.alias.test.
		_acme-challenge.loop IN CNAME l1
		l1 IN CNAME _acme-challenge.loop
		_acme-challenge.knot IN CNAME other.knot.test.
		_acme-challenge.pdns IN CNAME other.pdns.test.
		_acme-challenge.nowhere IN CNAME t.nowhere.test.
		d IN DNAME alias.test.
	E
	echo '* IN CNAME wild.test.' >>"$LAB/bind/wc.test"
	echo '_acme-challenge.keep IN TXT "the owner put this here"' >>"$LAB/bind/wild.test"
	cat >>"$LAB/bind/wild.test" <<-E
		rich 300 IN MX 10 wild.test.
		rich 300 IN TXT "say \\"hi\\" \\\\ ; \\195\\164"
		rich 300 IN TXT "$(printf '%0255d' 1)" "$(printf '%045d' 2)"
		_sip._tcp.rich IN SRV 10 60 5060 wild.test.
		rich IN CAA 128 issue "ca.test; policy=\\"x\\""
		_25._tcp.rich IN TLSA 3 1 1 $(printf '%064d' 7)
		*.rich IN CNAME wild.test.
		rich IN AAAA fd00:53::2
	E
	printf '_acme-challenge IN NS ns7.nic.test.\n' >>"$LAB/bind/self.test"
	{ # the root and test., both at 127.0.0.5
		zone "" 5 | sed 's/^\$ORIGIN \.\./$ORIGIN ./'
		echo 'test. IN NS ns5.nic.test.'
		echo 'ns5.nic.test. IN A 127.0.0.5'
	} >"$LAB/root/root.zone"
	{
		zone test 5
		for i in 2 3 5 6 7 8 9; do printf 'ns%s.nic IN A 127.0.0.%s\nns%s.nic IN AAAA fd00:53::%s\n' $i $i $i $i; done
		echo 'ns6only.nic IN AAAA fd00:53::2'
		for z in $DYN $STATIC; do grep '^@ IN NS' "$LAB/bind/$z" | sed "s/^@/$z./"; done
		printf 'pdns IN NS ns6.nic\n'
	} >"$LAB/root/test.zone"
	zone knot.test 5 >"$LAB/root/knot.test.zone"
}

lab_bind() {
	local z
	[ -e "$LAB/lag.pid" ] && stop lag
	[ "${NDELAY:-0}" = 0 ] || start lag python3 "$here/dnsfault.py" --listen 127.0.0.9:5300 --upstream 127.0.0.3:53 "notify=$NDELAY"
	{
		cat <<-E
			include "$LAB/tsig.key";
			options { directory "$LAB/bind"; pid-file none; session-keyfile "$LAB/bind/session.key"; listen-on port 53 { 127.0.0.2; };
			 listen-on-v6 port 53 { fd00:53::2; }; recursion no; allow-transfer { any; };
			 also-notify { $([ "${NDELAY:-0}" = 0 ] && echo 127.0.0.3 || echo 127.0.0.9 port 5300); }; notify explicit; notify-delay 0; dnssec-validation no; querylog ${QLOG:-no}; serial-query-rate 1000; startup-notify-rate 1000; };
			controls {};
		E
		for z in $STATIC; do echo "zone $z { type primary; file \"$z\"; };"; done
		for z in $DYN; do echo "zone $z { type primary; file \"$z\"; update-policy { grant acme-key subdomain $z. TXT; }; };"; done
	} >"$LAB/named.conf"
	start named named -n 1 -g -c "$LAB/named.conf"
}

knot_head() {
	cat <<-E
		server:
		    rundir: "$LAB/$1"
		    listen: [ 127.0.0.$2@53, fd00:53::$2@53 ]
		    udp-workers: 1
		    tcp-workers: 1
		    background-workers: 1
		database:
		    storage: "$LAB/$1"
		log:
		  - target: stderr
		    any: info
		key:
		  - id: acme-key
		    algorithm: hmac-sha256
		    secret: $(cat "$LAB/secret")
		remote:
		  - id: primary
		    address: 127.0.0.2@53
		acl:
		  - id: notify
		    address: 127.0.0.0/8
		    action: notify
		  - id: update
		    key: acme-key
		    action: [ update, transfer ]
		  - id: read
		    address: [ 127.0.0.0/8, fd00:53::/64 ]
		    action: transfer
		zone:
	E
}

lab_knot() {
	local z
	{
		knot_head root 5
		printf '  - domain: %s\n    storage: %s/root\n    file: %s.zone\n    acl: [ update, read ]\n' . "$LAB" root test. "$LAB" test knot.test. "$LAB" knot.test
	} >"$LAB/root.conf"
	start root knotd -c "$LAB/root.conf"
	{
		knot_head knot 3
		for z in $DYN $STATIC; do
			printf '  - domain: %s\n    storage: %s/knot\n    master: primary\n    acl: [ notify, read ]\n' "$z" "$LAB"
		done
	} >"$LAB/knot.conf"
	start knot knotd -c "$LAB/knot.conf"
}

lab_unbound() {
	cat >"$LAB/unbound.conf" <<-E
		server:
		  directory: "$LAB/unbound"
		  chroot: ""
		  username: ""
		  pidfile: ""
		  interface: 127.0.0.4
		  do-not-query-localhost: no
		  module-config: "iterator"
		  access-control: 127.0.0.0/8 allow
		  local-zone: "test." nodefault
		  use-syslog: no
		  do-daemonize: no
		  root-hints: "$LAB/hints"
		  cache-max-ttl: ${UBTTL:-0}
		  cache-max-negative-ttl: ${UBTTL:-0}
		remote-control:
		  control-enable: no
	E
	printf '. 3600 IN NS ns5.nic.test.\nns5.nic.test. 3600 IN A 127.0.0.5\n' >"$LAB/hints"
	start unbound unbound -d -c "$LAB/unbound.conf"
}

lab_pdns() {
	local d=$LAB/pdns
	cat >"$d/pdns.conf" <<-E
		launch=gsqlite3
		gsqlite3-database=$d/db
		module-dir=$(echo "$PEERS_ROOT"/usr/lib/*/pdns)
		local-address=127.0.0.6, fd00:53::6
		socket-dir=$d
		dnsupdate=yes
		allow-dnsupdate-from=127.0.0.0/8,::/0
		cache-ttl=0
		negquery-cache-ttl=0
		query-cache-ttl=0
		zone-cache-refresh-interval=0
		api=yes
		api-key=lab-pdns-key
		webserver=yes
		webserver-address=127.0.0.6
		webserver-port=8081
		webserver-allow-from=127.0.0.0/8
		daemon=no
		guardian=no
		loglevel=6
	E
	zone pdns.test 6 >"$d/zone"
	python3 -c 'import sqlite3,sys; sqlite3.connect(sys.argv[1]).executescript(open(sys.argv[2]).read())' "$d/db" \
		"$(echo "$PEERS_ROOT"/usr/share/doc/pdns-backend-sqlite3/schema.sqlite3.sql)"
	{
		pdnsutil --config-dir="$d" load-zone pdns.test "$d/zone"
		pdnsutil --config-dir="$d" import-tsig-key acme-key hmac-sha256 "$(cat "$LAB/secret")"
		pdnsutil --config-dir="$d" set-meta pdns.test TSIG-ALLOW-DNSUPDATE acme-key
		pdnsutil --config-dir="$d" set-meta pdns.test TSIG-ALLOW-AXFR acme-key
	} >"$d/util.log" 2>&1
	start pdns pdns_server --config-dir="$d"
}

# pebble NAME PROGRAM PORT EXTRA-JSON
lab_pebble() {
	cat >"$LAB/$1.json" <<-E
		{"pebble":{"listenAddress":"127.0.0.1:$3","managementListenAddress":"127.0.0.1:$(($3 + 1000))","certificate":"$LAB/srv.pem",
		"privateKey":"$LAB/srv.key","httpPort":5002,"tlsPort":5001,"ocspResponderURL":"","domainBlocklist":["blocked.test"],$4}}
	E
	have "$2" || { skip "$1" "$2" peer; return; }
	start "$1" env PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT="${NONCE:-0}" PEBBLE_AUTHZREUSE="${REUSE:-0}" \
		PEBBLE_ALTERNATE_ROOTS="${ALT:-1}" GOMAXPROCS=2 "$2" -config "$LAB/$1.json" -strict -dnsserver "${VADNS:-127.0.0.4:53}"
}
EABKEY=zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W
lab_ca() {
	local n210='"caaIdentities":["pebble.test"],"keyAlgorithm":"ecdsa"' eab="\"externalAccountMACKeys\":{\"kid-1\":\"$EABKEY\"}"
	case $1 in
	p24) lab_pebble p24 pebble 14000 "\"externalAccountBindingRequired\":false,\"certificateValidityPeriod\":${CERTTTL:-7776000}" ;;
	p24e) lab_pebble p24e pebble 14300 "\"externalAccountBindingRequired\":true,$eab,\"certificateValidityPeriod\":7776000" ;;
	p210) lab_pebble p210 pebble-new 14100 "\"externalAccountBindingRequired\":false,$n210,\"retryAfter\":{\"authz\":1,\"order\":1},\"profiles\":{\"default\":{\"description\":\"90d\",\"validityPeriod\":${CERTTTL:-7776000}}}" ;;
	p210p) lab_pebble p210p pebble-new 14200 "\"externalAccountBindingRequired\":true,$eab,$n210,\"retryAfter\":{\"authz\":1,\"order\":1},\"profiles\":{\"classic\":{\"description\":\"90d\",\"validityPeriod\":7776000},\"tlsserver\":{\"description\":\"45d\",\"validityPeriod\":3888000},\"shortlived\":{\"description\":\"6d\",\"validityPeriod\":576000}}" ;;
	esac
}
lab_roots() { # the roots of the CA whose port is $1, for openssl verify
	api "https://127.0.0.1:$(($1 + 1000))/roots/0" >"$LAB/root.$1.pem"
}
ca_port() { case $1 in p24) echo 14000 ;; p210) echo 14100 ;; p210p) echo 14200 ;; p24e) echo 14300 ;; esac; }

lab_up() {
	local kv c
	for kv in "$@"; do eval "${kv%%=*}=\${kv#*=}"; done
	lab_keys
	lab_net
	trap lab_down EXIT
	trap 'exit 130' INT TERM
	lab_zones
	lab_knot
	lab_bind
	lab_unbound
	case " ${WITH:-} " in *" pdns "*) lab_pdns ;; esac
	for c in ${CA:-p24} ${WITH:-}; do lab_ca "$c"; done
	await 20 port 127.0.0.2:53 && await 10 port 127.0.0.5:53 && await 10 port 127.0.0.4:53 || { echo "# the lab does not start"; tail -n 5 "$LAB"/*.log; exit 1; }
	for c in ${CA:-p24} ${WITH:-}; do
		case $c in pdns) await 10 port 127.0.0.6:53 ;; *) [ -e "$LAB/$c.pid" ] && await 20 port "127.0.0.1:$(ca_port "$c")" && lab_roots "$(ca_port "$c")" ;; esac ||
			{ echo "# $c does not start"; tail -n 5 "$LAB/$c.log"; }
	done
	await 15 secondary_ready || echo "# the secondary is late"
}
