
# --- the run ------------------------------------------------------------------

finish() {
	status=$?
	trap '' HUP INT TERM
	trap - EXIT
	set +e
	if [ -n "$applying" ]; then
		say "putting everything back ..."
		put_back
		if [ -z "$unrestored" ]; then
			status=3
		else
			status=4
		fi
	fi
	hand_back || status=4
	case $applying-$status in
	1-3) warn "$node is as it was before" ;;
	1-4) warn "not everything could be put back: the files as they were are in $backup" ;;
	esac
	rm -rf "$work"
	exit "$status"
}

interrupted() {
	warn "interrupted"
	exit 1
}

parse_arguments() {
	while [ $# -gt 0 ]; do
		case $1 in
		--dry-run) dry=1 ;;
		--keep-vip) keep_vip=1 ;;
		--allow-warnings) allow_warnings=1 ;;
		--replace)
			case ${2:-} in "" | -* | */*) misuse "--replace needs the name of a site" ;; esac
			replace=$2
			shift
			;;
		--root)
			[ -d "${2:-}" ] || misuse "--root needs a directory"
			root=$(cd "$2" && pwd -P)
			[ "$root" != / ] || misuse "--root / is this machine: leave the option out"
			[ -d "$root/etc" ] || misuse "$root holds no image: it has no etc"
			shift
			;;
		--help)
			usage
			exit 0
			;;
		*) misuse "unknown argument $1" ;;
		esac
		shift
	done
}

# lock: two at once would back up each other's files. The lock goes with the
# process, however that ends.
lock() {
	! command -v flock >/dev/null || {
		exec 9<"${root:-/run}"
		flock -n 9 || refuse "another install.sh is running"
	}
}

set_up() {
	[ "$(id -u)" -eq 0 ] || misuse "it has to run as root"
	lock
	work=$(mktemp -d)
	trap finish EXIT
	trap interrupted HUP INT TERM
	lib=$root/var/lib/lbgen
	for part in entries sums services.done notes secrets known address vip peer port agreed decides; do
		: >"$work/$part"
	done
}

check() {
	read_table
	read_manifest
	check_tree
	find_secrets
	if [ -z "$root" ]; then
		check_machine
		check_programs
		check_notify
	fi
	number_owners
	check_sites
	refuse_problems
}

plan() {
	plan_files
	plan_actions
	plan_sysctl
	plan_directories
	plan_selinux
	plan_firewall
	plan_services
	refuse_problems
}

tell_image() {
	[ -n "$root" ] || return 0
	[ ! -e "$root/etc/selinux/config" ] ||
		say "note: label the image (touch $root/.autorelabel), and see docs/install.md for HAProxy's ports"
}

main() {
	parse_arguments "$@"
	set_up
	check
	take_over
	plan
	if nothing_to_do; then
		say "$node: nothing to do"
		exit 0
	fi
	find_vip
	check_daemons
	print_plan
	[ -z "$dry" ] || exit 0
	apply
	check_log_sockets
	tell_image
	say "done; what was replaced is in $backup"
}

dir=$(cd "${0%/*}" 2>/dev/null && pwd -P) || dir=$(pwd -P)
root=
dry=
keep_vip=
allow_warnings=
replace=
taken=
problems=
applying=
noted=
fired=
backup=
case ${1:-} in
--in-namespace)
	shift
	in_namespace "$@"
	;;
esac
main "$@"
