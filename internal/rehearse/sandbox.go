package rehearse

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// StubPassword is the one that every user has in a sandbox, where no secret is read.
const StubPassword = "stub" //nolint:gosec // nobody's

// StubHash is what crypt makes of it.
const StubHash = "$5$stub$CLJ06q1CjVILhwfC027JzmIsLd40BCGC0Aqv9CIlhN7" //nolint:gosec // nobody's

// Sandbox is the real HAProxy of a site with stubs for its servers, to send requests to.
// It has one node at a time: the one that has the address of the request.
type Sandbox struct {
	ctx   context.Context
	site  *site.Site
	sets  []artifact.Set
	names []string
	lab   lab.Options
	nodes map[int]*sandboxed
}

// sandboxed is one node, and the servers that are in service when nothing is down.
type sandboxed struct {
	*standing
	servers []string // as BACKEND/SERVER
}

// NewSandbox is a sandbox for a site with its rendered files. HAProxy is started when the
// first request comes. Its certificates are stubs that are good for the names.
func NewSandbox(ctx context.Context, s *site.Site, sets []artifact.Set, names []string, o lab.Options) *Sandbox {
	return &Sandbox{ctx: ctx, site: s, sets: sets, names: names, lab: o, nodes: map[int]*sandboxed{}}
}

// Down ends everything that the sandbox has started.
func (b *Sandbox) Down() {
	for _, n := range b.nodes {
		n.lab.Down()
	}
}

