
# --- doing it -----------------------------------------------------------------

# put_file PREFIX PATH MODE OWNER puts one file into a copy of /etc.
put_file() {
	mkdir -p "$1/${2%/*}" && cp "$dir/$2" "$1/$2.new" && chown "$4" "$1/$2.new" && chmod "$3" "$1/$2.new" && mv -f "$1/$2.new" "$1/$2"
}

# staged PATH prints where a file stands before it takes its place.
staged() { printf '%s\n' "$root/${1%/*}/.${1##*/}.lbgen-new"; }

# stage PATH MODE OWNER writes a file beside its place, whole.
stage() {
	make_directory "$root/${1%/*}" || return 1
	new=$(staged "$1")
	cp "$dir/$1" "$new" && cmp -s "$dir/$1" "$new" && chown "$3" "$new" && chmod "$2" "$new"
}

# sync_staged has the disk hold all of them.
sync_staged() {
	set --
	while read -r what path _; do
		[ "$what" = remove ] || set -- "$@" "$(staged "$path")"
	done <"$work/plan"
	[ $# -eq 0 ] || sync "$@"
}

make_directory() {
	[ ! -d "$1" ] || return 0
	make_directory "${1%/*}" && journal made "$1" && mkdir -m 0755 "$1"
}

# try STEP COMMAND... runs a command whose failure ends the run; what is undone
# then is up to finish.
try() {
	step=$1
	shift
	"$@" >"$work/out" 2>&1 </dev/null || fail
}

fail() {
	warn "$step failed:"
	show "$work/out"
	exit 3
}

# apply: each step has its state on the disk before the next one begins.
apply() {
	back_up >"$work/out" 2>&1 </dev/null || {
		problem "keeping a backup failed"
		show "$work/out"
		refuse_problems
	}
	applying=1
	fresh=
	# The way back of an earlier run must not be taken for that of this one.
	[ -n "$base" ] || rm -f "$lib/$site.firewalld.undo" "$lib/$site.firewalld.before"
	try "noting that it begins" begin
	[ -z "$base" ] || [ "$base" = "$backup" ] || try "removing the backup of the run that was cut off" drop "$base"
	try "noting what is pending" note_pending
	change_files
	label
	create_directories
	load_sysctl
	run_services rsyslog
	tell_systemd
	run_nftables
	run_firewall
	run_services haproxy
	run_services keepalived
	verify
	try "noting what is installed" note_installed
	trap '' HUP INT TERM
	try "noting that it is done" unmark
	# From here on nothing goes back.
	applying=
	forget_old_backups
}

# note_pending: should this run be cut off, the next one knows which files are
# lbgen's and which daemons have not heard of them.
note_pending() {
	sort -u "$work/actions" >"$work/pending" && replace "$work/pending" "$pending" || return 1
	cat "$dir/MANIFEST" >"$work/manifest" || return 1
	[ ! -e "$lib/$former.manifest" ] || grep -v '^#' "$lib/$former.manifest" >>"$work/manifest" || :
	replace "$work/manifest" "$installed"
}

unmark() { rm -f "$marker" && sync "$lib"; }

note_installed() {
	replace "$dir/MANIFEST" "$installed" && rm -f "$pending" || return 1
	if [ "$replace" != "$site" ]; then
		for note in manifest pending firewalld firewalld.undo firewalld.before; do
			rm -f "$lib/$replace.$note" || return 1
		done
	fi
	sync "$lib"
}

replace() { cp "$1" "$2.new" && cmp -s "$1" "$2.new" && sync "$2.new" && mv -f "$2.new" "$2" && sync "${2%/*}"; }

# change_files: all of them stand whole on the disk before the first one takes
# its place, so that a full disk changes nothing. No file is touched whose backup
# is not on the list.
change_files() {
	try "looking for the files in the backup" all_listed
	[ -z "$base" ] || try "removing what the run that was cut off has left" remove_staged
	while read -r what path mode owner _; do
		[ "$what" = remove ] || try "writing /$path" stage "$path" "$mode" "$owner"
	done <"$work/plan"
	try "writing the files to the disk" sync_staged
	while read -r what path _; do
		case $what in
		remove) try "removing /$path" rm -f "$root/$path" ;;
		*) try "installing /$path" mv -f "$(staged "$path")" "$root/$path" ;;
		esac
	done <"$work/plan"
	cut -d ' ' -f 2 "$work/plan" | sed 's/[^/]*$//' | sort -u >"$work/folders"
	while read -r folder; do
		[ ! -d "$root/$folder" ] || try "writing the folder /$folder" sync "$root/$folder"
	done <"$work/folders"
}

