#!/bin/bash
# The CA is told only when every authoritative server shows the value.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up VADNS=127.0.0.3:53 UBTTL=60
for s in 1 5 $(full && echo 30); do
	NDELAY=$s
	restart_bind
	sleep "$((s + 1))" # a NOTIFY of the start must not bring the change early
	fresh
	t=$SECONDS
	issue "the secondary is $s s late and the CA looks there" wild.test
	most "and no more time is lost than needed" $((2 * s + 8)) $((SECONDS - t))
done
NDELAY=0
restart_bind
VADNS=127.0.0.2:53
restart_ca
ask @127.0.0.4 _acme-challenge.wild.test TXT >/dev/null
fresh
issue "a resolver that has cached NXDOMAIN is not asked" wild.test
YAML='domains: {hidden.test: {}}' fresh
issue "a hidden primary" hidden.test
YAML='domains: {six.test: {}}' fresh
issue "a server with v6 only" six.test
half() { YAML='domains: {half.test: {}}' fresh; }
half
t=$SECONDS
issue "a name server that is dead: skipped when the others have it" half.test
most "after a while" 25 $((SECONDS - t))
for f in truncate wrongcase slow=3 $(full && echo slow=1); do
	fault 8 "$f"
	start fault8six python3 "$here/dnsfault.py" --listen "[fd00:53::8]:53" "$f"
	await 5 port 127.0.0.8:53
	half
	issue "a name server with the fault $f" half.test
	stop fault8; stop fault8six
done
start fault8six python3 "$here/dnsfault.py" --listen "[fd00:53::8]:53" none
half
issue "its v4 address is dead, its v6 answers" half.test
stop fault8six
fault 8 none
half
issue "its v6 address is dead, its v4 answers" half.test
stop fault8
for f in refused servfail lame drop wrongid; do
	full || [ $f = refused ] || [ $f = lame ] || continue
	fault 8 $f
	YAML='domains: {half.test: {acme: {propagation: 12s}}}' fresh
	run ops ssl half.test
	# Dead or useless for good: either is passed over like a dead one, or the time is up and it is named.
	case $rc in
	0) pair "a name server with the fault $f is passed over" "$CONF/acme/live/half.test" half.test '*.half.test' ;;
	*) refused "a name server with the fault $f is named" 6 'ns8|127\.0\.0\.8' ops ssl half.test ;;
	esac
	TEST=$f no_txt _acme-challenge.half.test
	stop fault8
done
# Nobody shows it: BIND is told, but the secondary never hears.
NDELAY=600
restart_bind
YAML='domains: {hidden.test: {acme: {propagation: 5s}}}' fresh
refused "no server shows it: time is up, and said so" 6 'ns3|127\.0\.0\.3|hidden\.test' ops ssl hidden.test
TEST=timeout no_txt _acme-challenge.hidden.test
lab_done
