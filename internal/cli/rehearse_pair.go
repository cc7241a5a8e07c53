package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/site"
)

// pairToRehearse makes a pair ready to be rehearsed as it is: its own files, and what
// they say of NICs, addresses and servers. Who is master when is foreseen from its own
// keepalived.conf.
func (a *app) pairToRehearse(words []string) (*loaded, *rehearse.Subject, error) {
	_, pairs := pairsOf(words)
	if len(pairs) != 1 {
		return nil, nil, usagef("rehearse takes one pair: name its nodes with NAME=PATH, or one directory")
	}
	return a.standingPair(pairs[0], adopt.Options{})
}

// standingPair is a pair with its own files as sets, and what is known of it.
func (a *app) standingPair(p *pair.Pair, opts adopt.Options) (*loaded, *rehearse.Subject, error) {
	l := &loaded{pair: p, watched: p.Failover()}
	l.found = append(l.found, p.Found...)
	l.found = append(l.found, l.watched.Found...)
	if err := a.refuse([]*loaded{l}); err != nil {
		return nil, nil, err
	}
	s, err := ownSets(l, opts)
	if err != nil {
		return nil, nil, err
	}
	s.Groups, err = groupsOf(l.watched, s.Site)
	return l, s, err
}

// ownSets makes sets of the files of a pair, as they are, and returns what is known of
// it.
func ownSets(l *loaded, opts adopt.Options) (*rehearse.Subject, error) {
	p := l.pair
	s, err := described(p, opts)
	if err != nil {
		return nil, err
	}
	s.Sockets, s.Own = map[string]string{}, map[string]bool{}
	for i, n := range p.Nodes {
		s.Sockets[n.Name] = n.StatsSocket()
		host := pairHost(p, n)
		host.Devices = devicesOf(&s.Nodes[i])
		files := ownFiles(p, n, &host, s)
		set, err := artifact.New(p.Name, n.Name, host, files)
		if err != nil {
			return nil, err
		}
		l.sets = append(l.sets, set)
	}
	return s, nil
}

// described is what is known of the nodes of a pair, as a site: it says what there is,
// and not what is done.
func described(p *pair.Pair, opts adopt.Options) (*rehearse.Subject, error) {
	opts.AsIs = true
	d := adopt.Import(p, opts)
	written, src, found := model.LoadShared("site.yaml", d.Text, nil)
	if found.HasErrors() {
		src.Locate(found)
		var why []string
		for _, f := range found {
			why = append(why, f.Summary)
		}
		return nil, errors.New("the pair cannot be stood up: what its files say of the nodes, addresses and servers does not fit together: " +
			strings.Join(why, "; ") + "; lbgen adopt shows where")
	}
	s := rehearse.Of(site.Resolve(written))
	s.Name = p.Name
	for _, asked := range d.Asked {
		if what, _, ok := strings.Cut(asked, "; --address"); ok {
			s.Notes = append(s.Notes, what)
		}
	}
	return s, nil
}

// groupsOf are the groups of a pair, with the roles of NICs in place of devices.
func groupsOf(f *pair.Failover, s *site.Site) ([]*failover.Group, error) {
	for _, g := range f.Groups {
		if len(g.Nodes) != len(s.Nodes) {
			return nil, fmt.Errorf("the pair cannot be rehearsed: %s is not on every node", g.Name)
		}
		for i := range g.Nodes {
			for k := range g.Nodes[i].Trackers {
				if t := &g.Nodes[i].Trackers[k]; t.Kind == failover.NIC {
					t.Name = roleOf(s, i, t.Name)
				}
			}
		}
	}
	return append([]*failover.Group{}, f.Groups...), nil
}

func roleOf(s *site.Site, node int, device string) string {
	for _, role := range s.Roles {
		if s.Nodes[node].Device(role) == device {
			return role
		}
	}
	return device
}

// devicesOf are the NICs of a node; one that has two roles is there once.
func devicesOf(n *site.Node) []artifact.Device {
	var all []artifact.Device
	for _, nic := range n.NICs {
		if i := slices.IndexFunc(all, func(d artifact.Device) bool { return d.Name == nic.Device }); i >= 0 {
			all[i].Addresses = append(all[i].Addresses, nic.Addresses...)
		} else {
			all = append(all, artifact.Device{Name: nic.Device, Addresses: slices.Clone(nic.Addresses)})
		}
	}
	return all
}

// ownFiles are the files of a node that its daemons read or run, as they are.
func ownFiles(p *pair.Pair, n *pair.Node, host *artifact.Host, s *rehearse.Subject) []artifact.File {
	all := pairFiles(p, n)
	if len(n.HAProxyFiles) == 1 && n.ConfigFile != "" {
		host.Config = strings.TrimPrefix(n.ConfigFile, "/")
		for i := range all {
			if all[i].Path == stagedHAProxy {
				all[i].Path = host.Config
			}
		}
	} else if len(n.HAProxyFiles) > 1 {
		s.Note("the files of haproxy.cfg are put together as one, in the order in which HAProxy reads them")
	}
	add := func(name string, mode fs.FileMode, data []byte) {
		to := strings.TrimPrefix(name, "/")
		if slices.ContainsFunc(all, func(f artifact.File) bool { return f.Path == to }) {
			return
		}
		all = append(all, artifact.File{Path: to, Mode: mode, Owner: "root", Group: "root", Action: artifact.None, Data: data})
		if mode&0o111 != 0 || bytes.HasPrefix(data, []byte("#!")) {
			s.Own[name] = true
			all[len(all)-1].Mode |= 0o755
		}
	}
	kernel := false
	for dir := range strings.FieldsSeq("etc/haproxy etc/keepalived usr/libexec/keepalived usr/local/bin usr/local/sbin etc/sysctl.d") {
		n.Below(dir, func(name string, mode fs.FileMode, data []byte) {
			kernel = kernel || dir == "etc/sysctl.d"
			add(name, mode, data)
		})
	}
	if data, err := n.File("etc/sysctl.conf"); err == nil {
		kernel = true
		add("/etc/sysctl.d/99-sysctl.conf", 0o644, data)
	}
	if !kernel {
		s.Note("no file says what sysctl is on the nodes: net.ipv4.ip_nonlocal_bind and that of IPv6 are on here, as HAProxy needs " +
			"them on a backup")
		add("/etc/sysctl.d/99-lab.conf", 0o644, []byte("net.ipv4.ip_nonlocal_bind = 1\nnet.ipv6.ip_nonlocal_bind = 1\n"))
	}
	return all
}
