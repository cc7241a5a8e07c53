package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
)

// lateHang is when somebody has called for long. A site file is held to less: the packages'
// own haproxy.cfg comes to 36s.
const lateHang = time.Minute

// reachRules are about how servers are reached, and when it is noticed that they are not.
func reachRules() []Rule {
	return []Rule{
		{ID: "LB2014", Name: "server-noticed-late", Severity: diag.Warning, Mistakes: []string{"HA07"},
			Bad: "\nbackend §app\n    timeout check 1m\n    option httpchk\n    http-check send meth GET uri /ready\n    http-check expect status " +
				"200\n    server a 192.0.2.21:80 check\n    server b 192.0.2.22:80 check\n",
			Run: func(p *Pass) {
				for _, n := range p.Pair.Nodes {
					for _, c := range n.Checks() {
						if w := c.Detection(failover.Slow); w.Worst > lateHang {
							p.Report(named(c.Section), fmt.Sprintf("%s sends requests to a server that hangs for up to %s", c.Section.Name, w.Worst),
								"lower inter, fall or timeout check, or write fastinter: the time between the checks of a server that is in doubt")
						}
					}
				}
			}},
		{ID: "LB2031", Name: "source-of-one-node", Severity: diag.Warning, Mistakes: []string{"HA102"},
			Bad: section("backend app", "§source 192.0.2.10"), Run: sourceOfOne},
		{ID: "LB6025", Name: "slow-start-without-effect", Severity: diag.Info, Mistakes: []string{"HA54"},
			Title: "`slowstart` beside a balance that keeps its shares",
			Text:  "A server that comes back gets its whole share at once: static-rr, and a hash without `hash-type consistent`, cannot change it.",
			Bad:   section("backend app", "balance static-rr\nserver c 192.0.2.23:80 check §slowstart 30s"), Run: servers(slowStart)},
		{ID: "LB6026", Name: "check-speaks-other-protocol", Severity: diag.Warning, Mistakes: []string{"HA101"},
			Title: "`alpn h2` to a server that is checked over HTTP, without `check-alpn`",
			Text: "The check offers h2, too, and then speaks HTTP/1 whatever the server has chosen. A server that chose h2 counts as down for " +
				"ever (tried with HAProxy 2.6).",
			Bad: section("backend app", "server §c 192.0.2.23:443 check ssl verify required ca-file /etc/ssl/ca.pem sni str(c.example.com) "+
				"verifyhost c.example.com alpn h2"),
			Run: servers(func(p *Pass, _ *pair.Node, s pair.Server) {
				h2 := slices.Contains(strings.Split(s.Value("alpn"), ","), "h2")
				if h2 && s.Has("check") && s.Value("check-alpn") == "" && s.Section.Inherited("option", "httpchk") != nil {
					p.Report(s.Line.Tokens[1].Range, "the check offers h2 and speaks HTTP/1: a server that takes h2 is down for ever",
						"write check-alpn "+s.Value("alpn"))
				}
			})},
	}
}

// slowStart looks at a server's slowstart.
func slowStart(p *Pass, _ *pair.Node, s pair.Server) {
	balance, kind := s.Section.Inherited("balance"), s.Section.Inherited("hash-type")
	if balance == nil || s.Value("slowstart") == "" {
		return
	}
	hashes := []string{"source", "uri", "url_param", "rdp-cookie", "hash"}
	by, _, _ := strings.Cut(balance.Word(1), "(")
	fixed := by == "static-rr" || (slices.Contains(hashes, by) || by == "hdr") && (kind == nil || kind.Word(1) != "consistent")
	for _, t := range s.Line.Tokens {
		if fixed && t.Text == "slowstart" {
			p.Report(t.Range, "slowstart has no effect with balance "+balance.Word(1),
				"take it out, or write hash-type consistent, or another balance")
		}
	}
}

// sourceOfOne finds addresses that servers are reached from and that one node alone has.
func sourceOfOne(p *Pass) {
	if len(p.Pair.Nodes) < 2 {
		return
	}
	for _, n := range p.Pair.Nodes {
		for _, s := range n.HAProxy.Sections {
			for _, d := range s.Lines {
				at, text := sourceIn(d)
				a, err := netip.ParseAddr(text)
				switch {
				case err != nil:
				case isVIP(p.Pair, a):
					p.Report(at, fmt.Sprintf("a node without virtual IP %s gets no answer to its checks: to it all servers are down", a),
						"take source out, or write an address that every node has of its own")
				case ownerOf(p.Pair, a) != "" && ownerOf(p.Pair, a) != n.Name:
					p.Report(at, fmt.Sprintf("%s is an address of %s alone: to the other nodes all servers are down", a, ownerOf(p.Pair, a)),
						"take source out")
				}
			}
		}
	}
}

// sourceIn is the address behind source, and its place; "" where a line has none.
func sourceIn(d *haproxy.Directive) (diag.Range, string) {
	if d.Word(0) == "source" {
		return d.Range, host(d.Word(1))
	}
	if d.Word(0) == "server" || d.Word(0) == "default-server" {
		for i, t := range d.Tokens {
			if t.Text == "source" {
				return t.Range, host(d.Word(i + 1))
			}
		}
	}
	return diag.Range{}, ""
}

// host is an address without its port.
func host(text string) string {
	if a, err := netip.ParseAddrPort(text); err == nil {
		return a.Addr().String()
	}
	return text
}

func isVIP(p *pair.Pair, a netip.Addr) bool {
	return slices.ContainsFunc(p.Routers(), func(r *pair.Router) bool {
		return slices.ContainsFunc(r.Members, func(m *pair.Member) bool { return slices.Contains(m.VIPs, a.String()) })
	})
}
