# What is done to a node, in the box: $1 is its name, $2 one of these functions.
set -eu
name=$1 do=$2
shift 2
at=/run/nodes/$name root=/run/nodes/$name/root

# root [FILE]: an overlay of this machine's root, or of what FILE has. What the
# node writes is in memory.
root() {
	mkdir -p "$at"
	mount -t tmpfs -o mode=0755 node "$at"
	mkdir "$at/up" "$at/work" "$at/root"
	# It has nothing of this machine's users. Such a device hides what is below.
	for folder in root home tmp; do mknod "$at/up/$folder" c 0 0; done
	lower=/
	if [ -d "$1" ]; then
		lower=$1
	elif [ -n "$1" ]; then
		lower=/run/nodes/.$(echo "$1" | tr / +)
		if [ ! -d "$lower" ]; then
			mkdir "$lower"
			tar -xf "$1" -C "$lower" --numeric-owner
		fi
	fi
	mount -t overlay -o "lowerdir=$lower,upperdir=$at/up,workdir=$at/work" node "$root"
	mkdir -m 0700 "$root/root"
	mkdir "$root/home"
	mkdir -m 1777 "$root/tmp"
	for program in usr/lib/systemd/systemd usr/lib/systemd/systemd-networkd usr/sbin/sshd; do
		[ -x "$root/$program" ] || { echo "${1:-this machine} has no /$program" >&2; exit 1; }
	done
}

# identity KEY: it is a machine of its own, as its packages have left it.
identity() {
	cd "$root"
	: >etc/machine-id
	echo "$name" >etc/hostname
	printf '127.0.0.1 localhost\n::1 localhost ip6-localhost\n' >etc/hosts
	rm -rf var/lib/lbgen var/tmp/lbgen.* var/log/haproxy* var/log/journal etc/resolv.conf
	rm -f etc/ssh/ssh_host_* etc/network/interfaces etc/fstab etc/firewalld/zones/*.xml
	ssh-keygen -q -t ed25519 -N '' -f etc/ssh/ssh_host_ed25519_key
	mkdir -p etc/systemd/network
	mkdir -m 0700 root/.ssh
	echo "$1" >root/.ssh/authorized_keys
	chmod 600 root/.ssh/authorized_keys
	rm -f etc/systemd/network/*
	cat etc/ssh/ssh_host_ed25519_key.pub
}

# services FIREWALLD: what a load balancer has running, and nothing else that this
# machine happens to have.
services() {
	units=$root/etc/systemd/system
	rm -rf "$units"/*.target.wants "$units"/dbus-org.fedoraproject.FirewallD1.service
	for unit in ssh.service sshd.service systemd-networkd.service rsyslog.service logrotate.timer haproxy.service keepalived.service; do
		systemctl --root="$root" --quiet enable "$unit" 2>/dev/null || :
	done
	[ -z "$1" ] || systemctl --root="$root" --quiet enable firewalld.service
}

# nic FILE TEXT: one of systemd-networkd's files.
nic() { printf '%s' "$2" >"$root/etc/systemd/network/$1"; }

# alive: its first process runs.
alive() { [ -s "$at/leader" ] && [ -e "/proc/$(cat "$at/leader")/ns/pid" ]; }

# boot PLUGS FLAG...: systemd-nspawn makes the links; their near ends are plugged
# in here, each of PLUGS is PORT:BRIDGE. It returns when the node has a first process.
boot() {
	! alive || { echo 'it runs already' >&2; exit 1; }
	plugs=$1
	shift
	read -r group </run/cgroup
	group=$group/$name
	[ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || :
	mkdir -p "$group"
	rm -f "$at/leader"
	(
		echo 0 >"$group/cgroup.procs"
		echo "-- boot --"
		exec systemd-nspawn --directory="$root" --machine="$name" --register=no --keep-unit --console=pipe --link-journal=no \
			--resolv-conf=off --timezone=off --private-network "$@" --boot
	) </dev/null >>"$at/console" 2>&1 &
	nspawn=$!
	echo "$nspawn" >"$at/nspawn"
	for plug in $plugs; do
		until ip link set "${plug%:*}" master "${plug#*:}" up 2>/dev/null; do
			kill -0 "$nspawn" 2>/dev/null || { tail -n 5 "$at/console" >&2; exit 1; }
			sleep 0.05
		done
	done
	until grep -q '^systemd$' "/proc/$(first)/comm" 2>/dev/null; do
		kill -0 "$nspawn" 2>/dev/null || { tail -n 5 "$at/console" >&2; exit 1; }
		sleep 0.05
	done
	first >"$at/leader"
}

# first: the number of the node's first process.
first() {
	child=0
	read -r child rest <"/proc/$nspawn/task/$nspawn/children" || : # no line end there
	echo "$child"
}

# enter PROGRAM...: run it in the node.
enter() {
	alive || exit 255
	exec nsenter -t "$(cat "$at/leader")" -m -u -i -n -p -C -r -w "$@"
}

# What is there until the node ends is no child of nsenter: at a shutdown the node stops all
# its processes, and nsenter would stop with its child, and for ever.
child='exec 3<&0; "$@" <&3 & wait $!'

# follow PROGRAM...: run it in the node until its end.
follow() {
	alive || exit 255
	exec nsenter -t "$(cat "$at/leader")" -m -u -i -n -p -C -r -w --no-fork sh -c "$child" sh "$@"
}

# beside PROGRAM...: run one of the box in the network and among the processes of the
# node, with whose first process it ends. Its working directory is the node's root.
beside() {
	alive || exit 255
	leader=$(cat "$at/leader")
	exec nsenter -t "$leader" -u -i -n -p -C --wd="/proc/$leader/root" --no-fork sh -c "$child" sh "$@"
}

# up: wait until it has booted, and say which units have failed.
up() {
	alive || { echo 'it does not run' >&2; exit 1; }
	leader=$(cat "$at/leader")
	inside() { nsenter -t "$leader" -m -u -i -n -p -C -r -w "$@"; }
	until state=$(inside systemctl is-system-running --wait 2>/dev/null) || [ "$state" = degraded ]; do
		alive || { tail -n 5 "$at/console" >&2; exit 1; }
		sleep 0.1
	done
	inside systemctl --failed --plain --no-legend | while read -r unit rest; do echo "$unit"; done
}

# cut: its power is cut.
cut() {
	kill -KILL "$(cat "$at/leader")"
	gone
}

# gone: wait until nothing of it runs.
gone() {
	while kill -0 "$(cat "$at/nspawn")" 2>/dev/null; do sleep 0.05; done
	rm -f "$at/leader"
}

# fill: its disk is full to the last block; free: it is as it was.
fill() {
	tries=20 # it may write meanwhile: then it has more than it was to have
	until mount -o "remount,size=$(df -k --output=used "$at" | tail -n 1 | tr -d ' ')k" "$at" 2>/dev/null; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || { echo "the disk cannot be made full" >&2; exit 1; }
	done
}
free() { mount -o remount,size=50% "$at"; }

console() { cat "$at/console"; }

"$do" "$@"
