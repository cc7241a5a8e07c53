
# --- the network --------------------------------------------------------------

# start_listening SECONDS DEVICE... takes down who sends adverts. The packets of one
# sender are told once; of timeout's exit codes 124 says that it has listened all the time.
start_listening() {
	seconds=$1
	shift
	has tcpdump || { row heard - no && return 0; }
	for device; do
		{
			timeout "$seconds" tcpdump -i "$device" -t -e -nn -l 'ip proto 112 or ip6 proto 112' 2>/dev/null
			row ended "$?"
		} | grep . | sort -u | head -n 50 | rows "heard $device" &
	done
}

# start_asking asks who else has an address: with arping the whole network, without it
# who has it for the kernel of this node.
start_asking() {
	arping=
	! has arping || ! arping -V 2>/dev/null | grep -q iputils || arping=1
	printf '%s\n' "$vips" | {
		while read -r device address; do
			[ -z "$address" ] || ask_for "$device" "$address" </dev/null &
		done
		wait
	} &
}

ask_for() {
	case $2-$arping in
	*:* | *-) ask_kernel "$1" "$2" ;;
	*)
		answers=$(arping -D -c 2 -w 2 -I "$1" "$2" 2>/dev/null | sed -n "s/.*reply from .*\\[\\(.*\\)\\].*/answers $1 $2 \\1/p" | sort -u)
		row asked "$1" "$2${answers:+
$answers}"
		;;
	esac
}

# ask_kernel: it asks for no address that it has itself.
ask_kernel() {
	! ip -o addr show dev "$1" | grep -qF " $2/" || return 0
	! has ping || ping -c 1 -W 1 -I "$1" "$2" >/dev/null 2>&1 || :
	mac=$(ip neigh show dev "$1" | awk -v ip="$2" '$1 == ip { for (i = 2; i < NF; i++) if ($i == "lladdr") print $(i + 1) }')
	[ -z "$mac" ] || row asked "$1" "$2
answers $1 $2 $mac"
}
