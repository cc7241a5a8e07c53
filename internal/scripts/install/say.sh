
# --- what is said of the plan -------------------------------------------------

nothing_to_do() {
	[ -z "$base" ] && [ "$former" = "$site" ] || return 1
	for part in plan actions sysctl selinux firewall nftables services; do
		[ ! -s "$work/$part" ] || return 1
	done
}

print_plan() {
	say "$node of site $site${root:+, in $root}:"
	[ "$former" = "$site" ] || row replace "site $former"
	while read -r what path _; do
		row "$what" "/$path"
	done <"$work/plan"
	while read -r path; do
		[ -d "$path" ] || row create "$path"
	done <"$work/directories"
	sed 's/^/  sysctl    /; s/ > / -> /' "$work/sysctl"
	sed -e 's/^port \(.*\)/  selinux   tcp port \1 becomes an http_port_t/' \
		-e 's/^boolean$/  selinux   haproxy_connect_any is switched on/' "$work/selinux"
	sed 's/^/  firewall  /' "$work/firewall"
	sed 's/^/  nftables  table inet lbgen: /' "$work/nftables"
	while read -r verb name _; do
		row "$verb" "$name"
	done <"$work/services"
	print_notes
	print_vip
}

print_notes() {
	[ -z "$base" ] || say "note: an earlier run was cut off; this one finishes it, and goes back to what was before it if it fails"
	[ ! -s "$work/firewall.notes" ] || sed 's/^/note: firewall: /' "$work/firewall.notes"
	[ ! -s "$work/notes" ] || sed 's/^/note: /' "$work/notes"
	! grep -q '^restart haproxy ' "$work/services" ||
		say "note: the restart of HAProxy cuts the connections that it has"
	! grep -q '^remove etc/sysctl\.d/' "$work/plan" ||
		say "note: the kernel keeps the values of a removed sysctl file until the next boot"
	for name in haproxy keepalived; do
		grep -q " etc/systemd/system/$name\\.service[. ]" "$work/plan" || continue
		[ -z "$root" ] || continue
		grep -Eq "^(start|restart) $name " "$work/services" ||
			say "note: what changed in the unit of $name (limits, order) holds from its next restart on"
	done
}
