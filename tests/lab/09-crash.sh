#!/bin/bash
# Killed at every request, ended politely, disks that are full: old pair or new one, never a mix, never a stale TXT.
# (tests/crash/acme.sh kills at every system call.)
. "$(dirname "$0")/lib.sh"
need_opsmail
lab_up
lab_proxy
url=https://127.0.0.1:14001/dir
step=1
full || step=2
for ((k = 1; k <= 14; k += step)); do
	for how in asked answered; do
		full || [ $((k / 2 % 2)) = $([ $how = asked ]; echo $?) ] || continue
		fresh $url
		# the CA waits before or after it heard of the request; meanwhile we die
		if [ $how = asked ]; then rules "[{\"path\":\"\",\"nth\":$k,\"delay\":2}]"; else rules "[{\"path\":\"\",\"nth\":$k,\"reset\":\"after\"}]"; fi
		n=$(issued)
		"$OPSMAIL" --conf "$CONF" ssl wild.test >"$LAB/k.log" 2>&1 &
		pid=$!
		await 15 eval '[ "$(counts "c[\"requests\"]")" -ge '"$k"' ] || ! kill -0 '$pid
		kill -9 $pid 2>/dev/null; wait $pid 2>/dev/null
		first=$(serial)
		rules '[]'
		issue "killed at request $k ($how), run again" wild.test
		most "one certificate was signed" $((n + 1)) "$(issued)"
		same "one account" 1 "$(find "$CONF/acme/accounts" -name key.pem | wc -l)"
		[ -z "$first" ] || same "the live one stayed" "$first" "$(serial)"
	done
done
for s in TERM INT; do
	fresh $url
	rules '[{"what":"challenge","delay":3}]'
	"$OPSMAIL" --conf "$CONF" ssl wild.test >"$LAB/k.log" 2>&1 &
	pid=$!
	await 15 eval '[ -n "$(txt _acme-challenge.wild.test)" ]'
	kill -$s $pid; wait $pid
	same "SIG$s ends with 130" 130 $?
	TEST=SIG$s no_txt
	rules '[]'
	issue "and the next run is well" wild.test
done

# A full disk at each write: grow a tiny file system page by page until it fits.
mkdir "$LAB/tiny"
if [ "$LAB_INSIDE" != nomount ]; then
	failures=0 kb=12 oddity=""
	while [ $kb -lt 400 ]; do
		mount -t tmpfs -o size=${kb}k,mode=755 none "$LAB/tiny"
		fresh
		mkdir "$LAB/tiny/conf" && cp "$CONF/opsmail.yaml" "$LAB/tiny/conf/" && CONF=$LAB/tiny/conf
		run ops ssl wild.test
		[ -z "$(txt _acme-challenge.wild.test)" ] || { oddity="$oddity TXT left at $kb KiB: $out;"; wipe _acme-challenge.wild.test; }
		if [ $rc = 0 ]; then umount "$LAB/tiny"; break; fi
		failures=$((failures + 1))
		grep -qi 'space' <<<"$out" || oddity="$oddity at $kb KiB: $out;"
		[ ! -e "$CONF/acme/live/wild.test/cert.pem" ] || oddity="$oddity live at $kb KiB although it failed;"
		mount -o remount,size=4m "$LAB/tiny"
		run ops ssl wild.test
		[ $rc = 0 ] || oddity="$oddity with space again at $kb KiB: $out;"
		umount "$LAB/tiny"
		kb=$((kb + $(full && echo 4 || echo 12)))
	done
	least "a full disk was met" 2 $failures
	[ -z "$oddity" ] && ok "a full disk: said so, no TXT, well again with space" || fail "a full disk: said so, no TXT, well again with space" "$oddity"
	fresh
	issue "a certificate" wild.test
	mount --bind "$CONF" "$CONF" && mount -o remount,ro,bind "$CONF"
	n=$(issued)
	refused "a read-only conf" 1 'read-only' ops ssl renew --force
	same "the CA was not asked in vain" "$n" "$(issued)"
	umount "$CONF"
else skip "full disk, read-only conf" "no mount namespace here"; fi

# Power cut: what a rename makes visible was flushed before.
fresh
if have strace; then
	run strace -f -qq -y -o "$LAB/trace" -e trace=openat,rename,renameat,renameat2,fsync,fdatasync,symlinkat,symlink,write,pwrite64 "$OPSMAIL" --conf "$CONF" ssl wild.test
	expect "every file is flushed before its rename, every folder after it" python3 "$here/flushed.py" "$LAB/trace" "$CONF"
else skip "flushed before rename" strace peer; fi
lab_done
