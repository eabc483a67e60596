#!/bin/bash
# Called as chasquid-util it is that program, word for word.
. "$(dirname "$0")/../shell.sh"
umask 022
ln -s "$opsmail" chasquid-util

# run STATUS OUT ERR ARGUMENT...: it ends so and says exactly that, a line each.
run() {
	local want=$1 out=$2 err=$3 status
	shift 3
	./chasquid-util -C=.config "$@" >out 2>err </dev/null
	status=$?
	[ $status -eq "$want" ] && [ "$(cat out)" = "$out" ] &&
		[ "$(cat err)" = "$err" ]
	result $? "status $want: chasquid-util $*"
}
mkdir -p .config .data/domaininfo
echo 'data_dir: ".data"' >.config/chasquid.conf

run 0 'Creating database
Added user' '' user-add user@domain --password=passwd
[ "$(stat -c %a .config/domains/domain)" = 755 ]
result $? 'the folder is 0755'
run 0 'Added user' '' user-add user@domain --password=passwd
run 0 'Database loaded (1 users)' '' check-userdb domain
run 0 'Added user' '' user-add receive@domain --receive_only
run 0 'Database loaded (2 users)' '' check-userdb domain
run 1 '' 'Cannot specify both --receive_only and --password' \
	user-add xxx@domain --password=passwd --receive_only
run 0 'Authentication succeeded' '' --password=passwd authenticate user@domain
run 0 'Authentication succeeded' '' authenticate USER@domain --password=passwd
run 1 '' 'Authentication failed' authenticate user@domain --password=abcd
run 1 '' 'Authentication failed' authenticate user@domain --password
run 1 '' 'Authentication failed' authenticate receive@domain --password=
run 1 '' 'Authentication failed' authenticate nobody@domain --password=passwd
run 0 'Removed user' '' user-remove user@domain
run 1 '' 'Authentication failed' authenticate user@domain --password=passwd
run 1 '' 'Unknown user' user-remove unknown@domain
run 1 '' "Domain missing, username should be of the form 'user@domain'" \
	user-add badarg
run 1 '' 'Error normalizing user: precis: disallowed rune encountered' \
	user-add 'bad user@domain' --password=x
run 1 'Password: ' \
	'Error reading password: inappropriate ioctl for device' \
	user-add user@domain
run 1 '' 'Error: file ".config/domains/other/users" does not exist' \
	check-userdb other
echo 'foo: 1' >>.config/domains/domain/users
run 1 '' "Error loading database: .config/domains/domain/users:\
$(wc -l <.config/domains/domain/users):1: unknown field: foo" \
	check-userdb domain
rm .config/domains/domain/users

run 1 'Unknown argument "blah"' "$(./chasquid-util --help)" blah
./chasquid-util --help | sed -n 2p | grep -qx Usage:
result $? '--help says how it is used'
./chasquid-util --configdir=.config print-config >out 2>err
[ "$(cat err)" = 'Option --configdir is deprecated, use --config_dir instead' ]
result $? '--configdir is deprecated'
[ "$(sed -n '$p' out)" = '' ] && grep -qx 'data_dir: ".data"' out
result $? 'the configuration in force is printed, and an empty line'
run 1 '' "Error loading config: failed to read config at \
\".no/chasquid.conf\": open .no/chasquid.conf: no such file or directory" \
	--config_dir=.no -C=.no print-config

# Nobody listens on the socket: the files say it.
printf 'a: b, | c\nb: x@y via h\n*: *@z\n' >.config/domains/domain/aliases
run 1 '' "Error resolving: $PWD/.config/domains/domain/aliases:1: right-side: \
\"| c\" is no local part: it holds a character that no user's name may" \
	aliases-resolve a@domain
printf 'a: b, c, q@r\nc: | cmd x\nb: x@y via h\n*: *@z\n' \
	>.config/domains/domain/aliases
run 0 '(email)  q@r
(forward)  x@y
(pipe)  cmd x' '' aliases-resolve a@domain
run 0 '(email)  some.one+x@z' '' aliases-resolve some.one+x@domain
run 0 '(email)  a@b' '' aliases-resolve a@b
: >.data/domaininfo/s:a%2Bb.example
run 0 '' '' domaininfo-remove a+b.example
[ ! -e .data/domaininfo/s:a%2Bb.example ]
result $? 'the file is gone'
run 1 '' 'Error removing domaininfo entry: does not exist' \
	domaininfo-remove a+b.example

# The password is on no command line while it works: here it waits for a lock.
if command -v flock >/dev/null; then
	flock .config/domains/domain sleep 1 &
	sleep 0.2
	./chasquid-util -C=.config user-add late@domain --password=topsecret \
		>out 2>err &
	pid=$!
	sleep 0.3
	tr '\0' ' ' <"/proc/$pid/cmdline" >line
	wait
	grep -q 'late@domain --password=\*\*\*' line && ! grep -q topsecret line
	result $? 'the password is overwritten'
	run 0 'Authentication succeeded' '' authenticate late@domain \
		--password=topsecret
fi
echo "1..$n"
