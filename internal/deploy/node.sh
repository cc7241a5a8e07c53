# What lbgen deploy runs on a node: functions, and behind them one call. The tree of
# the node comes on standard input, as a tar file.
set -u
LC_ALL=C
export LC_ALL
umask 077
lib=/var/lib/lbgen

say() { printf '%s\n' "$*" || :; }

# newest prints the last backup that install.sh has made.
newest() { find "$lib/backup" -mindepth 1 -maxdepth 1 -name '[0-9]*' 2>/dev/null | sort | tail -n 1; }

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

# install ARGUMENT... installs the tree.
install() {
	unpack
	go_on "$@"
	exit "$code"
}

# undo BACKUP takes back what was installed since that was the last backup.
undo() {
	unpack
	if [ "$(newest)" = "$1" ]; then
		say "nothing was changed here"
		exit 123
	fi
	go_on --undo
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
