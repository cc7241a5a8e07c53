package scaffold_test

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/scaffold"
	"github.com/lbgen/lbgen/internal/site"
)

func addrs(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, t := range texts {
		all = append(all, netip.MustParseAddr(t))
	}
	return all
}

// answers are those of a plain web site, changed by whoever wants another.
func answers(change func(*scaffold.Answers)) scaffold.Answers {
	a := scaffold.Answers{
		Kind: "web", Site: "shop", Platform: "debian12", VIP: netip.MustParseAddr("10.0.0.10"),
		Nodes:    []scaffold.Node{{Name: "lb1", Addresses: addrs("10.0.0.11")}, {Name: "lb2", Addresses: addrs("10.0.0.12")}},
		Backends: []scaffold.Backend{{Name: "app", Servers: []string{"10.0.1.21:8080", "10.0.1.22:8080"}}},
	}
	change(&a)
	return a
}

func backend(name string, servers ...string) []scaffold.Backend {
	return []scaffold.Backend{{Name: name, Servers: servers}}
}

// TestLintHasNothingToSay: the model takes what is written, and no rule finds
// anything in it.
func TestLintHasNothingToSay(t *testing.T) {
	for name, change := range map[string]func(*scaffold.Answers){
		"web":          func(*scaffold.Answers) {},
		"HTTPS":        func(a *scaffold.Answers) { a.Certificate = "/etc/haproxy/certs" },
		"HTTPS, slash": func(a *scaffold.Answers) { a.Certificate = "/etc/haproxy/certs/" },
		"several backends, default port": func(a *scaffold.Answers) {
			a.Certificate = "/etc/haproxy/site.pem"
			a.Backends = append(backend("app", "web1.example.com", "10.0.1.22"), backend("api", "10.0.1.31:80", "10.0.1.32:80")...)
		},
		"firewalld": func(a *scaffold.Answers) { a.Platform = "rocky9" },
		"two networks": func(a *scaffold.Answers) {
			a.Platform = "rocky10"
			a.Nodes = []scaffold.Node{{Name: "lb1", Addresses: addrs("10.0.0.11", "10.0.1.11")},
				{Name: "lb2", Addresses: addrs("10.0.0.12", "10.0.1.12")}}
		},
		"three nodes": func(a *scaffold.Answers) {
			a.Nodes = append(a.Nodes, scaffold.Node{Name: "lb3", Addresses: addrs("10.0.0.13")})
		},
		"names that YAML would take for something else": func(a *scaffold.Answers) {
			a.Nodes[0].Name, a.Nodes[1].Name, a.Site = "on", "1e3", "true"
		},
		"IPv6": func(a *scaffold.Answers) {
			a.VIP = netip.MustParseAddr("2001:db8::10")
			a.Nodes = []scaffold.Node{{Name: "lb1", Addresses: addrs("2001:db8::11")}, {Name: "lb2", Addresses: addrs("2001:db8::12")}}
			a.Backends = backend("app", "[2001:db8:1::21]:80", "[2001:db8:1::22]:80")
		},
		"tcp": func(a *scaffold.Answers) {
			a.Kind, a.Backends = "tcp", backend("mqtt", "10.0.1.21:1883", "10.0.1.22:1883")
		},
		"Kubernetes": func(a *scaffold.Answers) {
			a.Kind, a.Backends = "k8s-api", backend("masters", "10.0.1.21", "10.0.1.22", "10.0.1.23")
		},
		"MySQL": func(a *scaffold.Answers) {
			a.Kind, a.Backends = "database", backend("galera", "10.0.1.21:3306", "10.0.1.22:3306")
		},
		"PostgreSQL and Redis": func(a *scaffold.Answers) {
			a.Kind = "database"
			a.Backends = append(backend("pg", "10.0.1.21:5432", "10.0.1.22:5432"), backend("cache", "10.0.1.31:6379", "10.0.1.32:6379")...)
		},
		"another database": func(a *scaffold.Answers) {
			a.Kind, a.Backends = "database", backend("mongo", "10.0.1.21:27017", "10.0.1.22:27017")
		},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := scaffold.Write(answers(change))
			if err != nil {
				t.Fatal(err)
			}
			s, src, found := model.Load("site.yaml", text)
			if !found.HasErrors() {
				subject := lint.Subject{Site: site.Resolve(s), Source: src}
				found = append(found, lint.Run(rules.All(), []lint.Subject{subject}, oneByOne)[0]...)
			}
			src.Locate(found)
			for _, d := range found {
				if d.Severity != diag.Info {
					t.Errorf("%s: %s: %s", d.Subject, d.Code, d.Summary)
				}
			}
			if t.Failed() {
				t.Logf("%s", text)
			}
		})
	}
}

func oneByOne(n int, job func(int)) {
	for i := range n {
		job(i)
	}
}

func TestWrongAnswersAreSaid(t *testing.T) {
	for want, change := range map[string]func(*scaffold.Answers){
		`there is no kind "mail"`:   func(a *scaffold.Answers) { a.Kind = "mail" },
		"the virtual IP is missing": func(a *scaffold.Answers) { a.VIP = netip.Addr{} },
		"node lb2 has no address in 10.0.0.0/24, where the virtual IP is: write --node lb2=172.16.0.12,ADDRESS": func(a *scaffold.Answers) {
			a.Nodes[1].Addresses = addrs("172.16.0.12")
		},
		"node lb1 has no address in 10.0.5.0/24, where 10.0.5.12 of lb2 is": func(a *scaffold.Answers) {
			a.Nodes[1].Addresses = addrs("10.0.0.12", "10.0.5.12")
		},
		"has no port: write ADDRESS:PORT": func(a *scaffold.Answers) { a.Kind, a.Backends = "tcp", backend("mqtt", "10.0.1.21") },
		"backend app has no server":       func(a *scaffold.Answers) { a.Backends = backend("app") },
		"a certificate is for kind web":   func(a *scaffold.Answers) { a.Kind, a.Certificate = "tcp", "/etc/a.pem" },
		"backends a and b have servers of": func(a *scaffold.Answers) {
			a.Kind, a.Backends = "tcp", append(backend("a", "10.0.1.21:25"), backend("b", "10.0.1.22:25")...)
		},
		"a site needs a node and a backend": func(a *scaffold.Answers) { a.Nodes = nil },
	} {
		if _, err := scaffold.Write(answers(change)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
