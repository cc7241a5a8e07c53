
# --- the run ------------------------------------------------------------------

# all_of KEY prints what the table has for the key.
all_of() { printf '%s\n' "$table" | sed -n "s/^$1 //p"; }

# look_at KEY REST does one row of the table.
look_at() {
	case $1 in
	unit) tell_unit "$2" ;;
	file) tell_file "${2%% *}" "${2#* }" ;;
	sysctl) tell_sysctl "$2" ;;
	nftables) tell_nftables "$2" ;;
	certificate) tell_certificates "$2" ;;
	esac
}

# main TABLE
main() {
	exec </dev/null
	row lbgen-status 1
	[ "$(id -u)" -eq 0 ] || { row refused "it has to run as root" && exit 1; }
	table=$1
	vips=$(all_of vip)
	socket=$(all_of socket)
	# shellcheck disable=SC2046 # names of devices, each without a blank
	start_listening "$(all_of seconds)" $(all_of device)
	start_asking
	tell_machine
	tell_version haproxy "$(all_of program)"
	tell_version keepalived keepalived
	tell_notes "$(all_of site)"
	[ -z "$socket" ] || tell_haproxy
	printf '%s\n' "$table" | while read -r key rest; do
		look_at "$key" "$rest" </dev/null
	done
	wait
	row end
}
