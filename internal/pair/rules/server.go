package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// serverRules are about the servers of a section.
func serverRules() []Rule {
	return []Rule{
		{ID: "LB6020", Name: "server-is-haproxy", Severity: diag.Error, Mistakes: []string{"HA30"},
			Title: "A server is HAProxy's own address",
			Text:  "Requests go round until no connection is left.",
			Bad:   section("backend app", "server c §192.0.2.10:80 check"), Run: isHAProxy},
		{ID: "LB6021", Name: "defaults-behind-servers", Severity: diag.Warning, Mistakes: []string{"HA32"},
			Title: "`default-server` stands below servers",
			Text:  "It counts for the servers below it alone.",
			Bad:   section("backend app", "§default-server inter 5s"), Run: proxies(func(p *Pass, _ *pair.Node, s *haproxy.Section) {
				seen := false
				for _, d := range s.Lines {
					seen = seen || d.Word(0) == "server"
					if seen && d.Word(0) == "default-server" {
						p.Report(d.Range, "default-server has no effect on the servers above it", "put it above them")
					}
				}
			})},
		{ID: "LB6057", Name: "protocols-twice", Severity: diag.Warning,
			Title: "HAProxy 2.6 frees memory twice for `alpn`",
			Text: "Where `default-server` has `alpn` or `check-alpn`, each `server` line with its own gives the memory of that list back once " +
				"more.\n" +
				"HAProxy 2.6.12 of Debian 12 then ends at times, also with `-c` (seen with valgrind); 3.0.11 and 3.4.7 do not.",
			Bad: "\nbackend app\n    default-server ssl verify required ca-file /etc/ssl/ca.pem sni str(a.example.com) alpn h2\n" +
				"    server c 192.0.2.23:8443 check alpn h2,http/1.1\n    server d 192.0.2.24:8443 check §alpn h2,http/1.1\n",
			Run: proxies(protocolsTwice)},
		{ID: "LB2002", Name: "duplicate-server", Severity: diag.Warning, Mistakes: []string{"HA33"},
			Bad: section("backend app", "server c §192.0.2.21:80 check"), Run: proxies(duplicates)},
		{ID: "LB2003", Name: "servers-not-checked", Severity: diag.Warning, Mistakes: []string{"HA40", "HA41"},
			Bad: "\nbackend app\n    server §a 192.0.2.21:80\n", Run: proxies(notChecked)},
		{ID: "LB2006", Name: "one-backup-serves", Severity: diag.Warning, Mistakes: []string{"HA85"},
			Bad: section("backend app", "server c 192.0.2.23:80 check backup\nserver §d 192.0.2.24:80 check backup"), Run: proxies(func(p *Pass,
				_ *pair.Node, s *haproxy.Section) {
				backups := backupsOf(s)
				if len(backups) > 1 && s.Inherited("option", "allbackups") == nil {
					p.Report(backups[1].Line.Tokens[1].Range, "of the backup servers the first one alone serves", "write option allbackups")
				}
			})},
		{ID: "LB2007", Name: "only-backups", Severity: diag.Warning, Mistakes: []string{"HA86"},
			Bad: "\nbackend app\n    option httpchk\n    http-check send meth GET uri /ready\n    http-check expect status 200\n    server §a " +
				"192.0.2.21:80 check backup\n",
			Run: proxies(func(p *Pass, _ *pair.Node, s *haproxy.Section) {
				if all := pair.Servers(s); len(all) > 0 && len(backupsOf(s)) == len(all) {
					p.Report(all[0].Line.Tokens[1].Range, "every server is a backup: one alone serves",
						"take the word backup out where it does not belong")
				}
			})},
		{ID: "LB2017", Name: "clear-text-to-443", Severity: diag.Warning, Mistakes: []string{"HA47"},
			Bad: section("backend app", "server c §192.0.2.23:443 check"), Run: servers(func(p *Pass, _ *pair.Node, s pair.Server) {
				if s.Section.Mode() == "http" && strings.HasSuffix(s.Address(), ":443") && !s.Has("ssl") {
					p.Report(s.Line.Tokens[2].Range, "clear text is spoken to port 443",
						"write ssl and whose certificate is good: ssl verify required ca-file FILE sni str(NAME)")
				}
			})},
		{ID: "LB2018", Name: "check-without-proxy-header", Severity: diag.Warning, Mistakes: []string{"HA49"},
			Bad: section("backend app", "server §c 192.0.2.23:80 check send-proxy port 80"), Run: servers(func(p *Pass, _ *pair.Node,
				s pair.Server) {
				if (s.Has("send-proxy") || s.Has("send-proxy-v2")) && s.Has("check") && strings.HasSuffix(s.Address(), ":"+s.Value("port")) &&
					!s.Has("check-send-proxy") {
					p.Report(s.Line.Tokens[1].Range, "its checks go to another port, without the PROXY protocol's header",
						"write check-send-proxy where that port wants it, too")
				}
			})},
		{ID: "LB2019", Name: "nobody-serves", Severity: diag.Warning, Mistakes: []string{"HA51"},
			Bad: "\nbackend app\n    option httpchk\n    http-check send meth GET uri /ready\n    http-check expect status 200\n    server §a " +
				"192.0.2.21:80 check disabled\n",
			Run: proxies(func(p *Pass, _ *pair.Node, s *haproxy.Section) {
				all := pair.Servers(s)
				if len(all) > 0 && !slices.ContainsFunc(all, func(s pair.Server) bool { return !s.Has("disabled") }) {
					p.Report(all[0].Line.Tokens[1].Range, "every server is disabled: nobody serves",
						"take the word disabled out; no-check switches a check off")
				}
			})},
		{ID: "LB2020", Name: "one-bad-check-takes-out", Severity: diag.Warning, Mistakes: []string{"HA53"},
			Bad: section("backend app", "server §c 192.0.2.23:80 check fall 1"), Run: servers(func(p *Pass, _ *pair.Node, s pair.Server) {
				if s.Has("check") && s.Value("fall") == "1" {
					p.Report(s.Line.Tokens[1].Range, "one bad check takes the server out", "write fall 2 or 3, and a shorter inter if that is too slow")
				}
			})},
		{ID: "LB2021", Name: "no-retry", Severity: diag.Warning, Mistakes: []string{"HA88"},
			Bad: section("backend app", "§retries 0"), Run: lines(func(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
				if d.Word(0) == "retries" && d.Word(1) == "0" {
					p.Report(d.Range, "one refused connection is an error for a client", "write retries 3, with option redispatch")
				}
			})},
		{ID: "LB6022", Name: "server-without-cookie", Severity: diag.Warning, Mistakes: []string{"HA80"},
			Title: "A cookie is inserted, and a server has no value for it",
			Text:  "Clients of this server get no cookie: the next request goes elsewhere.",
			Bad: section("backend app", "cookie SRV insert indirect nocache\nserver §a 192.0.2.21:80 check\nserver b 192.0.2.22:80 check "+
				"cookie b"), Run: servers(func(p *Pass, _ *pair.Node, s pair.Server) {
				if c := s.Section.Inherited("cookie"); c != nil && !slices.Contains(c.Words(), "dynamic") && s.Value("cookie") == "" &&
					!s.Has("backup") {
					p.Report(s.Line.Tokens[1].Range, "the section inserts a cookie, and this server has no value for it",
						"write cookie "+s.Name()+" behind it")
				}
			})},
		{ID: "LB6023", Name: "cookie-value-twice", Severity: diag.Warning, Mistakes: []string{"HA81"},
			Title: "Two servers have one cookie value",
			Text:  "Clients of both go to the first.",
			Bad: section("backend app", "cookie SRV insert indirect nocache\nserver a 192.0.2.21:80 check cookie x\nserver §b 192.0.2.22:80 "+
				"check cookie x"), Run: proxies(cookieTwice)},
		{ID: "LB6024", Name: "bad-weight", Severity: diag.Error, Mistakes: []string{"HA87"},
			Title: "A weight beyond 256",
			Text:  "HAProxy refuses the file.",
			Bad:   section("backend app", "server §c 192.0.2.23:80 check weight 300"), Run: servers(func(p *Pass, _ *pair.Node, s pair.Server) {
				if w, err := strconv.Atoi(s.Value("weight")); err == nil && w > 256 {
					p.Report(s.Line.Tokens[1].Range, fmt.Sprintf("weight %d: at most 256", w), "write a smaller one")
				}
			})},
	}
}

