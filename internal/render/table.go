package render

import (
	"io/fs"
	"path"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/render/keepalived"
	"github.com/lbgen/lbgen/internal/scripts"
)

// kind is one artifact: which template makes it, where it goes, and what the
// node does when it changes.
type kind struct {
	template string
	path     func(Node) string
	mode     fs.FileMode
	action   artifact.Action
	when     func(Node) bool // nil: always
	shared   bool            // the same on every node: rendered once
}

// table is every artifact that a template makes. Adding one is one template,
// and one entry here.
func table() []kind {
	return []kind{
		{template: "haproxy/haproxy.cfg.tmpl", path: haproxyConfig, mode: 0o644, action: artifact.ReloadHAProxy, shared: true},
		{template: "haproxy/options.tmpl", path: haproxyOptionFile, mode: 0o644, action: artifact.RestartHAProxy, when: hasPeers},
		{template: "keepalived/keepalived.conf.tmpl", path: fixed("etc/keepalived/keepalived.conf"), mode: 0o640,
			action: artifact.ReloadKeepalived, when: hasKeepalived},
		{template: "keepalived/lbgen-notify.tmpl", path: fixed(keepalived.NotifyScript[1:]), mode: 0o755, action: artifact.None, when: hasNotify},
		{template: "keepalived/options.tmpl", path: optionFile, mode: 0o644, action: artifact.RestartKeepalived, when: hasKeepalived},
		{template: "sysctl/99-nonlocal_bind.conf.tmpl", path: fixed("etc/sysctl.d/99-nonlocal_bind.conf"), mode: 0o644, action: artifact.Sysctl,
			when: hasNonlocal},
		{template: "sysctl/90-lbgen.conf.tmpl", path: fixed("etc/sysctl.d/90-lbgen.conf"), mode: 0o644, action: artifact.Sysctl, when: hasSysctl},
		{template: "rsyslog/haproxy.conf.tmpl", path: rsyslogHAProxy, mode: 0o644, action: artifact.RestartRsyslog, when: hasLogs},
		{template: "rsyslog/keepalived.conf.tmpl", path: rsyslogKeepalived, mode: 0o644, action: artifact.RestartRsyslog, when: hasKeepalived},
		{template: "logrotate/haproxy.tmpl", path: fixed("etc/logrotate.d/haproxy"), mode: 0o644, action: artifact.None, when: rotates},
		{template: "tmpfiles/lbgen.conf.tmpl", path: fixed("etc/tmpfiles.d/lbgen.conf"), mode: 0o644, action: artifact.Tmpfiles,
			when: hasFolders},
		{template: "systemd/haproxy.override.conf.tmpl", path: fixed("etc/systemd/system/haproxy.service.d/override.conf"), mode: 0o644,
			action: artifact.DaemonReload, when: hasUnit},
		{template: "systemd/haproxy.service.tmpl", path: fixed("etc/systemd/system/haproxy.service"), mode: 0o644,
			action: artifact.DaemonReload, when: hasNoUnit},
		{template: "systemd/keepalived.override.conf.tmpl", path: fixed("etc/systemd/system/keepalived.service.d/override.conf"), mode: 0o644,
			action: artifact.DaemonReload, when: hasKeepalived},
		{template: "firewalld/firewalld.table.tmpl", path: fixed("firewalld.table"), mode: 0o644, action: artifact.Firewall},
		{template: "nftables/lbgen.nft.tmpl", path: fixed("etc/nftables.d/lbgen.nft"), mode: 0o644, action: artifact.Nftables, when: hasNftables},
		{template: "nftables/lbgen-nftables.service.tmpl", path: fixed("etc/systemd/system/lbgen-nftables.service"), mode: 0o644,
			action: artifact.DaemonReload, when: hasNftables},
		{template: "nftables/nftables.override.conf.tmpl", path: fixed("etc/systemd/system/nftables.service.d/lbgen.conf"), mode: 0o644,
			action: artifact.DaemonReload, when: hasNftables},
		{template: "nftables/sysinit.override.conf.tmpl", path: fixed("etc/systemd/system/sysinit.target.d/lbgen.conf"), mode: 0o644,
			action: artifact.DaemonReload, when: hasNftables},
		{template: "install/node.table.tmpl", path: fixed("node.table"), mode: 0o644, action: artifact.Tool},
	}
}

// programs are the two that run on the node. They are the same for every node:
// what differs is in the tables beside them.
func programs() []artifact.File {
	program := func(name string, data []byte) artifact.File {
		return artifact.File{Path: name, Mode: 0o755, Owner: "root", Group: "root", Action: artifact.Tool, Data: data}
	}
	return []artifact.File{program("firewalld.sh", scripts.Firewalld()), program("install.sh", scripts.Install())}
}

func fixed(p string) func(Node) string { return func(Node) string { return p } }

func haproxyConfig(n Node) string     { return n.Platform.ConfigFile()[1:] }
func haproxyOptionFile(n Node) string { return n.Platform.HAProxyOptionFile }
func optionFile(n Node) string        { return n.Platform.OptionFile }
func rsyslogHAProxy(n Node) string    { return path.Join("etc/rsyslog.d", n.Platform.RsyslogHAProxy) }
func rsyslogKeepalived(n Node) string {
	return path.Join("etc/rsyslog.d", n.Platform.RsyslogKeepalived)
}

func hasPeers(n Node) bool      { return len(n.HAProxy.Peers) > 0 }
func hasKeepalived(n Node) bool { return n.Keepalived != nil }
func hasNotify(n Node) bool     { return n.Keepalived != nil && n.Keepalived.Notify != nil }
func hasNonlocal(n Node) bool   { return len(n.Nonlocal) > 0 }
func hasSysctl(n Node) bool     { return len(n.Sysctl) > 0 }
func hasLogs(n Node) bool       { return len(n.LocalLogs()) > 0 }
func rotates(n Node) bool       { return hasLogs(n) || hasKeepalived(n) }
func hasUnit(n Node) bool       { return n.Platform.Unit }
func hasNoUnit(n Node) bool     { return !n.Platform.Unit }
func hasNftables(n Node) bool   { return n.Firewall.Nftables != nil }
func hasFolders(n Node) bool {
	return rotates(n) || n.LogSocket() || len(n.Folders) > 0
}
