#!/bin/sh
# Made by lbgen from site kitchen-sink. Do not edit: change the site file and render again.
#
# Installs the tree that it stands in on this node and turns it on: checks
# everything with the daemons of this machine first, keeps a backup, reloads or
# restarts only what changed, and puts everything back where a step fails. What
# is installed, with which mode and owner, and which daemon has to hear of it,
# stands in MANIFEST and nowhere else. docs/install.md says more.
set -eu
LC_ALL=C
export LC_ALL
umask 077
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin

site='kitchen-sink'
node='lb2'

# HAProxy's program, and the folder of haproxy.cfg.
program='/opt/haproxy/sbin/haproxy'
config='/opt/haproxy/etc'

# What this machine has to hold: DEVICE ADDRESS.
addresses() {
	:
	echo 'wan0' '192.0.2.12'
	echo 'wan0' '2001:db8:1::12'
	echo 'eth0' '10.0.0.12'
	echo 'eth2' '10.0.2.12'
}

# The virtual addresses that it may hold: DEVICE ADDRESS.
vips() {
	:
	echo 'wan0' '192.0.2.100'
	echo 'wan0' '192.0.2.101'
	echo 'wan0' '2001:db8:1::100'
	echo 'eth2' '10.0.2.100'
	echo 'eth0' '10.0.0.100'
}

# The other nodes that run Keepalived.
peers() {
	:
	echo 'lb1'
}

# The TCP ports of HAProxy: bind or connect, and the number.
ports() {
	:
	echo connect 25
	echo bind 80
	echo connect 80
	echo bind 81
	echo bind 389
	echo connect 389
	echo bind 443
	echo connect 443
	echo connect 3306
	echo connect 3389
	echo connect 5432
	echo connect 6379
	echo connect 8081
	echo connect 8082
	echo bind 8406
	echo bind 8443
	echo connect 8443
	echo bind 9000
	echo bind 9443
	echo connect 9999
	echo bind 10001
	echo connect 10001
	echo bind 10443
}

usage() {
	cat <<EOF
Usage: sh install.sh [--dry-run] [--keep-vip] [--allow-warnings]
                     [--replace SITE] [--root DIR]

Installs the files of node $node beside it and turns them on. Never asks.

  --dry-run         check everything, print what would be done, change nothing
  --keep-vip        refuse where a virtual address would, or may, leave this node
  --allow-warnings  install although haproxy -c warns
  --replace SITE    this site takes the place of SITE, which is installed here:
                    what SITE has and this one has not is taken away
  --root DIR        install into the image in DIR: no service, sysctl or SELinux
                    setting of this machine is touched
  --help            print this

Exit code: 0 done, or nothing to do; 1 refused, nothing was changed; 2 wrong
usage; 3 a step failed, everything was put back; 4 a step failed, and not
everything could be put back.
EOF
}

# A bare return in what a trap runs would mean something else in bash than in
# dash, so each of them here has its number.

# --- talking -----------------------------------------------------------------

# say may find its reader gone (a lost ssh connection): that must not end the
# run half-way.
say() { printf '%s\n' "$*" || :; }
warn() { printf 'install.sh: %s\n' "$*" >&2 || :; }
row() { printf '  %-9s %s\n' "$1" "$2" || :; }

misuse() {
	warn "$1 (--help says more)"
	exit 2
}

# problem lets the other checks run, so that all is said at once.
problem() {
	warn "$*"
	problems=1
}

refuse_problems() {
	[ -n "$problems" ] || return 0
	warn "nothing was changed"
	exit 1
}

refuse() {
	problem "$@"
	refuse_problems
}

# show prints what a program said, without the secrets of this tree: a daemon
# may quote the line that it does not like.
show() {
	awk 'FILENAME == ARGV[1] { secret[$0]; next }
	{
		for (s in secret) {
			for (out = ""; (at = index($0, s)) > 0; $0 = substr($0, at + length(s)))
				out = out substr($0, 1, at - 1) "********"
			$0 = out $0
		}
		print "  " $0
	}' "$work/secrets" "$1" >&2 || :
}

