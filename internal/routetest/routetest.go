// Package routetest asks the tests of a site file: what becomes of each request, as
// internal/route computes it or as somebody has seen it, is held against what the test
// expects; and which routes the tests reach.
package routetest

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// Outcome is what became of a test.
type Outcome string

// The outcomes of a test.
const (
	Passed Outcome = "passed"
	Failed Outcome = "failed"
	// Undecided: the site file does not decide what becomes of the request.
	Undecided Outcome = "undecided"
)

// Result is what became of one test.
type Result struct {
	*model.Test
	Path    diag.Path // of the test
	Outcome Outcome
	Wanted  string // what the test expects
	Got     Seen   // what became of the request
	// Computed is what was computed where something else was seen.
	Computed *Seen
}

// Report is what became of the tests of a site.
type Report struct {
	Results []Result
	// Routes are all of the site in the order of the file, of which some were reached.
	Routes []Route
}

// Route is a route, a rule of a backend or a default_backend.
type Route struct {
	Path    diag.Path
	Action  string // the key of what it does, such as backend or default_backend
	Reached int    // by so many tests
}

// Run asks each test what becomes of its request.
func Run(s *site.Site) Report { return runTests(s, s.Written.Tests) }

// runTests asks a site tests that may be those of another one.
func runTests(s *site.Site, tests []model.Test) Report {
	e, c := route.New(s), newCoverage(s)
	r := Report{Results: make([]Result, 0, len(tests))}
	for i := range tests {
		t := &tests[i]
		a := e.Route(Request(t))
		c.add(&a)
		r.Results = append(r.Results, Judge(t, diag.Path("tests").Index(i), Computed(&a)))
	}
	r.Routes = c.routes
	return r
}

// Request is what the client of a test asks for.
func Request(t *model.Test) route.Request {
	q := &t.Request
	r := route.Request{Scheme: q.Scheme, Method: q.Method, Target: q.Target, Port: q.Port, From: t.From.Addr, SNI: t.SNI,
		ClientCertificate: t.ClientCertificate, User: t.User, Count: t.Times, Down: t.Down}
	if !q.IsTCP() {
		r.Host = hostHeader(q)
	}
	if r.Address = t.To.Addr; !r.Address.IsValid() {
		r.Address = q.Addr()
	}
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		for _, v := range t.Headers[name] {
			r.Headers = append(r.Headers, route.Header{Name: name, Value: v})
		}
	}
	var cookies []string
	for _, name := range slices.Sorted(maps.Keys(t.Cookies)) {
		cookies = append(cookies, name+"="+t.Cookies[name])
	}
	if len(cookies) > 0 {
		r.Headers = append(r.Headers, route.Header{Name: "Cookie", Value: strings.Join(cookies, "; ")})
	}
	return r
}

// hostHeader is the value of Host: clients leave out a port that is the scheme's own.
func hostHeader(q *model.TestRequest) string {
	if q.Scheme == route.HTTP && q.Port == 80 || q.Scheme == route.HTTPS && q.Port == 443 {
		return strings.TrimSuffix(q.Authority, ":"+strconv.Itoa(q.Port))
	}
	return q.Authority
}

// Seen is what became of a request, computed or seen. What it does not tell is zero.
type Seen struct {
	Kind     route.Kind
	Backend  string   // that the request got to
	Servers  []string // as BACKEND/SERVER: one of them answers
	Status   int      // of an answer by HAProxy itself
	Location string
	Page     string // file of the site
	By       diag.Path
	Why      string
}

// Computed is what the evaluator says of a request.
func Computed(a *route.Answer) Seen {
	s := Seen{Kind: a.Kind, Backend: a.Backend, Status: a.Status, Location: a.Location, Page: a.Page, By: a.By, Why: a.Why}
	for _, name := range a.Servers {
		s.Servers = append(s.Servers, a.Backend+"/"+name)
	}
	if a.Kind == route.Unknown && len(a.Undecided) > 0 {
		doubt := a.Undecided[len(a.Undecided)-1]
		s.By, s.Why = doubt.Path, doubt.Why
	}
	return s
}
