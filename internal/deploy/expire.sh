# What a node's systemd runs where nobody has confirmed an installation in time. $1 is
# the last backup before it.
set -u
LC_ALL=C
export LC_ALL
umask 077
lib=/var/lib/lbgen

# Its lock says whether install.sh runs.
while command -v flock >/dev/null && ! flock -n /run true; do sleep 1; done
newer=$(find "$lib/backup" -mindepth 1 -maxdepth 1 -name '[0-9][0-9][0-9][0-9][0-9][0-9]-*' 2>/dev/null | awk -v old="$1" '$0 > old' | wc -l)
if [ "$newer" -eq 0 ] && [ ! -e "$lib/applying" ]; then
	echo "nothing is left to undo"
elif [ "$newer" -gt 1 ]; then
	echo "install.sh has run once more since: nothing is undone"
else
	echo "nobody has confirmed the installation"
	(cd "$lib/confirm/tree" && sh install.sh --undo) || exit
fi
rm -rf "$lib/confirm"
rmdir "$lib" 2>/dev/null || :