# remove_staged: a run that was cut off while it put files back may have left one
# whose place has the new file already, which no plan would touch again.
remove_staged() {
	listed "$backup/list" >"$work/listed"
	while read -r _ _ path; do
		rm -f "$(staged "$path")" || return 1
	done <"$work/listed"
}

# label gives files and ports their SELinux contexts.
label() {
	[ -n "$root" ] || try "restoring the SELinux contexts" restore_contexts
	while read -r what number; do
		try "noting an SELinux setting" journal "$what" "${number:-1}"
		case $what in
		port) try "labelling port $number" outside semanage port -a -t http_port_t -p tcp "$number" ;;
		boolean) try "switching haproxy_connect_any on" outside setsebool -P haproxy_connect_any 1 ;;
		esac
	done <"$work/selinux"
}

restore_contexts() {
	command -v restorecon >/dev/null || return 0
	listed "$backup/list" | cut -d ' ' -f 3 | grep -v '^var/lib/lbgen/' >"$work/labelled" || return 0
	while read -r path; do
		[ ! -e "/$path" ] || restorecon "/$path" || return 1
	done <"$work/labelled"
}

create_directories() {
	acts tmpfiles && [ -z "$root" ] || return 0
	while read -r path; do
		if [ -d "$path" ]; then
			try "noting $path" journal directory "$(stat -c '%a %u:%g %n' "$path")"
		else
			try "noting $path" journal directory "none none $path"
		fi
	done <"$work/directories"
	while read -r path _; do
		try "creating the directories of /$path" outside systemd-tmpfiles --create "/$path"
	done <"$work/tmpfiles"
}

load_sysctl() {
	[ -s "$work/sysctl" ] || return 0
	while read -r key value; do
		try "noting $key" journal sysctl "$key" "${value%% > *}"
	done <"$work/sysctl"
	while read -r path _; do
		try "loading /$path" sysctl -q -p "/$path"
	done <"$work/sysctl.files"
}

tell_systemd() {
	[ -z "$root" ] || return 0
	! acts daemon-reload || try "systemctl daemon-reload" systemctl daemon-reload
}

run_firewall() {
	[ -s "$work/firewall" ] || return 0
	try "noting the firewall" journal firewall 1
	try "firewalld.sh" firewalld ${base:+--continue}
}

# run_services SERVICE does what is planned for it.
run_services() {
	grep " $1 " "$work/services" >"$work/now" || return 0
	while read -r verb name back; do
		try "noting $name" journal service "$back" "$name"
		try "systemctl $verb $name" control "$verb" "$name"
	done <"$work/now"
}

# control lets systemd forget earlier failures: too many of them, and it would
# not start the service now. Where it fails, the journal knows why.
control() {
	case $1 in
	enable | disable)
		outside systemctl ${root:+--root="$root"} "$1" "$2.service" || return 1
		return 0
		;;
	start | restart) systemctl reset-failed "$2.service" 2>/dev/null || : ;;
	esac
	systemctl "$1" "$2.service" && return 0
	journalctl -u "$2.service" -n 15 -o cat --no-pager 2>/dev/null || :
	return 1
}

# outside: what other programs write is theirs, and others may have to read it.
outside() (
	umask 022
	exec "$@"
)
