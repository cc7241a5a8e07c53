package routetest

import (
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// coverage counts by how many requests each route of a site was reached. A route is
// reached where it has matched and done something: a rate limit where it has refused.
type coverage struct {
	routes   []Route
	at       map[diag.Path]int // index of a route
	defaults map[string]int    // index of the default_backend of a frontend
}

func newCoverage(s *site.Site) *coverage {
	c := &coverage{at: map[diag.Path]int{}, defaults: map[string]int{}}
	for i := range s.Frontends {
		f := &s.Frontends[i]
		c.list(f.Path().Key("routes"), f.Routes)
		if f.DefaultBackend != "" && !takesAll(f.Routes) {
			c.defaults[f.Name] = len(c.routes)
			c.routes = append(c.routes, Route{Path: f.Path().Key("default_backend"), Action: "default_backend"})
		}
	}
	for i := range s.Backends {
		b := &s.Backends[i]
		c.list(b.Path().Key("rules"), b.Rules)
	}
	return c
}

func (c *coverage) list(path diag.Path, routes []site.Route) {
	for i := range routes {
		at := path.Index(i)
		c.at[at] = len(c.routes)
		c.routes = append(c.routes, Route{Path: at, Action: routes[i].Action})
	}
}

// takesAll says whether a route leaves nothing to default_backend.
func takesAll(routes []site.Route) bool {
	for i := range routes {
		if r := &routes[i]; len(r.When) == 0 && (r.Action == "backend" || r.Action == "deny" || r.Action == "reject") {
			return true
		}
	}
	return false
}

// add counts the routes that a request has come by.
func (c *coverage) add(a *route.Answer) {
	chosen := false
	for i := range a.Steps {
		s := &a.Steps[i]
		if s.Matched != route.Yes {
			continue
		}
		if at, ok := c.at[s.Path]; ok {
			c.routes[at].Reached++
		}
		chosen = chosen || s.Action == "backend"
	}
	if at, ok := c.defaults[a.Frontend]; ok && a.Backend != "" && !chosen {
		c.routes[at].Reached++
	}
}

// Reached returns how many of the routes the tests have reached.
func (r *Report) Reached() int {
	n := 0
	for i := range r.Routes {
		if r.Routes[i].Reached > 0 {
			n++
		}
	}
	return n
}

// Percent returns how many of a hundred routes were reached, rounded down; 100 where
// there are none.
func Percent(reached, all int) int {
	if all == 0 {
		return 100
	}
	return reached * 100 / all
}

// Count returns how many tests had the outcome.
func (r *Report) Count(o Outcome) int {
	n := 0
	for i := range r.Results {
		if r.Results[i].Outcome == o {
			n++
		}
	}
	return n
}

// Findings are the tests that have not passed, each at its place, with what came of it
// instead and what decided that.
func (r *Report) Findings(place func(diag.Path) diag.Range) diag.List {
	var found diag.List
	for i := range r.Results {
		one := &r.Results[i]
		if one.Outcome != Passed {
			found = append(found, one.finding(place))
		}
	}
	return found
}

// finding says what became of a test that has not passed.
func (r *Result) finding(place func(diag.Path) diag.Range) diag.Diagnostic {
	d, by := diag.Diagnostic{Code: "test-failed", Path: r.Path, Summary: r.Request.Text + ": " + r.Got.String() + ", not " + r.Wanted,
		Detail: r.Got.Why}, "this decides"
	switch {
	case r.Outcome == Undecided:
		d = diag.Diagnostic{Code: "test-undecided", Path: r.Path, Summary: r.Request.Text + " is undecided: " + r.Got.Why, Detail: remedy(r.Test)}
		by = "it hangs on this"
	case r.Got.Kind == route.NotHeard:
		d.Summary = r.Request.Text + ": nothing listens there"
		d.Detail = "look at the address and the port of the request, and at the binds"
	}
	if r.Computed != nil {
		d.Summary, d.Detail = r.Request.Text+": HAProxy does something else than is computed: "+r.Got.String()+", not "+r.Computed.String(),
			"the HAProxy that was asked may know what the site file does not; else lbgen is wrong: please report it"
		by = "by what is computed this decides"
	}
	if r.Got.By != "" {
		d.Related = append(d.Related, diag.Related{Message: by, Range: place(r.Got.By)})
	}
	return d
}

// remedy says how an undecided test is decided.
func remedy(t *model.Test) string {
	var say []string
	if !t.From.IsValid() {
		say = append(say, "where the client comes from (from: 203.0.113.9)")
	}
	if !t.To.IsValid() && !t.Request.Addr().IsValid() {
		say = append(say, "to which address it goes (to: 192.0.2.10)")
	}
	if len(say) == 0 {
		return ""
	}
	return "say " + strings.Join(say, ", and ")
}
