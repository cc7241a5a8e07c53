package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// proxyRules are about the sections of haproxy.cfg as a whole.
func proxyRules() []Rule {
	return []Rule{
		{ID: "LB6001", Name: "no-timeout", Severity: diag.Warning, Mistakes: []string{"HA01"},
			Title: "A section has no `timeout client`, `connect` or `server`",
			Text:  "A peer that is silent holds its connection for ever, until no slot is left.",
			Bad:   "\nlisten §raw\n    mode tcp\n    bind 192.0.2.10:81\n    timeout client 0\n    server a 192.0.2.21:81 check\n",
			Run:   proxies(noTimeout)},
		{ID: "LB2033", Name: "timeout-below-a-second", Severity: diag.Warning, Mistakes: []string{"HA02", "HA104"},
			Bad: section("backend app", "§timeout server 30"), Run: lines(timeWithoutUnit)},
		{ID: "LB6003", Name: "no-request-timeout", Severity: diag.Info, Mistakes: []string{"HA05"},
			Title: "No `timeout http-request`",
			Text:  "A client that sends its request byte by byte holds a slot for as long as `timeout client` allows each time.",
			Bad: "\ndefaults slow\n    mode http\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n\nfrontend §other " +
				"from slow\n    bind 192.0.2.10:81\n    default_backend app\n",
			Run: proxies(func(p *Pass, _ *pair.Node, s *haproxy.Section) {
				if s.Kind != "backend" && s.Mode() == "http" && hasBind(s) && s.Inherited("timeout", "http-request") == nil {
					p.Report(named(s), "no timeout http-request: a client that sends its request byte by byte holds a slot",
						"write timeout http-request 10s in defaults")
				}
			})},
		{ID: "LB6004", Name: "no-effect-here", Severity: diag.Warning, Mistakes: []string{"HA04", "HA09", "HA10"},
			Title: "A line has no effect in its section",
			Text:  "The keyword belongs to another kind of section. HAProxy warns of some of them and passes over the line.",
			Bad:   section("backend app", "§timeout client 5s"), Run: proxies(noEffect)},
		{ID: "LB6005", Name: "more-than-the-process", Severity: diag.Warning, Mistakes: []string{"HA11"},
			Title: "A frontend takes more connections than the whole process",
			Text:  "`maxconn` of the global section counts first: what stands here is never reached, and all frontends wait together.",
			Bad:   section("frontend main", "§maxconn 50000"), Run: proxies(moreThanProcess)},
		{ID: "LB2001", Name: "unused-backend", Severity: diag.Warning, Mistakes: []string{"HA19"},
			Bad: "\nbackend §old\n    server a 192.0.2.31:80 check\n", Run: unusedBackends},
		{ID: "LB6006", Name: "backend-not-there", Severity: diag.Error, Mistakes: []string{"HA18"},
			Title: "A backend or a condition is named that is not there",
			Text:  "HAProxy refuses the file.",
			Bad:   section("frontend main", "§use_backend apo if { path /x }"), Run: backendNotThere},
		{ID: "LB6007", Name: "no-server", Severity: diag.Warning, Mistakes: []string{"HA20"},
			Title: "A backend has no server and no answer of its own",
			Text:  "Every request gets 503.",
			Bad:   section("frontend main", "use_backend none if { path /x }") + "\nbackend §none\n    balance roundrobin\n",
			Run:   proxies(noServer)},
		{ID: "LB6008", Name: "last-one-wins", Severity: diag.Warning, Mistakes: []string{"HA21"},
			Title: "A line stands in a section a second time",
			Text:  "The last one counts, and nobody reads the first.",
			Bad:   section("backend app", "balance roundrobin\n§balance leastconn"), Run: proxies(lastOneWins)},
		{ID: "LB6009", Name: "bound-twice", Severity: diag.Error, Mistakes: []string{"HA26", "HA27"},
			Title: "Two sections listen on one address and port",
			Text:  "The kernel splits the clients between them at random. An address beside `*` is the same port, too.",
			Bad:   "\nfrontend other\n    bind §*:80\n    default_backend app\n", Run: boundTwice},
		{ID: "LB2016", Name: "bind-to-all", Severity: diag.Info, Mistakes: []string{"HA28"},
			Bad: section("frontend main", "bind §*:80"), Run: bindToAll},
		{ID: "LB1021", Name: "unheard-vip", Severity: diag.Warning, Mistakes: []string{"HA100"},
			Bad: section("frontend main", "bind 192.0.2.1:80") + instance("virtual_ipaddress {\n    §192.0.2.10/24\n}"), Run: notBound},
		{ID: "LB6011", Name: "one-name-for-two", Severity: diag.Info, Mistakes: []string{"HA34", "HA35"},
			Title: "A frontend and a backend have one name",
			Text:  "HAProxy refuses that from 3.3 on, and statistics and logs cannot tell them apart.",
			Bad: "\nfrontend §app\n    bind 192.0.2.10:81\n    default_backend app\n" + section("backend app",
				"server c 192.0.2.23:80 check"), Run: oneName},
		{ID: "LB6012", Name: "listen-hands-on", Severity: diag.Warning, Mistakes: []string{"HA36"},
			Title: "A `listen` section has servers and a `default_backend`",
			Text:  "Its own servers get nothing.",
			Bad: "\nlisten both\n    bind 192.0.2.10:81\n    §default_backend app\n    option httpchk\n    " +
				"http-check send meth GET uri /ready\n    http-check expect status 200\n    server a 192.0.2.31:80 check\n",
			Run: proxies(func(p *Pass, _ *pair.Node, s *haproxy.Section) {
				if d := s.Line("default_backend"); s.Kind == "listen" && d != nil && len(pair.Servers(s)) > 0 {
					p.Report(d.Range, "the section's own servers get nothing: default_backend takes all", "take the servers or this line out")
				}
			})},
	}
}

