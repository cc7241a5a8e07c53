#!/bin/sh
# Made by lbgen from site kitchen-sink. Do not edit: change the site file and render again.
#
# Makes firewalld on this node agree with the site file, change by change:
# what is so already is left alone, and nothing is reloaded, because a reload
# throws away what the admin has set at runtime only. What this script changed
# is remembered on the node, so that a later version takes back what it no
# longer asks for, and never anything that was there before it.
set -eu
LC_ALL=C
export LC_ALL
umask 077
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin

site='kitchen-sink'

# wanted prints what has to be so, one "KIND ZONE VALUE" a line. A zone first
# gets what it lets in, then its interfaces, and loses something last: so no
# moment cuts off more than the end does.
wanted() {
	:
	want rule 'dmz' 'rule family="ipv4" source address="10.0.2.11" protocol value="vrrp" accept'
	want rule 'dmz' 'rule family="ipv4" destination address="10.0.2.100" port port="389" protocol="tcp" accept'
	want rule 'dmz' 'rule family="ipv4" destination address="10.0.2.12" port port="10443" protocol="tcp" accept'
	want rule 'dmz' 'rule family="ipv4" destination address="10.0.2.100" port port="10443" protocol="tcp" accept'
	want rule 'internal' 'rule family="ipv4" source address="10.0.0.11" protocol value="vrrp" accept'
	want rule 'internal' 'rule family="ipv4" destination address="10.0.0.12" port port="10443" protocol="tcp" accept'
	want rule 'internal' 'rule family="ipv4" destination address="10.0.0.100" port port="10443" protocol="tcp" accept'
	want rule 'internal' 'rule family="ipv4" source address="10.0.0.0/24" destination address="10.0.0.12" port port="9000" protocol="tcp" accept'
	want rule 'internal' 'rule family="ipv4" source address="192.168.0.0/16" destination address="10.0.0.12" port port="9000" protocol="tcp" accept'
	want rule 'internal' 'rule family="ipv4" source address="10.0.0.11" destination address="10.0.0.12" port port="10001" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" source address="192.0.2.11" protocol value="vrrp" accept'
	want rule 'public' 'rule family="ipv6" source address="2001:db8:1::11" protocol value="vrrp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.100" port port="80" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.101" port port="80" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.101" port port="8443" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.101" port port="9443" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.100" port port="443" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.101" port port="443" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.12" port port="80" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv6" destination address="2001:db8:1::12" port port="80" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.12" port port="10443" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.100" port port="10443" protocol="tcp" accept'
	want rule 'public' 'rule family="ipv4" destination address="192.0.2.101" port port="10443" protocol="tcp" accept'
	want interface 'dmz' 'eth2'
	want interface 'internal' 'eth0'
	want interface 'public' 'wan0'
	want -forward 'dmz' -
	want -forward 'public' -
	want -service 'dmz' 'ssh'
	want -service 'public' 'ssh'
	want -service 'public' 'cockpit'
}

want() { printf '%s %s %s\n' "$1" "$2" "$3"; }

usage() {
	cat <<'EOF'
Usage: sh firewalld.sh [--dry-run] [--offline] [--root DIR] [--remove | --undo]

Makes firewalld agree with the site file. Prints each change, and nothing
where there is none.

  --dry-run   print what would change, and change nothing
  --offline   write firewalld's files although it is not running (this is also
              what happens without the option when it is not running)
  --root DIR  work on the files of the image in DIR, not on this machine
  --remove    take back all that this site has changed
  --undo      take back what the last run changed (for install.sh)
  --help      print this

Exit code: 0 done; 1 failed, nothing was changed or all of it was taken back;
2 wrong usage; 4 failed, and not everything could be taken back.
EOF
}

# say may find its reader gone (a lost ssh connection): that must not stop the
# run half-way.
say() { printf '%s\n' "$*" || :; }
warn() { printf 'firewalld.sh: %s\n' "$*" >&2 || :; }

