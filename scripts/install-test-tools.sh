#!/bin/sh
# Installs the programs that the tests run and that this machine lacks, from
# its own package manager, and what no distribution has with npm: the YAML
# language server and mermaid, into folders of this repository. No service is
# left running or enabled.
#
#   scripts/install-test-tools.sh            for `make test`
#   scripts/install-test-tools.sh bench      for `make bench`, too
#   scripts/install-test-tools.sh matrix     for `make matrix`, too
#   scripts/install-test-tools.sh release    for `make test-release`, too
#
# What could not be had is named, and the tests that need it are skipped; with
# REQUIRE_DAEMONS=1 it is a failure.
set -eu
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin # where a user's own PATH may not lead

# program, package of Debian and Ubuntu, package of Rocky, Alma and RHEL, and
# the unit that the package would start or enable.
tools() {
	cat <<-'EOT'
		haproxy              haproxy      haproxy     haproxy.service
		keepalived           keepalived   keepalived  keepalived.service
		rsyslogd             rsyslog      rsyslog     rsyslog.service
		logrotate            logrotate    logrotate   logrotate.timer
		firewall-offline-cmd firewalld    firewalld   firewalld.service
		nft                  nftables     nftables    nftables.service
		shellcheck           shellcheck   ShellCheck  -
		killall              psmisc       psmisc      -
		ip                   iproute2     iproute     -
		curl                 curl         curl        -
		sysctl               procps       procps-ng   -
		systemd-analyze      systemd      systemd     -
		systemd-nspawn       systemd-container systemd-container machines.target
		ping                 iputils-ping iputils     -
		openssl              openssl      openssl     -
		dbus-daemon          dbus         dbus-daemon -
		unshare              util-linux   util-linux  -
		setpriv              util-linux   util-linux  -
		newuidmap            uidmap       shadow-utils -
		dash                 dash         dash        -
		node                 nodejs       nodejs      -
		npm                  npm          npm         -
		chromium             chromium     chromium    -
		dot                  graphviz     graphviz    -
		sshd                 openssh-server openssh-server ssh.service
		ssh                  openssh-client openssh-clients -
		tcpdump              tcpdump      tcpdump     -
		arping               iputils-arping iputils   -
		ping                 iputils-ping iputils     -
		ansible-playbook     ansible-core ansible-core -
		ansible-lint         ansible-lint - -
	EOT
	[ "$purpose" != release ] || printf '%s\n' 'rpm rpm rpm -' 'debootstrap debootstrap debootstrap -'
	[ "$purpose" != matrix ] || echo patchelf patchelf patchelf -
}

missing() {
	tools | while read -r program rest; do
		command -v "$program" >/dev/null || echo "$program $rest"
	done
}

# column N of $rows on one line, each word once
column() { echo "$rows" | awk -v n="$1" '$n != "-" { print $n }' | sort -u | paste -s -d ' '; }

say() { echo "install-test-tools: $*" >&2; }

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# On a machine that runs systemd a package's service starts as soon as it is
# installed, or with the next boot: HAProxy with a sample configuration, and
# firewalld with rules that may lock out whoever works there. So the units are
# masked before they exist, and disabled before the mask is lifted. The mask
# lies in /run: if this script is killed half-way, it is gone with a reboot.
hold_services() {
	units=$(column 4)
	if [ -z "$units" ] || [ ! -d /run/systemd/system ]; then
		return 0
	fi
	trap release_services EXIT
	trap 'exit 1' HUP INT TERM
	# shellcheck disable=SC2086 # a list of words
	as_root systemctl mask --quiet --runtime $units
}

release_services() {
	for unit in $units; do
		as_root systemctl unmask --quiet --runtime "$unit" || say "$unit stays masked until the next boot"
		if systemctl cat "$unit" >/dev/null 2>&1; then # it was installed
			as_root systemctl disable --quiet "$unit" || say "see whether $unit is enabled"
		fi
	done
}

# Of one package that apt does not have it installs none: Ubuntu has Chromium as
# a snap only.
known_to_apt() {
	for package; do
		! apt-cache show "$package" >/dev/null 2>&1 || echo "$package"
	done
}

install_with_apt() {
	packages=$(column 2)
	wait_for_lock="-o DPkg::Lock::Timeout=300"
	# shellcheck disable=SC2086 # lists of words
	{
		as_root apt-get $wait_for_lock -q update || say "apt-get update failed: trying with what is known"
		packages=$(known_to_apt $packages)
		as_root env DEBIAN_FRONTEND=noninteractive apt-get $wait_for_lock -q -y -o Dpkg::Options::=--force-confold \
			install --no-install-recommends $packages
	} </dev/null
}

# ShellCheck, dash and Chromium are in EPEL. strict=0 installs what there is if one is not.
install_with_dnf() {
	packages=$(column 3)
	case $packages in
	*ShellCheck* | *dash* | *chromium*) as_root dnf -q -y install epel-release || say "no EPEL here: ShellCheck, dash and Chromium come from there" ;;
	esac
	# shellcheck disable=SC2086 # a list of words
	as_root dnf -q -y --setopt=strict=0 --setopt=install_weak_deps=False install $packages
} </dev/null

install() {
	if command -v apt-get >/dev/null; then
		with=apt
	elif command -v dnf >/dev/null; then
		with=dnf
	else
		say "there is neither apt-get nor dnf"
		return 1
	fi
	if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
		say "installing packages needs root, or sudo"
		return 1
	fi
	hold_services
	"install_with_$with"
}

# What a folder's package-lock.json pins is there afterwards: another version is replaced.
install_pinned() (
	cd "$(dirname "$0")/../$1" || exit
	cmp -s package-lock.json node_modules/pinned-by && exit
	npm ci --loglevel=error </dev/null >&2 && cp package-lock.json node_modules/pinned-by
)

purpose=${1:-test}
rows=$(missing)
if [ -n "$rows" ]; then
	say "not on this machine: $(column 1)"
	install || say "the installation failed"
	rows=$(missing)
fi
absent=$(column 1)
if [ "$purpose" != bench ]; then
	install_pinned schema/testdata/editor || absent="${absent:+$absent }yaml-language-server"
	install_pinned internal/graph/testdata/mermaid || absent="${absent:+$absent }mermaid"
fi
[ -n "$absent" ] || exit 0
say "still missing: $absent"
[ "${REQUIRE_DAEMONS:-}" != 1 ] || exit 1
say "the tests that need them will be skipped"