# find_secrets: the files that MANIFEST has no sum of hold some. keepalived.conf
# has them between double quotes, without one in them; haproxy.cfg has them
# between single quotes, where one is written '\''.
find_secrets() {
	: >"$work/secrets"
	while read -r path sum; do
		[ "$sum" = - ] || continue
		sed -n -e 's/^[[:space:]]*auth_pass[[:space:]]*//p' -e 's/^ *stats auth [^:]*://p' \
			-e 's/^ *user [^ ]* \(insecure-\)\{0,1\}password //p' -e 's/^ *dynamic-cookie-key //p' \
			-e "s/^ *tcp-check send .*AUTH\\\\r\\\\n'[$][0-9]*'\\\\r\\\\n//p" "$dir/$path" >"$work/quoted"
		sed -e 's/^"\([^"]*\)".*/\1/' -e t -e "s/^'\\(.*\\)'.*/\\1/" -e t -e 's/[[:space:]].*//' "$work/quoted" >"$work/unquoted"
		sed "s/'\\\\''/'/g" "$work/unquoted" | cat - "$work/unquoted" | grep . | sort -u >>"$work/secrets" || :
	done <"$work/sums"
}

# --- the tree, the machine ---------------------------------------------------

read_manifest() {
	[ -f "$dir/MANIFEST" ] || refuse "$dir has no MANIFEST: the tree is not whole, copy it again"
	[ "$(sed -n 1p "$dir/MANIFEST")" = "# Made by lbgen from site $site for node $node. Do not edit." ] ||
		refuse "$dir/MANIFEST is not that of site $site, node $node"
	while read -r mode owner action sum path more; do
		case $mode in "#"*) continue ;; esac
		case /$path/ in *//* | */../* | */./*) more=bad ;; esac
		[ -z "$more" ] || refuse "$dir/MANIFEST is damaged at: $mode $owner $action $sum $path"
		printf '%s %s\n' "$path" "$sum" >>"$work/sums"
		case $path in
		*/*) printf '%s %s %s %s %s\n' "$path" "$mode" "${owner%:*}" "${owner#*:}" "$action" >>"$work/entries" ;;
		esac
	done <"$dir/MANIFEST"
}

# check_tree: what was tested is what is installed, or nothing is.
check_tree() {
	: >"$work/sha256"
	while read -r path sum; do
		if [ ! -f "$dir/$path" ] || [ -L "$dir/$path" ]; then
			problem "$dir/$path is missing: the tree is not whole, copy it again"
		elif [ "$sum" != - ]; then
			printf '%s  %s\n' "$sum" "$path" >>"$work/sha256"
		elif [ ! -s "$dir/$path" ]; then
			problem "$dir/$path is empty: the tree is not whole, copy it again"
		fi
	done <"$work/sums"
	refuse_problems
	(cd "$dir" && sha256sum --strict -c "$work/sha256") >"$work/out" 2>"$work/err" && return 0
	sed -n 's/: FAILED.*//p' "$work/out" >"$work/bad"
	while read -r path; do
		problem "$dir/$path is not what lbgen wrote: render it again, or copy it again"
	done <"$work/bad"
	refuse "$dir does not agree with its MANIFEST"
}

in_tree() { grep -q "^$1" "$work/entries"; }

# serves SERVICE says whether the tree has the configuration of the service.
serves() {
	case $1 in
	haproxy) in_tree "${config#/}/haproxy\.cfg " ;;
	*) in_tree "etc/$1/" ;;
	esac
}

# held DEVICE ADDRESS says where the address is: here, DEVICE or nothing.
where_is() {
	ip -o addr | awk -v ip="$1" '{ split($4, a, "/"); sub(/@.*/, "", $2) } a[1] == ip { print $2; exit }'
}

check_machine() {
	while read -r device address; do
		at=$(where_is "$address")
		case $at in
		"$device") ;;
		"") problem "this is not $node: no interface has its address $address ($device)" ;;
		*) problem "$address is on $at, where the site file says $device" ;;
		esac
	done <"$work/addresses"
}

# check_sites: two sites would write the same files, and each of them would take
# back what the other one needs. Only what is installed here can be replaced; a
# --replace that was carried out earlier does no harm.
check_sites() {
	for other in "$lib"/*.manifest; do
		other=${other##*/}
		other=${other%.manifest}
		case $other in "*" | "$site" | "$replace") continue ;; esac
		problem "site $other is installed on this machine: --replace $other puts site $site in its place (docs/install.md says more)"
	done
	[ "$replace" != "$site" ] && [ -e "$lib/$replace.manifest" ] || return 0
	for note in manifest pending firewalld; do
		[ ! -e "$lib/$site.$note" ] ||
			problem "$lib/$site.$note: site $site has been on this machine beside $replace; docs/install.md says how to take $replace away"
	done
}

