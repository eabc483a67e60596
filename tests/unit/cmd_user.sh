#!/bin/bash
# Users and aliases as a person or a script meets them.
. "$(dirname "$0")/../shell.sh"
umask 022

# run STATUS ARGUMENT...: the program ends so; its streams are in out and err.
run() {
	local want=$1 status
	shift
	"$opsmail" --conf conf "$@" >out 2>err <in
	status=$?
	[ $status -eq "$want" ]
	result $? "status $want: opsmail $*"
}
has_not() {
	! grep -qF -- "$2" "$1"
	result $? "$1 has no: $2"
}
is() {
	[ "$(cat "$1")" = "$2" ]
	result $? "$1 is: $2"
}
: >in
users=conf/chasquid/domains/example.org/users
aliases=conf/chasquid/domains/example.org/aliases

# Passwords come from a file or from standard input, never from the words.
run 64 user add joe@example.org
has err 'give --password-file FILE or --generate'
run 64 user add joe@example.org --password=x
run 64 user add joe
has err 'write USER@DOMAIN'
run 64 user add 'a b@example.org' --password-file -
echo secret >in
run 0 user add --password-file - -n Joe@Example.ORG
has out 'joe@example.org: would be added in'
[ ! -e conf/chasquid ]
result $? 'a dry run makes nothing'
run 0 user add --password-file - Joe@Example.ORG
has out 'joe@example.org: added in'
has $users 'key: "joe"'
has_not $users secret
[ "$(stat -c %a $users)" = 660 ]
result $? 'a new file is 0660'
run 64 user add joe@example.org --password-file -
has err 'opsmail user passwd joe@example.org'
run 0 user auth joe@example.org --password-file -
echo wrong >in
run 4 user auth joe@example.org --password-file -
has err 'that is not the password of joe@example.org'
run 1 user auth ann@example.org --password-file -
has err 'there is no user ann@example.org; opsmail user list example.org'
echo >in
run 64 user passwd joe@example.org --password-file -
has err 'the password is empty'

# A file of passwords that others may read is refused.
printf 'other\nnot this\n' >pw
run 1 user passwd joe@example.org --password-file pw
chmod 600 pw
run 0 user passwd joe@example.org --password-file pw
echo other >in
run 0 user auth joe@example.org --password-file -

# One that is made up is shown once, and to people alone.
run 0 user add --generate robot@example.org
sed -n 's/^password of robot@example.org: //p' out >in
[ "$(wc -c <in)" -eq 24 ]
result $? 'twenty letters in four groups'
cp in made
run 0 user auth robot@example.org --password-file -
run 64 user passwd --generate --json robot@example.org
has_not out "$(cat made)"
run 0 user add --receive-only info@example.org
run 4 user auth info@example.org --password-file -
has err 'it receives only'
run 64 user add --receive-only --generate x@example.org

# chasquid would look for the mail of this one elsewhere.
run 0 user add --receive-only j.doe@example.org
has err 'would look for its mail under jdoe'

# Comments and what stands around an entry stay.
printf '# mine\n' >>$users
run 0 user remove j.doe@example.org
has $users '# mine'
run 1 user remove j.doe@example.org
run 0 user list
has out 'joe@example.org   scrypt'
has out 'info@example.org  denied'
run 0 user list --json example.org
has out '{"type":"user","address":"robot@example.org","scheme":"scrypt"}'
run 1 user list example.net
has err 'example.net is no domain of ours'
printf 'new: 1\n' >>$users
run 0 user list
has err 'unknown field: new'
run 0 user remove robot@example.org info@example.org
has $users 'new: 1'
printf 'users {' >>$users
run 1 user list
has err 'domains/example.org/users:'
cp $users before
echo x >in
run 1 user passwd joe@example.org --password-file -
cmp -s before $users
result $? 'a broken file is left alone'
printf "users { key: 'joe' value { plain { password: 'x' } } }\n" >$users
run 0 user auth joe@example.org --password-file -

# Aliases.
run 0 alias add Sales@example.org joe someone@gmail.com
is $aliases 'sales: joe, someone@gmail.com'
printf '# ours\n' >>$aliases
run 0 alias add sales@example.org joe
has out 'is so already'
run 0 alias add -n sales@example.org ann
has out 'would be written to'
run 0 alias add sales@example.org ann
run 0 alias add '*@example.org' '*@example.net via h1/h2'
run 0 alias add prog@example.org '| /bin/prog -x, y'
is $aliases 'sales: joe, someone@gmail.com, ann
# ours
*: *@example.net via h1/h2
prog: | /bin/prog -x, y'
run 64 alias add prog@example.org joe
has err 'a program takes the whole line'
run 0 alias add --replace prog@example.org joe
run 0 alias remove sales@example.org joe ann
run 1 alias remove sales@example.org joe
run 0 alias remove prog@example.org
is $aliases 'sales: someone@gmail.com
# ours
*: *@example.net via h1/h2'
run 1 alias remove prog@example.org
run 1 alias remove x@example.net
run 64 alias add 'a:b@example.org' c
run 64 alias add a@example.org 'b c'
run 0 alias list
has out 'sales@example.org someone@gmail.com'
run 0 alias list --json
has out '"to":[{"kind":"forward","address":"*@example.net","via":["h1","h2"]}]'

# Resolving: joe is a user, with a suffix too, although all else is caught.
run 0 alias resolve j.oe+x@example.org no.body+y@example.org
has out 'joe@example.org'
has out 'no.body+y@example.net via h1/h2'
run 0 alias resolve --json sales@example.org
has out '"of":"sales@example.org"'
run 0 alias resolve x@example.com
has out 'x@example.com'
run 0 alias remove '*@example.org'
run 0 alias resolve nobody@example.org
has err 'nobody@example.org: nobody has this address'
run 64 alias resolve nobody
printf 'loop: loop\n' >>$aliases
run 1 alias resolve loop@example.org
has err 'recursion limit exceeded'
printf 'drop_characters: ""\n' >conf/chasquid/chasquid.conf
run 0 alias resolve j.oe@example.org
has err 'nobody has this address'
printf 'dropcharacters: ""\n' >conf/chasquid/chasquid.conf
run 1 alias resolve joe@example.org
has err 'did you mean "drop_characters"?'
rm conf/chasquid/chasquid.conf
mkdir conf/chasquid/hooks
# shellcheck disable=SC2016
printf '#!/bin/sh\ncase $1 in vip@*) echo joe, a@b.example;; esac\n' \
	>conf/chasquid/hooks/alias-resolve
chmod 755 conf/chasquid/hooks/alias-resolve
run 0 alias resolve vip@example.org
has out 'a@b.example'

# chasquid's own folder may be the configuration folder.
mkdir -p own/domains/example.com
"$opsmail" --conf own alias add a@example.com b >out 2>err
result $? 'in chasquid'"'"'s own folder'
is own/domains/example.com/aliases 'a: b'

# A terminal is asked without echo, twice. Where there is no script(1) this is
# not tried.
if command -v script >/dev/null; then
	(sleep 1; echo typed; sleep 0.3; echo typed) | script -qec \
		"$opsmail --conf conf user add ann@example.org" /dev/null \
		>out 2>err
	has out 'ann@example.org: added'
	has_not out typed
	echo typed >in
	run 0 user auth ann@example.org --password-file -
fi
echo "1..$n"