fail() {
	warn "$1"
	[ ! -s "$work/err" ] || sed 's/^/  /' "$work/err" >&2 || :
	exit 1
}

misuse() {
	warn "$1 (--help says more)"
	exit 2
}

# --- firewalld ---------------------------------------------------------------

# fw LAYER ARGUMENT... talks to the running firewalld, or to its files. The
# files are firewalld's own: they get its usual mode, not this script's.
fw() {
	layer=$1
	shift
	umask 022
	case $mode-$layer in
	offline-*) offline "$@" ;;
	*-permanent) firewall-cmd --permanent "$@" ;;
	*) firewall-cmd "$@" ;;
	esac >"$work/out" 2>"$work/err" </dev/null && rc=0 || rc=$?
	umask 077
	return "$rc"
}

offline() {
	if [ -z "$root" ]; then
		firewall-offline-cmd "$@"
	elif [ -d "$root/usr/lib/firewalld" ]; then
		firewall-offline-cmd --system-config "$root/etc/firewalld" --default-config "$root/usr/lib/firewalld" "$@"
	else
		firewall-offline-cmd --system-config "$root/etc/firewalld" "$@"
	fi
}

# query LAYER ZONE OPTION says yes (0) or no (1); anything else is a failure,
# an unknown zone for instance.
query() {
	fw "$1" --zone="$2" "$3" && return 0
	[ "$rc" -eq 1 ] || fail "zone $2: firewalld does not answer $3"
	return 1
}

# has_rule LAYER ZONE RULE lists a zone's rules as they were before this run,
# once: each question to firewalld takes a tenth of a second. Only where there
# are other rules may this one be among them in another spelling.
has_rule() {
	list=$work/rules.$1.$2
	if [ ! -e "$list" ]; then
		fw "$1" --zone="$2" --list-rich-rules || fail "zone $2: its rules cannot be listed"
		mv "$work/out" "$list"
	fi
	grep -Fqx -e "$3" "$list" && return 0
	grep -q . "$list" || return 1
	query "$1" "$2" --query-rich-rule="$3"
}

# holds LAYER KIND ZONE VALUE says whether it is so already. A kind with a
# minus is something to be taken away.
holds() {
	case $2 in
	rule) has_rule "$1" "$3" "$4" ;;
	forward) query "$1" "$3" --query-forward ;;
	service) query "$1" "$3" --query-service="$4" ;;
	interface) [ "$(zone_of "$1" "$4")" = "$3" ] ;;
	-*) ! holds "$1" "${2#-}" "$3" "$4" ;;
	esac
}

# zone_of LAYER INTERFACE prints the zone, or - where it has none of its own.
# Asked for the permanent one, firewall-cmd knows NetworkManager's answer too.
zone_of() {
	if fw "$1" --get-zone-of-interface="$2"; then
		cat "$work/out"
	else
		printf '%s\n' -
	fi
}

# put LAYER KIND ZONE VALUE makes it so.
put() {
	case $2 in
	rule) fw "$1" --zone="$3" --add-rich-rule="$4" ;;
	-rule) fw "$1" --zone="$3" --remove-rich-rule="$4" ;;
	forward) fw "$1" --zone="$3" --add-forward ;;
	-forward) fw "$1" --zone="$3" --remove-forward ;;
	service) fw "$1" --zone="$3" --add-service="$4" ;;
	-service) remove_service "$1" "$3" "$4" ;;
	interface) put_interface "$1" "$3" "$4" ;;
	esac
}

# remove_service: offline, --remove-service means something else (it is a
# left-over of lokkit).
remove_service() {
	if [ "$mode" = offline ]; then
		fw "$1" --zone="$2" --remove-service-from-zone="$3"
	else
		fw "$1" --zone="$2" --remove-service="$3"
	fi
}

