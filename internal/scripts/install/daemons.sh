
# --- the checks, with this machine's daemons ----------------------------------

# check_daemons runs this script again in a mount namespace of its own, where
# /etc is a copy with the new files in it. Nobody else sees that copy.
check_daemons() {
	if ! unshare -m true 2>"$work/err"; then
		[ -n "$root" ] || { show "$work/err" && refuse "no mount namespace can be made here to check the files in"; }
		echo "the files were not checked: no mount namespace can be made here" >>"$work/notes"
		return 0
	fi
	unshare -m -- sh "$dir/install.sh" --in-namespace "$work" "$root" "$allow_warnings" "$config" "$program" </dev/null || {
		problems=1
		refuse_problems
	}
}

# in_namespace is that other run.
in_namespace() {
	work=$1
	root=$2
	allow_warnings=$3
	config=$4
	program=$5
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
	for check in haproxy keepalived rsyslog logrotate nftables units; do
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
	code=0
	ask keepalived -t --use-file=/etc/keepalived/keepalived.conf || code=$?
	# 2.2.7 now and then ends itself with SIGTERM, and has found nothing.
	[ "$code" -ne 143 ] || { code=0 && ask keepalived -t --use-file=/etc/keepalived/keepalived.conf || code=$?; }
	# It always does where a check runs as another user: what is left without those is looked at.
	[ "$code" -ne 143 ] || {
		sed 's/^ *user .*//' /etc/keepalived/keepalived.conf >"$work/keepalived.conf"
		code=0 && ask keepalived -t --use-file="$work/keepalived.conf" || code=$?
	}
	[ "$code" -ne 0 ] || return 0
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

check_nftables() {
	in_tree "$nft_file " || return 0
	ask nft -c -f "/$nft_file" || complain "nft -c"
}

# check_units looks for what is said of the files of this tree: a unit of
# somebody else's may well be wrong.
check_units() {
	[ -z "$root" ] && command -v systemd-analyze >/dev/null || return 0
	for unit in haproxy keepalived lbgen-nftables nftables; do
		in_tree "etc/systemd/system/$unit\\.service[. ]" || continue
		systemd-analyze verify "$unit.service" >"$work/units" 2>&1 </dev/null || :
		grep -F "/etc/systemd/system/$unit.service" "$work/units" >"$work/said" || continue
		complain "systemd-analyze verify"
	done
}
