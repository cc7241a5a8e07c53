
# --- putting it back ----------------------------------------------------------

# back WHAT COMMAND... goes on after a failure: what can be put back is.
back() {
	what_back=$1
	shift
	"$@" >"$work/out" 2>&1 </dev/null && return 0
	warn "putting back failed: $what_back"
	show "$work/out"
	unrestored=1
}

put_back() {
	unrestored=
	[ ! -d "$backup" ] || put_back_files
	[ -n "$root" ] || back "SELinux contexts" restore_contexts
	[ -n "$root" ] || ! acts daemon-reload || back "systemctl daemon-reload" systemctl daemon-reload
	put_back_sysctl
	[ -z "$fired" ] || back "the firewall" firewalld --undo
	put_back_services
	put_back_selinux
	put_back_directories
	[ -n "$unrestored" ] || [ ! -d "$backup" ] || put_back_notes
	# Where this was the first run there is nothing in them.
	rmdir "$lib/backup" "$lib" 2>/dev/null || :
}

put_back_files() {
	while read -r _ path _; do
		if [ -e "$backup/$path" ] || [ -L "$backup/$path" ]; then
			back "/$path" put_back_file "$path"
		elif grep -Fqx "$path" "$backup/absent"; then
			back "/$path (it was not there)" rm -f "$root/$path"
		fi
	done <"$work/plan"
	sort -r "$work/made" >"$work/made.back"
	while read -r path; do
		[ ! -d "$path" ] || back "$path" rmdir "$path"
	done <"$work/made.back"
}

put_back_file() {
	old=$root/${1%/*}/.${1##*/}.lbgen-new
	cp -a "$backup/$1" "$old" && mv -f "$old" "$root/$1"
}

put_back_sysctl() {
	[ -e "$work/sysctl.old" ] || return 0
	while read -r key value; do
		back "sysctl $key" sysctl -q -w "$key=${value%% > *}"
	done <"$work/sysctl.old"
}

# put_back_services goes in the same order as before: rsyslog, HAProxy,
# Keepalived.
put_back_services() {
	while read -r verb name; do
		back "systemctl $verb $name" revert "$verb" "$name"
	done <"$work/services.done"
}

# revert: what no longer runs cannot be reloaded.
revert() {
	if [ "$1" = reload ]; then
		active "$2" && systemctl reload "$2.service" && return 0
		control restart "$2"
	else
		control "$1" "$2"
	fi
}

put_back_selinux() {
	[ -e "$work/selinux.done" ] || return 0
	while read -r what number; do
		case $what in
		port) ! has_label "$number" || back "port $number" outside semanage port -d -p tcp "$number" ;;
		boolean) back "haproxy_connect_any" outside setsebool -P haproxy_connect_any 0 ;;
		esac
	done <"$work/selinux.done"
}

# has_label: the step that failed may be the one that was to label the port.
has_label() {
	semanage port -l >"$work/labels" 2>/dev/null </dev/null
	[ "$(type_of "$1")" = http_port_t ]
}

put_back_directories() {
	[ -e "$work/directories.old" ] || return 0
	sort -r -k 3 "$work/directories.old" >"$work/directories.back"
	while read -r mode owner path; do
		if [ "$mode" != none ]; then
			back "$path" chown "$owner" "$path"
			back "$path" chmod "$mode" "$path"
		elif [ -d "$path" ]; then
			# A daemon may have written there already: then it stays.
			rmdir "$path" 2>/dev/null || :
		fi
	done <"$work/directories.back"
}

# put_back_notes: now the backup is of no more use.
put_back_notes() {
	rm -f "$pending.new" "$installed.new"
	if [ -z "$noted" ]; then
		:
	elif [ -e "$backup/MANIFEST" ]; then
		back "$installed" put_back_state MANIFEST "$installed"
	else
		rm -f "$installed"
	fi
	if [ -e "$backup/pending" ]; then
		back "$pending" put_back_state pending "$pending"
	elif [ -n "$noted" ]; then
		rm -f "$pending"
	fi
	rm -rf "$backup"
}

put_back_state() { cp -p "$backup/$1" "$2.new" && mv -f "$2.new" "$2"; }

# finish runs at every end, expected or not. Nothing may interrupt it.