put_interface() {
	if [ "$2" != - ]; then
		fw "$1" --zone="$2" --change-interface="$3"
	else
		now=$(zone_of "$1" "$3")
		[ "$now" = - ] || fw "$1" --zone="$now" --remove-interface="$3"
	fi
}

# --- changes, and the way back -----------------------------------------------

# change LAYER KIND ZONE VALUE [FORMER-ZONE] makes it so and notes the opposite
# first, so that even a run that is killed has said what it did.
change() {
	[ -z "$dry" ] || return 0
	case $2 in
	interface) undo="$1 interface $5 $4" ;;
	-*) undo="$1 ${2#-} $3 $4" ;;
	*) undo="$1 -$2 $3 $4" ;;
	esac
	printf '%s\n' "$undo" >>"$state.undo"
	put "$@" || fail "zone $3: $(describe "$2" "$4") failed ($1)"
}

# take_back undoes the noted changes, the last one first. It goes on after a
# failure: what can be put back is.
take_back() {
	failed=
	sed '1!G;h;$!d' "$state.undo" >"$work/undo"
	while read -r layer kind zone value; do
		put "$layer" "$kind" "$zone" "$value" || {
			failed=1
			warn "zone $zone: $(describe "$kind" "$value") failed while taking back ($layer):"
			sed 's/^/  /' "$work/err" >&2 || :
		}
	done <"$work/undo"
	[ -z "$failed" ] || return 1
	if [ -e "$state.before" ]; then mv -f "$state.before" "$state"; else rm -f "$state"; fi
	rm -f "$state.undo"
}

describe() {
	case $1 in
	rule) printf 'add %s' "$2" ;;
	-rule) printf 'remove %s' "$2" ;;
	forward) printf 'forward between its interfaces' ;;
	-forward) printf 'do not forward between its interfaces' ;;
	service) printf 'let in service %s' "$2" ;;
	-service) printf 'no longer let in service %s' "$2" ;;
	interface) printf 'take interface %s' "$2" ;;
	esac
}

announce() {
	say "zone $2: $(describe "$1" "$3")"
	[ "$1 $3" != "-service ssh" ] || warn_admin "$2"
}

# warn_admin ZONE: the admin's own connection lives on when its zone loses ssh,
# and the next one does not come in.
warn_admin() {
	# shellcheck disable=SC2086 # it is four words: client, port, server, port
	set -- "$1" ${SSH_CONNECTION:-}
	[ $# -eq 5 ] && [ "$mode" = online ] || return 0
	nic=$(ip -o addr | awk -v ip="$4" '{ split($4, a, "/") } a[1] == ip { print $2; exit }')
	[ -n "$nic" ] || return 0
	grep -Fqx "interface $1 $nic" "$work/wanted" || holds runtime interface "$1" "$nic" || return 0
	warn "you are logged in through $nic, in zone $1: this connection stays, but there will be no new one"
}

# --- what is remembered ------------------------------------------------------
# Each line is "KIND ZONE OWN VALUE". OWN says what this script changed: both
# layers, or the permanent one only because the runtime one was so before; for
# an interface it is its former zones, PERMANENT,RUNTIME.

# owned KIND ZONE VALUE prints OWN as an earlier run left it, or nothing.
owned() {
	while read -r kind_ zone_ own_ value_; do
		[ "$kind_ $zone_ $value_" = "$1 $2 $3" ] || continue
		printf '%s\n' "$own_"
		return 0
	done <"$work/old"
}

# former INTERFACE prints OWN of the interface, whichever zone it was moved to.
former() {
	while read -r kind_ _ own_ value_; do
		[ "$kind_ $value_" = "interface $1" ] || continue
		printf '%s\n' "$own_"
		return 0
	done <"$work/old"
}

# save FILE... writes what is remembered, all of it or nothing.
save() {
	[ -z "$dry" ] || return 0
	{
		printf '# What firewalld.sh of lbgen has changed for site %s. Do not edit.\n' "$site"
		cat "$@"
	} >"$state.new" && mv -f "$state.new" "$state"
}

# remember KIND ZONE OWN VALUE goes to disk before the change is made.
remember() {
	printf '%s %s %s %s\n' "$@" >>"$work/new"
	save "$work/new" "$work/old" || fail "$state cannot be written"
}

# --- the run -----------------------------------------------------------------

ensure() {
	if [ "$1" = interface ]; then
		ensure_interface "$2" "$3"
	else
		ensure_item "$1" "$2" "$3"
	fi
}

ensure_item() {
	missing=
	for layer_ in $layers; do
		holds "$layer_" "$1" "$2" "$3" || missing="$missing $layer_"
	done
	own=$(owned "$1" "$2" "$3")
	if [ -z "$own" ]; then
		case $missing in
		" $layers") own=both ;;
		*permanent*) own=permanent ;;
		esac
	fi
	[ -z "$own" ] || remember "$1" "$2" "$own" "$3"
	[ -z "$missing" ] || announce "$1" "$2" "$3"
	for layer_ in $missing; do
		change "$layer_" "$1" "$2" "$3"
	done
}

