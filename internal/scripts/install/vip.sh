
# --- where the virtual addresses go -------------------------------------------

# print_vip: a restart or stop of Keepalived gives the address away, a reload may
# do so where the instance itself changes.
print_vip() {
	case $verb_keepalived-$held in
	-*) ;;
	start-*) say "vip: Keepalived starts on this node and takes part from now on" ;;
	*-) say "vip: this node holds no virtual address, so none moves from here" ;;
	reload-*) print_reload ;;
	*) print_move ;;
	esac
	print_together
}

print_reload() {
	if [ -z "$changed" ]; then
		say "vip: $held stays on this node, Keepalived only reloads"
		return 0
	fi
	say "vip: $held may move: the reload of Keepalived changes $changed, and this node may be without it for some seconds"
	print_first
}

print_move() {
	if [ -n "$others" ]; then
		say "vip: $held MOVES from this node to $others, because Keepalived needs a $verb_keepalived"
		print_first
	elif [ "$verb_keepalived" = stop ]; then
		say "vip: $held leaves this node for good: Keepalived is stopped"
	else
		say "vip: $held is away until Keepalived is back: no other node can take it"
	fi
}

print_first() {
	[ -z "$others" ] || say "     do $others first: the node without the address always goes first"
}

# print_together: nodes that differ in what they send each other do not listen
# to each other.
print_together() {
	case $verb_keepalived in reload | restart) ;; *) return 0 ;; esac
	[ -n "$shared" ] && [ -n "$others" ] || return 0
	say "vip: $shared must be the same on all nodes: change $others too, one right after the other;"
	say "     until then more than one node may hold an address"
}

# find_vip sets verb_keepalived, others, held, and by find_changes changed and
# shared. An address that this version no longer has is still held.
find_vip() {
	verb_keepalived=$(awk '$2 == "keepalived" && $1 !~ /able$/ { print $1 }' "$work/services")
	others=$(paste -sd ' ' "$work/peer")
	held=
	changed=
	shared=
	[ -z "$root" ] || return 0
	find_changes
	{
		cut -d ' ' -f 2 "$work/vip"
		awk '/^virtual_ipaddress/ { sub("/.*", "", $3); print $3 }' "$work/vrrp.old"
	} | sort -u >"$work/vips"
	while read -r address; do
		[ -z "$(where_is "$address")" ] || held="$held${held:+ }$address"
	done <"$work/vips"
	[ -n "$keep_vip" ] && [ -n "$held" ] || return 0
	case $verb_keepalived-$changed in
	restart-* | stop-*) refuse "$held would leave this node: Keepalived needs a $verb_keepalived${others:+ (do $others first)}" ;;
	reload-?*) refuse "$held may leave this node: the reload of Keepalived changes $changed${others:+ (do $others first)}" ;;
	esac
}

# find_changes sets changed to the kinds of lines that decide where an address
# is and differ from what is installed, and shared to those that all nodes have
# to agree on. The values stay unsaid: one of them is a password.
find_changes() {
	vrrp_of "$root/etc/keepalived/keepalived.conf" | sort >"$work/vrrp.old"
	vrrp_of "$dir/etc/keepalived/keepalived.conf" | sort >"$work/vrrp.new"
	comm -3 "$work/vrrp.old" "$work/vrrp.new" | awk '{ print $1 }' | sort -u >"$work/vrrp"
	changed=$(paste -sd ' ' "$work/vrrp")
	shared=$(grep -Ex 'virtual_router_id|advert_int|auth_.*|virtual_ipaddress|version|unicast_.*|mcast_src_ip|group' "$work/vrrp" | paste -sd ' ' -)
	# Keepalived has not heard yet of what an earlier run has installed.
	[ ! -e "$pending" ] || ! grep -q '^keepalived-' "$pending" ||
		changed="$changed${changed:+ }(unknown: an earlier run was cut off)"
}

# vrrp_of FILE prints "KIND INSTANCE VALUE" of what decides where an address is,
# in one spelling: without comments, defaults and an address's usual device, so
# that a file written by hand compares well with one of lbgen's. Each brace gets
# a line of its own; a password may hold what looks like a brace or a comment.
vrrp_of() {
	[ -e "$1" ] || return 0
	sed -e '/^[[:space:]]*auth_/b' -e 's/[!#].*//' -e 's/[{}]/\n&\n/g' "$1" | awk '
	$1 ~ /^auth_/ {
		kind = $1
		if ($2 ~ /^"/) { sub(/^[^"]*"/, ""); sub(/".*/, "") } else $0 = $2
		print kind, instance, $0
		next
	}
	{ $1 = $1 }
	/^(state BACKUP|version 2|priority 100|advert_int 1)$/ { next }
	$1 == "}" { block = "" }
	$1 == "vrrp_instance" { instance++; device = ""; print $1, instance, $2 }
	$1 == "interface" { device = $2 }
	$1 ~ /^(interface|virtual_router_id|version|vrrp_version|state|priority|nopreempt|preempt_delay|advert_int|unicast_src_ip|mcast_src_ip)$/ {
		kind = $1
		sub(/^vrrp_/, "", kind)
		print kind, instance + 0, $2
	}
	block != "" && $1 != "" && $1 != "{" { sub(/ label .*/, ""); sub(" dev " device "$", ""); print block, instance + 0, $0 }
	$1 ~ /^(virtual_ipaddress|virtual_ipaddress_excluded|unicast_peer|group)$/ { block = $1 }'
}
