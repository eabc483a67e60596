#!/bin/bash
# What people do wrong: one sentence that says what to do, and the right status. (Sanitizers: OPSMAIL=build-asan/opsmail.)
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
CONF=$LAB/new
refused "no conf yet: it is made" 1 'PLEASE EDIT' ops ssl wild.test
[ -s "$CONF/opsmail.yaml" ] && ok "opsmail.yaml is there to edit" || fail "opsmail.yaml is there to edit"
same "the folder is not for others" 0 "$(stat -c %a "$CONF" | sed 's/.*\(.\)$/\1/')"
fresh
echo 'domains: [unclosed' >"$CONF/opsmail.yaml"
refused "YAML that is none: file and line" 1 'opsmail\.yaml:[0-9]+' ops ssl wild.test
fresh
sed -i 's/^email:/emial:/' "$CONF/opsmail.yaml"
refused "a misspelt key: place and suggestion" 1 'opsmail\.yaml:1:1.*(emial|email)' ops ssl wild.test
fresh
sed -i 's/provider: rfc2136/provider: rfc2163/' "$CONF/opsmail.yaml"
refused "a misspelt provider" "1 4" 'rfc2136' ops ssl wild.test
fresh
sed -i '/TSIG_SECRET/d' "$CONF/opsmail.yaml"
refused "a missing credential is named" 4 'DNSUPDATE_TSIG_SECRET' ops ssl wild.test
fresh https://127.0.0.1:14000/dir 127.0.0.2:53 "$LAB/no-such-file"
refused "a secret's file is not there" "1 4" 'no-such-file' ops ssl wild.test
cp "$LAB/secret" "$LAB/open-secret"; chmod 644 "$LAB/open-secret"
fresh https://127.0.0.1:14000/dir 127.0.0.2:53 "$LAB/open-secret"
refused "a secret's file that all may read" "1 4" 'open-secret' ops ssl wild.test
fresh
chmod 777 "$CONF"
refused "a conf that all may write" 1 "$CONF" ops ssl wild.test
chmod 755 "$CONF"
fresh
chmod 666 "$CONF/opsmail.yaml"
run ops ssl wild.test
[ $rc != 0 ] && ok "an opsmail.yaml that all may write" || fail "an opsmail.yaml that all may write" "$out"
fresh
refused "a name that is none" "1 64" 'not_a_name|bad' ops ssl 'bad..name'
refused "a single label" "1 4 64" 'localhost' ops ssl localhost
refused "a zone that nobody has" "1 4" 'nowhere\.example' ops ssl nowhere.example
refused "no such command" 64 'ssl' ops sssl wild.test
refused "no such option" 64 'force' ops ssl --forze wild.test
refused "no domain" 64 'DOMAIN' ops ssl
printf 'email: a@wild.test\nacme: {must_staple: true}\n' >"$CONF/opsmail.yaml"
refused "must-staple is refused with the reason" 1 'OCSP|staple' ops ssl wild.test
YAML='domains: {blocked.test: {}}' fresh
run ops ssl blocked.test
[ $rc != 0 ] && ok "a name the CA's policy blocks" || fail "a name the CA's policy blocks" "$out"

as() {
	python3 -c 'import os,pwd,sys
p = pwd.getpwnam(sys.argv[1]); os.setgroups([]); os.setgid(p.pw_gid); os.setuid(p.pw_uid); os.execvp(sys.argv[2], sys.argv[2:])' "$@"
}
fresh
issue "a certificate" wild.test
chmod 700 "$CONF"
cp "$OPSMAIL" "$LAB/opsmail"
refused "somebody else's conf" 1 'permission|belong' as nobody "$LAB/opsmail" --conf "$CONF" ssl list
if have lab-faketime; then
	lab_ca_old() { openssl req -x509 -key "$LAB/ca.key" -days -1 -subj /CN=lab-root -out "$LAB/expired.pem" 2>/dev/null; }
	fresh
	refused "a CA's certificate that has expired" 1 'expire|certificate|valid' timeout 60 lab-faketime +4000d "$OPSMAIL" --conf "$CONF" ssl wild.test
fi

# The old shell file.
CONF=$LAB/old
mkdir -p "$CONF"
cat >"$CONF/conf.sh" <<-E
	MAIL=a@wild.test
	DNS=nsupdate
	export NSUPDATE_SERVER=127.0.0.2
	export NSUPDATE_KEY=$LAB/tsig.key
	if [[ \$1 == d1.test ]]; then export NSUPDATE_ZONE=d1.test; fi
E
chmod 600 "$CONF/conf.sh" "$LAB/tsig.key"
printf 'acme: {server: "https://127.0.0.1:14000/dir", ca_file: %s}\n' "$LAB/ca.pem" >"$CONF/opsmail.yaml"
issue "conf.sh of the old days" wild.test
issue "and its branch for one domain" d1.test
chmod 666 "$CONF/conf.sh"
refused "conf.sh that all may write is not run" 1 'conf\.sh' ops ssl wild.test
lab_done
