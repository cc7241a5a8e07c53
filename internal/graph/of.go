package graph

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Of returns the graph of a site.
func Of(s *site.Site) Graph {
	m := maker{site: s, of: s.Networks()}
	g := Graph{Site: s.Name, Networks: m.networks(), Nodes: m.nodes()}
	for i := range s.Frontends {
		g.Frontends = append(g.Frontends, frontend(&s.Frontends[i]))
	}
	if s.Stats != nil {
		g.Frontends = append(g.Frontends, stats(s.Stats))
	}
	g.Backends = m.backends(g.Frontends)
	g.Clients.Networks = m.entered(g.Networks)
	return g
}

type maker struct {
	site *site.Site
	of   map[string]string // the network of each role
}

func (m maker) networks() []Network {
	var all []Network
	at := map[string]int{}
	for _, role := range m.site.Roles {
		i, known := at[m.of[role]]
		if !known {
			i = len(all)
			at[m.of[role]] = i
			all = append(all, Network{Name: m.of[role]})
		}
		for _, p := range m.site.NICs[role].Subnet {
			add(&all[i].Subnets, p.String())
		}
	}
	for i := range m.site.VRRP {
		v := &m.site.VRRP[i]
		n := &all[at[m.of[v.NIC]]]
		for _, vip := range v.VIPs {
			add(&n.VIPs, vip.Address.Addr().String())
		}
	}
	for i := range m.site.Backends {
		b := &m.site.Backends[i]
		for j := range b.Servers {
			if role := m.home(b.Servers[j].Address.Addr()); role != "" {
				add(&all[at[m.of[role]]].Backends, b.Name)
			}
		}
	}
	return all
}

// home is the role of the NIC whose network has the address; "" where none has.
func (m maker) home(a netip.Addr) string {
	for _, role := range m.site.Roles {
		if p, ok := m.site.NICs[role].Subnet.Of(a); ok && p.Contains(a) {
			return role
		}
	}
	return ""
}

func (m maker) nodes() []Node {
	var all []Node
	for i := range m.site.Nodes {
		n := Node{Name: m.site.Nodes[i].Name}
		for _, nic := range m.site.Nodes[i].NICs {
			one := NIC{Network: m.of[nic.Role], Role: nic.Role, Device: nic.Device}
			for _, a := range nic.Addresses {
				one.Addresses = append(one.Addresses, a.Addr().String())
			}
			n.NICs = append(n.NICs, one)
		}
		for j := range m.site.VRRP {
			if v := &m.site.VRRP[j]; v.Preferred == i {
				for _, vip := range v.VIPs {
					n.VIPs = append(n.VIPs, vip.Address.Addr().String())
				}
			}
		}
		all = append(all, n)
	}
	return all
}

// entered are the networks that clients come in by: those of the virtual IPs, or
// where there are none those of the NICs whose ports are open to clients.
func (m maker) entered(all []Network) []string {
	var names []string
	for i := range all {
		if len(all[i].VIPs) > 0 {
			add(&names, all[i].Name)
		}
	}
	if len(names) > 0 {
		return names
	}
	for i := range m.site.Frontends {
		for j := range m.site.Frontends[i].Binds {
			for k := range m.site.Nodes {
				for _, held := range m.site.OpenTo(&m.site.Nodes[k], &m.site.Frontends[i].Binds[j]) {
					add(&names, m.of[held.Role])
				}
			}
		}
	}
	return names
}

func frontend(s *site.Frontend) Frontend {
	f := Frontend{Name: s.Name, Mode: s.Mode, Notes: raw(s.Raw)}
	for i := range s.Binds {
		f.Binds = append(f.Binds, bind(&s.Binds[i]))
	}
	if s.MonitorURI != "" {
		f.Routes = append(f.Routes, Route{When: "path is " + s.MonitorURI, Action: "answer 200, as HAProxy is alive"})
	}
	f.Routes = append(f.Routes, routes(s.Routes, s.Mode)...)
	last := Route{Last: true, Backend: s.DefaultBackend}
	switch {
	case last.Backend != "":
	case s.Mode == model.ModeTCP:
		last.Action = "close the connection"
	default:
		last.Action = "answer 503"
	}
	f.Routes = append(f.Routes, last)
	return f
}

func bind(s *site.Bind) Bind {
	b := Bind{Ports: ports(s.Ports)}
	switch {
	case s.VIP != "":
		b.At = "VIP " + s.VIP
	case s.NIC != "":
		b.At = "NIC " + s.NIC
	}
	for _, a := range s.Addresses {
		if a.IsUnspecified() {
			b.At = "every address"
			if a.Is6() {
				b.At = "every IPv6 address"
			}
			continue
		}
		b.Addresses = append(b.Addresses, a.String())
	}
	if s.TLS != nil {
		b.Notes = append(b.Notes, "TLS ends here")
	}
	if s.AcceptProxy {
		b.Notes = append(b.Notes, "PROXY protocol")
	}
	if s.Proto == "h2" {
		b.Notes = append(b.Notes, "HTTP/2 in clear text")
	}
	return b
}

// ports are numbers and ranges, as a reader would write them.
func ports(all []int) string {
	var words []string
	for i := 0; i < len(all); {
		j := i
		for j+1 < len(all) && all[j+1] == all[j]+1 {
			j++
		}
		if j > i+1 {
			words = append(words, fmt.Sprintf("%d to %d", all[i], all[j]))
		} else {
			for ; i <= j; i++ {
				words = append(words, strconv.Itoa(all[i]))
			}
		}
		i = j + 1
	}
	return few(words, "and")
}

