#!/bin/sh
# Runs a real rsyslogd over the rendered rules, in a mount namespace of its own,
# and sends each kind of message once through each socket that it may come by.
# Arguments: the rendered etc/rsyslog.d, the main configuration, a folder for
# what was written. Run it as: unshare -mn sh rsyslog.sh RULES MAIN OUT
set -eu
rules=$1 main=$2 out=$3
work=$(mktemp -d)
mount -t tmpfs none "$work"
mkdir "$work/log" "$work/chroot" "$work/log/haproxy" "$work/log/keepalived" "$work/chroot/dev" "$work/spool"
mount --bind "$work/log" /var/log
mkdir -p /var/lib/haproxy /var/spool/rsyslog
mount --bind "$work/chroot" /var/lib/haproxy
mount --bind "$work/spool" /var/spool/rsyslog
mount --bind "$rules" /etc/rsyslog.d
# Ubuntu's rsyslog has a user of its own.
if ! getent passwd syslog >/dev/null; then
	{ cat /etc/passwd; echo 'syslog:x:64000:64000::/:/bin/false'; } >"$work/passwd"
	mount --bind "$work/passwd" /etc/passwd
fi
# The system's socket: the machine's own /dev is not touched.
cp "$main" "$work/main.conf"
mkdir "$work/dev"
sed -i "s#@DEVLOG@#$work/dev/log#" "$work/main.conf"

rsyslogd -n -i "$work/pid" -f "$work/main.conf" >"$work/talk" 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; cat "$work/talk" >&2' EXIT
n=0
until [ -S "$work/dev/log" ] && [ -S /var/lib/haproxy/dev/log ]; do
	n=$((n + 1))
	[ $n -lt 100 ] || { echo "rsyslogd does not listen" >&2; exit 1; }
	sleep 0.05
done
send() { logger -d -u "$1" -p "$2" -t "$3" -- "$4"; }
send /var/lib/haproxy/dev/log local2.info haproxy 'through-chroot info'
send /var/lib/haproxy/dev/log local2.emerg haproxy 'through-chroot emergency'
send "$work/dev/log" local2.info haproxy 'through-system info'
send "$work/dev/log" local0.info Keepalived_vrrp 'keepalived-state change'
send "$work/dev/log" user.info other 'other-program line'
sleep 0.3
kill $pid
wait $pid || :
trap - EXIT
cat "$work/talk" >&2
cp -rp /var/log/. "$out"