// servers runs a rule on every server.
func servers(run func(*Pass, *pair.Node, pair.Server)) func(*Pass) {
	return proxies(func(p *Pass, n *pair.Node, s *haproxy.Section) {
		for _, server := range pair.Servers(s) {
			if len(server.Line.Tokens) > 2 && server.Line.Word(0) == "server" {
				run(p, n, server)
			}
		}
	})
}

// protocolsTwice reports the second server whose line frees what default-server has.
func protocolsTwice(p *Pass, _ *pair.Node, s *haproxy.Section) {
	shared, own := map[string]bool{}, map[string]int{}
	for _, d := range s.Lines {
		for i := range d.Tokens {
			word := d.Word(i)
			switch {
			case word != "alpn" && word != "check-alpn":
			case d.Word(0) == "default-server":
				shared[word] = true
			case d.Word(0) == "server" && shared[word]:
				if own[word]++; own[word] == 2 {
					p.Report(d.Tokens[i].Range, word+" stands in default-server and in several server lines: HAProxy 2.6 frees memory twice",
						"write it in each server line, and not in default-server")
				}
			}
		}
	}
}

func backupsOf(s *haproxy.Section) []pair.Server {
	return slices.DeleteFunc(pair.Servers(s), func(s pair.Server) bool { return !s.Has("backup") })
}

