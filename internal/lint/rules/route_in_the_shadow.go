package rules

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

func routeInTheShadow() lint.Rule {
	return lint.Rule{
		ID: "LB2025", Name: "route-in-the-shadow", Severity: diag.Warning, Since: "0.1",
		Title: "A route before it takes every request of a route",
		Text: `Routes are tried in the order in which they are written, and the first that takes a request keeps it. One
for ` + "`path_beg: /`" + ` or for a whole host leaves nothing to a more particular one below it. The rule compares hosts,
names in TLS, paths and beginnings of paths with those of earlier routes that look at nothing else.`,
		Bad: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}]
    routes:
      - {when: [{path_beg: /shop/}], backend: app}
      - {when: [{path_beg: §/shop/api/}], deny: 403}
    default_backend: app
`,
		Good: `
frontends:
  - name: main
    binds: [{vip: VI_1, port: 80}]
    routes:
      - {when: [{path_beg: /shop/api/}], deny: 403}
      - {when: [{path_beg: /shop/}], backend: app}
    default_backend: app
`,
		Run: func(p *lint.Pass) {
			for i := range p.Site.Frontends {
				t := taken{map[string]int{}, map[string]int{}, map[string]int{}, map[string]int{}}
				allows := false
				routes := diag.Path("frontends").Index(i).Key("routes")
				for j := range p.Site.Frontends[i].Routes {
					r := &p.Site.Frontends[i].Routes[j]
					if k, field, ok := t.shadows(r, routes.Index(j)); ok {
						p.Report(lint.Finding{Path: field, Summary: fmt.Sprintf("no request reaches this route: route %d takes them", k+1),
							Detail: "write this route above that one", Related: also(p, "it is this one", routes.Index(k))})
						continue
					}
					if allows = allows || r.Allow; r.Backend != "" || !allows {
						t.take(r, j) // allow lets requests pass later answers, not later backends
					}
				}
			}
		},
	}
}

// taken is what earlier routes take wholly, and which one does.
type taken struct{ hosts, snis, paths, begins map[string]int }

// take remembers what a route takes that looks at one thing.
func (t taken) take(r *site.Route, i int) {
	if len(r.When) != 1 || r.When[0].Not || !takesForGood(r) {
		return
	}
	m := &r.When[0]
	for _, h := range m.Host {
		t.hosts[strings.ToLower(h)] = i
	}
	for _, name := range m.SNI {
		t.snis[strings.ToLower(name)] = i
	}
	for _, path := range m.Path {
		t.paths[path] = i
	}
	for _, path := range m.PathBeg {
		t.begins[path] = i
	}
}

// takesForGood says whether no later route sees what the route takes.
func takesForGood(r *site.Route) bool {
	return r.Backend != "" || r.Redirect != nil && r.Redirect.Scheme == "" || r.Return != nil || r.Deny != 0 || r.Reject || r.SilentDrop
}

// shadows returns an earlier route that takes all that a route could, and the
// field of this one that shows it.
func (t taken) shadows(r *site.Route, at diag.Path) (route int, field diag.Path, ok bool) {
	for j := range r.When {
		m := &r.When[j]
		if m.Not {
			continue
		}
		for _, f := range []struct {
			name  string
			words model.Words
			by    func(string) (int, bool)
		}{{"host", m.Host, t.host}, {"sni", m.SNI, t.sni}, {"path", m.Path, t.path}, {"path_beg", m.PathBeg, t.begin}} {
			if m.IgnoreCase && strings.HasPrefix(f.name, "path") {
				continue // it may take more than those that look at case
			}
			if k, all := allTaken(f.words, f.by); all {
				return k, at.Key("when").Index(j).Key(f.name), true
			}
		}
	}
	return 0, "", false
}

// allTaken says whether every one of the words is taken, and names the route
// that takes the first.
func allTaken(words []string, by func(string) (int, bool)) (first int, all bool) {
	for i, w := range words {
		k, ok := by(w)
		if !ok {
			return 0, false
		}
		if i == 0 {
			first = k
		}
	}
	return first, len(words) > 0
}

func (t taken) host(name string) (int, bool) {
	i, ok := t.hosts[strings.ToLower(name)]
	return i, ok
}

func (t taken) sni(name string) (int, bool) {
	i, ok := t.snis[strings.ToLower(name)]
	return i, ok
}

func (t taken) path(path string) (int, bool) {
	if i, ok := t.paths[path]; ok {
		return i, true
	}
	return t.begin(path)
}

// begin looks whether an earlier route takes what begins so.
func (t taken) begin(path string) (int, bool) {
	for n := 1; n <= len(path) && len(t.begins) > 0; n++ {
		if i, ok := t.begins[path[:n]]; ok {
			return i, true
		}
	}
	return 0, false
}
