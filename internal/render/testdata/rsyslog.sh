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

ip link set lo up
rsyslogd -n -i "$work/pid" -f "$work/main.conf" >"$work/talk" 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null; cat "$work/talk" >&2' EXIT
n=0
listens() {
	[ -S "$work/dev/log" ] || return 1
	! grep -q '^input.*imuxsock' "$rules"/*haproxy.conf || [ -S /var/lib/haproxy/dev/log ] || return 1
	! grep -q '^input.*imudp' "$rules"/*haproxy.conf || ss -Hlun 'sport = :514' | grep -q 127.0.0.1
}
until listens; do
	n=$((n + 1))
	[ $n -lt 100 ] || { echo "rsyslogd does not listen" >&2; exit 1; }
	sleep 0.05
done
send() { logger -d -u "$1" -p "$2" -t "$3" -- "$4"; }
if [ -S /var/lib/haproxy/dev/log ]; then
	send /var/lib/haproxy/dev/log local2.info haproxy 'through-chroot info'
	send /var/lib/haproxy/dev/log local2.emerg haproxy 'through-chroot emergency'
	send "$work/dev/log" local2.info haproxy 'through-system info'
	send "$work/dev/log" local0.info Keepalived_vrrp 'keepalived-state change'
else
	udp() { logger -d -n 127.0.0.1 -P 514 --rfc3164 -p "$1" -t haproxy -- "$2"; }
	udp local0.info 'by-udp info'
	udp local1.warning 'by-udp warning'
	udp local0.emerg 'by-udp emergency'
	send "$work/dev/log" local2.info Keepalived_vrrp 'keepalived-state change'
fi
send "$work/dev/log" user.info other 'other-program line'
sleep 0.3
kill $pid
wait $pid || :
trap - EXIT
cat "$work/talk" >&2
cp -rp /var/log/. "$out"