# take_over makes the other site's notes those of a former version of this one,
# so that all the rest goes as in any upgrade; finish hands them back.
take_over() {
	[ "$replace" != "$site" ] && [ -e "$lib/$replace.manifest" ] || return 0
	taken=1
	move_notes "$replace" "$site" || refuse "the notes of site $replace in $lib cannot be renamed"
}

hand_back() {
	[ -n "$taken" ] || return 0
	move_notes "$site" "$replace" && return 0
	warn "the notes of site $site in $lib cannot be renamed back to $replace"
	return 1
}

# move_notes FROM TO moves the manifest last: it says whose all of it is.
move_notes() {
	for note in pending firewalld manifest; do
		[ ! -e "$lib/$1.$note" ] || mv -f "$lib/$1.$note" "$lib/$2.$note" || return 1
	done
}

# has PROGRAM says whether the machine, or the image, has it.
has() {
	case $1 in /*) [ -x "$root$1" ] && return 0 || return 1 ;; esac
	if [ -z "$root" ]; then
		command -v "$1" >/dev/null || return 1
		return 0
	fi
	for bin in /usr/sbin /usr/bin /sbin /bin /usr/local/sbin /usr/local/bin; do
		[ ! -x "$root$bin/$1" ] || return 0
	done
	return 1
}

package_of() {
	distribution=rhel
	! command -v apt-get >/dev/null || distribution=debian
	case $1-$distribution in
	rsyslogd-*) echo rsyslog ;;
	killall-*) echo psmisc ;;
	sendmail-*) echo "postfix (or another that has /usr/sbin/sendmail)" ;;
	awk-*) echo gawk ;;
	cmp-*) echo diffutils ;;
	unshare-* | flock-*) echo util-linux ;;
	systemd-tmpfiles-*) echo systemd ;;
	systemctl-*) echo systemd ;;
	sysctl-debian) echo procps ;;
	sysctl-*) echo procps-ng ;;
	ip-debian | ss-debian) echo iproute2 ;;
	ip-* | ss-*) echo iproute ;;
	*) echo "$1" ;;
	esac
}

need() { has "$1" || problem "$1 is missing: install the package $(package_of "$1")"; }

check_programs() {
	for tool in awk cmp unshare flock ip ss systemctl systemd-tmpfiles; do
		need "$tool"
	done
	case $program in
	/*) has "$program" || problem "$program is missing, which the site file has as HAProxy's program (paths.haproxy)" ;;
	*) need "$program" ;;
	esac
	! in_tree etc/keepalived/ || need keepalived
	! in_tree etc/rsyslog.d/ || need rsyslogd
	! in_tree etc/logrotate.d/ || need logrotate
	! in_tree etc/sysctl.d/ || need sysctl
	! grep -qs /usr/bin/killall "$dir/etc/keepalived/keepalived.conf" || need killall
	! grep -qs /usr/bin/curl "$dir/etc/keepalived/keepalived.conf" || need curl
	! grep -qs /usr/sbin/sendmail "$dir/usr/libexec/keepalived/lbgen-notify" || need sendmail
}

# check_notify: Keepalived says nothing of a notify script that is not there,
# and nobody would hear of a change.
check_notify() {
	{
		sed -n 's/^[[:space:]]*notify "\(.*\)"$/\1/p' "$dir/etc/keepalived/keepalived.conf" || :
		sed -n "s/^[[:space:]]*script='\(..*\)'$/\1/p" "$dir/usr/libexec/keepalived/lbgen-notify" || :
	} >"$work/notify" 2>/dev/null
	while read -r script; do
		[ -x "$script" ] || in_tree "${script#/}" ||
			problem "$script is missing, or cannot be run: the site file has it as notify.script, put it there first"
	done <"$work/notify"
}

# uid_of USER and gid_of GROUP print the number, in the image its own.
uid_of() { if [ -n "$root" ]; then number_in passwd "$1"; else id -u -- "$1" 2>/dev/null; fi; }
gid_of() { if [ -n "$root" ]; then number_in group "$1"; else getent group "$1" | cut -d: -f3; fi; }
number_in() {
	[ "$2" != root ] || { echo 0 && return 0; }
	[ ! -e "$root/etc/$1" ] || awk -F: -v name="$2" '$1 == name { print $3 }' "$root/etc/$1"
}

# number_owners writes the entries anew, with numbers in place of names.
number_owners() {
	: >"$work/numbered"
	while read -r path mode owner group action; do
		uid=$(uid_of "$owner") || uid=
		gid=$(gid_of "$group") || gid=
		[ -n "$uid" ] || problem "there is no user $owner, who has to own /$path"
		[ -n "$gid" ] || problem "there is no group $group, which has to own /$path"
		[ ! -d "$root/$path" ] || problem "$root/$path is a directory, where a file has to be"
		printf '%s %s %s:%s %s\n' "$path" "${mode#0}" "$uid" "$gid" "$action" >>"$work/numbered"
	done <"$work/entries"
}

# --- the plan ----------------------------------------------------------------
# $work/plan holds "WHAT PATH MODE UID:GID ACTION" of each file that has to
# change; WHAT is new, change, mode or remove.

plan_files() {
	: >"$work/plan"
	while read -r path mode owner action; do
		what=$(compare "$path" "$mode" "$owner")
		[ -z "$what" ] || printf '%s %s %s %s %s\n' "$what" "$path" "$mode" "$owner" "$action" >>"$work/plan"
	done <"$work/numbered"
	[ -e "$installed" ] || return 0
	awk 'FILENAME == ARGV[1] { made[$1]; next } $5 ~ /\// && !($5 in made) { print $5, $3 }' \
		"$work/numbered" "$installed" >"$work/stale"
	while read -r path action; do
		[ ! -e "$root/$path" ] && [ ! -L "$root/$path" ] || printf 'remove %s - - %s\n' "$path" "$action" >>"$work/plan"
	done <"$work/stale"
}

compare() {
	if [ ! -e "$root/$1" ] && [ ! -L "$root/$1" ]; then
		echo new
	elif [ -L "$root/$1" ] || ! cmp -s "$dir/$1" "$root/$1"; then
		echo change
	elif [ "$(stat -c '%a %u:%g' "$root/$1")" != "$2 $3" ]; then
		echo mode
	fi
}

# plan_actions: a run that was cut off (power, kill -9) has left its own in
# pending, because the files that it installed look up to date now.
plan_actions() {
	awk '$1 != "mode" { print $5 }' "$work/plan" >"$work/actions"
	[ ! -e "$pending" ] || cat "$pending" >>"$work/actions"
}

acts() { grep -Fqx "$1" "$work/actions"; }

# settings FILE prints KEY VALUE of each line of a sysctl file.
settings() { sed -n 's/^[[:space:]]*-\{0,1\}\([a-z][^=#;[:space:]]*\)[[:space:]]*=[[:space:]]*\(.*\)$/\1 \2/p' "$1"; }

# proc_of KEY prints the file of a sysctl key, which is written with dots or
# with slashes.
proc_of() {
	case $1 in
	*/*) printf '/proc/sys/%s\n' "$1" ;;
	*) printf '/proc/sys/%s\n' "$(printf '%s' "$1" | tr . /)" ;;
	esac
}