// stats is the statistics page, as if it were a frontend.
func stats(s *site.Stats) Frontend {
	f := Frontend{Name: "statistics page", Mode: model.ModeHTTP}
	b := Bind{At: "NIC " + s.NIC, Ports: strconv.Itoa(s.Port)}
	for _, a := range s.Addresses {
		b.Addresses = append(b.Addresses, a.String())
	}
	if s.TLS != nil {
		b.Notes = append(b.Notes, "TLS ends here")
	}
	f.Binds = []Bind{b}
	shown := Route{When: "path is " + s.URI, Action: "show it"}
	if len(s.Allow) > 0 {
		shown.When += " and client is in " + few(networks(s.Allow), "or")
	}
	if len(s.Users) > 0 {
		shown.Action += " to " + count(len(s.Users), "user") + " by password"
	}
	f.Routes = []Route{shown, {Last: true, Action: "refuse"}}
	return f
}

// backends are in the order in which frontends lead to them, so that few lines
// of a picture cross; then those that no route leads to.
func (m maker) backends(fronts []Frontend) []Backend {
	var names []string
	for _, f := range fronts {
		for _, r := range f.Routes {
			if r.Backend != "" {
				add(&names, r.Backend)
			}
		}
	}
	used := len(names)
	for i := range m.site.Backends {
		add(&names, m.site.Backends[i].Name)
	}
	var all []Backend
	for i, name := range names {
		if s := m.site.Backend(name); s != nil {
			b := m.backend(s)
			b.Unused = i >= used
			all = append(all, b)
		}
	}
	return all
}

func (m maker) backend(s *site.Backend) Backend {
	b := Backend{Name: s.Name, Mode: s.Mode, About: about(s), Rules: routes(s.Rules, s.Mode), Sorry: sorry(s.Sorry), Notes: raw(s.Raw)}
	for i := range s.Servers {
		one := &s.Servers[i]
		b.Servers = append(b.Servers, Server{one.Name, one.Address.String(), serverNotes(s, &one.ServerOptions)})
	}
	for i := range s.ServerTemplates {
		t := &s.ServerTemplates[i]
		b.Servers = append(b.Servers, Server{fmt.Sprintf("%s1 to %s%d", t.Prefix, t.Prefix, t.Count), t.Address.String(),
			append([]string{"by name server"}, serverNotes(s, &t.ServerOptions)...)})
	}
	return b
}

func about(s *site.Backend) []string {
	var all []string
	if how := balance(s.Balance); how != "" && len(s.Servers)+len(s.ServerTemplates) > 1 {
		all = append(all, how)
	}
	switch p := s.Persist; {
	case p == nil:
	case p.Cookie != nil:
		all = append(all, "the cookie "+p.Cookie.Name+" keeps a client on its server")
	case p.Table.Cookie != "":
		all = append(all, "the cookie "+p.Table.Cookie+" keeps a client on its server")
	case p.Table.Header != "":
		all = append(all, "the header "+p.Table.Header+" keeps a client on its server")
	case p.Table.On == "rdp_cookie":
		all = append(all, "the RDP cookie keeps a client on its server")
	default:
		all = append(all, "its address keeps a client on its server")
	}
	return all
}

func balance(b model.Balance) string {
	switch {
	case b.URLParam != "":
		return "by the parameter " + b.URLParam
	case b.Hdr != "":
		return "by the header " + b.Hdr
	case b.URI != nil:
		return "by the address that is asked for"
	default:
		return b.Algorithm
	}
}

func serverNotes(b *site.Backend, o *model.ServerOptions) []string {
	var all []string
	note := func(is bool, words string) {
		if is {
			all = append(all, words)
		}
	}
	weight := b.Weight(o)
	note(b.Backup(o), "backup")
	note(b.Disabled(o), "disabled")
	note(weight != site.Weight, "weight "+strconv.Itoa(weight))
	note(!b.TLS(o).Off, "TLS")
	note(!b.Checked(o) && o.Track == "", "not checked")
	note(o.Track != "", "checked as "+o.Track)
	return all
}

func sorry(s *site.Sorry) string {
	switch {
	case s == nil:
		return ""
	case s.Remote != nil:
		scheme := "http://"
		if s.Remote.TLS != nil && !s.Remote.TLS.Off {
			scheme = "https://"
		}
		return scheme + s.Remote.Address.String() + s.Remote.Path
	case s.Redirect != "":
		return "redirect to " + s.Redirect
	default:
		return fmt.Sprintf("page %s with status %d", s.Page, s.Status)
	}
}

// raw says that there are lines which nobody has looked into.
func raw(r model.Raw) []string {
	if n := len(r.Lines()); n > 0 {
		return []string{count(n, "raw line") + ", which may do more"}
	}
	return nil
}

// add puts a name into a list where it is new.
func add(list *[]string, name string) {
	if !slices.Contains(*list, name) {
		*list = append(*list, name)
	}
}

// count is a number with its noun: 1 drill, 3 drills.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// most is how many values a condition names; the rest is counted.
const most = 6

// few are values with a word before the last one; of many the first ones.
func few(values []string, word string) string {
	if rest := len(values) - most; rest > 1 {
		values = append(slices.Clone(values[:most]), strconv.Itoa(rest)+" more")
	}
	if len(values) < 2 {
		return strings.Join(values, "")
	}
	last := len(values) - 1
	return strings.Join(values[:last], ", ") + " " + word + " " + values[last]
}
