#!/bin/bash
# The program as people and scripts meet it: statuses, streams, --json.
. "$(dirname "$0")/../shell.sh"

# run STATUS ARGUMENT...: the program ends so; its streams are in out and err.
run() {
	local want=$1 status
	shift
	"$opsmail" "$@" >out 2>err </dev/null
	status=$?
	[ $status -eq "$want" ]
	result $? "status $want: opsmail $*"
}
has_not() {
	! grep -q -- "$2" "$1"
	result $? "$1 has no: $2"
}
empty() {
	[ ! -s "$1" ]
	result $? "$1 is empty"
}
# Every line of out is an object with a type, the first one the version.
pure_json() {
	[ "$(head -c 30 out)" = '{"type":"version","schema":"1.' ] &&
		! grep -qvE '^\{"type":"[a-z]+"(,".*)?\}$' out
	result $? "out is JSON: ${1:-}"
}

run 0
has out 'ssl DOMAIN...'
empty err
run 0 version
has out 'opsmail '
run 0 --version
run 0 ssl list --help
has out 'Usage: opsmail ssl list'
run 0 ssl example.org --help
has out 'Usage: opsmail ssl DOMAIN...'
run 0 help ssl account
has out 'ssl account rollover'

# Wrong command lines: 64, one sentence, nothing on stdout.
run 64 frobnicate
empty out
has err 'opsmail: there is no command "frobnicate"'
run 64 ssl lst
has err 'did you mean "ssl list"?'
run 64 ssl list --jsn
has err 'did you mean "--json"?'
run 64 ssl list --force
has err 'has no option --force'
run 64 ssl
run 64 version now
run 64 --color blue version
run 64 completion csh
run 64 dns
has err 'needs one of: serve, providers'
run 64 help nothing
run 64 cron --install --remove
run 0 -- version
run 64 -- --version
run 0 --conf ignored version -q
run 0 version --color=never -vv

# The first run makes a configuration and stops there.
run 1 --conf conf conf show
[ "$(cat out)" = "PLEASE EDIT $dir/conf/opsmail.yaml" ]
result $? 'PLEASE EDIT is all of stdout'
has err 'edit it and run this again'
[ -f conf/opsmail.yaml ]
result $? 'opsmail.yaml is there'
run 0 conf show
has out 'acme.server'
run 0 conf show acme.server
[ "$(cat out)" = letsencrypt ]
result $? 'a single key prints its value'
run 0 conf show --origin acme
has out 'default'
has_not out '^dns'
run 64 conf show acme.sever
has err 'did you mean "acme.server"?'
run 0 conf check
OPSMAIL_CONF=$dir/conf run 0 conf show
mkdir elsewhere
run 1 --conf elsewhere --json conf show
pure_json 'the first run'
has out '"type":"edit"'
has out '"status":1'

# Mistakes in the configuration.
cp -r conf broken
cat >broken/opsmail.yaml <<-END
	email: ops@example.org
	dns:
	  provider: rfc2136x
END
run 1 --conf broken conf check
has out 'FAIL'
has out 'rfc2136'
cat >broken/opsmail.yaml <<-END
	emial: ops@example.org
END
run 1 --conf broken conf check
has err 'opsmail.yaml:1:1'
has err 'email'
cat >broken/opsmail.yaml <<-END
	email: ops@example.org
	dns:
	  provider: rfc2136
	  credentials:
	    DNSUPDATE_NAMESERVER: 192.0.2.1
	    DNSUPDATE_TSIG_SECRET: c2VjcmV0LXNlY3JldC1zZWNyZXQ=
END
run 0 --conf broken conf check
run 0 --conf broken conf show --origin -vv
has_not out c2VjcmV0
has_not err c2VjcmV0
run 0 --conf broken --json conf show
has_not out c2VjcmV0
chmod 777 broken
run 1 --conf broken conf show
has err 'chmod'
chmod 755 broken

# Zones: what stands in the way is said, and to which status.
run 64 dns records a.test --format csv
has err 'table zone json dnscontrol octodns'
run 64 dns records
cat >broken/opsmail.yaml <<-END
	email: ops@example.org
END
run 1 --conf broken dns records a.test
has err 'no DNS provider is set for a.test'
run 1 --conf broken dns zones
has err 'no DNS provider that shows its zones is set'
run 1 --conf broken dns doctor
has err 'opsmail dns doctor DOMAIN'
run 3 --conf broken dns doctor a.test
has out 'FAIL'
has err '1 of 1 checks failed'
cat >broken/opsmail.yaml <<-END
	email: ops@example.org
	dns: {provider: rfc2136}
	domains: {a.test: {}, b.test: {dns: {provider: manual}}}
END
run 4 --conf broken dns doctor
has out 'DNSUPDATE_NAMESERVER'
has out 'skip'
has err '1 of 2 checks failed'
run 4 --conf broken dns zones
run 4 --conf broken dns records a.test
run 1 --conf broken dns records b.test
has err 'manual shows no zones'
run 1 --conf broken dns zones manual
has err 'manual shows no zones'
run 4 --conf broken --json dns doctor
pure_json 'a doctor who finds something'
has out '"kind":"auth"'

# JSON and nothing else on stdout.
for command in 'conf show' 'conf check' 'dns providers' \
	'dns providers rfc2136' 'ssl list' version help 'help ssl' \
	'completion bash' cron; do
	# shellcheck disable=SC2086
	run 0 --json $command
	pure_json "$command"
done
run 64 frobnicate --json
pure_json 'a wrong command'
has out '"kind":"usage"'
has err 'opsmail: there is no command'
run 64 frobnicate -- --json
empty out

# Colours only where they are wanted.
esc=$(printf '\033')
run 0 conf check
has_not out "$esc"
run 0 --color=always conf check
has out "$esc"
NO_COLOR=1 CLICOLOR_FORCE=1 run 0 conf check
has_not out "$esc"
CLICOLOR_FORCE=1 run 0 conf check
has out "$esc"
CLICOLOR_FORCE=1 run 0 --color=never conf check
has_not out "$esc"
has out '+ ok '
LC_ALL=C.UTF-8 run 0 conf check
has out '✓ ok '
run 0 -q conf check
has_not out ' ok '

# Nobody is asked where there is no terminal.
run 0 dns providers
has out rfc2136

# Results that cannot be written are a failure.
: >out
"$opsmail" version >&- 2>err
[ $? -eq 1 ] && grep -q 'could not be written' err
result $? 'closed stdout'
"$opsmail" help >/dev/full 2>err
[ $? -eq 1 ] && grep -q 'could not be written' err
result $? 'full stdout'
"$opsmail" version 2>&- >out
result $? 'closed stderr'
: >err
# The pipe's other end is gone for sure once the reader was waited for.
mkfifo pipe
: <pipe &
exec 8>pipe
wait $!
"$opsmail" help >&8 2>err
[ $? -eq 1 ] && [ ! -s err ]
result $? 'a reader that left: no sentence, status 1'
exec 8>&-

# Completion, in the shells that are here.
for shell in bash zsh fish; do
	run 0 completion $shell
	if [ -z "$(command -v $shell)" ]; then
		n=$((n + 1))
		echo "ok $n - $shell reads it # SKIP $shell is not here"
	else
		$shell -n out >/dev/null 2>err
		result $? "$shell reads it"
	fi
done
run 0 completion bash
# shellcheck disable=SC2016
bash --norc -c '. ./out && COMP_WORDS=(opsmail ssl li) COMP_CWORD=2 &&
	_opsmail && [ "${COMPREPLY[*]}" = list ]' 2>err
result $? 'bash completes a word'

echo "1..$n"
