
# --- the run ------------------------------------------------------------------

# finish runs at every end, expected or not. Nothing may interrupt it.
finish() {
	status=$?
	trap '' HUP INT TERM
	trap - EXIT
	set +e
	if [ -n "$applying" ]; then
		[ -n "$undoing" ] || say "putting everything back ..."
		put_back
		finished_back
	elif [ -n "$fresh" ]; then
		rm -rf "$fresh"
		[ ! -d "$backup" ] || drop "$backup"
		rmdir "$backups" "$lib" 2>/dev/null || :
	fi
	rm -rf "$work"
	exit "$status"
}

# finished_back says how the node is now, and sets status.
finished_back() {
	if [ -n "$unrestored" ]; then
		status=4
		warn "not everything could be put back: the files as they were are in $backup"
	elif [ -n "$undoing" ]; then
		status=0
		say "done; this node is as it was before the run that made $backup"
	else
		status=3
		warn "$node is as it was before${base:+ the run that was cut off}"
	fi
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
		--any-platform) any_platform=1 ;;
		--undo) task=undo ;;
		--list) task=list ;;
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
	backups=$lib/backup
	marker=$lib/applying
	for part in entries sums notes secrets known address vip peer port needs agreed decides lists usual; do
		: >"$work/$part"
	done
}

check() {
	check_tree
	check_platform
	if [ -z "$root" ]; then
		check_machine
		check_programs
		check_notify
	fi
	check_needs
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
	plan_nftables
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
	if [ "$task" = list ]; then
		list_backups
		exit 0
	fi
	read_table
	read_manifest
	find_cut_off
	replace=${replace:-$site}
	find_secrets
	[ "$task" != undo ] || undo
	check
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
task=install
root=
dry=
keep_vip=
allow_warnings=
any_platform=
replace=
problems=
applying=
undoing=
undo_all=
base=
cut_replace=
backup=
fresh=
case ${1:-} in
--in-namespace)
	shift
	in_namespace "$@"
	;;
esac
main "$@"