# plan_sysctl compares with what the kernel uses, not with the file: somebody
# may have changed it since. $work/sysctl gets KEY OLD-VALUE > NEW-VALUE.
plan_sysctl() {
	: >"$work/sysctl"
	[ -z "$root" ] || return 0
	grep '^etc/sysctl\.d/' "$work/numbered" >"$work/sysctl.files" || return 0
	while read -r path _; do
		settings "$dir/$path" >"$work/settings"
		while read -r key value; do
			if ! now=$(tr -s '[:blank:]' ' ' 2>/dev/null <"$(proc_of "$key")"); then
				problem "this kernel has no $key, which /$path sets"
			elif [ "$now" != "$(printf '%s' "$value" | tr -s '[:blank:]' ' ')" ]; then
				printf '%s %s > %s\n' "$key" "$now" "$value" >>"$work/sysctl"
			fi
		done <"$work/settings"
	done <"$work/sysctl.files"
}

# plan_directories: what tmpfiles.d asks for and is not there, or may get
# another mode.
plan_directories() {
	: >"$work/directories"
	[ -z "$root" ] || return 0
	grep '^etc/tmpfiles\.d/' "$work/numbered" >"$work/tmpfiles" || return 0
	while read -r path _; do
		awk '$1 ~ /^d/ { print $2 }' "$dir/$path" >>"$work/directories"
	done <"$work/tmpfiles"
	while read -r path; do
		[ -d "$path" ] || echo tmpfiles >>"$work/actions"
	done <"$work/directories"
}

