# Starts the box, $1, and waits for its end, to remove its control groups. The
# mounts that it makes are seen by it and the box alone.
set -eu
trap '' HUP INT TERM
cgroups=/sys/fs/cgroup
# The machine may have cgroup v1 or both: nodes get v2, as their distributions have it.
mount -t cgroup2 cgroup2 "$cgroups"

remove() { find "$1" -depth -type d -exec rmdir {} + 2>/dev/null || :; }

# What is left where a keeper was killed has no process in it.
for old in "$cgroups"/lbgen-nodes-*; do
	if [ -n "$(find "$old" -maxdepth 0 -mmin +1 2>/dev/null)" ] && grep -q 'populated 0' "$old/cgroup.events"; then
		remove "$old"
	fi
done

mine=$cgroups/lbgen-nodes-$$
mkdir "$mine" "$mine/box"
exec 3<&0
(echo 0 >"$mine/box/cgroup.procs" && exec unshare -mnp --fork --mount-proc --kill-child sh -euc "$1" box "$mine") <&3 &
unshare=$!
while kill -0 "$unshare" 2>/dev/null; do
	box=
	read -r box <"/proc/$unshare/task/$unshare/children" || : # no line end there
	[ -z "$box" ] || break
	sleep 0.02
done
echo "box $box"
wait "$unshare" || :
remove "$mine"
