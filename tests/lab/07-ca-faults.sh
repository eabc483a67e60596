#!/bin/bash
# What a CA or the road to it can do wrong, by the proxy in front of pebble.
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
lab_proxy
url=https://127.0.0.1:14001/dir
good() { fresh $url; rules "$2"; issue "$1" wild.test; }
bad() { # bad TITLE STATUS PATTERN RULES: one sentence, no TXT, and the next run is well
	local t=$1 s=$2 p=$3
	fresh $url
	rules "$4"
	LIMIT=100 refused "$t" "$s" "$p" ops ssl wild.test
	TEST=$t no_txt
	wipe _acme-challenge.wild.test
}
for w in directory newAccount newOrder authz challenge finalize order cert; do
	full || case $w in directory | newOrder | finalize | cert) ;; *) continue ;; esac
	good "one 500 at $w" "[{\"what\":\"$w\",\"times\":1,\"status\":500,\"problem\":\"serverInternal\"}]"
	good "the reply of $w is lost" "[{\"what\":\"$w\",\"times\":1,\"reset\":\"after\"}]"
	good "the connection breaks before $w" "[{\"what\":\"$w\",\"times\":1,\"reset\":\"before\"}]"
done
good "503 with Retry-After in seconds" '[{"what":"newOrder","times":1,"status":503,"retry_after":1,"html":true}]'
good "503 with Retry-After as a date" '[{"what":"newOrder","times":1,"status":503,"retry_after":"date+2","html":true}]'
good "502 with a page of HTML" '[{"what":"authz","times":1,"html":true,"status":502}]'
good "429 with Retry-After 1 s" '[{"what":"newOrder","times":1,"status":429,"problem":"rateLimited","retry_after":1}]'
good "odd case of header names" '[{"shout":true}]'
good "a slow answer" '[{"what":"order","times":2,"delay":2}]'
good "an answer byte by byte" '[{"what":"newOrder","times":1,"drip":0.002}]'
good "a truncated body, once" '[{"what":"order","times":1,"truncate":20}]'
bad "a redirect of the directory is not followed, but told" 1 'points to|redirect' "[{\"what\":\"directory\",\"times\":1,\"redirect\":\"https://127.0.0.1:14001/dir?again\"}]"
t=$SECONDS
bad "429 with Retry-After three days" 1 'rate ?limit' '[{"what":"newOrder","status":429,"problem":"rateLimited","detail":"too many certificates already issued","retry_after":259200}]'
most "it does not wait three days" 10 $((SECONDS - t))
says "and says until when" '20[0-9][0-9]-|until|[0-9]:[0-9]'
bad "500 for ever" 1 '500|server' '[{"what":"newOrder","status":500,"html":true}]'
bad "a page of HTML in place of the directory" 1 'directory|ACME' '[{"what":"directory","html":true,"status":200}]'
bad "JSON that is no directory" 1 'directory' '[{"what":"directory","status":200,"ctype":"application/json","body":"{\"a\":1}"}]'
bad "a body that never comes whole" 1 . '[{"what":"newOrder","truncate":10}]'
bad "a gigabyte" 1 . '[{"what":"newOrder","huge":1073741824}]'
bad "no Location at newOrder" 1 'location' '[{"what":"newOrder","drop":["Location"]}]'
bad "no Location at newAccount" 1 'location' '[{"what":"newAccount","drop":["Location"]}]'
bad "an HTML certificate" 1 'certificate|chain|PEM' '[{"what":"cert","html":true,"status":200}]'
bad "an empty chain" 1 'certificate|chain|PEM|empty' '[{"what":"cert","cert":"empty"}]'
bad "garbage in PEM" 1 'certificate|chain|PEM' '[{"what":"cert","cert":"garbage"}]'
bad "a chain out of order" 1 'chain' '[{"what":"cert","cert":"reversed"}]'
bad "a leaf that is not ours" 1 'key|fit|match' '[{"what":"cert","cert":"wrong-leaf"}]'
[ ! -e "$CONF/acme/live/wild.test/cert.pem" ] && ok "and it never became live" || fail "and it never became live"
bad "finalize says the CSR is bad" 1 'badCSR' '[{"what":"finalize","status":400,"problem":"badCSR","detail":"weak key"}]'
bad "CAA forbids" 1 'caa' '[{"what":"newOrder","status":403,"problem":"caa","detail":"CAA record for wild.test prevents issuance"}]'
bad "rejectedIdentifier with subproblems" 1 'policy|never' '[{"what":"newOrder","status":400,"problem":"rejectedIdentifier","subproblems":[{"type":"urn:ietf:params:acme:error:rejectedIdentifier","detail":"never for wild.test","identifier":{"type":"dns","value":"wild.test"}}]}]'
bad "userActionRequired" "1 4" 'terms|agree|userAction' '[{"what":"newOrder","status":403,"problem":"userActionRequired","detail":"new terms","headers":{"Link":"<https://ca.test/terms-2>;rel=\"terms-of-service\""}}]'
rules '[]'
# The road itself.
fresh https://127.0.0.1:9/dir
refused "nobody listens" 1 '127\.0\.0\.1:9' ops ssl wild.test
fresh https://nowhere.test/dir
refused "a host that is not" 1 'nowhere\.test' ops ssl wild.test
fresh https://127.0.0.1:14000/wrong
refused "a wrong path" 1 'directory|404' ops ssl wild.test
fresh
sed -i "s|ca_file: .*|ca_file: $LAB/other.pem|" "$CONF/opsmail.yaml"
refused "a CA that is not trusted" 1 'certificate|trust|verif|ca_file' ops ssl wild.test
fresh
sed -i "s|ca_file: .*|ca_file: $LAB/gone.pem|" "$CONF/opsmail.yaml"
refused "a root that is not there" 1 'gone\.pem' ops ssl wild.test
fresh http://127.0.0.1:14000/dir
refused "http is refused" "1 64" 'https' ops ssl wild.test
# Fall back to the next CA.
fresh
sed -i 's|server: .*|server: ["https://127.0.0.1:9/dir", "https://127.0.0.1:14000/dir"]|' "$CONF/opsmail.yaml"
issue "the first CA is dead, the second serves" wild.test
lab_done