# plan_selinux fills $work/selinux with "port N", or "boolean" where a port has
# another owner and cannot be labelled. haproxy_t may bind and connect to few
# types of port; the boolean allows all of them.
plan_selinux() {
	: >"$work/selinux"
	selinux_is_on || return 0
	[ "$(getsebool haproxy_connect_any 2>/dev/null)" != "haproxy_connect_any --> on" ] || return 0
	: >"$work/labels"
	! command -v semanage >/dev/null || semanage port -l >"$work/labels" 2>/dev/null </dev/null || : >"$work/labels"
	ports >"$work/ports"
	while read -r use number; do
		plan_port "$use" "$number"
	done <"$work/ports"
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
	if [ -n "$root" ]; then
		sh "$dir/firewalld.sh" --root "$root" "$@"
	else
		sh "$dir/firewalld.sh" "$@"
	fi </dev/null
}

# $work/services holds "VERB SERVICE BACK": what is done, in this order, and
# what undoes it.
plan_services() {
	: >"$work/services"
	plan_enabled haproxy
	plan_enabled keepalived
	[ -z "$root" ] || return 0
	! acts rsyslog-restart || plan_service restart rsyslog
	plan_haproxy
	plan_keepalived
}

plan_service() { printf '%s %s %s\n' "$1" "$2" "$(back_of "$1" "$2")" >>"$work/services"; }

back_of() {
	case $1 in
	enable) echo disable ;;
	disable) echo enable ;;
	stop) echo start ;;
	*) if active "$2"; then echo "$1"; else echo stop; fi ;;
	esac
}

active() { systemctl is-active --quiet "$1.service" </dev/null >/dev/null 2>&1; }

enabled() { systemctl ${root:+--root="$root"} is-enabled --quiet "$1.service" </dev/null >/dev/null 2>&1; }

plan_enabled() {
	if serves "$1"; then
		enabled "$1" || ! has "$(program_of "$1")" || plan_service enable "$1"
	elif gone "$1"; then
		! enabled "$1" || plan_service disable "$1"
	fi
}

program_of() { if [ "$1" = haproxy ]; then echo "$program"; else echo "$1"; fi; }

# gone says whether an earlier version of this site ran the service and this
# one does not: without its configuration it must not go on.
gone() { grep -Eq "^remove etc/$1/$1\\.(conf|cfg) " "$work/plan"; }

plan_haproxy() {
	if ! active haproxy; then
		plan_service start haproxy
	elif acts haproxy-restart || moved; then
		plan_service restart haproxy
	elif acts haproxy-reload; then
		plan_service reload haproxy
	fi
}

# moved says whether HAProxy runs with a haproxy.cfg in another place than this
# one's: it reads no other until it is started anew.
moved() { grep -Eq '^(new|remove) [^ ]*/haproxy\.cfg ' "$work/plan"; }

plan_keepalived() {
	if ! in_tree etc/keepalived/; then
		! gone keepalived || ! active keepalived || plan_service stop keepalived
	elif ! active keepalived; then
		plan_service start keepalived
	elif acts keepalived-restart; then
		plan_service restart keepalived
	elif acts keepalived-reload; then
		plan_service reload keepalived
	fi
}

nothing_to_do() {
	[ -z "$taken" ] || return 1
	for part in plan actions sysctl selinux firewall services; do
		[ ! -s "$work/$part" ] || return 1
	done
}

print_plan() {
	say "$node of site $site${root:+, in $root}:"
	[ -z "$taken" ] || row replace "site $replace"
	while read -r what path _; do
		row "$what" "/$path"
	done <"$work/plan"
	while read -r path; do
		[ -d "$path" ] || row create "$path"
	done <"$work/directories"
	sed 's/^/  sysctl    /; s/ > / -> /' "$work/sysctl"
	sed -e 's/^port \(.*\)/  selinux   tcp port \1 becomes an http_port_t/' \
		-e 's/^boolean$/  selinux   haproxy_connect_any is switched on/' "$work/selinux"
	sed 's/^/  firewall  /' "$work/firewall"
	while read -r verb name _; do
		row "$verb" "$name"
	done <"$work/services"
	print_notes
	print_vip
}

