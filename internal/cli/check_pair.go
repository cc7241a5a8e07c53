package cli

import (
	"bytes"
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// Where the files of a pair stand for the daemons that are asked about them.
const (
	stagedHAProxy    = "etc/haproxy/haproxy.cfg"
	stagedKeepalived = "etc/keepalived/keepalived.conf"
)

// staged are pairs with their own files as sets. Where one cannot be read all findings
// are printed.
func (a *app) staged(pairs []*pair.Pair) ([]*loaded, error) {
	var all []*loaded
	for _, p := range pairs {
		l := &loaded{pair: p, watched: p.Failover()}
		l.found = append(l.found, p.Found...)
		for _, n := range p.Nodes {
			set, err := artifact.New(p.Name, n.Name, pairHost(p, n), pairFiles(p, n))
			if err != nil {
				return nil, err
			}
			l.sets = append(l.sets, set)
		}
		all = append(all, l)
	}
	return all, a.refuse(all)
}

// pairFiles are the two daemons' files of a node. Several files of HAProxy are one, as
// it reads them.
func pairFiles(p *pair.Pair, n *pair.Node) []artifact.File {
	var all []artifact.File
	var cfg bytes.Buffer
	var secrets []artifact.Secret
	for _, f := range n.HAProxyFiles {
		secrets = append(secrets, hidden(p, f.Name, cfg.Len())...)
		cfg.Write(f.Data)
		if !bytes.HasSuffix(f.Data, []byte("\n")) && len(n.HAProxyFiles) > 1 {
			cfg.WriteByte('\n')
		}
	}
	if len(n.HAProxyFiles) > 0 {
		all = append(all, artifact.File{Path: stagedHAProxy, Mode: 0o640, Owner: "root", Group: "root", Action: artifact.None,
			Data: cfg.Bytes(), Secrets: secrets})
	}
	for i, f := range n.KeepalivedFiles {
		name := n.Paths[f.Name]
		if i == 0 {
			name = stagedKeepalived
		}
		all = append(all, artifact.File{Path: name, Mode: 0o640, Owner: "root", Group: "root", Action: artifact.None, Data: f.Data,
			Secrets: hidden(p, f.Name, 0)})
	}
	slices.SortStableFunc(all, func(a, b artifact.File) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(all, func(a, b artifact.File) bool { return a.Path == b.Path }) // one file may be included twice
}

func hidden(p *pair.Pair, name string, from int) []artifact.Secret {
	var all []artifact.Secret
	for _, s := range p.Texts[name].Hidden() {
		all = append(all, artifact.Secret{Start: from + s[0], End: from + s[1], Known: true})
	}
	return all
}

// pairHost is what the files expect of their machine.
func pairHost(p *pair.Pair, n *pair.Node) artifact.Host {
	h := artifact.Host{Family: "debian", User: "haproxy", Group: "haproxy", Chroot: "/var/lib/haproxy"}
	for _, s := range n.HAProxy.Sections {
		if s.Kind != "global" {
			continue
		}
		set := func(to *string, word string) {
			if d := s.Line(word); d != nil && len(d.Tokens) > 1 {
				*to = d.Word(1)
			}
		}
		set(&h.User, "user")
		set(&h.Group, "group")
		set(&h.Chroot, "chroot")
	}
	for _, r := range p.Routers() {
		m := r.Of(n)
		if m == nil {
			continue
		}
		var own []netip.Prefix
		for _, a := range m.Addresses() {
			own = append(own, netip.PrefixFrom(a, a.BitLen()))
		}
		h.Devices = withDevice(h.Devices, m.Interface, own)
		for _, t := range m.Tracks {
			if t.Script == nil && !t.Missing {
				h.Devices = withDevice(h.Devices, t.Name, nil)
			}
		}
	}
	return h
}

func withDevice(all []artifact.Device, name string, own []netip.Prefix) []artifact.Device {
	if name == "" || len(name) > 15 || strings.ContainsAny(name, " /") {
		return all
	}
	for i := range all {
		if all[i].Name == name {
			all[i].Addresses = append(all[i].Addresses, own...)
			return all
		}
	}
	return append(all, artifact.Device{Name: name, Addresses: own})
}

// checkers are those that are asked: of a pair both daemons alone.
func (l *loaded) checkers(opts check.Options) check.Options {
	if l.pair != nil {
		opts.Only = []string{"haproxy", "keepalived"}
	}
	return opts
}

// pairPlace puts what a daemon says of a staged file to the node's own.
func (l *loaded) pairPlace(d diag.Diagnostic) diag.Diagnostic {
	if len(d.Related) == 0 {
		return d
	}
	at := d.Related[0].Range
	node, file, _ := strings.Cut(at.File, "/")
	for _, n := range l.pair.Nodes {
		if n.Name != node {
			continue
		}
		d.Subject, d.Related = original(n, file, at.Start.Line), nil
	}
	return d
}

// original is the place of a line of a staged file.
func original(n *pair.Node, staged string, line int) diag.Range {
	if staged == stagedHAProxy {
		for _, f := range n.HAProxyFiles {
			count := bytes.Count(bytes.TrimSuffix(f.Data, []byte("\n")), []byte("\n")) + 1
			if line <= count {
				return diag.Range{File: f.Name, Start: diag.Pos{Line: line}}
			}
			line -= count
		}
	}
	for i, f := range n.KeepalivedFiles {
		if staged == n.Paths[f.Name] || i == 0 && staged == stagedKeepalived {
			return diag.Range{File: f.Name, Start: diag.Pos{Line: line}}
		}
	}
	return diag.Range{File: n.Place}
}
