package pair

import "strings"

// Wanted are the files and folders of a node, without the leading slash, that say
// what it does: those that lbgen reads of a pair, and those that it would render.
func Wanted() []string {
	return strings.Fields(`etc/hostname etc/os-release usr/lib/os-release etc/debian_version etc/redhat-release
		etc/haproxy etc/keepalived etc/default/haproxy etc/default/keepalived etc/sysconfig/haproxy etc/sysconfig/keepalived
		etc/systemd/system/haproxy.service etc/systemd/system/haproxy.service.d
		etc/systemd/system/keepalived.service etc/systemd/system/keepalived.service.d
		usr/lib/systemd/system/haproxy.service usr/lib/systemd/system/keepalived.service
		lib/systemd/system/haproxy.service lib/systemd/system/keepalived.service
		etc/sysctl.conf etc/sysctl.d etc/rsyslog.conf etc/rsyslog.d etc/logrotate.d/haproxy etc/logrotate.d/keepalived
		etc/tmpfiles.d usr/libexec/keepalived etc/firewalld/zones`)
}

// Unwanted are the names of files that stay on the node: private keys, or what may
// hold one, and what the daemons keep open.
func Unwanted() []string {
	return strings.Fields("*.pem *.key *.p12 *.pfx *.jks *.sock *.gz *.bak *~")
}

// CollectCommand is the shell command that writes a tar file of them to standard
// output, run as root on the node. It reads and changes nothing. What is not there is
// left out.
func CollectCommand() string {
	return "cd / && for f in " + strings.Join(Wanted(), " ") + `; do [ ! -e "$f" ] || echo "$f"; done | ` +
		"tar -cf - " + excluded() + " -T -"
}

func excluded() string {
	var b strings.Builder
	for _, name := range Unwanted() {
		b.WriteString(" --exclude='" + name + "'")
	}
	return b.String()[1:]
}
