# What lbgen deploy runs on a node: functions, and behind them one call. The tree of
# the node comes on standard input, as a tar file.
set -u
LC_ALL=C
export LC_ALL
umask 077
lib=/var/lib/lbgen keep=/var/lib/lbgen/confirm

say() { printf '%s\n' "$*" || :; }

# newest prints the last backup that install.sh has made.
newest() { find "$lib/backup" -mindepth 1 -maxdepth 1 -name '[0-9][0-9][0-9][0-9][0-9][0-9]-*' 2>/dev/null | sort | tail -n 1; }

# sweep removes trees of runs that were cut off: those whose install.sh has ended, and
# those that never began and are of an hour ago.
sweep() {
	for old in /var/tmp/lbgen.??????; do
		[ -d "$old" ] || continue
		if [ -e "$old/.pid" ]; then
			! kill -0 "$(cat "$old/.pid")" 2>/dev/null || continue
		else
			[ -n "$(find "$old" -maxdepth 0 -mmin +60)" ] || continue
		fi
		rm -rf "$old"
	done
}

# unpack sets d to a folder with the tree that is read, or leaves nothing of it.
unpack() {
	sweep
	d=$(mktemp -d /var/tmp/lbgen.XXXXXX) || exit 125
	trap 'rm -rf "$d"' EXIT
	trap 'exit 125' HUP INT TERM PIPE
	tar -xf - -C "$d" || exit 125
	[ -f "$d/MANIFEST" ] || { say "the tree has not arrived whole" && exit 125; }
}

# go_on runs install.sh with ARGUMENT... to its end, whatever becomes of this shell and
# of the connection, and sets code to its exit code.
go_on() {
	trap - EXIT
	# shellcheck disable=SC2016 # it is that shell's
	setsid -w sh -c 'echo $$ >"$1/.pid"; cd "$1" && shift && sh install.sh "$@" >.out 2>&1 </dev/null' lbgen "$d" "$@" &
	trap '' HUP INT TERM PIPE
	wait $!
	code=$?
	cat "$d/.out"
	rm -rf "$d"
}

# runs UNIT says whether systemd has it active.
runs() { systemctl is-active --quiet "$1" </dev/null; }

# must_not_wait ends where an installation waits here for its confirmation: its time
# would undo what comes now.
must_not_wait() {
	if ! runs lbgen-undo.timer && ! runs lbgen-undo.service; then
		rm -rf "$keep" # of a node that was rebooted meanwhile
		return 0
	fi
	say "an installation waits here for its confirmation, or goes back by itself"
	systemctl list-timers --no-pager --no-legend lbgen-undo.timer || :
	say "systemctl stop lbgen-undo.timer keeps it, systemctl start lbgen-undo.service takes it back now"
	exit 120
}

# after SECONDS UNIT COMMAND... has systemd run a command, whatever becomes of all else.
after() {
	seconds=$1 unit=$2
	shift 2
	systemctl stop "$unit.timer" 2>/dev/null </dev/null || :
	systemctl reset-failed "$unit.service" 2>/dev/null </dev/null || :
	systemd-run --quiet --unit="$unit" --on-active="${seconds}s" --timer-property=AccuracySec=1s "$@" </dev/null 2>&1
}

# arm SECONDS PROGRAM has PROGRAM undo what comes now. It keeps the tree.
arm() {
	rm -rf "$keep" && mkdir -p "$keep" && cp -R "$d" "$keep/tree" && printf '%s' "$2" >"$keep/expire.sh" &&
		after "$1" lbgen-undo sh "$keep/expire.sh" "$(newest)"
}

disarm() {
	[ -e "$keep" ] || return 0
	systemctl stop lbgen-undo.timer 2>/dev/null </dev/null || :
	rm -rf "$keep"
	rmdir "$lib" 2>/dev/null || :
}

# install ARGUMENT... installs the tree.
install() {
	[ "${1:-}" = --dry-run ] || must_not_wait
	unpack
	go_on "$@"
	exit "$code"
}

# install_for SECONDS PROGRAM installs the tree, and has PROGRAM undo it after so long
# unless confirm is called before.
install_for() {
	must_not_wait
	unpack
	arm "$1" "$2" || {
		disarm
		say "nothing can be undone by itself here: it takes systemd-run, and room in $lib"
		exit 119
	}
	go_on
	case $code in
	0) systemctl stop lbgen-start.timer 2>/dev/null </dev/null || : ;;
	[1-3]) disarm ;; # nothing was changed; of all else it takes care
	esac
	exit "$code"
}

# stop_for SECONDS stops Keepalived, and has it start after so long.
stop_for() {
	must_not_wait
	after "$1" lbgen-start systemctl start keepalived.service || exit 119
	systemctl stop keepalived.service
}

# confirm keeps what was installed: 121 where it goes back already.
confirm() {
	runs lbgen-undo.timer || exit 121
	systemctl stop lbgen-undo.timer </dev/null || exit 121
	! runs lbgen-undo.service && [ -d "$keep" ] || exit 121
	rm -rf "$keep"
}

# is_back BACKUP waits while the node goes back by itself, and ends where it has.
is_back() {
	while runs lbgen-undo.service; do sleep 1; done
	[ "$(newest)" = "$1" ] && [ ! -e "$lib/applying" ] || return 0
	say "nothing is left to undo here"
	disarm
	exit 123
}

# undo BACKUP takes back what was installed since that was the last backup.
undo() {
	unpack
	is_back "$1"
	go_on --undo
	[ "$code" -ne 1 ] || is_back "$1" # it went back by itself meanwhile
	[ "$code" -ne 0 ] || disarm
	exit "$code"
}

# became SITE SUM says what became of the installation of the tree whose MANIFEST has
# this sum: 0 it is installed, 1 it is not, 4 it is half done.
became() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
		sweep
		set -- "$1" "$2" /var/tmp/lbgen.??????
		[ -e "$3" ] || break
		sleep 2
	done
	[ ! -e "$3" ] || exit 3
	[ ! -e "$lib/applying" ] || exit 4
	[ "$(sha256sum 2>/dev/null <"$lib/$1.manifest" | cut -d ' ' -f 1)" = "$2" ] || exit 1
}
