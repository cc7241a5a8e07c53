
# --- nftables -----------------------------------------------------------------

nft_file=etc/nftables.d/lbgen.nft

# plan_nftables sets $work/nftables to what is to be done: load, or unload where an
# earlier version of this site had the table and this one has not.
plan_nftables() {
	: >"$work/nftables"
	[ -z "$root" ] || return 0
	if in_tree "$nft_file "; then
		guard_ssh
		acts nftables || ! loaded_is "$dir/$nft_file" || return 0
		echo load >"$work/nftables"
		! active firewalld || echo "firewalld runs, too: what it does not let in stays out (docs/install.md)" >>"$work/firewall.notes"
	elif acts nftables && nft list table inet lbgen >/dev/null 2>&1; then
		echo unload >"$work/nftables"
	fi
}

# loaded_is FILE says whether the kernel has the table of the file, as nft itself
# shows it: it loads the file in a network of its own for that.
loaded_is() {
	nft -s list table inet lbgen >"$work/loaded" 2>/dev/null || return 1
	# shellcheck disable=SC2016 # the other shell has the argument
	unshare -n sh -c 'nft -f "$1" && nft -s list table inet lbgen' sh "$1" >"$work/wanted.nft" 2>/dev/null || return 0
	cmp -s "$work/loaded" "$work/wanted.nft"
}

# guard_ssh refuses a table that lets no new ssh connection in to any of the node's
# NICs. One that the table does not name is open.
guard_ssh() {
	ssh_ports >"$work/ssh"
	while read -r number; do
		open_nics "$number" >"$work/open"
		[ -s "$work/open" ] || {
			problem "sshd listens on port $number, and nobody could log in any more:" \
				"open_ports: [{port: $number}] in a zone of firewall.zones lets it in"
			continue
		}
		tell_admin "$number"
	done <"$work/ssh"
}

# open_nics PORT prints the NICs by which a new connection to the port comes in.
open_nics() {
	awk -v port="$1" '
	FILENAME == ARGV[1] { if (!($1 in nic)) order[++n] = $1; nic[$1] = "open"; next }
	$1 == "iifname" && $(NF - 1) == "jump" {
		for (i = 3; $i != "}"; i++) { name = $i; gsub(/[",]/, "", name); zone[name] = $NF; if (name in nic) nic[name] = "" }
	}
	$1 == "chain" { chain = $2 }
	!/daddr/ && index($0, "tcp dport " port " accept") { for (name in zone) if (zone[name] == chain && name in nic) nic[name] = "open" }
	END { for (i = 1; i <= n; i++) if (nic[order[i]] != "") print order[i] }' "$work/address" "$dir/$nft_file"
}

# tell_admin PORT: the admin's own connection lives on, and the next one does not come in.
tell_admin() {
	# shellcheck disable=SC2086 # it is four words: client, port, server, port
	set -- "$1" ${SSH_CONNECTION:-}
	[ $# -eq 5 ] && [ "$5" = "$1" ] || return 0
	nic=$(where_is "$4")
	[ -n "$nic" ] && ! grep -Fqx "$nic" "$work/open" && grep -q "^$nic " "$work/address" || return 0
	echo "you are logged in through $nic: this connection stays, but there will be no new one" >>"$work/firewall.notes"
}

# ssh_ports prints where sshd listens, and where this connection has come in. With
# socket activation it is systemd that listens, and sshd knows the port.
ssh_ports() {
	{
		ss -Hltnp | awk '/"sshd"/ { sub(/.*:/, "", $4); print $4 }'
		sshd -T 2>/dev/null </dev/null | sed -n 's/^port //p' || :
		printf '%s\n' "${SSH_CONNECTION:-}" | awk 'NF == 4 { print $4 }'
	} | sort -u
}

run_nftables() {
	[ -s "$work/nftables" ] || return 0
	try "noting the table of nftables" journal nftables 1
	case $(cat "$work/nftables") in
	load) try "loading /$nft_file" nft -f "/$nft_file" ;;
	unload) try "taking the table of nftables away" unload_nftables ;;
	esac
}

# unload_nftables: a table that is not there cannot be deleted.
unload_nftables() { printf '%s\n' 'table inet lbgen' 'delete table inet lbgen' | nft -f /dev/stdin; }

# put_back_nftables: the file is as it was already.
put_back_nftables() {
	journaled nftables | grep -q 1 || return 0
	if [ -e "/$nft_file" ]; then
		back "the table of nftables" nft -f "/$nft_file"
	else
		back "the table of nftables" unload_nftables
	fi
}