func isHAProxy(p *Pass) {
	binds, own := map[*pair.Node]map[string][]pair.Bind{}, map[*pair.Node][]string{}
	for _, n := range p.Pair.Nodes {
		byPort := map[string][]pair.Bind{}
		for _, o := range n.HAProxy.Sections {
			for _, b := range pair.Binds(o) {
				byPort[b.Port] = append(byPort[b.Port], b)
			}
		}
		binds[n], own[n] = byPort, vips(p, n)
	}
	servers(func(p *Pass, n *pair.Node, s pair.Server) {
		host, port, _ := strings.Cut(s.Address(), ":")
		for _, b := range binds[n][port] {
			if b.Host == host || b.Host == "*" && slices.Contains(own[n], host) {
				p.Report(s.Line.Tokens[2].Range, "HAProxy itself listens there: requests go round", "write the server's own address",
					diag.Related{Message: "this bind", Range: b.At})
				return
			}
		}
	})(p)
}

func duplicates(p *Pass, _ *pair.Node, s *haproxy.Section) {
	seen := map[string]diag.Range{}
	for _, server := range pair.Servers(s) {
		if len(server.Line.Tokens) < 3 || server.Line.Word(0) != "server" {
			continue
		}
		at := server.Line.Tokens[2].Range
		if first, twice := seen[server.Address()]; twice {
			p.Report(at, "two servers have the address "+server.Address(), "give one of them its own, or take it out",
				diag.Related{Message: "the first", Range: first})
		}
		seen[server.Address()] = at
	}
}

// notChecked reports the first server of a section that is not checked: a single one
// can be marked down, too.
func notChecked(p *Pass, n *pair.Node, s *haproxy.Section) {
	for _, server := range pair.Servers(s) {
		if len(server.Line.Tokens) > 2 && !server.Has("check") && !server.Has("agent-check") && server.Value("track") == "" &&
			!server.Has("disabled") {
			if lastResort(n, s) {
				return
			}
			why := ""
			if s.Inherited("option", "httpchk") != nil {
				why = ": option httpchk alone checks nothing"
			}
			p.Report(server.Line.Tokens[1].Range, "nobody checks this server"+why, "write check behind it")
			return
		}
	}
}

func cookieTwice(p *Pass, _ *pair.Node, s *haproxy.Section) {
	seen := map[string]diag.Range{}
	for _, server := range pair.Servers(s) {
		value := server.Value("cookie")
		if first, twice := seen[value]; twice && value != "" {
			p.Report(server.Line.Tokens[1].Range, "two servers have the cookie value "+value, "give each its own",
				diag.Related{Message: "the first", Range: first})
		}
		seen[value] = server.Line.Tokens[1].Range
	}
}

// lastResort says whether a section gets requests only where another one has no
// server left: nobody has to check that.
func lastResort(n *pair.Node, s *haproxy.Section) bool {
	yes := false
	for _, o := range n.HAProxy.Sections {
		for _, d := range o.Lines {
			if d.Word(0) == "default_backend" && d.Word(1) == s.Name {
				return false
			}
			if d.Word(0) == "use_backend" && d.Word(1) == s.Name {
				yes = slices.ContainsFunc(d.Words(), func(w string) bool { return strings.HasPrefix(w, "nbsrv") })
				if !yes {
					return false
				}
			}
		}
	}
	return yes
}
