
# --- begin and end ------------------------------------------------------------

# start_notes keeps what was remembered, for the way back.
start_notes() {
	[ -z "$dry" ] || return 0
	(umask 022 && mkdir -p "$root/var/lib") && mkdir -p "${state%/*}"
	if [ -z "$continued" ] || [ ! -e "$state.undo" ]; then
		[ ! -e "$state" ] || cp -p "$state" "$state.before"
		: >"$state.undo"
	fi
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
continued=
replace=
running=
while [ $# -gt 0 ]; do
	case $1 in
	--dry-run) dry=1 ;;
	--offline) offline=1 ;;
	--remove) task=remove ;;
	--undo) task=undo ;;
	--continue) continued=1 ;;
	--replace)
		case ${2:-} in "" | -* | */*) misuse "--replace needs the name of a site" ;; esac
		replace=$2
		shift
		;;
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
dir=$(cd "${0%/*}" 2>/dev/null && pwd -P) || dir=$(pwd -P)
work=$(mktemp -d)
trap finish EXIT
trap 'exit 1' HUP INT TERM
for part in err new old wanted; do
	: >"$work/$part"
done
read_table
state=$root/var/lib/lbgen/$site.firewalld
[ "$task" != remove ] || : >"$work/wanted"
old=$state
[ -e "$state" ] || [ -z "$replace" ] || old=$root/var/lib/lbgen/$replace.firewalld
[ ! -e "$old" ] || grep -v '^#' "$old" >"$work/old" || :

# The way back of an earlier run must not be taken for that of this one, unless
# this one goes on with it.
[ -n "$dry$continued" ] || [ "$task" = undo ] || rm -f "$state.undo" "$state.before"
# Where nothing is wanted and nothing is to be taken back, firewalld is not asked.
[ -s "$work/wanted" ] || [ -s "$work/old" ] || [ "$task" = undo ] || [ -n "$continued$offline" ] || exit 0
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
