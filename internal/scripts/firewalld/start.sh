#!/bin/sh
# firewalld.sh of lbgen. Do not edit: it is the same for every node.
#
# Makes firewalld on this node agree with firewalld.table beside it, change by
# change: what is so already is left alone, and nothing is reloaded, because a
# reload throws away what the admin has set at runtime only. What this script
# changed is remembered on the node, so that a later version takes back what it
# no longer asks for, and never anything that was there before it.
set -eu
LC_ALL=C
export LC_ALL
umask 077
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin

usage() {
	cat <<'EOF'
Usage: sh firewalld.sh [--dry-run] [--offline] [--root DIR] [--replace SITE]
                       [--remove | --undo | --continue]

Makes firewalld agree with the site file. Prints each change, and nothing
where there is none.

  --dry-run   print what would change, and change nothing
  --offline   write firewalld's files although it is not running (this is also
              what happens without the option when it is not running)
  --root DIR  work on the files of the image in DIR, not on this machine
  --remove    take back all that this site has changed
  --replace SITE  what was remembered for SITE counts as remembered for this one
  --undo      take back what the last run changed (for install.sh)
  --continue  finish what a run that was cut off has begun (for install.sh)
  --help      print this

Exit code: 0 done; 1 failed, nothing was changed or all of it was taken back;
2 wrong usage; 4 failed, and not everything could be taken back.
EOF
}

# read_table reads firewalld.table: the site, and one "KIND ZONE VALUE" a line of
# what has to be so. A zone first gets what it lets in, then its interfaces, and
# loses something last: so no moment cuts off more than the end does. The words
# are data: each becomes one argument of firewalld's own programs.
read_table() {
	site=
	[ -f "$dir/firewalld.table" ] || fail "$dir has no firewalld.table: the tree is not whole, copy it again"
	while read -r kind zone value; do
		case $kind in "" | "#"*) continue ;; esac
		is_row "$kind" "$zone" "$value" || fail "$dir/firewalld.table is damaged at: $kind $zone $value"
		case $kind in
		site) site=$zone ;;
		*) printf '%s %s %s\n' "$kind" "$zone" "$value" >>"$work/wanted" ;;
		esac
	done <"$dir/firewalld.table"
	[ -n "$site" ] || fail "$dir/firewalld.table names no site: the tree is not whole, copy it again"
}

# is_row KIND ZONE VALUE says whether it is a row that lbgen writes.
is_row() {
	is_word "$2" || return 1
	case $1-$3 in
	site-) ;;
	"rule-rule "?*) ;;
	interface-?* | -service-?*) is_word "$3" ;;
	-forward--) ;;
	*) return 1 ;;
	esac
}

# is_word: letters, digits, _ . and -, with a letter or digit first.
is_word() { case $1 in "" | [!A-Za-z0-9]* | *[!A-Za-z0-9_.-]*) return 1 ;; esac }

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
