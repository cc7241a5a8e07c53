#!/bin/sh
# Runs the tests that ask the daemons with other ones than those of this machine: the
# golden trees, the table of versions, the behaviour tests and one rehearsal.
#   matrix.sh DIR-OR-SUITE...
# A DIR has programs named haproxy and keepalived, or one of them. A SUITE is a release
# of Debian (trixie, sid, experimental): its packages are unpacked into bin/matrix.
set -eu
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || { echo 'name a folder with other daemons, or a release of Debian' >&2; exit 2; }
CGO_ENABLED=0 go build -o bin/lbgen ./cmd/lbgen
failed=''

# with runs a command with the daemons of a folder. Debian's Keepalived wants a file
# that this machine need not have: it is seen by the command alone.
with() {
	dir=$1
	shift
	if [ -f "$dir/keepalived.config-opts" ] && [ -d /etc/keepalived ] && [ "$(id -u)" = 0 ]; then
		# shellcheck disable=SC2016 # the inner shell reads its own words
		PATH="$dir:$PATH" unshare --mount sh -c 'mount -t tmpfs none /etc/keepalived && cp "$0" /etc/keepalived/ && exec "$@"' \
			"$dir/keepalived.config-opts" "$@"
	else
		PATH="$dir:$PATH" "$@"
	fi
}

step() {
	echo "-- $*"
	with "$at" "$@" || failed="$failed
$at: $*"
}

for one; do
	at=$one
	if [ ! -d "$one" ]; then
		at=bin/matrix/$one
		[ -x "$at/haproxy" ] || scripts/debian-daemons.sh "$one" "$at"
	fi
	at=$(cd "$at" && pwd)
	echo "== $one: $("$at/haproxy" -v 2>/dev/null | head -n 1)"
	step go test -count=1 ./internal/versions -run 'Agrees$'
	step go test -count=1 ./cmd/lbgen -run '^TestGolden'
	step go test -count=1 ./internal/check
	step go test -count=1 ./internal/behaviour
	step bin/lbgen rehearse -q "${REHEARSED:-examples/prslb.yaml}"
done
[ -z "$failed" ] || { echo "FAILED:$failed"; exit 1; }
