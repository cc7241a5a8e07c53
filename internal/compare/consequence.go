package compare

import (
	"slices"

	"github.com/lbgen/lbgen/internal/artifact"
)

// consequences returns what the changes make the node do.
func consequences(changes []Change) []Consequence {
	files := map[artifact.Action][]string{}
	for _, c := range changes {
		if !slices.Contains(files[c.Action], c.Path) {
			files[c.Action] = append(files[c.Action], c.Path)
		}
	}
	// A restart reads the configuration too.
	for restart, reload := range map[artifact.Action]artifact.Action{artifact.RestartHAProxy: artifact.ReloadHAProxy,
		artifact.RestartKeepalived: artifact.ReloadKeepalived} {
		if len(files[restart]) > 0 {
			files[restart] = append(files[restart], files[reload]...)
			delete(files, reload)
		}
	}
	var all []Consequence
	for _, k := range []Consequence{
		{Action: artifact.Tmpfiles, Text: "directories are made by systemd-tmpfiles"},
		{Action: artifact.Sysctl, Text: "kernel settings are applied by sysctl"},
		{Action: artifact.RestartRsyslog, Text: "rsyslog is restarted"},
		{Action: artifact.DaemonReload, Text: "systemd reads its units again"},
		{Action: artifact.Firewall, Text: "firewall rules are applied"},
		{Action: artifact.Nftables, Text: "lbgen's table of nftables changes"},
		{Action: artifact.ReloadHAProxy, Text: "HAProxy is reloaded, no connection is lost"},
		{Action: artifact.RestartHAProxy, Text: "HAProxy is restarted, its connections are cut"},
		{Action: artifact.ReloadKeepalived, Text: "Keepalived is reloaded"},
		{Action: artifact.RestartKeepalived, Text: "Keepalived is restarted, the VIP moves if this node holds it"},
	} {
		if k.Files = files[k.Action]; len(k.Files) > 0 {
			slices.Sort(k.Files)
			all = append(all, k)
		}
	}
	return all
}