// Stubs says what is not as on the nodes.
func (b *Sandbox) Stubs() []string {
	var all []string
	for _, n := range b.nodes {
		all = append(all, n.lab.Stubs()...)
		all = append(all, n.stage.bad...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// node is the HAProxy of a node, started where it is not yet.
func (b *Sandbox) node(i int) (*sandboxed, error) {
	if n := b.nodes[i]; n != nil {
		return n, nil
	}
	st := newStage(Of(b.site), b.sets, nil)
	st.aside(i, b.site)
	for _, name := range b.names {
		if name != "" && !slices.Contains(st.plan.Names, name) {
			st.plan.Names = append(st.plan.Names, name)
		}
	}
	l, err := lab.Up(b.ctx, st.plan, b.lab)
	if err != nil {
		return nil, err
	}
	n := &sandboxed{standing: &standing{stage: st, lab: l, node: st.plan.Nodes[0].Set.Node}}
	if err := n.start(b.ctx); err != nil {
		l.Down()
		return nil, err
	}
	b.nodes[i] = n
	return n, nil
}

// aside leaves one node in the plan, which has everything.
func (s *stage) aside(i int, of *site.Site) {
	s.plan.Alone, s.plan.Networks, s.plan.Client = true, nil, nil
	s.plan.Nodes = s.plan.Nodes[i : i+1]
	s.plan.Nodes[0].Links, s.plan.Nodes[0].StatsSocket = nil, "" // the master's socket, by which everything may be asked
	for k := range s.plan.Servers {
		server := &s.plan.Servers[k]
		server.Network, server.Routes, server.Echoes = "", nil, true
		server.Ports = slices.DeleteFunc(slices.Clone(server.Ports), func(port uint16) bool {
			return listens(of, server.Address.Addr(), int(port)) // HAProxy itself
		})
	}
}

// listens says whether a frontend has the very address and port.
func listens(s *site.Site, at netip.Addr, port int) bool {
	for i := range s.Frontends {
		for j := range s.Frontends[i].Binds {
			if b := &s.Frontends[i].Binds[j]; slices.Contains(b.Addresses, at) && slices.Contains(b.Ports, port) {
				return true
			}
		}
	}
	return false
}

// start starts HAProxy, and takes it out of the hands of its checks: a server is down
// when a request says so.
func (n *sandboxed) start(ctx context.Context) error {
	if err := n.begin(ctx); err != nil {
		return err
	}
	all, err := n.counted()
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Name == wholeBackend || strings.HasPrefix(c.Status, "MAINT") {
			continue
		}
		n.servers = append(n.servers, c.Server())
		for _, order := range []string{"disable health ", "disable agent "} {
			if _, err := n.lab.AskHAProxy(n.node, order+c.Server()); err != nil {
				return err
			}
		}
		if _, err := n.lab.AskHAProxy(n.node, "set server "+c.Server()+" health up"); err != nil {
			return err
		}
	}
	return nil
}

// wholeBackend is the name that the line of a backend has in the statistics.
const wholeBackend = "BACKEND"

// counted are the counters of all backends and servers.
func (n *sandboxed) counted() ([]lab.Stat, error) {
	table, err := n.lab.AskHAProxy(n.node, "show stat -1 6 -1")
	if err != nil {
		return nil, err
	}
	all := lab.Stats(table)
	if len(all) == 0 {
		return nil, errors.New("HAProxy tells no statistics: " + table)
	}
	return all, nil
}

// Seen is what came of a request.
type Seen struct {
	lab.Exchange
	// Backend and Server are those that HAProxy has given it to.
	Backend, Server string
	// Kind is what became of it, Unknown where it was not sent; Why says why.
	Kind route.Kind
	Why  string
}

// Ask sends a request as often as it says, and returns what came of the last one. What
// is computed of it says which bind it goes to, and whether an answer is waited for.
func (b *Sandbox) Ask(r route.Request, computed *route.Answer) (Seen, error) {
	v, number, why := b.visit(&r, computed)
	if why != "" {
		return Seen{Kind: route.Unknown, Why: why}, nil
	}
	n, err := b.node(number)
	if err != nil {
		return Seen{}, err
	}
	down := n.downs(r.Down)
	if why := n.unready(b.site, r.Down); why != "" {
		return Seen{Kind: route.Unknown, Why: why}, nil
	}
	if err := n.set(down, "maint"); err != nil {
		return Seen{}, err
	}
	if err := n.forget(); err != nil {
		return Seen{}, err
	}
	seen, err := n.send(v, r.Count)
	return seen, errors.Join(err, n.set(down, "ready"))
}

// send sends a visit so many times, and looks at which counters have changed with the last.
func (n *sandboxed) send(v lab.Visit, times int) (Seen, error) {
	if times > 1 {
		earlier := v
		earlier.Times, earlier.Keep = times-1, true
		if _, err := n.lab.Visit(earlier); err != nil {
			return Seen{}, err
		}
	}
	before, err := n.counted()
	if err != nil {
		return Seen{}, err
	}
	x, err := n.lab.Visit(v)
	if err != nil {
		return Seen{}, err
	}
	after, err := n.counted()
	if err != nil {
		return Seen{}, err
	}
	s := Seen{Exchange: x}
	for i := range after {
		switch c := &after[i]; {
		case i >= len(before) || before[i].Sessions == c.Sessions:
		case c.Name == wholeBackend:
			s.Backend = c.Proxy
		case s.Server == "" || x.Server == c.Server():
			s.Server = c.Name
		}
	}
	s.Kind = s.kind(v.Stream)
	return s, nil
}

// kind is what became of a visit.
func (s *Seen) kind(stream bool) route.Kind {
	const firstRedirect, lastRedirect = 300, 399
	switch {
	case s.Problem == lab.Refused:
		return route.NotHeard
	case s.Problem != "":
		return route.Closed
	case stream, s.Exchange.Server != "":
		return route.ToBackend
	case s.Status >= firstRedirect && s.Status <= lastRedirect:
		return route.Redirect
	default:
		return route.ByHAProxy
	}
}

// downs are the servers that a request has down, by their names.
func (n *sandboxed) downs(all []string) []string {
	var down []string
	for _, name := range n.servers {
		backend, _, _ := strings.Cut(name, "/")
		if slices.Contains(all, name) || slices.Contains(all, backend) {
			down = append(down, name)
		}
	}
	return down
}

// unready says why the servers cannot be as a request has them.
func (n *sandboxed) unready(s *site.Site, down []string) string {
	for i := range s.Backends {
		b := &s.Backends[i]
		if len(b.ServerTemplates) > 0 && slices.Contains(down, b.Name) {
			return "a name server tells the servers of backend " + b.Name + ", and there is none here"
		}
	}
	return ""
}

func (n *sandboxed) set(servers []string, state string) error {
	for _, name := range servers {
		said, err := n.lab.AskHAProxy(n.node, "set server "+name+" state "+state)
		if err != nil {
			return err
		}
		if said = strings.TrimSpace(said); said != "" {
			return fmt.Errorf("server %s does not become %s: %s", name, state, said)
		}
	}
	return nil
}

// answers is how long an answer is waited for, and silence how long where none is to
// come: a connection may be dropped without a word.
const answers, silence = 30 * time.Second, time.Second

// visit is the request as it is sent, the number of the node that it is sent to, and why
// it cannot be sent.
func (b *Sandbox) visit(r *route.Request, computed *route.Answer) (lab.Visit, int, string) {
	at, bind := b.place(r, computed)
	if !at.IsValid() {
		return lab.Visit{}, 0, "it is not known to which address it goes"
	}
	v := lab.Visit{To: netip.AddrPortFrom(at, uint16(r.Port)), From: r.From, TLS: r.Scheme == route.HTTPS, SNI: r.ServerName(),
		Certificate: r.ClientCertificate, Method: r.Method, Scheme: r.Scheme, Host: r.Host, Target: r.Target, Stream: r.Scheme == route.TCP,
		Times: 1, Wait: answers}
	if computed.Kind == route.Closed {
		v.Wait = silence
	}
	if !v.From.IsValid() {
		v.From = someClient(at)
	}
	if v.From.Is4() != at.Is4() {
		return v, 0, fmt.Sprintf("no client comes from %s to %s", v.From, at)
	}
	if bind != nil {
		v.Proxy = bind.AcceptProxy
		v.HTTP2 = bind.Proto == "h2" || bind.TLS != nil && slices.Equal(bind.TLS.ALPN, []string{"h2"})
		v.TLS = v.TLS || v.Stream && bind.TLS != nil
	}
	v.TLS = v.TLS || v.Stream && v.SNI != ""
	for _, h := range r.Headers {
		v.Header = append(v.Header, [2]string{h.Name, h.Value})
	}
	if r.User != "" {
		v.Header = append(v.Header, [2]string{"Authorization",
			"Basic " + base64.StdEncoding.EncodeToString([]byte(r.User+":"+StubPassword))})
	}
	return v, b.owner(at), ""
}

// someClient is where a client comes from whose address nobody has told.
func someClient(to netip.Addr) netip.Addr {
	if to.Is4() {
		return netip.AddrFrom4([4]byte{203, 0, 113, 9})
	}
	return netip.MustParseAddr("2001:db8:ffff::9")
}

// place is the address that a request goes to, and the bind that listens there, nil for
// one of lbgen's own.
func (b *Sandbox) place(r *route.Request, computed *route.Answer) (netip.Addr, *site.Bind) {
	var first netip.Addr
	for i := range b.site.Frontends {
		f := &b.site.Frontends[i]
		for j := range f.Binds {
			bind := &f.Binds[j]
			if computed.Bind == f.Path().Key("binds").Index(j) {
				return b.among(bind.Addresses, r), bind
			}
			if !first.IsValid() {
				first = b.among(bind.Addresses, r)
			}
		}
	}
	switch {
	case r.Address.IsValid():
		return r.Address, nil
	case computed.Frontend == model.StatsName:
		return b.among(b.site.Stats.Addresses, r), nil
	case computed.Kind == route.NotHeard:
		return first, nil
	default:
		return netip.Addr{}, nil
	}
}

// among is the request's own address, or the best of several: of its client's family,
// and no other node's.
func (b *Sandbox) among(all []netip.Addr, r *route.Request) netip.Addr {
	if r.Address.IsValid() {
		return r.Address
	}
	var found netip.Addr
	for _, a := range all {
		if a.IsUnspecified() {
			a = anyOf(a)
		}
		fits := b.owner(a) == 0 && (!r.From.IsValid() || r.From.Is4() == a.Is4())
		if fits || !found.IsValid() {
			found = a
		}
		if fits {
			break
		}
	}
	return found
}

// anyOf is one of the addresses that a star stands for.
func anyOf(star netip.Addr) netip.Addr {
	if star.Is4() {
		return netip.AddrFrom4([4]byte{198, 18, 255, 1})
	}
	return netip.MustParseAddr("2001:2::ffff:1")
}

// owner is the number of the node that has the address, 0 where any has.
func (b *Sandbox) owner(a netip.Addr) int {
	for i := range b.site.Nodes {
		for _, all := range b.site.Nodes[i].Addresses {
			if slices.Contains(all, a) {
				return i
			}
		}
	}
	return 0
}
