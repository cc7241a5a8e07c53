#!/bin/sh
# Unpacks HAProxy and Keepalived of another release of Debian into a folder, with the
# libraries that they want, for `make matrix`: nothing of it is installed.
#   debian-daemons.sh SUITE DIR     such as: debian-daemons.sh trixie bin/matrix/trixie
# experimental is taken on top of sid. It needs apt, dpkg-deb and patchelf, and Debian's
# mirror.
set -eu
suite=$1 dir=$2
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
command -v patchelf >/dev/null || { echo 'patchelf is not on this machine: install patchelf' >&2; exit 3; }
mkdir -p "$dir"
dir=$(cd "$dir" && pwd)
apt=$dir/apt
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/parts"
: >"$apt/status" # as if nothing was installed: every library comes along
line() { echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main"; }
case $suite in
experimental) { line sid; line experimental; } >"$apt/sources.list" ;;
*) line "$suite" >"$apt/sources.list" ;;
esac
get() {
	apt-get -qq -o Dir::Etc::sourcelist="$apt/sources.list" -o Dir::Etc::sourceparts="$apt/parts" -o Dir::State="$apt" \
		-o Dir::State::lists="$apt/lists" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" \
		-o Dir::Cache::archives="$apt/archives" -o APT::Sandbox::User=root -o Debug::NoLocking=1 "$@"
}
get update
get -y -t "$suite" --no-install-recommends --download-only install haproxy keepalived
for deb in "$apt"/archives/*.deb; do dpkg-deb -x "$deb" "$dir/root"; done
libraries=$(dirname "$(find "$dir/root/usr/lib" -name 'libc.so.6' | head -n 1)")
loader=$(find "$dir/root/usr" -name 'ld-linux*.so.*' | head -n 1)
for daemon in haproxy keepalived; do
	cp "$dir/root/usr/sbin/$daemon" "$dir/$daemon"
	patchelf --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" "$dir/$daemon"
done
# Keepalived of Debian ends at once without it.
cp "$dir/root/etc/keepalived/keepalived.config-opts" "$dir/" 2>/dev/null || true
"$dir/haproxy" -v | head -n 1
