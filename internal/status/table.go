// Package status says whether the nodes of a site are as they should be. Each node is
// asked once, by a program that only reads; what it answers is parsed here and judged
// against the rendered files, the site, and who should have the virtual IPs. How the
// program gets to a node is the caller's business.
package status

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/scripts"
	"github.com/lbgen/lbgen/internal/site"
)

// Command is what a node runs, with Program on its standard input.
const Command = "sh -s"

// listening is for how long adverts are listened to; a slower master is listened to for
// one interval more.
const listening = 4 * time.Second

// Program returns the program that tells how a node is, with its table.
func Program(s *site.Site, set artifact.Set) []byte {
	b := bytes.NewBuffer(bytes.Clone(scripts.Status()))
	fmt.Fprintf(b, "main '%s'\n", strings.ReplaceAll(table(s, set), "'", `'\''`))
	return b.Bytes()
}

// table is what the program is to look at: a row each, a key and what goes with it.
func table(s *site.Site, set artifact.Set) string {
	var b strings.Builder
	row := func(key, format string, args ...any) { fmt.Fprintf(&b, key+" "+format+"\n", args...) }
	node := nodeOf(s, set.Node)
	row("site", "%s", s.Name)
	row("program", "%s", program(set))
	row("socket", "%s", s.Machine.StatsSocket)
	seconds := listening
	var devices []string
	for i := range s.VRRP {
		v := &s.VRRP[i]
		seconds = max(seconds, v.AdvertInt+time.Second)
		device := node.Device(v.NIC)
		if !slices.Contains(devices, device) {
			devices = append(devices, device)
			row("device", "%s", device)
		}
		for _, vip := range v.VIPs {
			row("vip", "%s %s", device, vip.Address.Addr())
		}
	}
	row("seconds", "%d", int(seconds.Seconds()+0.999))
	for _, unit := range units(set) {
		row("unit", "%s", unit)
	}
	for _, f := range installed(set) {
		row("file", "%s %s", sumOf(f), f.Path)
	}
	for _, k := range settings(set) {
		row("sysctl", "%s", k.key)
	}
	for _, f := range set.Files {
		if f.Action == artifact.Nftables {
			row("nftables", "%s", f.Path)
		}
	}
	for _, name := range certificates(s) {
		row("certificate", "%s", name)
	}
	return b.String()
}

func nodeOf(s *site.Site, name string) *site.Node {
	i := slices.IndexFunc(s.Nodes, func(n site.Node) bool { return n.Name == name })
	return &s.Nodes[i]
}

func program(set artifact.Set) string {
	if set.Host.Program != "" {
		return set.Host.Program
	}
	return "haproxy"
}

// units are those that have to run.
func units(set artifact.Set) []string {
	all := []string{"haproxy"}
	if set.Host.Keepalived != "" {
		all = append(all, "keepalived")
	}
	if slices.ContainsFunc(set.Files, func(f artifact.File) bool { return f.Action == artifact.RestartRsyslog }) {
		all = append(all, "rsyslog")
	}
	return all
}

// installed are the files that have a place on the node. The others are install.sh's.
func installed(set artifact.Set) []artifact.File {
	return slices.DeleteFunc(slices.Clone(set.Files), func(f artifact.File) bool { return !strings.Contains(f.Path, "/") })
}

// always has the node tell what is in a file.
const always = "-"

// sumOf is the checksum at which the node need not tell the content. Of a password's
// file nothing is told that it could be guessed from.
func sumOf(f artifact.File) string {
	if len(f.Secrets) > 0 {
		return always
	}
	return fmt.Sprintf("%x", sha256.Sum256(f.Data))
}

// setting is one of the kernel's, as a file of sysctl.d has it.
type setting struct{ key, value, file string }

func settings(set artifact.Set) []setting {
	var all []setting
	for _, f := range set.Files {
		if f.Action != artifact.Sysctl {
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			key, value, ok := strings.Cut(line, "=")
			if key = strings.TrimSpace(key); ok && !strings.HasPrefix(key, "#") {
				all = append(all, setting{key, strings.Join(strings.Fields(value), " "), f.Path})
			}
		}
	}
	return all
}

// certificates are the files and folders that HAProxy reads certificates with keys of
// its own from, each once.
func certificates(s *site.Site) []string {
	var all []string
	add := func(name string) {
		if name != "" && !slices.Contains(all, path.Clean(name)) {
			all = append(all, path.Clean(name))
		}
	}
	for i := range s.Frontends {
		for _, b := range s.Frontends[i].Binds {
			if b.TLS != nil {
				add(b.TLS.Certificate)
			}
		}
	}
	if s.Stats != nil && s.Stats.TLS != nil {
		add(s.Stats.TLS.Certificate)
	}
	for i := range s.Backends {
		b := &s.Backends[i]
		for j := range b.Servers {
			if t := b.TLS(&b.Servers[j].ServerOptions); !t.Off {
				add(t.Certificate)
			}
		}
	}
	return all
}
