
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

# find_changes sets changed to the keywords that differ from what is installed
# and of which node.table says that they decide where an address is or have to
# be the same on all nodes, and shared to the latter. The same words say it in
# lbgen diff. The values stay unsaid: one of them is a password.
find_changes() {
	vrrp_of "$root/etc/keepalived/keepalived.conf" | sort >"$work/vrrp.old"
	vrrp_of "$dir/etc/keepalived/keepalived.conf" | sort >"$work/vrrp.new"
	comm -3 "$work/vrrp.old" "$work/vrrp.new" | awk '{ print $1 }' | sort -u >"$work/vrrp"
	changed=$(paste -sd ' ' "$work/vrrp")
	shared=$(grep -Fxf "$work/agreed" "$work/vrrp" | paste -sd ' ' -)
	# Keepalived has not heard yet of what an earlier run has installed.
	[ ! -e "$lib/$former.pending" ] || ! grep -q '^keepalived-' "$lib/$former.pending" ||
		changed="$changed${changed:+ }(unknown: an earlier run was cut off)"
}

# vrrp_of FILE prints "KEYWORD WHERE VALUE" of each line that begins with one of
# these keywords, or stands in a list that does, in one spelling: without
# comments, defaults, and what an address has behind it, so that a file written
# by hand compares well with one of lbgen's. WHERE is the number of the instance,
# or the block outside of all others. Each brace gets a line of its own; a
# password may hold what looks like a brace or a comment.
vrrp_of() {
	[ -e "$1" ] || return 0
	sed -e '/^[[:space:]]*auth_/b' -e 's/[!#].*//' -e 's/[{}]/\n&\n/g' "$1" | awk '
	FILENAME == ARGV[1] { keyword[$1]; agreed[$1]; next }
	FILENAME == ARGV[4] { keyword[$1]; next }
	FILENAME == ARGV[2] { list[$1]; next }
	FILENAME == ARGV[3] { usual[$0]; next }
	$1 ~ /^auth_/ {
		kind = $1
		if ($2 ~ /^"/) { sub(/^[^"]*"/, ""); sub(/".*/, "") } else $0 = $2
		print kind, where, $0
		next
	}
	{ $1 = $1 }
	$1 == "" { next }
	$1 == "{" { block[++depth] = last; next }
	$1 == "}" { if (depth > 0) depth--; next }
	depth == 0 { where = $1 ($2 == "" ? "" : "_" $2) }
	depth == 0 && $1 == "vrrp_instance" { where = ++instances; device = ""; print $1, where, $2 }
	$1 == "interface" { device = $2 }
	{ last = $1 }
	depth > 0 && block[depth] in list {
		# Adverts carry the address alone; its own device is an interface, too.
		for (i = 2; i < NF; i++) if ($i == "dev" && $(i + 1) != device) print "interface", where, $1, $(i + 1)
		if (block[depth] in agreed && block[depth] != "group") { $0 = $1; sub(/\/.*/, "") }
		print block[depth], where, $0
		next
	}
	$1 in keyword && !($1 in list) && $1 != "vrrp_instance" && !($0 in usual) { print $1, where, substr($0, length($1) + 2) }
	' "$work/agreed" "$work/lists" "$work/usual" "$work/decides" -
}
