package rules

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// accessRules are about who may see and do what, about TLS, logs and pages.
func accessRules() []Rule {
	return []Rule{
		{ID: "LB2009", Name: "stats-without-password", Severity: diag.Warning, Mistakes: []string{"HA95"},
			Bad: "\nlisten stats\n    bind 192.0.2.10:8404\n    §stats enable\n    stats uri /stats\n", Run: proxies(func(p *Pass, _ *pair.Node,
				s *haproxy.Section) {
				d := statsLine(s)
				if d != nil && s.Inherited("stats", "auth") == nil && s.Line("http-request", "auth") == nil && s.Line("http-request",
					"deny") == nil &&
					s.Line("stats", "http-request") == nil && !loopback(s) {
					p.Report(d.Range, "everybody who reaches this address sees the statistics page",
						"write stats auth, or an http-request deny for all but your own networks")
				}
			})},
		{ID: "LB6050", Name: "stats-for-admins", Severity: diag.Error, Mistakes: []string{"HA96"},
			Title: "Whoever sees the statistics page may switch servers off",
			Text:  "`stats admin if TRUE` without a password is a switch in everybody's hands.",
			Bad:   "\nlisten stats\n    bind 127.0.0.1:8404\n    stats enable\n    §stats admin if TRUE\n", Run: proxies(func(p *Pass,
				_ *pair.Node, s *haproxy.Section) {
				if d := s.Line("stats", "admin"); d != nil && s.Inherited("stats", "auth") == nil && s.Line("http-request", "auth") == nil {
					p.Report(d.Range, "whoever sees the page may switch servers off: there is no stats auth", "write stats auth, or take this line out")
				}
			})},
		{ID: "LB6051", Name: "password-of-everybody", Severity: diag.Warning, Mistakes: []string{"HA98"},
			Title: "A password that everybody tries first",
			Text:  "admin, password, secret, haproxy and the like are in every list.",
			Bad:   "\nlisten stats\n    bind 127.0.0.1:8404\n    stats enable\n    §stats auth admin:admin\n", Run: lines(func(p *Pass,
				_ *haproxy.Section, d *haproxy.Directive) {
				if d.Word(0) == "stats" && d.Word(1) == "auth" {
					_, password, _ := strings.Cut(d.Word(2), ":")
					if slices.Contains([]string{"admin", "password", "passwd", "secret", "haproxy", "123456", "1234", "changeme", "test", "root",
						"stats", "admin123"}, strings.ToLower(password)) {
						p.Report(d.Range, "everybody tries this password first", "write another one")
					}
				}
			})},
		{ID: "LB2027", Name: "runtime-socket-by-tcp", Severity: diag.Error, Mistakes: []string{"HA97"},
			Bad: section("global", "§stats socket ipv4@0.0.0.0:9999 level admin"), Run: lines(func(p *Pass, s *haproxy.Section,
				d *haproxy.Directive) {
				if at := d.Word(2); s.Kind == "global" && d.Word(0) == "stats" && d.Word(1) == "socket" && !strings.HasPrefix(at, "/") &&
					!strings.HasPrefix(at, "unix@") &&
					!strings.HasPrefix(at, "fd@") && !strings.Contains(at, "127.0.0.1:") && strings.Contains(at, ":") {
					p.Report(d.Range, "everybody who reaches this port may do everything with HAProxy",
						"write a file, such as /run/haproxy/admin.sock mode 600 level admin")
				}
			})},
		{ID: "LB6052", Name: "root-stays", Severity: diag.Info, Mistakes: []string{"HA99"},
			Title: "HAProxy keeps root's rights",
			Text:  "Without `user` in the global section it stays what it was started as.",
			Bad:   "\n§global\n    log /dev/log local0\n    maxconn 4000\n    hard-stop-after 1h\n", Run: globals(func(p *Pass, _ *pair.Node,
				g *haproxy.Section) {
				if g.Line("user") == nil && g.Line("uid") == nil {
					p.Report(g.Head.Range, "no user: HAProxy keeps root's rights", "write user haproxy and group haproxy")
				}
			})},
		{ID: "LB6053", Name: "nothing-is-logged", Severity: diag.Info, Mistakes: []string{"HA92"},
			Title: "There is no log target",
			Text:  "What clients were answered, and when a server went down, nobody can read.",
			Bad:   "\n§global\n    user haproxy\n    group haproxy\n    maxconn 4000\n    hard-stop-after 1h\n", Run: globals(func(p *Pass,
				n *pair.Node,
				g *haproxy.Section) {
				for _, s := range n.HAProxy.Sections {
					if d := s.Line("log"); d != nil && d.Word(1) != "global" {
						return
					}
				}
				p.Report(g.Head.Range, "no log target: nobody can read what happened",
					"write log /dev/log local0 in global, and log global in defaults")
			})},
		{ID: "LB6054", Name: "certificate-without-tls", Severity: diag.Error, Mistakes: []string{"TL01"},
			Title: "A bind has a certificate and no `ssl`",
			Text:  "HAProxy answers in clear text there.",
			Bad:   section("frontend main", "§bind 192.0.2.10:443 crt /etc/haproxy/www.pem\nbind 192.0.2.10:80"), Run: lines(func(p *Pass,
				_ *haproxy.Section, d *haproxy.Directive) {
				if d.Word(0) == "bind" && slices.Contains(d.Words(), "crt") && !slices.Contains(d.Words(), "ssl") {
					p.Report(d.Range, "crt without ssl: HAProxy answers in clear text", "write ssl before crt")
				}
			})},
		{ID: "LB3001", Name: "old-tls", Severity: diag.Warning, Mistakes: []string{"TL03"},
			Bad: section("global", "§ssl-default-bind-options ssl-min-ver TLSv1.0"), Run: lines(func(p *Pass, _ *haproxy.Section,
				d *haproxy.Directive) {
				for i, w := range d.Words() {
					if v := d.Word(i + 1); w == "ssl-min-ver" && (v == "TLSv1.0" || v == "TLSv1.1" || v == "SSLv3") || w == "force-tlsv10" ||
						w == "force-tlsv11" || w == "force-sslv3" {
						p.Report(d.Range, "TLS older than 1.2 is spoken", "write ssl-min-ver TLSv1.2")
						return
					}
				}
			})},
		{ID: "LB3002", Name: "server-not-verified", Severity: diag.Warning, Mistakes: []string{"TL05"},
			Bad: section("backend app", "server §c 192.0.2.23:8443 check ssl verify none"), Run: servers(func(p *Pass, n *pair.Node,
				s pair.Server) {
				if s.Has("ssl") && s.Value("verify") == "none" && !lastResort(n, s.Section) {
					p.Report(s.Line.Tokens[1].Range, "verify none: whoever answers is taken for the server", "write verify required ca-file FILE")
				}
			})},
		{ID: "LB6055", Name: "short-dh", Severity: diag.Warning, Mistakes: []string{"TL06"},
			Title: "Diffie-Hellman parameters of 1024 bits",
			Text:  "They can be broken.",
			Bad:   section("global", "§tune.ssl.default-dh-param 1024"), Run: lines(func(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
				if d.Word(0) == "tune.ssl.default-dh-param" && d.Word(1) == "1024" {
					p.Report(d.Range, "Diffie-Hellman parameters of 1024 bits can be broken", "write 2048")
				}
			})},
		{ID: "LB3004", Name: "clear-password", Severity: diag.Warning, Mistakes: []string{"TL09"},
			Bad: "\nuserlist people\n    §user ada insecure-password s3cret\n", Run: lines(func(p *Pass, s *haproxy.Section,
				d *haproxy.Directive) {
				if s.Kind == "userlist" && slices.Contains(d.Words(), "insecure-password") {
					p.Report(d.Range, "the password stands in clear text", "write password and its hash: mkpasswd -m sha-512")
				}
			})},
		{ID: "LB2005", Name: "table-lost-on-failover", Severity: diag.Warning, Mistakes: []string{"HA82"},
			Bad: section("backend app", "§stick-table type ip size 100k expire 30m\nstick on src"), Run: proxies(func(p *Pass, _ *pair.Node,
				s *haproxy.Section) {
				d := s.Line("stick-table")
				if d != nil && s.Line("stick") != nil && !slices.Contains(d.Words(), "peers") && len(p.Pair.Nodes) > 1 {
					p.Report(d.Range, "a failover forgets who was on which server: the table has no peers",
						"write a peers section of all nodes, and peers NAME behind the table")
				}
			})},
		{ID: "LB6056", Name: "page-without-head", Severity: diag.Error, Mistakes: []string{"HA90"},
			Title: "An error page is plain HTML",
			Text: "`errorfile` sends the file as it is: it must begin with the status line and headers. HAProxy refuses it, or clients see " +
				"nothing.",
			Bad: "", Run: lines(func(p *Pass, _ *haproxy.Section, d *haproxy.Directive) {
				if d.Word(0) != "errorfile" {
					return
				}
				for _, n := range p.Pair.Nodes {
					if data, err := n.File(d.Word(2)); err == nil && len(data) > 0 && !strings.HasPrefix(string(data), "HTTP/") {
						p.Report(d.Range, d.Word(2)+" does not begin with HTTP/: it is sent as it is",
							"write the status line and headers, and an empty line, above the page")
						return
					}
				}
			})},
		{ID: "LB2015", Name: "old-process-stays", Severity: diag.Info, Mistakes: []string{"HA08"},
			Bad: "\n§global\n    log /dev/log local0\n    user haproxy\n    maxconn 4000\n" + section("backend app", "timeout tunnel 1h"),
			Run: globals(func(p *Pass, n *pair.Node, g *haproxy.Section) {
				tunnel := slices.ContainsFunc(n.HAProxy.Sections, func(s *haproxy.Section) bool { return s.Line("timeout", "tunnel") != nil })
				if tunnel && g.Line("hard-stop-after") == nil {
					p.Report(g.Head.Range, "nothing ends the old process of a reload while a tunnel is open", "write hard-stop-after 1h")
				}
			})},
	}
}

// globals runs a rule on the first global section of a node that has a frontend.
func globals(run func(*Pass, *pair.Node, *haproxy.Section)) func(*Pass) {
	return func(p *Pass) {
		for _, n := range p.Pair.Nodes {
			if i := slices.IndexFunc(n.HAProxy.Sections, func(s *haproxy.Section) bool { return s.Kind == "global" }); i >= 0 {
				run(p, n, n.HAProxy.Sections[i])
			}
		}
	}
}

// statsLine is the first line that switches the statistics page on.
func statsLine(s *haproxy.Section) *haproxy.Directive {
	for _, d := range s.Lines {
		if d.Word(0) == "stats" && slices.Contains([]string{"enable", "uri", "auth", "refresh", "hide-version", "realm"}, d.Word(1)) {
			return d
		}
	}
	return nil
}

// loopback says whether a section listens on this machine alone.
func loopback(s *haproxy.Section) bool {
	all := pair.Binds(s)
	return len(all) > 0 && !slices.ContainsFunc(all, func(b pair.Bind) bool {
		return b.Host != "127.0.0.1" && b.Host != "::1" &&
			b.Host != "localhost"
	})
}
