
# --- doing it -----------------------------------------------------------------

# put_file PREFIX PATH MODE OWNER installs one file: whoever reads it meanwhile
# sees the old one or the new one, and never one with a wrong mode.
put_file() {
	make_directory "$1/${2%/*}"
	new=$1/${2%/*}/.${2##*/}.lbgen-new
	cp "$dir/$2" "$new" && chown "$4" "$new" && chmod "$3" "$new" && mv -f "$new" "$1/$2" && return 0
	rm -f "$new"
	return 1
}

make_directory() {
	[ ! -d "$1" ] || return 0
	make_directory "${1%/*}"
	printf '%s\n' "$1" >>"$work/made"
	mkdir -m 0755 "$1"
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

apply() {
	applying=1
	: >"$work/made"
	try "keeping a backup" back_up
	try "noting what is pending" note_pending
	change_files
	label
	create_directories
	load_sysctl
	run_services rsyslog
	tell_systemd
	run_firewall
	run_services haproxy
	run_services keepalived
	verify
	try "noting what is installed" note_installed
	# It is done: from here on nothing goes back.
	trap '' HUP INT TERM
	applying=
	[ -z "$taken" ] || rm -f "$lib/$replace.firewalld.undo" "$lib/$replace.firewalld.before"
	taken=
	forget_old_backups
}

# back_up keeps what is about to be replaced, and absent names what is new.
back_up() {
	(umask 022 && mkdir -p "$root/var/lib") && mkdir -p "$lib/backup" || return 1
	stamp=$(date -u +%Y%m%dT%H%M%SZ)
	count=0
	while backup=$lib/backup/$stamp.$count && ! mkdir "$backup" 2>/dev/null; do
		[ -d "$backup" ] || return 1
		count=$((count + 1))
	done
	: >"$backup/absent" || return 1
	[ ! -e "$installed" ] || cp -p "$installed" "$backup/MANIFEST" || return 1
	[ ! -e "$pending" ] || cp -p "$pending" "$backup/pending" || return 1
	while read -r _ path _; do
		if [ -e "$root/$path" ] || [ -L "$root/$path" ]; then
			mkdir -p "$backup/${path%/*}" && cp -a "$root/$path" "$backup/$path" || return 1
		else
			printf '%s\n' "$path" >>"$backup/absent" || return 1
		fi
	done <"$work/plan"
}

# note_pending: should this run be cut off, the next one knows which files are
# lbgen's and which daemons have not heard of them.
note_pending() {
	noted=1
	sort -u "$work/actions" >"$work/pending" && replace "$work/pending" "$pending" || return 1
	cat "$dir/MANIFEST" >"$work/manifest" || return 1
	[ ! -e "$installed" ] || grep -v '^#' "$installed" >>"$work/manifest" || :
	replace "$work/manifest" "$installed"
}

note_installed() { replace "$dir/MANIFEST" "$installed" && rm -f "$pending"; }

replace() { cp "$1" "$2.new" && mv -f "$2.new" "$2"; }

change_files() {
	while read -r what path mode owner _; do
		case $what in
		remove) try "removing /$path" rm -f "$root/$path" ;;
		*) try "installing /$path" put_file "$root" "$path" "$mode" "$owner" ;;
		esac
	done <"$work/plan"
}

# label gives files and ports their SELinux contexts.
label() {
	[ -n "$root" ] || try "restoring the SELinux contexts" restore_contexts
	while read -r what number; do
		printf '%s %s\n' "$what" "$number" >>"$work/selinux.done"
		case $what in
		port) try "labelling port $number" outside semanage port -a -t http_port_t -p tcp "$number" ;;
		boolean) try "switching haproxy_connect_any on" outside setsebool -P haproxy_connect_any 1 ;;
		esac
	done <"$work/selinux"
}

restore_contexts() {
	command -v restorecon >/dev/null || return 0
	while read -r _ path _; do
		[ ! -e "/$path" ] || restorecon "/$path" || return 1
	done <"$work/plan"
}

create_directories() {
	acts tmpfiles && [ -z "$root" ] || return 0
	while read -r path; do
		if [ -d "$path" ]; then stat -c '%a %u:%g %n' "$path"; else printf 'none none %s\n' "$path"; fi
	done <"$work/directories" >"$work/directories.old"
	while read -r path _; do
		try "creating the directories of /$path" outside systemd-tmpfiles --create "/$path"
	done <"$work/tmpfiles"
}

load_sysctl() {
	[ -s "$work/sysctl" ] || return 0
	cp "$work/sysctl" "$work/sysctl.old"
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
	fired=1
	try "firewalld.sh" firewalld
}

# run_services SERVICE does what is planned for it.
run_services() {
	grep " $1 " "$work/services" >"$work/now" || return 0
	while read -r verb name back; do
		printf '%s %s\n' "$back" "$name" >>"$work/services.done"
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

# verify: a reload is done when HAProxy listens on its ports, and not before;
# one that fails leaves the old process running and the unit active.
verify() {
	[ -z "$root" ] || return 0
	for name in haproxy keepalived; do
		serves "$name" || continue
		try "$name is not running: systemctl is-active" control is-active "$name"
	done
	! grep -q ' haproxy$' "$work/services.done" || try "waiting for HAProxy to listen" await_ports
}

await_ports() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		while read -r use number; do
			[ "$use" = connect ] || ss -Hltnp "sport = :$number" | grep -q '"haproxy"' || echo "$number"
		done <"$work/port" >"$work/deaf"
		[ -s "$work/deaf" ] || return 0
		sleep 0.2
	done
	echo "HAProxy does not listen on: $(tr '\n' ' ' <"$work/deaf")"
	journalctl -u haproxy.service -n 15 -o cat --no-pager 2>/dev/null || :
	return 1
}

# check_log_sockets: SELinux may keep rsyslog from making HAProxy's log socket.
# rsyslog says so in its own log and goes on, and HAProxy's log stays empty.
check_log_sockets() {
	grep -q ' rsyslog$' "$work/services.done" && selinux_is_on || return 0
	grep '^etc/rsyslog\.d/' "$work/numbered" >"$work/sockets" || return 0
	while read -r path _; do
		sed -n 's/^input(type="imuxsock" Socket="\([^"]*\)".*/\1/p' "$dir/$path"
	done <"$work/sockets" >"$work/wanted"
	while read -r socket; do
		await_socket "$socket" || warn_socket "$socket" "${socket%/*}"
	done <"$work/wanted"
}

selinux_is_on() { [ -z "$root" ] && command -v selinuxenabled >/dev/null && selinuxenabled; }

await_socket() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -S "$1" ] || return 0
		sleep 0.2
	done
	return 1
}

warn_socket() {
	warn "WARNING: rsyslog has not made the socket $1: HAProxy's log will stay EMPTY."
	warn "  SELinux may have forbidden it; this shows whether it has:"
	warn "    ausearch -m avc -c rsyslogd"
	warn "  Then try this:"
	warn "    semanage fcontext -a -t device_t '$2'"
	warn "    restorecon -R $2"
	warn "    systemctl restart rsyslog"
}

forget_old_backups() {
	set -- "$lib"/backup/*
	while [ $# -gt 5 ]; do
		rm -rf "$1" || warn "the old backup $1 cannot be removed"
		shift
	done
}
