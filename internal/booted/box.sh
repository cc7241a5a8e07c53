# The first process of the box. $1 is its control group.
mount -t tmpfs -o mode=0755 run /run
mkdir -m 1777 /run/tmp
mkdir /run/nodes
echo "$1" >/run/cgroup
ip link set lo up
# The box stands for many hosts: an address is that of its network's card alone.
for key in all default; do
	echo 1 >/proc/sys/net/ipv4/conf/$key/arp_ignore
	echo 2 >/proc/sys/net/ipv4/conf/$key/arp_announce
	echo 0 >/proc/sys/net/ipv4/conf/$key/rp_filter
done
echo ready
exec 3<&0
cat <&3 >/dev/null &
wait $!
