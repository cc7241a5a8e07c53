
# --- putting it back ----------------------------------------------------------
# All that is needed for it stands in the backup: so the next run can do it as well.

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
	listed "$backup/list" >"$work/list"
	put_back_files "^[^ ]* [^ ]* \(etc/firewalld/zones\|var/lib/lbgen\)/" -v
	journaled made | sort -ru >"$work/made"
	while read -r path; do
		[ ! -d "$path" ] || back "$path" rmdir "$path"
	done <"$work/made"
	[ -n "$root" ] || back "SELinux contexts" restore_contexts
	[ -n "$root" ] || ! grep -q ' etc/systemd/' "$work/list" || back "systemctl daemon-reload" systemctl daemon-reload
	put_back_sysctl
	put_back_nftables
	put_back_firewall
	put_back_services
	put_back_selinux
	put_back_directories
	put_back_files "^[^ ]* [^ ]* var/lib/lbgen/"
	[ -n "$unrestored" ] || put_back_ends
}

# put_back_files PATTERN [-v] puts back the files whose line in the list has the
# pattern, or has not, and which differ.
put_back_files() {
	grep ${2:+"$2"} "$1" "$work/list" >"$work/listed"
	while read -r what sum path; do
		new=$(staged "$path")
		! is_there "$new" || rm -f "$new"
		case $what in
		absent) ! is_there "$root/$path" || back "/$path (it was not there)" rm -f "$root/$path" ;;
		*) as_it_was "$path" || back "/$path" put_back_file "$what" "$sum" "$path" ;;
		esac
	done <"$work/listed"
}

is_there() { [ -e "$1" ] || [ -L "$1" ]; }

as_it_was() {
	is_there "$root/$1" && same "$backup/$1" "$root/$1" &&
		[ "$(stat -c '%a %u:%g' "$backup/$1")" = "$(stat -c '%a %u:%g' "$root/$1")" ]
}

# put_back_file WHAT SUM PATH: the copy is looked at once more.
put_back_file() {
	[ "$1" = link ] || [ "$(sum_of "$backup/$3")" = "$2" ] || { echo "the backup $backup/$3 is damaged" && return 1; }
	old=$(staged "$3")
	copy_back "$@" || link_back "$3" || return 1
	mv -f "$old" "$root/$3"
}

copy_back() {
	cp -a "$backup/$3" "$old" && same "$backup/$3" "$old" || return 1
	[ "$1" = link ] || sync "$old"
}

# link_back needs no room on a full disk. The backup is of no use afterwards.
link_back() {
	[ -z "$undo_all" ] && rm -f "$old" && ln "$backup/$1" "$old"
}

put_back_sysctl() {
	journaled sysctl | awk '!seen[$1]++' >"$work/sysctl.old"
	while read -r key value; do
		back "sysctl $key" sysctl -q -w "$key=$value"
	done <"$work/sysctl.old"
}

# put_back_firewall: what firewalld.sh takes back leaves firewalld's own files of
# zones behind. They are put back where nobody else can have changed them since.
put_back_firewall() {
	journaled firewall | grep -q 1 || return 0
	back "the firewall" firewalld --undo
	[ -n "$undo_all" ] || put_back_files "^[^ ]* [^ ]* etc/firewalld/zones/"
}

# put_back_services goes in the same order as before: rsyslog, HAProxy,
# Keepalived. Of several ways back for a service the first one counts, and a
# restart more than a reload.
put_back_services() {
	journaled service | awk '
	{ key = ($1 ~ /able$/) $2 }
	!(key in verb) { order[++n] = key; name[key] = $2; verb[key] = $1 }
	$1 == "restart" && verb[key] == "reload" { verb[key] = $1 }
	END { for (i = 1; i <= n; i++) print verb[order[i]], name[order[i]] }' >"$work/services.back"
	while read -r verb name; do
		back "systemctl $verb $name" revert "$verb" "$name"
	done <"$work/services.back"
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
	journaled port >"$work/ports.back"
	while read -r number; do
		! has_label "$number" || back "port $number" outside semanage port -d -p tcp "$number"
	done <"$work/ports.back"
	[ -z "$(journaled boolean)" ] || back "haproxy_connect_any" outside setsebool -P haproxy_connect_any 0
}

# has_label: the step that failed may be the one that was to label the port.
has_label() {
	semanage port -l >"$work/labels" 2>/dev/null </dev/null
	[ "$(type_of "$1")" = http_port_t ]
}

put_back_directories() {
	journaled directory | awk '!seen[$3]++' | sort -r -k 3 >"$work/directories.back"
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

# put_back_ends: all is as it was, so this backup is of no more use, unless it is
# the first and a later run has gone well.
put_back_ends() {
	rm -f "$marker" "$lib"/*.new
	sync "$lib"
	if [ -z "$undo_all" ] || [ "$(all_backups | sed -n 1p)" != "$backup" ]; then
		back "removing $backup" drop "$backup"
	fi
	# Where this was the first run there is nothing in them.
	rmdir "$backups" "$lib" 2>/dev/null || :
}

# undo goes back to the last backup: that of the run that was cut off, or else
# that of the last run that went well.
undo() {
	backup=$base
	[ -n "$backup" ] || backup=$(all_backups | tail -n 1)
	[ -n "$backup" ] || refuse "there is no backup in $backups"
	[ -e "$backup/list" ] || refuse "the last backup, $backup, is of an earlier lbgen: docs/install.md says how to go back by hand"
	grep -q "^# Saved by install.sh of lbgen for site $site\.\$" "$backup/list" || refuse "the last backup, $backup, is not of site $site"
	say "$node of site $site${root:+, in $root}: back to $backup"
	listed "$backup/list" >"$work/list"
	while read -r what _ path; do
		case $what-$path in
		*-var/lib/lbgen/* | *-etc/firewalld/zones/*) ;;
		absent-*) ! is_there "$root/$path" || row remove "/$path" ;;
		*) as_it_was "$path" || row "put back" "/$path" ;;
		esac
	done <"$work/list"
	[ -z "$dry" ] || exit 0
	[ -n "$base" ] || undo_all=1
	begin || refuse "$marker cannot be written"
	undoing=1
	applying=1
	exit 0
}
