package cli

import (
	"fmt"
	"io"

	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/plan"
	"github.com/lbgen/lbgen/internal/routetest"
)

// movedJSON is a request of the old site's tests that the new site treats otherwise.
type movedJSON struct {
	Request string `json:"request"`
	Was     string `json:"was"`
	Is      string `json:"is"`
	File    string `json:"file,omitempty"` // of the test
	Line    int    `json:"line,omitempty"`
}

// diffJSON is a comparison, and what becomes of the old site's tests.
type diffJSON struct {
	compare.Result
	Requests []movedJSON `json:"requests,omitempty"`
}

// planJSON is a plan, and the same.
type planJSON struct {
	plan.Plan
	Requests []movedJSON `json:"requests,omitempty"`
}

// requests asks the tests of the old site file of the new one, where two were compared.
func (r compared) requests() []movedJSON {
	if len(r.old) != 1 || len(r.now) != 1 {
		return nil
	}
	var all []movedJSON
	old := r.old[0]
	for _, c := range routetest.Changes(old.site, r.now[0].site) {
		at := old.src.Range(c.Path)
		is := c.Is.String()
		if c.Is.Why != "" {
			is += " (" + c.Is.Why + ")"
		}
		all = append(all, movedJSON{c.Request, c.Was.String(), is, at.File, at.Start.Line})
	}
	return all
}

// printRequests says what becomes of the old site's tests, where that changes.
func printRequests(w io.Writer, all []movedJSON) {
	if len(all) > 0 {
		fmt.Fprint(w, "\nTests of the old site file that no longer pass:\n")
	}
	for _, m := range all {
		fmt.Fprintf(w, "  %s: %s, was %s (%s:%d)\n", m.Request, m.Is, m.Was, m.File, m.Line)
	}
}
