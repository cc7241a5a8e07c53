package route

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// section is the routes of a frontend, or the rules of a backend, made ready.
type section struct {
	rules []rule
	front *site.Frontend // nil: a backend
}

// rule is one route.
type rule struct {
	*site.Route
	path diag.Path
	when []criterion
	to   int // number of the backend, -1 for none
	// The lines that the route becomes, as internal/render/haproxy makes them: a route
	// to a backend that has other routes below it ends the rules in its place, and where
	// a route below changes the request, what it found out there is kept.
	ends, kept bool
	// asAnswered says that a response rule looks at its conditions when the answer comes.
	asAnswered bool
}

func (e *Evaluator) section(routes []site.Route, from diag.Path, mode string, f *site.Frontend) section {
	s := section{rules: make([]rule, len(routes)), front: f}
	last, rewrites := -1, -1
	for i := range routes {
		if routes[i].Backend == "" {
			last = i
		}
		if routes[i].ChangesRequest() {
			rewrites = i
		}
	}
	left := false
	for i := range routes {
		r := rule{Route: &routes[i], path: from.Index(i), to: e.number(routes[i].Backend)}
		r.when = e.criteria(routes[i].When, r.path.Key("when"), mode, f)
		if r.Backend != "" {
			r.ends = i < last
			r.kept = r.ends && i < rewrites && len(r.when) > 0
		}
		r.asAnswered = r.OnResponse() && !left && ofConnection(routes[i].When)
		left = left || r.Backend != "" || r.Allow
		s.rules[i] = r
	}
	return s
}

func ofConnection(when []model.Match) bool {
	for i := range when {
		if !when[i].OfConnection() {
			return false
		}
	}
	return true
}

// holds says whether all conditions of a rule hold, and notes the step.
func (w *walk) holds(r *rule) Truth {
	result, failed := Yes, -1
	for i := range r.when {
		switch r.when[i].holds(w) {
		case No:
			if w.trace {
				w.step(r, No, i)
			}
			return No
		case Maybe:
			if result == Yes {
				result, failed = Maybe, i
			}
		case Yes:
		}
	}
	if result == Maybe {
		w.step(r, Maybe, failed)
	}
	return result
}

// step notes a route that was looked at; failed is the match that did not hold.
func (w *walk) step(r *rule, matched Truth, failed int) *Step {
	s := Step{Path: r.path, Action: r.Action, Matched: matched}
	if failed >= 0 {
		c := &r.when[failed]
		s.Failed, s.Why = c.path, c.seen(w)
		if matched == Maybe {
			s.Why = w.why
		}
	}
	w.answer.Steps = append(w.answer.Steps, s)
	return &w.answer.Steps[len(w.answer.Steps)-1]
}

// did notes a route that matched, and what it did.
func (w *walk) did(r *rule, what string) { w.step(r, Yes, -1).Did = what }
