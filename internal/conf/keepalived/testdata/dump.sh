#!/bin/sh
# Starts a real Keepalived with the configuration in a network and mount namespace of
# its own, and prints what it says while it reads it and what it then holds.
# Run it as: unshare -mn sh dump.sh CONFIG FOLDER
set -eu
config=$1
folder=$2
before=
ip link set lo up
ip link add eth0 type veth peer name peer0
ip addr add 192.0.2.1/24 dev eth0
ip link set eth0 up
ip link set peer0 up
: >"$folder/said" # it is read before Keepalived has opened it
keepalived -n -l -G -d -i me -f "$config" -p "$folder/main.pid" -r "$folder/vrrp.pid" >>"$folder/said" 2>&1 &
pid=$!
trap 'kill $pid 2>/dev/null || :; wait $pid || :' EXIT
n=0
until grep -qs ' umask = ' "$folder/said" && grep -qs 'VRRP Topology' "$folder/said" && [ "$before" = "$(wc -c <"$folder/said")" ]; do
	before=$(wc -c <"$folder/said")
	n=$((n + 1))
	[ $n -lt 100 ] || { tail -n 5 "$folder/said" >&2; exit 1; }
	sleep 0.2
done
cat "$folder/said"
