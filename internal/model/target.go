package model

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
)

// HAProxyVersions are those that lbgen writes for, from the oldest to the newest.
func HAProxyVersions() []string {
	return []string{"2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "3.0", "3.1", "3.2", "3.3", "3.4"}
}

// KeepalivedVersions are those that lbgen writes for, from the oldest to the newest.
func KeepalivedVersions() []string { return []string{"2.2", "2.3", "2.4"} }

func isHAProxyVersion(s string) bool    { return isVersion(s, HAProxyVersions()) }
func isKeepalivedVersion(s string) bool { return isVersion(s, KeepalivedVersions()) }

func isVersion(s string, known []string) bool { return slices.Contains(known, s) || IsNewer(s, known) }

// Newest is the last of the versions that lbgen knows.
func Newest(known []string) string { return known[len(known)-1] }

// IsNewer says whether a version, such as 3.5, is one that lbgen does not know yet.
func IsNewer(version string, known []string) bool {
	major, minor, ok := parts(version)
	lastMajor, lastMinor, _ := parts(Newest(known))
	return ok && (major > lastMajor || major == lastMajor && minor > lastMinor)
}

func parts(version string) (major, minor int, ok bool) {
	a, b, _ := strings.Cut(version, ".")
	major, err := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	return major, minor, err == nil && err2 == nil && fmt.Sprint(major, ".", minor) == version && major < 100 && minor < 100
}

// nearest is the version that lbgen writes for: the newest one for what is newer.
func nearest(version string, known []string) string {
	if IsNewer(version, known) {
		return Newest(known)
	}
	return version
}

// Machine returns what may be counted on at all nodes: the platform with what the
// site file says otherwise, and of each daemon the oldest version that a node has.
func (s *Site) Machine() Platform {
	m := s.machine(s.Platform)
	for i, n := range s.Nodes {
		p := s.MachineOf(n)
		if i == 0 || slices.Index(HAProxyVersions(), p.HAProxy) < slices.Index(HAProxyVersions(), m.HAProxy) {
			m.HAProxy = p.HAProxy
		}
		if i == 0 || slices.Index(KeepalivedVersions(), p.Keepalived) < slices.Index(KeepalivedVersions(), m.Keepalived) {
			m.Keepalived = p.Keepalived
		}
	}
	return m
}

// MachineOf returns what one node is.
func (s *Site) MachineOf(n Node) Platform { return s.machine(cmp.Or(n.Platform, s.Platform)) }

func (s *Site) machine(platform string) Platform {
	p, _ := PlatformNamed(platform)
	p.HAProxy = cmp.Or(nearest(s.Target.HAProxy, HAProxyVersions()), p.HAProxy)
	p.Keepalived = cmp.Or(nearest(s.Target.Keepalived, KeepalivedVersions()), p.Keepalived)
	p.Unit = s.Paths.HAProxy == ""
	p.Program = cmp.Or(s.Paths.HAProxy, p.Program)
	p.Config = cmp.Or(s.Paths.Config, p.Config)
	p.Chroot = cmp.Or(s.Paths.Chroot, p.Chroot)
	p.StatsSocket = cmp.Or(s.Paths.StatsSocket, p.StatsSocket)
	p.Logs = cmp.Or(s.Paths.Logs, p.Logs)
	if u := s.ServiceUser; u != nil {
		p.User, p.Group = u.User, cmp.Or(u.Group, u.User)
	}
	return p
}

// version returns that of a daemon, haproxy or keepalived.
func (p Platform) version(daemon string) string {
	if daemon == "keepalived" {
		return p.Keepalived
	}
	return p.HAProxy
}

// ConfigFile returns the absolute path of haproxy.cfg.
func (p Platform) ConfigFile() string { return path.Join(p.Config, "haproxy.cfg") }

// Pages returns the folder where HAProxy finds the pages that it serves itself.
func (p Platform) Pages() string { return path.Join(p.Config, "pages") }

// Certificates returns the folder of the certificates that come from beside the site
// file. No distribution has it, so that no bind reads it as a folder of its own.
func (p Platform) Certificates() string { return path.Join(p.Config, "tls") }

// ConfigFolderPath returns the folder that the package's unit reads beside
// haproxy.cfg, where it reads one.
func (p Platform) ConfigFolderPath() string { return path.Join(p.Config, "conf.d") }
