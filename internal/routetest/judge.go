package routetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
)

// Judge holds what became of a request against what its test expects.
func Judge(t *model.Test, path diag.Path, got Seen) Result {
	r := Result{Test: t, Path: path, Wanted: Wanted(t), Got: got, Outcome: Failed}
	switch {
	case got.Kind == route.Unknown:
		r.Outcome = Undecided
	case holds(t, &got):
		r.Outcome = Passed
	}
	return r
}

// holds says whether all that the test expects is so.
func holds(t *model.Test, got *Seen) bool {
	status := t.Code
	if status == 0 {
		status = t.Status
	}
	return (!t.Closed || got.Kind == route.Closed) &&
		(t.Backend == "" || got.Backend == t.Backend) &&
		(t.Server == "" || slices.Equal(got.Servers, []string{t.Server})) &&
		(t.Redirect == "" || got.Kind == route.Redirect && got.Location == t.Redirect) &&
		(status == 0 || got.Status == status) &&
		(t.Page == "" || got.Page == t.Page) &&
		(!onlyBackend(t) || got.Kind == route.ToBackend)
}

// onlyBackend says whether the test expects nothing but the backend: then one of its
// servers has to answer.
func onlyBackend(t *model.Test) bool {
	return t.Backend != "" && t.Redirect == "" && t.Status == 0 && t.Page == ""
}

// Wanted says in words what a test expects.
func Wanted(t *model.Test) string {
	var all []string
	add := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	if t.Backend != "" && t.Server == "" {
		add("backend %s", t.Backend)
	}
	if t.Server != "" {
		add("server %s", t.Server)
	}
	if t.Redirect != "" && t.Code == 0 {
		add("redirect to %s", t.Redirect)
	}
	if t.Redirect != "" && t.Code != 0 {
		add("redirect to %s with %d", t.Redirect, t.Code)
	}
	if t.Status != 0 {
		add("status %d", t.Status)
	}
	if t.Page != "" {
		add("page %s", t.Page)
	}
	if t.Closed {
		add("no answer")
	}
	return strings.Join(all, ", ")
}

// String says in words what became of a request, in the words of Wanted.
func (s Seen) String() string {
	switch s.Kind {
	case route.ToBackend:
		switch len(s.Servers) {
		case 1:
			return "server " + s.Servers[0]
		case 0:
			return "backend " + s.Backend
		default:
			return "backend " + s.Backend + " (" + oneOf(s.Servers) + ")"
		}
	case route.Redirect:
		return fmt.Sprintf("redirect to %s with %d", s.Location, s.Status)
	case route.ByHAProxy:
		text := "status " + strconv.Itoa(s.Status)
		if s.Backend != "" {
			text = "backend " + s.Backend + ", " + text
		}
		if s.Page != "" {
			text += ", page " + s.Page
		}
		return text
	case route.Closed:
		return "no answer"
	case route.NotHeard:
		return "nothing listens there"
	default:
		return "undecided"
	}
}

// mostNamed is how many servers a message names.
const mostNamed = 4

func oneOf(servers []string) string {
	var names []string
	for _, s := range servers[:min(len(servers), mostNamed)] {
		_, name, _ := strings.Cut(s, "/")
		names = append(names, name)
	}
	if len(servers) > mostNamed {
		return fmt.Sprintf("one of %s and %d more", strings.Join(names, ", "), len(servers)-mostNamed)
	}
	return strings.Join(names[:len(names)-1], ", ") + " or " + names[len(names)-1]
}
