#!/bin/sh
# install.sh of lbgen. Do not edit: it is the same for every node.
#
# Installs the tree that it stands in on this node and turns it on: checks
# everything with the daemons of this machine first, keeps a backup, reloads or
# restarts only what changed, and puts everything back where a step fails. What
# is installed, with which mode and owner, and which daemon has to hear of it,
# stands in MANIFEST; what else is to be known of the node, in node.table. Both
# are read as data, and nothing in them is ever run. docs/install.md says more.
set -eu
LC_ALL=C
export LC_ALL
umask 077
PATH=$PATH:/usr/sbin:/usr/bin:/sbin:/bin

usage() {
	cat <<EOF
Usage: sh install.sh [--dry-run] [--keep-vip] [--allow-warnings]
                     [--any-platform] [--replace SITE] [--root DIR]
       sh install.sh --undo [--dry-run] [--root DIR]
       sh install.sh --list [--root DIR]

Installs the files of the node that it stands beside and turns them on. Never asks.

  --dry-run         check everything, print what would be done, change nothing
  --keep-vip        refuse where a virtual address would, or may, leave this node
  --allow-warnings  install although haproxy -c warns
  --any-platform    install although the machine is not of the tree's platform
  --replace SITE    this site takes the place of SITE, which is installed here:
                    what SITE has and this one has not is taken away
  --root DIR        install into the image in DIR: no service, sysctl or SELinux
                    setting of this machine is touched
  --undo            go back to the last backup: what the last run changed, or the
                    run that was cut off
  --list            print the backups, the oldest first
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