// proxies runs a rule on every frontend, backend and listen section.
func proxies(run func(*Pass, *pair.Node, *haproxy.Section)) func(*Pass) {
	return func(p *Pass) {
		for _, n := range p.Pair.Nodes {
			for _, s := range n.HAProxy.Sections {
				if slices.Contains([]string{"frontend", "backend", "listen"}, s.Kind) {
					run(p, n, s)
				}
			}
		}
	}
}

// lines runs a rule on every line of every section.
func lines(run func(*Pass, *haproxy.Section, *haproxy.Directive)) func(*Pass) {
	return func(p *Pass) {
		for _, n := range p.Pair.Nodes {
			for _, s := range n.HAProxy.Sections {
				for _, d := range s.Lines {
					run(p, s, d)
				}
			}
		}
	}
}

// named is the place of a section's name.
func named(s *haproxy.Section) diag.Range {
	if len(s.Head.Tokens) > 1 {
		return s.Head.Tokens[1].Range
	}
	return s.Head.Range
}

func hasBind(s *haproxy.Section) bool { return len(pair.Binds(s)) > 0 }

func noTimeout(p *Pass, _ *pair.Node, s *haproxy.Section) {
	var wanted []string
	if s.Kind != "backend" && hasBind(s) {
		wanted = append(wanted, "client")
	}
	if s.Kind != "frontend" && len(pair.Servers(s)) > 0 {
		wanted = append(wanted, "connect", "server")
	}
	for _, w := range wanted {
		d := s.Inherited("timeout", w)
		if d == nil || d.Word(2) == "0" {
			p.Report(named(s), "no timeout "+w+": a silent peer holds its connection for ever", "write it in defaults")
			return
		}
	}
}

func timeWithoutUnit(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
	say := func(i int) {
		if ms, err := strconv.Atoi(d.Word(i)); err == nil && ms > 0 && ms < 1000 {
			p.Report(d.Range, fmt.Sprintf("%s %d is %d ms", strings.Join(d.Words()[:i], " "), ms, ms), fmt.Sprintf("write %ds or %dms", ms, ms))
		}
	}
	switch d.Word(0) {
	case "timeout":
		say(2)
		t, ok := pair.Time(d.Word(2))
		if _, bare := strconv.Atoi(d.Word(2)); ok && bare != nil && 0 < t && t < time.Second && (d.Word(1) == "client" || d.Word(1) == "server") {
			p.Report(d.Range, "timeout "+d.Word(1)+" "+d.Word(2)+": who is silent for less than a second is cut off",
				"write some seconds, such as 30s")
		}
	case "server", "default-server":
		for i, w := range d.Words() {
			if ms, err := strconv.Atoi(d.Word(i + 1)); (w == "inter" || w == "fastinter" || w == "downinter") && err == nil && ms > 0 && ms < 100 {
				p.Report(d.Tokens[i].Range, fmt.Sprintf("%s %d is %d ms", w, ms, ms), fmt.Sprintf("write %ds or %dms", ms, ms))
			}
		}
	}
}

