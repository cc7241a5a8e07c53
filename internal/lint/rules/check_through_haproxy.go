package rules

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/site"
)

func checkThroughHAProxy() lint.Rule {
	return lint.Rule{
		ID: "LB1011", Name: "check-through-haproxy", Since: "0.1",
		Title: "The check asks the servers behind HAProxy",
		Text: `The script sends a request to a frontend, which hands it on to a server. When the servers are down the check
fails on every node, the virtual IPs go from one to the other or are on none, and the sorry page is served nowhere.
Whether the servers are well is HAProxy's business; Keepalived has to know whether HAProxy is:
` + "`track: {haproxy: {http: {}}}`" + ` asks HAProxy itself, and so does a frontend's ` + "`monitor_uri`" + `.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track:
      scripts: [{name: own, command: §[/usr/bin/curl, -sf, -o, /dev/null, 'http://192.0.2.10/']}]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track:
      scripts: [{name: own, command: [/usr/bin/curl, -sf, -o, /dev/null, 'http://192.0.2.10/up']}]
frontends: [{name: main, binds: [{vip: VI_1, port: 80}], monitor_uri: /up, default_backend: app}]
`,
		Run: func(p *lint.Pass) {
			ownScripts(p, func(path diag.Path, words []string) {
				for _, word := range words {
					if i := handsOn(p.Site, word); i >= 0 {
						p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("%s is answered by the servers behind frontend %q, not by HAProxy", word,
							p.Site.Frontends[i].Name),
							Detail:  "write track: {haproxy: {http: {}}} and take the script out, or ask a monitor_uri of the frontend",
							Related: also(p, "the frontend", diag.Path("frontends").Index(i))})
						return
					}
				}
			})
		},
	}
}

// handsOn returns the index of the frontend that hands a request for the URL on
// to servers, -1 if the word is none or nothing does.
func handsOn(s *site.Site, word string) int {
	if !strings.HasPrefix(word, "http://") && !strings.HasPrefix(word, "https://") {
		return -1
	}
	u, err := url.Parse(word)
	if err != nil {
		return -1
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		port = map[string]int{"http": 80, "https": 443}[u.Scheme]
	}
	return slices.IndexFunc(s.Frontends, func(f site.Frontend) bool {
		return f.DefaultBackend != "" && (f.MonitorURI == "" || u.Path != f.MonitorURI) && !answersItself(&f, u.Path) &&
			slices.ContainsFunc(f.Binds, func(b site.Bind) bool { return listens(s, b, u.Hostname(), port) })
	})
}

// answersItself says whether a route of the frontend answers a request for the path.
func answersItself(f *site.Frontend, path string) bool {
	for i := range f.Routes {
		r := &f.Routes[i]
		if r.Return == nil && r.Deny == 0 && r.Redirect == nil {
			continue
		}
		begins := func(beg string) bool { return strings.HasPrefix(path, beg) }
		for _, m := range r.When {
			if !m.Not && (slices.Contains(m.Path, path) || slices.ContainsFunc(m.PathBeg, begins)) {
				return true
			}
		}
	}
	return false
}

// listens says whether the bind gets what is sent to the host and port from a
// node. What a name leads to is not known, but for localhost.
func listens(s *site.Site, b site.Bind, host string, port int) bool {
	if !slices.Contains(b.Ports, port) {
		return false
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	to, err := netip.ParseAddr(host)
	return err == nil && slices.ContainsFunc(b.Addresses, func(a netip.Addr) bool {
		return a == to || a.IsUnspecified() && (to.IsLoopback() || isOwn(s, to))
	})
}

// isOwn says whether a node has the address, always or as a virtual IP.
func isOwn(s *site.Site, a netip.Addr) bool {
	return slices.ContainsFunc(claims(s), func(c claim) bool { return c.addr == a })
}
