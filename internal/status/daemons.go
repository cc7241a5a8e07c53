package status

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/versions"
)

// title is how people call a daemon.
func title(unit string) string {
	return map[string]string{"haproxy": "HAProxy", "keepalived": "Keepalived", "rsyslog": "rsyslog"}[unit]
}

// daemons judges whether what has to run does, and is what it should be.
func (j *judge) daemons(a Answer) {
	name, f := a.Set.Node, a.Facts
	for _, unit := range units(a.Set) {
		u := f.Units[unit]
		if u["LoadState"] == "not-found" {
			j.add(name, unit+"-stopped", title(unit)+" is not installed", "install the package "+unit)
			continue
		}
		if state := u["ActiveState"]; state != "active" {
			j.add(name, unit+"-stopped", fmt.Sprintf("%s does not run: %s", title(unit), cmp.Or(state, "systemd says nothing of it")),
				"systemctl status "+unit+"; journalctl -u "+unit+" -n 20")
		}
		if on := u["UnitFileState"]; on != "" && !slices.Contains([]string{"enabled", "enabled-runtime", "static", "alias", "generated"}, on) {
			j.add(name, "not-enabled", fmt.Sprintf("%s would not start at the next boot: %s", title(unit), on), "systemctl enable "+unit)
		}
		if strings.HasSuffix(f.Runs[unit], " (deleted)") {
			j.add(name, "program-replaced", title(unit)+" runs an older program than the one that is installed", "systemctl restart "+unit+
				"; on the node without the virtual IP first")
		}
	}
	for unit, target := range map[string]string{"haproxy": a.Set.Host.HAProxy, "keepalived": a.Set.Host.Keepalived} {
		if is := f.Versions[unit]; is != "" && target != "" && versions.Before(is, target) {
			j.add(name, "old-version", fmt.Sprintf("%s is %s, and the files are made for %s", title(unit), is, target),
				"upgrade the package, or write target: in the site file as it is and render again")
		}
	}
	if f.Units["haproxy"]["ActiveState"] == "active" {
		j.running(a)
	}
}

// running judges the HAProxy that runs.
func (j *judge) running(a Answer) {
	name, f := a.Set.Node, a.Facts
	if at := f.deaf(j.ports()); len(at) > 0 {
		j.add(name, "not-listening", "HAProxy does not listen on port "+strings.Join(at, ", "), "journalctl -u haproxy -n 20; lbgen deploy")
	}
	switch {
	case f.Socket == "absent":
		j.add(name, "no-socket", "HAProxy has no socket at "+j.site.Machine.StatsSocket, "it runs with another configuration: lbgen deploy")
		return
	case f.Socket == "unasked":
		j.unseen(name, "HAProxy's servers", "none of socat, python3 and perl is there")
		return
	case f.Info["Uptime_sec"] == "":
		j.unseen(name, "HAProxy's servers", "its socket does not answer")
		return
	}
	uptime, _ := strconv.Atoi(f.Info["Uptime_sec"]) // HAProxy's own number
	started := f.Now.Add(-time.Duration(uptime) * time.Second)
	for _, want := range a.Set.Files {
		is := f.Files[want.Path]
		if want.Action != artifact.ReloadHAProxy && want.Action != artifact.RestartHAProxy || is == nil || is.kind != "file" {
			continue
		}
		if is.changed.After(started.Add(time.Second)) { // both are whole seconds
			j.add(name, "not-reloaded", fmt.Sprintf("HAProxy runs since %s, and /%s has changed since", clock(started), want.Path),
				"haproxy -c -f /"+a.Set.Host.ConfigFile()+" and systemctl reload haproxy")
		}
	}
}

func clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

// ports are those that clients come to.
func (j *judge) ports() []int {
	var ports []int
	for i := range j.site.Frontends {
		for _, b := range j.site.Frontends[i].Binds {
			ports = append(ports, b.Ports...)
		}
	}
	if j.site.Stats != nil {
		ports = append(ports, j.site.Stats.Port)
	}
	slices.Sort(ports)
	return slices.Compact(ports)
}

// deaf returns the ports that HAProxy does not listen on.
func (f *Facts) deaf(ports []int) []string {
	var all []string
	for _, port := range ports {
		end := ":" + strconv.Itoa(port)
		if !slices.ContainsFunc(f.Listens, func(l listener) bool {
			return strings.HasSuffix(l.address, end) && strings.Contains(l.process, `"haproxy"`)
		}) {
			all = append(all, end[1:])
		}
	}
	return all
}

// certificates judges those that HAProxy reads.
func (j *judge) certificates(a Answer) {
	name, f := a.Set.Node, a.Facts
	for _, folder := range f.Folders {
		within := strings.TrimSuffix(folder, "/") + "/"
		if !slices.ContainsFunc(f.Certificates, func(c *certificateFile) bool { return strings.HasPrefix(c.path, within) }) {
			j.add(name, "certificate-missing", folder+" has no certificate in it", "put one there, with its chain and key")
		}
	}
	for _, c := range f.Certificates {
		if c.kind == "absent" {
			j.add(name, "certificate-missing", c.path+" is not there", "put it there, with its chain and key")
			continue
		}
		chain, err := certificate.Parse([]byte(c.pem.String()))
		if err != nil {
			j.add(name, "certificate-unreadable", c.path+": "+err.Error(), "HAProxy refuses it at its next start: put the right file there")
			continue
		}
		for _, fault := range chain.Faults(f.Now, certificate.Soon) {
			j.add(name, string(fault.Kind), c.path+": "+fault.Summary, fault.Remedy)
		}
		if mode, err := strconv.ParseUint(c.mode, 8, 12); c.kind == "with" && err == nil && mode&0o004 != 0 {
			j.add(name, "key-readable", fmt.Sprintf("%s has a private key that everybody on the node can read (%s)", c.path, c.mode),
				"chmod o= "+c.path)
		}
		if used := c.loaded["SHA1 FingerPrint"]; used != "" && !strings.EqualFold(used, chain.Fingerprint()) {
			j.add(name, "certificate-not-loaded",
				fmt.Sprintf("%s: HAProxy still shows another certificate, good until %s", c.path, c.loaded["notAfter"]), "systemctl reload haproxy")
		}
	}
}
