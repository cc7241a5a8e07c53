#!/bin/sh
# Runs a command with its temporary files in memory, where that can be had:
#
#   scripts/in-memory.sh go test ./...
#
# The tests make and remove a great many small files. On a disk that may be most
# of what they cost. It takes root: in a mount namespace that ends with the command
# there is a tmpfs on /mnt. Anybody else keeps the folder that he has.
set -eu
case $(id -u)-$(stat -f -c %T "${TMPDIR:-/tmp}")-$PWD/ in
*-tmpfs-* | 0-*-/mnt/*) exec "$@" ;;
0-*) [ ! -d /mnt ] || ! unshare -m true 2>/dev/null || exec unshare -m --propagation private \
	sh -c 'mount -t tmpfs -o mode=1777 tests /mnt && TMPDIR=/mnt && export TMPDIR && exec "$@"' sh "$@" ;;
esac
exec "$@"