ensure_interface() {
	own=$(former "$2")
	permanent=$(zone_of permanent "$2")
	runtime=$permanent
	[ "$mode" = offline ] || runtime=$(zone_of runtime "$2")
	[ -n "$own" ] || [ "$permanent" = "$1" ] || own=$permanent,$runtime
	[ -z "$own" ] || remember interface "$1" "$own" "$2"
	[ "$permanent $runtime" != "$1 $1" ] || return 0
	announce interface "$1" "$2"
	[ "$mode" = online ] || tell_networkmanager "$1" "$2"
	[ "$permanent" = "$1" ] || change permanent interface "$1" "$2" "$permanent"
	[ "$mode" = online ] || return 0
	# NetworkManager may have taken the running zone along.
	runtime=$(zone_of runtime "$2")
	[ "$runtime" = "$1" ] || change runtime interface "$1" "$2" "$runtime"
}

tell_networkmanager() {
	[ -d "$root/etc/NetworkManager" ] || return 0
	warn "NetworkManager is not reached offline: if it manages $2, set connection.zone to $1 there as well"
}

# release KIND ZONE OWN VALUE takes back what an earlier run did.
release() {
	case $1 in
	interface) release_interface "$2" "$3" "$4" ;;
	-*) release_item "${1#-}" "$2" "$3" "$4" ;;
	*) release_item "-$1" "$2" "$3" "$4" ;;
	esac
}

release_item() {
	said=
	for layer_ in $layers; do
		[ "$3-$layer_" != permanent-runtime ] || continue
		! holds "$layer_" "$1" "$2" "$4" || continue
		[ -n "$said" ] || announce "$1" "$2" "$4"
		said=1
		change "$layer_" "$1" "$2" "$4"
	done
}