// noEffect asks the facts whether the keyword may stand in the section.
func noEffect(p *Pass, _ *pair.Node, s *haproxy.Section) {
	in := haproxy.InOf(s.Kind)
	for _, d := range s.Lines {
		for _, name := range []string{d.Word(0) + " " + d.Word(1), d.Word(0)} {
			facts := haproxy.Find(name)
			facts = slices.DeleteFunc(slices.Clone(facts), func(f haproxy.Fact) bool { return f.In == 0 || f.Of != "" })
			if len(facts) == 0 {
				continue
			}
			if !slices.ContainsFunc(facts, func(f haproxy.Fact) bool { return f.StandsIn(in) }) {
				p.Report(d.Range, name+" has no effect in a "+s.Kind+" section", "put it where it belongs: "+facts[0].In.String())
			}
			break
		}
	}
}

func moreThanProcess(p *Pass, n *pair.Node, s *haproxy.Section) {
	d := s.Line("maxconn")
	if d == nil || s.Kind == "backend" {
		return
	}
	of, err := strconv.Atoi(d.Word(1))
	for _, g := range n.HAProxy.Sections {
		if g.Kind != "global" || g.Line("maxconn") == nil {
			continue
		}
		if all, bad := strconv.Atoi(g.Line("maxconn").Word(1)); err == nil && bad == nil && of > all {
			p.Report(d.Range, fmt.Sprintf("maxconn %d, and the whole process takes %d", of, all), "raise maxconn in global, or lower this one",
				diag.Related{Message: "the process's", Range: g.Line("maxconn").Range})
		}
	}
}

// users are the backends that lines name.
func users(n *pair.Node) map[string]bool {
	used := map[string]bool{}
	for _, s := range n.HAProxy.Sections {
		for _, d := range s.Lines {
			switch d.Word(0) {
			case "default_backend", "use_backend":
				used[d.Word(1)] = true
				if strings.ContainsAny(d.Word(1), "%[") {
					used["*"] = true
				}
			}
			for i, w := range d.Words() {
				if strings.HasPrefix(w, "nbsrv(") || strings.HasPrefix(w, "sc") || w == "track" || w == "table" {
					used[strings.Trim(strings.TrimPrefix(w, "nbsrv"), "()")] = true
					used[d.Word(i+1)] = true
				}
			}
		}
	}
	return used
}

func unusedBackends(p *Pass) {
	for _, n := range p.Pair.Nodes {
		used := users(n)
		for _, s := range n.HAProxy.Sections {
			table := s.Line("stick-table") != nil
			if s.Kind == "backend" && !used[s.Name] && !used["*"] && !table {
				p.Report(named(s), "no frontend uses the backend "+s.Name, "use it, or take it out")
			}
		}
	}
}

func backendNotThere(p *Pass) {
	for _, n := range p.Pair.Nodes {
		var there []string
		for _, s := range n.HAProxy.Sections {
			if s.Kind == "backend" || s.Kind == "listen" {
				there = append(there, s.Name)
			}
		}
		for _, s := range n.HAProxy.Sections {
			for _, d := range s.Lines {
				if w := d.Word(0); (w == "default_backend" || w == "use_backend") && !strings.Contains(d.Word(1), "%") && !slices.Contains(there,
					d.Word(1)) {
					p.Report(d.Range, "there is no backend "+d.Word(1), "write the name of one")
				}
			}
		}
	}
}

