
# --- firewalld ----------------------------------------------------------------

# fw LAYER ARGUMENT... talks to the running firewalld, or to its files. The
# files are firewalld's own: they get its usual mode, not this script's.
fw() {
	layer=$1
	shift
	umask 022
	case $mode-$layer in
	offline-*) offline "$@" ;;
	*-permanent) firewall-cmd --permanent "$@" ;;
	*) firewall-cmd "$@" ;;
	esac >"$work/out" 2>"$work/err" </dev/null && rc=0 || rc=$?
	umask 077
	return "$rc"
}

offline() {
	if [ -z "$root" ]; then
		firewall-offline-cmd "$@"
	elif [ -d "$root/usr/lib/firewalld" ]; then
		firewall-offline-cmd --system-config "$root/etc/firewalld" --default-config "$root/usr/lib/firewalld" "$@"
	else
		firewall-offline-cmd --system-config "$root/etc/firewalld" "$@"
	fi
}

# query LAYER ZONE OPTION says yes (0) or no (1); anything else is a failure,
# an unknown zone for instance.
query() {
	fw "$1" --zone="$2" "$3" && return 0
	[ "$rc" -eq 1 ] || fail "zone $2: firewalld does not answer $3"
	return 1
}

# has_rule LAYER ZONE RULE lists a zone's rules as they were before this run,
# once: each question to firewalld takes a tenth of a second. Only where there
# are other rules may this one be among them in another spelling.
has_rule() {
	list=$work/rules.$1.$2
	if [ ! -e "$list" ]; then
		fw "$1" --zone="$2" --list-rich-rules || fail "zone $2: its rules cannot be listed"
		mv "$work/out" "$list"
	fi
	grep -Fqx -e "$3" "$list" && return 0
	grep -q . "$list" || return 1
	query "$1" "$2" --query-rich-rule="$3"
}

# holds LAYER KIND ZONE VALUE says whether it is so already. A kind with a
# minus is something to be taken away.
holds() {
	case $2 in
	rule) has_rule "$1" "$3" "$4" ;;
	forward) query "$1" "$3" --query-forward ;;
	service) query "$1" "$3" --query-service="$4" ;;
	interface) [ "$(zone_of "$1" "$4")" = "$3" ] ;;
	-*) ! holds "$1" "${2#-}" "$3" "$4" ;;
	esac
}

# zone_of LAYER INTERFACE prints the zone, or - where it has none of its own.
# Asked for the permanent one, firewall-cmd knows NetworkManager's answer too.
zone_of() {
	if fw "$1" --get-zone-of-interface="$2"; then
		cat "$work/out"
	else
		printf '%s\n' -
	fi
}

# put LAYER KIND ZONE VALUE makes it so.
put() {
	case $2 in
	rule) fw "$1" --zone="$3" --add-rich-rule="$4" ;;
	-rule) fw "$1" --zone="$3" --remove-rich-rule="$4" ;;
	forward) fw "$1" --zone="$3" --add-forward ;;
	-forward) fw "$1" --zone="$3" --remove-forward ;;
	service) fw "$1" --zone="$3" --add-service="$4" ;;
	-service) remove_service "$1" "$3" "$4" ;;
	interface) put_interface "$1" "$3" "$4" ;;
	esac
}

# remove_service: offline, --remove-service means something else (it is a
# left-over of lokkit).
remove_service() {
	if [ "$mode" = offline ]; then
		fw "$1" --zone="$2" --remove-service-from-zone="$3"
	else
		fw "$1" --zone="$2" --remove-service="$3"
	fi
}

put_interface() {
	if [ "$2" != - ]; then
		fw "$1" --zone="$2" --change-interface="$3"
	else
		now=$(zone_of "$1" "$3")
		[ "$now" = - ] || fw "$1" --zone="$now" --remove-interface="$3"
	fi
}