print_notes() {
	[ ! -s "$work/firewall.notes" ] || sed 's/^/note: firewall: /' "$work/firewall.notes"
	[ ! -s "$work/notes" ] || sed 's/^/note: /' "$work/notes"
	! grep -q '^restart haproxy ' "$work/services" ||
		say "note: the restart of HAProxy cuts the connections that it has"
	! grep -q '^remove etc/sysctl\.d/' "$work/plan" ||
		say "note: the kernel keeps the values of a removed sysctl file until the next boot"
	for name in haproxy keepalived; do
		grep -q " etc/systemd/system/$name\\.service[. ]" "$work/plan" || continue
		[ -z "$root" ] || continue
		grep -Eq "^(start|restart) $name " "$work/services" ||
			say "note: what changed in the unit of $name (limits, order) holds from its next restart on"
	done
}

# print_vip: a restart or stop of Keepalived gives the address away, a reload may
# do so where the instance itself changes.
print_vip() {
	case $verb_keepalived-$held in
	-*) ;;
	start-*) say "vip: Keepalived starts on this node and takes part from now on" ;;
	*-) say "vip: this node holds no virtual address, so none moves from here" ;;
	reload-*) print_reload ;;
	*) print_move ;;
	esac
	print_together
}

print_reload() {
	if [ -z "$changed" ]; then
		say "vip: $held stays on this node, Keepalived only reloads"
		return 0
	fi
	say "vip: $held may move: the reload of Keepalived changes $changed, and this node may be without it for some seconds"
	print_first
}

print_move() {
	if [ -n "$others" ]; then
		say "vip: $held MOVES from this node to $others, because Keepalived needs a $verb_keepalived"
		print_first
	elif [ "$verb_keepalived" = stop ]; then
		say "vip: $held leaves this node for good: Keepalived is stopped"
	else
		say "vip: $held is away until Keepalived is back: no other node can take it"
	fi
}

print_first() {
	[ -z "$others" ] || say "     do $others first: the node without the address always goes first"
}

# print_together: nodes that differ in what they send each other do not listen
# to each other.
print_together() {
	case $verb_keepalived in reload | restart) ;; *) return 0 ;; esac
	[ -n "$shared" ] && [ -n "$others" ] || return 0
	say "vip: $shared must be the same on all nodes: change $others too, one right after the other;"
	say "     until then more than one node may hold an address"
}

# find_vip sets verb_keepalived, others, held, and by find_changes changed and
# shared. An address that this version no longer has is still held.
find_vip() {
	verb_keepalived=$(awk '$2 == "keepalived" && $1 !~ /able$/ { print $1 }' "$work/services")
	others=$(peers | paste -sd ' ' -)
	held=
	changed=
	shared=
	[ -z "$root" ] || return 0
	find_changes
	{
		vips | cut -d ' ' -f 2
		awk '/^virtual_ipaddress/ { sub("/.*", "", $3); print $3 }' "$work/vrrp.old"
	} | sort -u >"$work/vips"
	while read -r address; do
		[ -z "$(where_is "$address")" ] || held="$held${held:+ }$address"
	done <"$work/vips"
	[ -n "$keep_vip" ] && [ -n "$held" ] || return 0
	case $verb_keepalived-$changed in
	restart-* | stop-*) refuse "$held would leave this node: Keepalived needs a $verb_keepalived${others:+ (do $others first)}" ;;
	reload-?*) refuse "$held may leave this node: the reload of Keepalived changes $changed${others:+ (do $others first)}" ;;
	esac
}

# find_changes sets changed to the kinds of lines that decide where an address
# is and differ from what is installed, and shared to those that all nodes have
# to agree on. The values stay unsaid: one of them is a password.
find_changes() {
	vrrp_of "$root/etc/keepalived/keepalived.conf" | sort >"$work/vrrp.old"
	vrrp_of "$dir/etc/keepalived/keepalived.conf" | sort >"$work/vrrp.new"
	comm -3 "$work/vrrp.old" "$work/vrrp.new" | awk '{ print $1 }' | sort -u >"$work/vrrp"
	changed=$(paste -sd ' ' "$work/vrrp")
	shared=$(grep -Ex 'virtual_router_id|advert_int|auth_.*|virtual_ipaddress|version|unicast_.*|mcast_src_ip|group' "$work/vrrp" | paste -sd ' ' -)
	# Keepalived has not heard yet of what an earlier run has installed.
	[ ! -e "$pending" ] || ! grep -q '^keepalived-' "$pending" ||
		changed="$changed${changed:+ }(unknown: an earlier run was cut off)"
}