func noServer(p *Pass, n *pair.Node, s *haproxy.Section) {
	if s.Kind == "frontend" || len(pair.Servers(s)) > 0 || s.Kind == "listen" && s.Line("default_backend") != nil {
		return
	}
	for _, words := range [][]string{{"http-request"}, {"stats"}, {"stick-table"}, {"redirect"}, {"errorfile"}, {"http-error"},
		{"dispatch"}, {"option", "http_proxy"},
		{"monitor-uri"}, {"use_backend"}, {"tcp-request"}, {"mode", "health"}} {
		if s.Line(words...) != nil {
			return
		}
	}
	if n.HAProxy.Found.HasErrors() || s.Inherited("stats", "enable") != nil {
		return
	}
	p.Report(named(s), "no server stands in "+s.Kind+" "+s.Name+": every request gets 503", "write its servers, or take it out")
}

func lastOneWins(p *Pass, _ *pair.Node, s *haproxy.Section) {
	first := map[string]*haproxy.Directive{}
	for _, d := range s.Lines {
		key := d.Word(0)
		if key == "timeout" {
			key += " " + d.Word(1)
		}
		if !slices.Contains([]string{"default_backend", "balance", "mode", "maxconn", "cookie", "retries"}, d.Word(0)) &&
			d.Word(0) != "timeout" {
			continue
		}
		if o := first[key]; o != nil {
			p.Report(d.Range, key+" is there twice: the last one counts", "take one of them out", diag.Related{Message: "the first",
				Range: o.Range})
		}
		first[key] = d
	}
}

func boundTwice(p *Pass) {
	for _, n := range p.Pair.Nodes {
		var seen []pair.Bind
		for _, s := range n.HAProxy.Sections {
			for _, b := range pair.Binds(s) {
				i := slices.IndexFunc(seen, func(o pair.Bind) bool {
					return o.Port == b.Port && (o.Host == b.Host || (o.Host == "*" || b.Host == "*") && !strings.Contains(o.Host+b.Host, ":"))
				})
				if i >= 0 && seen[i].Line != b.Line {
					p.Report(b.At, "port "+b.Port+" of this address is bound twice", "let one section listen there", diag.Related{Message: "the first",
						Range: seen[i].At})
				}
				seen = append(seen, b)
			}
		}
	}
}

// vips are the virtual IPs of a node.
func vips(p *Pass, n *pair.Node) []string {
	var all []string
	for _, r := range p.Pair.Routers() {
		if m := r.Of(n); m != nil {
			all = append(all, m.VIPs...)
		}
	}
	return all
}

func bindToAll(p *Pass) {
	for _, n := range p.Pair.Nodes {
		if len(vips(p, n)) == 0 {
			continue
		}
		for _, s := range n.HAProxy.Sections {
			for _, b := range pair.Binds(s) {
				if b.Host == "*" && s.Line("stats", "enable") == nil && s.Line("stats", "uri") == nil {
					p.Report(b.At, "the node's own addresses answer, too: this bind takes all", "bind the virtual IP, and set net.ipv4.ip_nonlocal_bind")
				}
			}
		}
	}
}

func notBound(p *Pass) {
	for _, r := range p.Pair.Routers() {
		for _, m := range r.Members {
			if len(m.Node.HAProxyFiles) == 0 || m.Node.HAProxy.Found.HasErrors() || m.Node.HasLVS() {
				continue
			}
			for _, v := range m.Block.Listed("virtual_ipaddress") {
				if a, ok := address(v.Keyword()); ok && !m.Node.Hears(a.String()) {
					p.Report(v.Range, "no frontend listens on "+a.String(), "bind it in haproxy.cfg, on all nodes")
				}
			}
		}
	}
}

func oneName(p *Pass) {
	for _, n := range p.Pair.Nodes {
		seen := map[string]*haproxy.Section{}
		for _, s := range n.HAProxy.Sections {
			if !slices.Contains([]string{"frontend", "backend", "listen"}, s.Kind) || s.Name == "" {
				continue
			}
			if o := seen[s.Name]; o != nil {
				p.Report(named(s), "two sections have the name "+s.Name, "give one of them another name", diag.Related{Message: "the first",
					Range: named(o)})
			} else {
				seen[s.Name] = s
			}
		}
	}
}

// serves says whether servers stand behind a section.
func serves(s *haproxy.Section) bool {
	return len(pair.Servers(s)) > 0 || s.Line("default_backend") != nil || s.Line("use_backend") != nil
}
