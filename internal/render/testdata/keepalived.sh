#!/bin/sh
# Starts a real Keepalived with the configuration in a network and mount
# namespace of its own, and prints what it holds in memory (SIGUSR1).
# Run it as: unshare -mn sh keepalived.sh CONFIG
set -eu
config=$1
text=$(cat "$config") # it may stand in /tmp, which is about to be covered
mount -t tmpfs none /tmp
printf '%s\n' "$text" >/tmp/keepalived.conf
ip link set lo up
ip link add eth0 type veth peer name peer0
ip addr add 192.0.2.1/24 dev eth0
ip link set eth0 up
ip link set peer0 up
unset TMPDIR # Keepalived writes there, too
keepalived -n -l -f /tmp/keepalived.conf -p /tmp/main.pid -r /tmp/vrrp.pid >/tmp/talk 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null || :' EXIT
wait_for() {
	n=0
	until "$@"; do
		n=$((n + 1))
		[ $n -lt 100 ] || { cat /tmp/talk >&2; exit 1; }
		sleep 0.05
	done
}
started() { [ -s /tmp/vrrp.pid ] && grep -q 'Startup complete' /tmp/talk; }
dumped() { grep -qs 'Name = eth0' /tmp/keepalived.data; }
wait_for started
kill -USR1 $pid
wait_for dumped
sleep 0.1
cat /tmp/keepalived.data
