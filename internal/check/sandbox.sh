# Runs a command in a sandbox: a root of its own, in namespaces of its own.
#   sandbox.sh ROOT NETWORK LOOSE [FROM TO]... -- COMMAND...
# NETWORK is a file of `ip` commands, or empty. Each FROM of the machine is
# bound read-only at TO within ROOT. LOOSE is "yes" in a user namespace: there
# the kernel may refuse read-only, and the command cannot write to root's files
# in any case. The command keeps only the capabilities that a checker may need
# within the sandbox; with those that are gone it could undo the binding.
set -eu
root=$1 network=$2 loose=$3
shift 3
[ -z "$network" ] || ip -batch "$network"
while [ "$1" != -- ]; do
	if ! mount -o rbind,ro "$1" "$root$2" 2>/dev/null; then
		[ "$loose" = yes ] && mount -o rbind "$1" "$root$2"
	fi
	shift 2
done
shift
exec chroot "$root" setpriv \
	--bounding-set=-all,+chown,+dac_override,+fowner,+fsetid,+setgid,+setuid,+net_admin,+net_raw,+net_bind_service \
	-- "$@"