# vrrp_of FILE prints "KIND INSTANCE VALUE" of what decides where an address is,
# in one spelling: without comments, defaults and an address's usual device, so
# that a file written by hand compares well with one of lbgen's. Each brace gets
# a line of its own; a password may hold what looks like a brace or a comment.
vrrp_of() {
	[ -e "$1" ] || return 0
	sed -e '/^[[:space:]]*auth_/b' -e 's/[!#].*//' -e 's/[{}]/\n&\n/g' "$1" | awk '
	$1 ~ /^auth_/ {
		kind = $1
		if ($2 ~ /^"/) { sub(/^[^"]*"/, ""); sub(/".*/, "") } else $0 = $2
		print kind, instance, $0
		next
	}
	{ $1 = $1 }
	/^(state BACKUP|version 2|priority 100|advert_int 1)$/ { next }
	$1 == "}" { block = "" }
	$1 == "vrrp_instance" { instance++; device = ""; print $1, instance, $2 }
	$1 == "interface" { device = $2 }
	$1 ~ /^(interface|virtual_router_id|version|vrrp_version|state|priority|nopreempt|preempt_delay|advert_int|unicast_src_ip|mcast_src_ip)$/ {
		kind = $1
		sub(/^vrrp_/, "", kind)
		print kind, instance + 0, $2
	}
	block != "" && $1 != "" && $1 != "{" { sub(/ label .*/, ""); sub(" dev " device "$", ""); print block, instance + 0, $0 }
	$1 ~ /^(virtual_ipaddress|virtual_ipaddress_excluded|unicast_peer|group)$/ { block = $1 }'
}

# --- the checks, with this machine's daemons -----------------------------------

# check_daemons runs this script again in a mount namespace of its own, where
# /etc is a copy with the new files in it. Nobody else sees that copy.
check_daemons() {
	if ! unshare -m true 2>"$work/err"; then
		[ -n "$root" ] || { show "$work/err" && refuse "no mount namespace can be made here to check the files in"; }
		echo "the files were not checked: no mount namespace can be made here" >>"$work/notes"
		return 0
	fi
	unshare -m -- sh "$dir/install.sh" --in-namespace "$work" "$root" "$allow_warnings" </dev/null || {
		problems=1
		refuse_problems
	}
}

# in_namespace is that other run.
in_namespace() {
	work=$1
	root=$2
	allow_warnings=$3
	mkdir "$work/stage"
	# A tmpfs: the copies of this machine's keys never reach a disk.
	mount -t tmpfs -o mode=0755 lbgen "$work/stage"
	mkdir "$work/stage/etc"
	cp -a "$root/etc/." "$work/stage/etc/" || refuse "/etc cannot be copied to check the files in"
	while read -r what path mode owner _; do
		case $what in
		remove) rm -f "$work/stage/$path" ;;
		*) put_file "$work/stage" "$path" "$mode" "$owner" || refuse "/$path cannot be staged" ;;
		esac
	done <"$work/plan"
	stage_config
	mount --bind "$work/stage/etc" "$root/etc"
	for check in haproxy keepalived rsyslog logrotate units; do
		"check_$check"
	done
	[ -z "$problems" ] || exit 1
	exit 0
}

