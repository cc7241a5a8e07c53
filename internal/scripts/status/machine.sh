
# --- the machine --------------------------------------------------------------

tell_machine() {
	row now "$(date +%s)"
	row os "$(os_release ID)" "$(os_release VERSION_ID)"
	ip -o addr | awk '{ sub(/@.*/, "", $2); print "address", $2, $4 }'
	ip -o link | awk '{
		sub(/[@:].*/, "", $2)
		mac = "-"
		for (i = 3; i < NF; i++) if ($i == "link/ether") mac = $(i + 1)
		print "link", $2, ($3 ~ /[<,]LOWER_UP[,>]/ ? "up" : "down"), mac
	}'
	ss -Hltnp | awk '{ print "listens", $4, $6 }'
}

# os_release KEY prints a value of os-release, without running that file.
os_release() {
	for release in /etc/os-release /usr/lib/os-release; do
		[ -e "$release" ] || continue
		sed -n "s/^$1=//p" "$release" | tr -d "\"' " | tail -n 1
		return 0
	done
}

# tell_unit NAME
tell_unit() {
	told=$(systemctl show -p LoadState -p ActiveState -p SubState -p UnitFileState -p MainPID "$1.service" 2>&1)
	printf '%s\n' "$told" | rows "unit $1"
	pid=$(printf '%s\n' "$told" | sed -n 's/^MainPID=\([1-9][0-9]*\)$/\1/p')
	[ -z "$pid" ] || row runs "$1" "$(readlink "/proc/$pid/exe")"
}

# tell_version NAME PROGRAM
tell_version() {
	has "$2" || return 0
	case $1 in
	haproxy) "$2" -v ;;
	*) "$2" --version 2>&1 ;;
	esac | sed -n "1s/^/version $1 /p"
}

# tell_nftables FILE says whether the kernel has lbgen's table as the file has it: nft loads
# the file in a network of its own, so that it shows both.
tell_nftables() {
	has nft || { row nftables unasked && return 0; }
	loaded=$(nft -s list table inet lbgen 2>/dev/null) || { row nftables absent && return 0; }
	# shellcheck disable=SC2016 # the other shell has the argument
	wanted=$(unshare -n sh -c 'nft -f "$1" && nft -s list table inet lbgen' sh "/$1" 2>/dev/null) || { row nftables unasked && return 0; }
	if [ "$loaded" = "$wanted" ]; then row nftables loaded; else row nftables changed; fi
}

tell_sysctl() { row sysctl "$1" "$(sysctl -n "$1" 2>/dev/null | tr '\t' ' ')"; }
