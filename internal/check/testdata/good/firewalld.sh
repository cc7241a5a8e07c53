#!/bin/sh
# Opens what the site needs. --offline: changes the files, for images.
set -eu
cmd=firewall-cmd
if [ "${1:-}" = --offline ]; then cmd=firewall-offline-cmd; fi

rule() {
	"$cmd" --zone="$1" --query-rich-rule="$2" >/dev/null 2>&1 || "$cmd" --zone="$1" --add-rich-rule="$2" >/dev/null
}

"$cmd" --zone=dmz --add-protocol=vrrp >/dev/null
rule dmz 'rule family="ipv4" destination address="172.16.110.70" port port="80" protocol="tcp" accept'
rule public 'rule family="ipv4" source address="192.168.11.0/24" port port="8404" protocol="tcp" accept'