# release_interface gives an interface back to its former zone, unless somebody
# else has moved it since or this version wants it elsewhere.
release_interface() {
	! grep -Eq "^interface [^ ]+ $3\$" "$work/wanted" || return 0
	said=
	for layer_ in $layers; do
		back=${2%,*}
		[ "$layer_" = permanent ] || back=${2#*,}
		[ "$back" != "$1" ] || continue
		holds "$layer_" interface "$1" "$3" || continue
		[ -n "$said" ] || say "zone $1: give back interface $3"
		said=1
		change "$layer_" interface "$back" "$3" "$1"
	done
}

apply() {
	while read -r kind zone value; do
		ensure "$kind" "$zone" "$value"
	done <"$work/wanted"
	while read -r kind zone own value; do
		grep -Fqx -e "$kind $zone $value" "$work/wanted" || release "$kind" "$zone" "$own" "$value"
	done <"$work/old"
	save "$work/new" || fail "$state cannot be written"
}

# start_notes keeps what was remembered, for the way back.
start_notes() {
	[ -z "$dry" ] || return 0
	(umask 022 && mkdir -p "$root/var/lib") && mkdir -p "${state%/*}"
	[ ! -e "$state" ] || cp -p "$state" "$state.before"
	: >"$state.undo"
	running=1
}

# finish runs at every end. A run that did not get to its end takes back what
# it did; nothing may interrupt that.
finish() {
	status=$?
	trap '' HUP INT TERM
	trap - EXIT
	if [ -n "$running" ]; then
		take_back || status=4
		[ "$status" -eq 4 ] || warn "nothing has changed"
		[ "$status" -ne 4 ] || warn "not everything could be taken back: $state.undo says what is left, from its end upwards"
	fi
	rm -rf "$work" || :
	exit "$status"
}

# find_firewalld sets mode: online, offline, or absent.
find_firewalld() {
	if [ -n "$root" ]; then
		mode=absent
		[ ! -d "$root/etc/firewalld" ] || ! command -v firewall-offline-cmd >/dev/null || mode=offline
		return 0
	fi
	mode=offline
	if command -v firewall-cmd >/dev/null; then
		firewall-cmd --state >"$work/out" 2>"$work/err" </dev/null && mode=online || rc=$?
		# No message bus at all, as in a container or a rescue system, is no
		# firewalld either; any other answer leaves its state in doubt.
		[ "$mode" = online ] || [ "$rc" -eq 252 ] || grep -q 'Failed to connect to socket' "$work/err" ||
			fail "firewalld is neither running nor stopped: $(cat "$work/out")"
	fi
	[ "$mode" = online ] || command -v firewall-offline-cmd >/dev/null || mode=absent
}

# tell_absent: whoever uses another firewall has to know what it must let in.
tell_absent() {
	[ -s "$work/wanted" ] || return 0
	warn "there is no firewalld${root:+ in $root}, so nothing was done. The firewall that you use has to do this:"
	while read -r kind zone value; do
		printf '  zone %s: %s\n' "$zone" "$(describe "$kind" "$value")" >&2
	done <"$work/wanted"
}

dry=
root=
offline=
task=apply
running=
while [ $# -gt 0 ]; do
	case $1 in
	--dry-run) dry=1 ;;
	--offline) offline=1 ;;
	--remove) task=remove ;;
	--undo) task=undo ;;
	--root)
		[ -d "${2:-}" ] || misuse "--root needs a directory"
		root=$(cd "$2" && pwd -P)
		[ "$root" != / ] || misuse "--root / is this machine: use --offline"
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

[ "$(id -u)" -eq 0 ] || misuse "it has to run as root"
state=$root/var/lib/lbgen/$site.firewalld
work=$(mktemp -d)
trap finish EXIT
trap 'exit 1' HUP INT TERM
: >"$work/err"
: >"$work/new"
: >"$work/old"
: >"$work/wanted"
[ "$task" = remove ] || wanted >"$work/wanted"
[ ! -e "$state" ] || grep -v '^#' "$state" >"$work/old" || :

# The way back of an earlier run must not be taken for that of this one.
[ -n "$dry" ] || [ "$task" = undo ] || rm -f "$state.undo" "$state.before"
find_firewalld
layers="permanent runtime"
case $mode in
absent)
	tell_absent
	exit 0
	;;
offline)
	layers=permanent
	[ -n "$root$offline" ] || [ ! -s "$work/wanted" ] ||
		warn "firewalld is not running: the rules are written for its next start"
	;;
online) [ -z "$offline" ] || misuse "firewalld is running: --offline would change files behind its back" ;;
esac

if [ "$task" = undo ]; then
	[ -e "$state.undo" ] || exit 0
	take_back || exit 4
	exit 0
fi
start_notes
apply
running=
[ "$task" = apply ] || [ -n "$dry" ] || rm -f "$state"
