#!/bin/bash
# opsmail dkim keygen, show, sign and verify, without a network.
. "$(dirname "$0")/../shell.sh"

# run STATUS INPUT ARGUMENT...: with that file on stdin
run() {
	local want=$1 input=$2 status
	shift 2
	"$opsmail" --conf conf "$@" <"$input" >out 2>err
	status=$?
	[ $status -eq "$want" ]
	result $? "status $want: opsmail $*"
}
same() {
	cmp -s "$1" "$2"
	result $? "$1 and $2 are the same"
}
empty() {
	[ ! -s "$1" ]
	result $? "$1 is empty"
}

mkdir -m 700 conf
cat >conf/opsmail.yaml <<-'END'
	email: a@x.test
	dns: {resolver: "127.0.0.1:1"}
	domains: {x.test: {}}
END

# Keys.
run 1 /dev/null dkim show x.test
has err 'opsmail dkim keygen x.test'
run 0 /dev/null dkim keygen --dry-run x.test
has out 'would be made'
[ ! -e conf/dkim ]
result $? "--dry-run makes nothing"
run 0 /dev/null dkim keygen x.test
rsa=$(sed -nE 's/.* rsa key ([0-9]{8}r) made.*/\1/p' out)
ed=$(sed -nE 's/.* ed25519 key ([0-9]{8}e) made.*/\1/p' out)
[ -n "$rsa" ] && [ -n "$ed" ]
result $? "one of each kind is made: $rsa $ed"
[ "$(stat -c %a "conf/dkim/x.test/pending/$rsa.pem")" = 600 ]
result $? "it is ours alone"
run 0 /dev/null dkim keygen x.test
has out "rsa key $rsa is pending already"
run 0 /dev/null dkim show x.test
has out "$rsa rsa     pending"
has out 'publish its record'
run 1 /dev/null dkim show x.test nobody
has err 'no DKIM key nobody'
run 64 /dev/null dkim show
run 64 /dev/null dkim show x.test a b
run 1 /dev/null dkim keygen 'x..test'

# A record in every way.
run 0 /dev/null dkim show x.test "$rsa"
record=$(sed -n '/^Value as one string:/{n;s/^  //p;}' out)
quoted=$(sed -n '/^Value as strings/{n;s/^  //p;}' out)
has out "  $rsa._domainkey"
has out "  $rsa._domainkey.x.test."
has out "  $rsa._domainkey.x.test. 3600 IN TXT $quoted"
[ "$(echo "$quoted" | sed 's/" "//g; s/"//g')" = "$record" ]
result $? "the strings joined are the value"
first=${quoted#\"}
first=${first%%\"*}
[ ${#first} -eq 255 ]
result $? "the first string has 255 bytes"
run 0 /dev/null dkim show x.test "$ed" --json
json=$(tail -n 1 out)
edrecord=$(echo "$json" | sed -E 's/.*"value":"([^"]*)".*/\1/')
[ "${edrecord#v=DKIM1; k=ed25519; h=sha256; p=}" != "$edrecord" ]
result $? "the value as JSON: $edrecord"
run 0 /dev/null dkim show x.test --json
[ "$(grep -c '"type":"dkim"' out)" -eq 2 ]
result $? "an object a key"

# Messages: both kinds of line ends, and both kinds of keys.
printf 'From: a@x.test\nSubject: one\n\nhello\n\n' >lf
printf 'From: a@x.test\r\nSubject: one\r\n\r\nhello\r\n\r\n' >crlf
run 1 lf dkim sign --domain x.test
has err 'no active DKIM key'
run 1 lf dkim sign --domain x.test --selector nobody
has err 'no DKIM key nobody'
for end in lf crlf; do
	for selector in "$rsa" "$ed"; do
		run 0 $end dkim sign --domain X.test --selector "$selector"
		cp out "signed.$end"
		tail -c "$(stat -c %s $end)" out >rest
		same rest $end
		run 0 "signed.$end" dkim verify --txt "$record" \
			--txt "$edrecord"
		has out "x.test: selector $selector: pass"
	done
done
[ "$(grep -c $'\r$' signed.lf)" -eq 0 ] &&
	[ "$(grep -vc $'\r$' signed.crlf)" -eq 0 ]
result $? "line ends are as they were"

# The keys that sign.
mkdir -p conf/chasquid/domains/x.test
for selector in "$rsa" "$ed"; do
	mv "conf/dkim/x.test/pending/$selector.pem" \
		"conf/chasquid/domains/x.test/dkim:$selector.pem"
done
run 0 crlf dkim sign --domain x.test
cp out both
run 0 both dkim verify --txt "$record" --txt "$edrecord" --json
[ "$(grep -c '"type":"signature","result":"pass"' out)" -eq 2 ]
result $? "every active key signs"
has out '"algorithm":"ed25519-sha256"'

# A key from elsewhere needs no configuration, and a record may be a file.
echo "$record" >record.txt
"$opsmail" --conf none dkim sign --domain y.test --selector s \
	--key "conf/chasquid/domains/x.test/dkim:$rsa.pem" <lf >signed 2>err
result $? "sign by a file"
"$opsmail" --conf none dkim verify --txt record.txt <signed >out 2>err
result $? "verify by a file"
has out 'y.test: selector s: pass'
[ ! -e none ]
result $? "no configuration was made"

# What does not pass.
sed 's/hello/hullo/' signed >changed
run 3 changed dkim verify --txt record.txt
has out 'fail'
run 3 signed dkim verify --txt 'v=DKIM1; p='
has out 'permerror, the key is revoked'
run 3 lf dkim verify --txt record.txt
has err 'no DKIM signature'
run 1 signed dkim verify
has out 'temperror'
has err '--txt'
run 1 signed dkim verify --txt no-such-file

# What is no message.
run 64 /dev/null dkim verify --txt record.txt
has err 'no message on stdin'
empty out
printf 'From: a@x.test\n\nhel\0lo\n' >nul
run 64 nul dkim sign --domain x.test
has err 'NUL'
printf 'hello\n' >text
run 1 text dkim sign --domain x.test
has err 'the message on stdin'
run 64 lf dkim sign
has err '--domain is missing'
run 64 lf dkim sign --domain x.test --key record.txt
has err '--selector is missing'
run 1 lf dkim sign --domain x.test --selector s --key record.txt
has err 'record.txt'

echo "1..$n"
