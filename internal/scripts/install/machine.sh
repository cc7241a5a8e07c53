
# --- the machine --------------------------------------------------------------

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
	done <"$work/address"
}

# check_needs: what HAProxy reads and no tree brings. Without it HAProxy does not start.
check_needs() {
	while read -r file; do
		[ -e "$root$file" ] || problem "$file is not here: HAProxy needs it, and the site file says that the node has it." \
			"Put it there, or write certificate: {file: ...} for one beside the site file (docs/certificates.md)"
	done <"$work/needs"
}

# check_platform: paths and owners of another distribution would be installed
# without a word, and no daemon of this one would read them.
check_platform() {
	[ -z "$any_platform" ] || return 0
	id=$(os_release ID)
	version=$(os_release VERSION_ID)
	case $id in
	"") problem "${root:-this machine} does not say what it is (os-release): --any-platform installs the tree of $platform all the same" && return 0 ;;
	ubuntu) is=$id$(printf '%s' "$version" | tr -d .) ;;
	*) is=$id${version%%.*} ;;
	esac
	[ "$is" != "$platform" ] || return 0
	if grep -Fqx "$is" "$work/known"; then
		problem "the tree is for $platform, and ${root:-this machine} is $id $version: write platform: $is in the site file and render again"
	else
		problem "the tree is for $platform, and ${root:-this machine} is $id $version, which lbgen has no platform for: --any-platform installs it all the same"
	fi
}

# os_release KEY prints a value of os-release, without running that file.
os_release() {
	for file in "$root/etc/os-release" "$root/usr/lib/os-release"; do
		[ -e "$file" ] || continue
		sed -n "s/^$1=//p" "$file" | tr -d "\"'" | tail -n 1
		return 0
	done
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
	former=$site
	[ "$replace" != "$site" ] && [ -e "$lib/$replace.manifest" ] || return 0
	# What a run that was cut off has left is not that of two sites.
	if [ "$cut_replace" = "$replace" ]; then
		former=$replace
		[ ! -e "$installed" ] || former=$site
		return 0
	fi
	former=$replace
	for note in manifest pending firewalld; do
		[ ! -e "$lib/$site.$note" ] ||
			problem "$lib/$site.$note: site $site has been on this machine beside $replace; docs/install.md says how to take $replace away"
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
	nft-*) echo nftables ;;
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
	! in_tree "$nft_file " || need nft
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
	last=
	while read -r path mode owner group action; do
		# They have the same owner but for a few.
		if [ "$owner $group" != "$last" ]; then
			uid=$(uid_of "$owner") || uid=
			gid=$(gid_of "$group") || gid=
			last="$owner $group"
		fi
		[ -n "$uid" ] || problem "there is no user $owner, who has to own /$path"
		[ -n "$gid" ] || problem "there is no group $group, which has to own /$path"
		[ -f "$root/$path" ] || [ -L "$root/$path" ] || [ ! -e "$root/$path" ] ||
			problem "$root/$path is no file, and a file has to be there"
		printf '%s %s %s:%s %s\n' "$path" "${mode#0}" "$uid" "$gid" "$action" >>"$work/numbered"
	done <"$work/entries"
}
