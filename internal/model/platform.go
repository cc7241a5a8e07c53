package model

import (
	"strings"
	"sync"
)

// Platform is what a distribution decides: paths, names and versions. Adding a
// platform is adding one row to the table below.
type Platform struct {
	Name   string
	Family string // rhel or debian
	// The versions that the distribution's own packages have; what lbgen writes
	// agrees with them.
	HAProxy, Keepalived string
	User, Group         string // that HAProxy runs as
	Program             string // HAProxy's
	Unit                bool   // the package's haproxy.service runs that program
	Config              string // folder of haproxy.cfg
	// ConfigFolder is the variable with which the unit is told of a folder that
	// it reads beside haproxy.cfg, "" where there is none.
	ConfigFolder string
	Chroot       string // HAProxy's
	StatsSocket  string // HAProxy's runtime socket
	Logs         string // folder of HAProxy's log files
	// CABundle is the file with the authorities that the system believes.
	CABundle string
	// Ciphers names the system's cipher profile, "" where there is none: Red
	// Hat's patch of OpenSSL alone knows PROFILE=SYSTEM.
	Ciphers string
	// OptionFile and OptionVariable are where Keepalived's unit reads its
	// command line from.
	OptionFile, OptionVariable string
	// HAProxyOptionFile and HAProxyOptionVariable are where HAProxy's unit reads
	// its command line from. HAProxyOptions is what the unit has there where the
	// file says nothing.
	HAProxyOptionFile, HAProxyOptionVariable, HAProxyOptions string
	// RsyslogHAProxy is the name of the rule file. On Debian it is the package's
	// own, which listens on the same socket and ends with stop: the last one
	// that listens would get nothing.
	RsyslogHAProxy string
	// RsyslogKeepalived is the name of Keepalived's. It sorts before Ubuntu's
	// 50-default.conf, which would write the lines a second time.
	RsyslogKeepalived string
	// LogOwner and LogGroup own the log directories: rsyslog on Ubuntu gives up
	// root, elsewhere it keeps it.
	LogOwner, LogGroup string
	// HUP makes rsyslog open its files again after a rotation, as the
	// distribution's own logrotate files do it.
	HUP string
	// Firewalld says whether the distribution comes with firewalld.
	Firewalld bool
}

// platforms is sorted by name. Versions: dnf repositories of Rocky 9.5 and 10.0,
// the Debian 12 and 13 and Ubuntu 22.04 and 24.04 archives, read in November
// 2026; the package pages of Ubuntu 26.04 (HAProxy 3.2.9, Keepalived 2.3.4); RHEL 10
// and AlmaLinux 10 have the sources of Rocky 10 (HAProxy 3.0.5). Keepalived 2.2 is any 2.2: Ubuntu 22.04 has 2.2.4. The table is made
// once, however many sites are read.
var platforms = sync.OnceValue(func() []Platform {
	rhel := Platform{
		Family: "rhel",
		User:   "haproxy", Group: "haproxy", Program: "/usr/sbin/haproxy", Unit: true, Config: "/etc/haproxy", ConfigFolder: "CFGDIR",
		Chroot: "/var/lib/haproxy", StatsSocket: "/var/lib/haproxy/stats", Logs: "/var/log/haproxy",
		CABundle: "/etc/pki/tls/certs/ca-bundle.crt",
		Ciphers:  "PROFILE=SYSTEM", OptionFile: "etc/sysconfig/keepalived", OptionVariable: "KEEPALIVED_OPTIONS",
		HAProxyOptionFile: "etc/sysconfig/haproxy", HAProxyOptionVariable: "OPTIONS",
		RsyslogHAProxy: "haproxy.conf", RsyslogKeepalived: "keepalived.conf", LogOwner: "root", LogGroup: "root",
		HUP: "/usr/bin/systemctl -s HUP kill rsyslog.service >/dev/null 2>&1 || true", Firewalld: true,
	}
	debian := Platform{
		Family: "debian",
		User:   "haproxy", Group: "haproxy", Program: "/usr/sbin/haproxy", Unit: true, Config: "/etc/haproxy",
		Chroot: "/var/lib/haproxy", StatsSocket: "/run/haproxy/admin.sock", Logs: "/var/log/haproxy",
		CABundle:   "/etc/ssl/certs/ca-certificates.crt",
		OptionFile: "etc/default/keepalived", OptionVariable: "DAEMON_ARGS",
		HAProxyOptionFile: "etc/default/haproxy", HAProxyOptionVariable: "EXTRAOPTS", HAProxyOptions: "-S /run/haproxy-master.sock",
		RsyslogHAProxy: "49-haproxy.conf", RsyslogKeepalived: "49-keepalived.conf", LogOwner: "root", LogGroup: "adm",
		HUP: "/usr/lib/rsyslog/rsyslog-rotate",
	}
	ubuntu := debian
	ubuntu.LogOwner = "syslog"
	named := func(name string, p Platform, haproxy, keepalived string) Platform {
		p.Name, p.HAProxy, p.Keepalived = name, haproxy, keepalived
		return p
	}
	return []Platform{
		named("almalinux10", rhel, "3.0", "2.2"),
		named("almalinux9", rhel, "2.4", "2.2"),
		named("debian12", debian, "2.6", "2.2"),
		named("debian13", debian, "3.0", "2.3"),
		named("rhel10", rhel, "3.0", "2.2"),
		named("rhel9", rhel, "2.4", "2.2"),
		named("rocky10", rhel, "3.0", "2.2"),
		named("rocky9", rhel, "2.4", "2.2"),
		named("ubuntu2204", ubuntu, "2.4", "2.2"),
		named("ubuntu2404", ubuntu, "2.8", "2.2"),
		named("ubuntu2604", ubuntu, "3.2", "2.3"),
	}
})

// PlatformNames returns the names of all platforms, sorted.
func PlatformNames() []string {
	var names []string
	for _, p := range platforms() {
		names = append(names, p.Name)
	}
	return names
}

// PlatformOf returns the name that a distribution has, or would have, as a platform: its ID
// and the major number of its VERSION_ID (os-release(5)); of Ubuntu's all of it.
func PlatformOf(id, version string) string {
	if id == "ubuntu" {
		return id + strings.ReplaceAll(version, ".", "")
	}
	major, _, _ := strings.Cut(version, ".")
	return id + major
}

// PlatformNamed returns the platform, and whether there is one of that name.
func PlatformNamed(name string) (Platform, bool) {
	for _, p := range platforms() {
		if p.Name == name {
			return p, true
		}
	}
	return Platform{}, false
}
