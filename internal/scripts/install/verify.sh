
# --- looking whether it is so -------------------------------------------------

# verify: a reload is done when HAProxy listens on its ports, and not before;
# one that fails leaves the old process running and the unit active.
verify() {
	try "comparing what is installed" verify_files
	[ -z "$root" ] || return 0
	for name in haproxy keepalived; do
		serves "$name" || continue
		try "$name is not running: systemctl is-active" control is-active "$name"
	done
	! journaled service | grep -q ' haproxy$' || try "waiting for HAProxy to listen" await_ports
}

# verify_files reads MANIFEST once more: nothing that stood in between, such as a
# list that did not fit on a full disk, may have left out a file.
verify_files() {
	while read -r mode _ _ _ path; do
		case $mode-$path in "#"* | *-) continue ;; *-*/*) ;; *) continue ;; esac
		if [ -L "$root/$path" ] || ! cmp -s "$dir/$path" "$root/$path"; then
			echo "$root/$path is not that of the tree"
			return 1
		fi
	done <"$dir/MANIFEST"
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
	grep -q ' rsyslog ' "$work/services" && selinux_is_on || return 0
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
