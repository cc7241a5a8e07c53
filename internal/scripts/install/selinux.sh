
# --- SELinux and the firewall -------------------------------------------------

# plan_selinux fills $work/selinux with "port N", or "boolean" where a port has
# another owner and cannot be labelled. haproxy_t may bind and connect to few
# types of port; the boolean allows all of them.
plan_selinux() {
	: >"$work/selinux"
	selinux_is_on || return 0
	[ "$(getsebool haproxy_connect_any 2>/dev/null)" != "haproxy_connect_any --> on" ] || return 0
	: >"$work/labels"
	! command -v semanage >/dev/null || semanage port -l >"$work/labels" 2>/dev/null </dev/null || : >"$work/labels"
	while read -r use number; do
		plan_port "$use" "$number"
	done <"$work/port"
	sort -u -o "$work/selinux" "$work/selinux"
	! grep -qx boolean "$work/selinux" || echo boolean >"$work/selinux"
}

plan_port() {
	type=$(type_of "$2")
	case $1-$type in
	*-http_port_t | *-http_cache_port_t | *-commplex_main_port_t) ;;
	connect-commplex_link_port_t | connect-fmpro_internal_port_t | connect-rtp_media_port_t) ;;
	*-none) echo "port $2" ;;
	*) echo boolean ;;
	esac >>"$work/selinux"
}

# type_of PORT prints its SELinux type; none where it only has one of the types
# that stand for all the rest, so that it can get its own.
type_of() {
	[ -s "$work/labels" ] || { echo unknown && return 0; }
	awk -v port="$1" '
	$2 == "tcp" && $1 !~ /^((unreserved|ephemeral|reserved|hi_reserved)_)?port_t$/ {
		for (i = 3; i <= NF; i++) {
			gsub(",", "", $i)
			n = split($i, r, "-")
			if (port + 0 >= r[1] + 0 && port + 0 <= r[n] + 0) { found = $1; exit }
		}
	}
	END { print (found ? found : "none") }' "$work/labels"
}

plan_firewall() {
	: >"$work/firewall"
	[ -e "$dir/firewalld.sh" ] || return 0
	firewalld --dry-run >"$work/firewall" 2>"$work/err" || {
		show "$work/err"
		problem "firewalld.sh cannot do its part"
	}
	sed 's/^firewalld\.sh: //' "$work/err" >"$work/firewall.notes"
}

firewalld() {
	[ "$former" = "$site" ] || set -- --replace "$former" "$@"
	[ -z "$root" ] || set -- --root "$root" "$@"
	sh "$dir/firewalld.sh" "$@" </dev/null
}
