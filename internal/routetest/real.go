package routetest

import (
	"net/netip"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// Ask tells what is seen of a request. The answer is what is computed of it.
type Ask func(*route.Request, *route.Answer) (Seen, error)

// RunReal asks each test what is seen of its request, and holds that against what it
// expects and against what is computed. The first error ends it.
func RunReal(s *site.Site, ask Ask) (Report, error) {
	e, c := route.New(s), newCoverage(s)
	r := Report{Results: make([]Result, 0, len(s.Written.Tests))}
	for i := range s.Written.Tests {
		t := &s.Written.Tests[i]
		q := Request(t)
		a := e.Route(q)
		c.add(&a)
		computed := Computed(&a)
		got := computed
		if a.IsDecided() || !HangsOnClient(e, q) {
			var err error
			if got, err = ask(&q, &a); err != nil {
				return r, err
			}
		}
		one := Judge(t, diag.Path("tests").Index(i), got)
		if Differs(&computed, &got) {
			one.Outcome, one.Computed = Failed, &computed
		}
		one.Got.By = computed.By
		r.Results = append(r.Results, one)
	}
	r.Routes = c.routes
	return r, nil
}

// HangsOnClient says whether what becomes of a request is undecided because nobody has
// said where the client comes from: then it is of no use to send it from somewhere.
func HangsOnClient(e *route.Evaluator, q route.Request) bool {
	if q.From.IsValid() {
		return false
	}
	q.From = netip.AddrFrom4([4]byte{203, 0, 113, 9})
	a := e.Route(q)
	return a.IsDecided()
}

// Differs says whether something else was seen than is computed, where both are known.
func Differs(computed, seen *Seen) bool {
	if computed.Kind == route.Unknown || seen.Kind == route.Unknown {
		return false
	}
	return computed.Kind != seen.Kind || computed.Backend != seen.Backend || computed.Status != seen.Status ||
		computed.Location != "" && computed.Location != seen.Location ||
		computed.Kind == route.ByHAProxy && computed.Page != seen.Page ||
		slices.ContainsFunc(seen.Servers, func(name string) bool { return !slices.Contains(computed.Servers, name) })
}