# stage_config: haproxy.cfg and what lies beside it go into the copy of /etc, too,
# where their folder is elsewhere, and point at each other there.
stage_config() {
	staged=$config
	case $config/ in /etc/*) return 0 ;; esac
	staged=/etc/lbgen-check
	mkdir "$work/stage$staged"
	[ ! -d "$root$config" ] || cp -a "$root$config/." "$work/stage$staged/" || refuse "$config cannot be copied to check the files in"
	[ ! -d "$work/stage$config" ] || cp -a "$work/stage$config/." "$work/stage$staged/"
	sed -i "s#$config/#$staged/#g" "$work/stage$staged/haproxy.cfg"
}

# ask PROGRAM ARGUMENT... runs it and leaves its words in $work/said. In an
# image that lacks it there is nothing to ask.
ask() {
	if ! has "$1"; then
		echo "not checked: there is no $1${root:+ in $root}" >>"$work/notes"
		return 0
	fi
	if [ -n "$root" ]; then
		chroot "$root" "$@" >"$work/said" 2>&1 </dev/null
	else
		"$@" >"$work/said" 2>&1 </dev/null
	fi
}

complain() {
	problem "$1 says:"
	show "$work/said"
}

# check_haproxy calls it as the unit does: where that reads conf.d, what the
# admin put there counts too, and -L decides which peer this node is.
check_haproxy() {
	serves haproxy || return 0
	: >"$work/said"
	set -- -c -f "$staged/haproxy.cfg"
	[ ! -d "$root$staged/conf.d" ] || ! unit_reads_conf_d || set -- "$@" -f "$staged/conf.d"
	name=$(cat "$root/etc/sysconfig/haproxy" "$root/etc/default/haproxy" 2>/dev/null |
		sed -n 's/^[^#]*-L *\([^ "'\'']*\).*/\1/p' | tail -n 1) || :
	[ -z "$name" ] || set -- "$@" -L "$name"
	good=
	! ask "$program" "$@" || good=1
	[ "$staged" = "$config" ] || sed -i "s#$staged/#$config/#g" "$work/said"
	if [ -z "$good" ]; then
		complain "haproxy -c"
	elif grep -q '\[WARNING\]' "$work/said"; then
		if [ -n "$allow_warnings" ]; then
			warn "haproxy -c warns:"
			show "$work/said"
		else
			complain "haproxy -c (--allow-warnings installs it all the same)"
		fi
	fi
}

unit_reads_conf_d() {
	[ "$program" = haproxy ] || return 1
	grep -qs /etc/haproxy/conf.d "$root/usr/lib/systemd/system/haproxy.service" \
		"$root/lib/systemd/system/haproxy.service" "$root/etc/systemd/system/haproxy.service"
}

# check_keepalived: -t is content with a file that is not there. In an image the
# interfaces are not there either, so it cannot be asked.
check_keepalived() {
	[ -z "$root" ] && in_tree etc/keepalived/keepalived.conf || return 0
	[ -s /etc/keepalived/keepalived.conf ] || refuse "/etc/keepalived/keepalived.conf was not staged"
	set -- keepalived -t --use-file=/etc/keepalived/keepalived.conf
	ask "$@" && return 0
	# 2.2.7 now and then ends itself with SIGTERM, and has found nothing.
	[ $? -ne 143 ] || ! ask "$@" || return 0
	complain "keepalived -t"
}

check_rsyslog() {
	in_tree etc/rsyslog.d/ || return 0
	ask rsyslogd -N1 || loads_imudp_too || complain "rsyslogd -N1"
}

# loads_imudp_too: where rsyslog.conf loads imudp itself, rsyslog says that it has
# it already, and goes on.
loads_imudp_too() {
	grep -q "module 'imudp' already in this config" "$work/said" || return 1
	! grep -v -e "module 'imudp' already in this config" -e 'config validation run' "$work/said" | grep -q .
}

# check_logrotate: its exit code is 0 for an unknown option.
check_logrotate() {
	grep '^etc/logrotate\.d/' "$work/numbered" >"$work/rotated" || return 0
	while read -r path _; do
		: >"$work/said"
		ask logrotate -d "/$path" || complain "logrotate -d /$path"
		! grep -q '^error: ' "$work/said" || complain "logrotate -d /$path"
	done <"$work/rotated"
}

# check_units looks for what is said of the files of this tree: a unit of
# somebody else's may well be wrong.
check_units() {
	[ -z "$root" ] && command -v systemd-analyze >/dev/null || return 0
	for unit in haproxy keepalived; do
		in_tree "etc/systemd/system/$unit\\.service[. ]" || continue
		systemd-analyze verify "$unit.service" >"$work/units" 2>&1 </dev/null || :
		grep -F "/etc/systemd/system/$unit.service" "$work/units" >"$work/said" || continue
		complain "systemd-analyze verify"
	done
}

# --- doing it ----------------------------------------------------------------

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
		ports >"$work/ports"
		while read -r use number; do
			[ "$use" = connect ] || ss -Hltnp "sport = :$number" | grep -q '"haproxy"' || echo "$number"
		done <"$work/ports" >"$work/deaf"
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

# --- putting it back -----------------------------------------------------------

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
	installed=$lib/$site.manifest
	pending=$lib/$site.pending
	for part in entries sums services.done notes secrets; do
		: >"$work/$part"
	done
	addresses >"$work/addresses"
}

check() {
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
replace=$site
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
