#!/bin/bash
# The pair on disk: swapped by one rename, readable by whom it should be, whatever the administrator did to it.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up REUSE=100
ACME='  readers: [mail, www-data]
  reuse_key: off' fresh
issue "a certificate with readers" wild.test
live=$CONF/acme/live/wild.test
as() { # as USER CMD...: with that user's rights
	python3 -c 'import os,pwd,sys
p = pwd.getpwnam(sys.argv[1]); os.setgroups([]); os.setgid(p.pw_gid); os.setuid(p.pw_uid); os.execvp(sys.argv[2], sys.argv[2:])' "$@"
}
for u in mail www-data; do expect "$u can read the key" as $u cat "$live/privkey.pem"; done
expect_rc 1 "nobody can not" as nobody cat "$live/privkey.pem"
expect_rc 1 "nor the account's key, even for mail" as mail cat "$(find "$CONF/acme/accounts" -name key.pem | head -1)"
expect "renewed" ops ssl renew --force
expect "mail can read the new key" as mail cat "$live/privkey.pem"
expect_rc 1 "nobody can not" as nobody cat "$live/privkey.pem"
same "nothing under conf is writable by others" "" "$(find "$CONF" ! -type l -perm /022)"

cat >"$LAB/reader.py" <<'E'
"""Loads key and certificate again and again, as a server would, until told to stop: never a mix, never half a file."""
import os, ssl, sys
live, stop, n = sys.argv[1], sys.argv[2], 0
while not os.path.exists(stop):
    d = os.path.realpath(live)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(d + "/fullchain.pem", d + "/privkey.pem")
    except FileNotFoundError:
        if os.path.isdir(d):
            raise
        continue
    n += 1
print(n, "loads")
E
start reader python3 "$LAB/reader.py" "$live" "$LAB/stop"
n=8 good=0
full && n=50
for ((i = 0; i < n; i++)); do run ops ssl renew --force; [ $rc = 0 ] && good=$((good + 1)); done
touch "$LAB/stop"
wait "$(cat "$LAB/reader.pid")"
same "a reader beside $n renewals met whole pairs only ($(tail -n 1 "$LAB/reader.log"))" 0 $?
same "all of them renewed" $n $good
most "old folders do not pile up" 10 "$(find "$CONF/acme/archive/wild.test" -mindepth 1 -maxdepth 1 -type d | wc -l)"
# A fixed path by symlinks, as mail servers want it.
mkdir -p "$CONF/certs"
ln -s ../acme/live/wild.test "$CONF/certs/wild.test"
expect "renewed" ops ssl renew --force
pair "a symlink to live/ leads to the new pair" "$CONF/certs/wild.test" wild.test '*.wild.test'
lab_done
