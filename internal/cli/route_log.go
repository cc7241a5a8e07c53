package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/accesslog"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/route"
)

// logTally is what became of the requests of a log. It does not grow with the log: other
// ways are as many as the site has, for each backend of the log.
type logTally struct {
	Requests  int `json:"requests"`
	Same      int `json:"same"`
	Other     int `json:"other"`
	Undecided int `json:"undecided"`
	Bad       int `json:"bad"`  // requests that HAProxy itself could not read
	Lines     int `json:"else"` // lines that are no requests
	// Ways are the differences, and what is undecided, the most frequent first.
	Ways []*wayJSON `json:"ways"`

	hosts int // requests whose host is known
	index map[wayKey]*wayJSON
}

// wayKey is what requests with the same difference have in common.
type wayKey struct {
	from, to  string
	by        diag.Path
	undecided bool
}

// wayJSON is a difference.
type wayJSON struct {
	From      string       `json:"from"` // what the log says
	To        string       `json:"to"`   // what this site does
	By        *placeJSON   `json:"by,omitempty"`
	Undecided bool         `json:"undecided,omitempty"`
	Count     int          `json:"count"`
	Examples  []sampleJSON `json:"examples"`
}

// sampleJSON is one request of the log.
type sampleJSON struct {
	Line    int    `json:"line"` // of the log
	Request string `json:"request"`
	From    string `json:"from,omitempty"`
}

// mostWays bounds what is kept of a log whose backends are made up.
const mostWays = 10_000

func (a *app) routeLog(name string, f *routeFlags) error {
	l, err := a.evaluable(name)
	if err != nil {
		return err
	}
	in := a.In
	if f.log != "-" {
		file, err := os.Open(f.log)
		if err != nil {
			return err
		}
		defer file.Close()
		in = file
	}
	r, err := accesslog.NewReader(in, l.site)
	if err != nil {
		return fmt.Errorf("reading %s: %w", f.log, err)
	}
	t := &logTally{index: map[wayKey]*wayJSON{}}
	if err := t.read(l, route.New(l.site), r, f.examples); err != nil {
		return fmt.Errorf("reading %s: %w", f.log, err)
	}
	slices.SortStableFunc(t.Ways, func(a, b *wayJSON) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.From+a.To, b.From+b.To))
	})
	found, sources := findings([]*loaded{l})
	if a.format == "json" {
		err = report.JSON(a.Out, found, report.Member{Name: "log", Value: t})
	} else if err = report.Text(a.Err, found, sources, a.colored(a.Err)); err == nil {
		printLog(a.Out, t)
	}
	if err == nil && (t.Other > 0 || t.Undecided > 0) {
		return errFindings
	}
	return err
}

// read goes through the log.
func (t *logTally) read(l *loaded, e *route.Evaluator, r *accesslog.Reader, examples int) error {
	for {
		entry, err := r.Next()
		if errors.Is(err, io.EOF) {
			t.Lines = r.Other
			return nil
		}
		if err != nil {
			return err
		}
		switch {
		case entry.Bad:
			t.Bad++
		case entry.Request.Frontend == model.StatsName || entry.Request.Frontend == model.AliveName:
			t.Lines++
		default:
			t.Requests++
			if entry.HasHost {
				t.hosts++
			}
			a := e.Route(entry.Request)
			t.compare(l, &entry, &a, examples)
		}
	}
}

// compare holds the way of a request in this site against the logged one.
func (t *logTally) compare(l *loaded, entry *accesslog.Entry, a *route.Answer, examples int) {
	from := logged(entry)
	if !a.IsDecided() {
		d := a.Undecided[len(a.Undecided)-1]
		t.Undecided++
		t.note(l, entry, wayKey{from, d.Why, a.By, true}, examples)
		return
	}
	to := computed(a)
	switch {
	case from == to, isAnsweredFor(entry, a):
		t.Same++
	case isLimited(entry, l):
		t.Undecided++
		t.note(l, entry, wayKey{from, "the log shows a rate limit, and not how many requests came before", a.By, true}, examples)
	default:
		t.Other++
		t.note(l, entry, wayKey{from, to, a.By, false}, examples)
	}
}

// noServer is what HAProxy logs where no server had part.
const noServer = "<NOSRV>"

// logged is the way that the log tells: a backend, or what HAProxy answered itself.
func logged(e *accesslog.Entry) string {
	backend := strings.TrimSuffix(e.Backend, model.SorryName(""))
	if backend != e.Request.Frontend {
		return "backend " + backend
	}
	if e.Status == 0 {
		return "the end of the connection"
	}
	return fmt.Sprintf("status %d", e.Status)
}

// computed is the same of an answer.
func computed(a *route.Answer) string {
	switch {
	case a.Backend != "":
		return "backend " + strings.TrimSuffix(a.Backend, model.SorryName(""))
	case a.Kind == route.NotHeard:
		return a.Why
	case a.Status == 0:
		return "the end of the connection"
	default:
		return fmt.Sprintf("status %d", a.Status)
	}
}

// isAnsweredFor says whether both ends are the same although the log has no status for it.
func isAnsweredFor(e *accesslog.Entry, a *route.Answer) bool {
	return a.Kind == route.Closed && a.Backend == "" && e.Backend == e.Request.Frontend && e.Server == noServer && e.Status <= 0
}

// isLimited says whether a rate limit of the frontend may have refused the logged request.
func isLimited(e *accesslog.Entry, l *loaded) bool {
	if e.Server != noServer {
		return false
	}
	for i := range l.site.Frontends {
		if f := &l.site.Frontends[i]; f.Name == e.Request.Frontend {
			for j := range f.Routes {
				if r := f.Routes[j].RateLimit; r != nil && (r.Status == e.Status || e.Status <= 0) {
					return true
				}
			}
		}
	}
	return false
}

// note counts a difference and keeps some examples.
func (t *logTally) note(l *loaded, e *accesslog.Entry, key wayKey, examples int) {
	w := t.index[key]
	if w == nil {
		if len(t.index) >= mostWays {
			return
		}
		w = &wayJSON{From: key.from, To: key.to, By: l.placeOf(key.by), Undecided: key.undecided, Examples: []sampleJSON{}}
		t.index[key], t.Ways = w, append(t.Ways, w)
	}
	w.Count++
	if len(w.Examples) < examples {
		s := sampleJSON{Line: e.Line, Request: e.Request.String()}
		if e.Request.From.IsValid() {
			s.From = e.Request.From.String()
		}
		w.Examples = append(w.Examples, s)
	}
}

func printLog(w io.Writer, t *logTally) {
	fmt.Fprintf(w, "%s: %d take the same way, %d another one, %d are undecided\n", count(t.Requests, "request"), t.Same, t.Other, t.Undecided)
	if t.Bad+t.Lines > 0 {
		fmt.Fprintf(w, "%s that HAProxy could not read, %s beside requests\n", count(t.Bad, "request"), count(t.Lines, "line"))
	}
	if t.hosts == 0 && t.Undecided > 0 {
		fmt.Fprintln(w, "the log has no hosts: raw: 'capture request header Host len 64' in a frontend has HAProxy log them")
	}
	for _, undecided := range []bool{false, true} {
		for _, way := range t.Ways {
			if way.Undecided == undecided {
				printWay(w, way)
			}
		}
	}
}

func printWay(w io.Writer, way *wayJSON) {
	by := ""
	if way.By != nil {
		by = fmt.Sprintf(" (line %d)", way.By.Line)
	}
	if way.Undecided {
		fmt.Fprintf(w, "\n%d logged with %s, undecided%s: %s\n", way.Count, way.From, by, way.To)
	} else {
		fmt.Fprintf(w, "\n%d logged with %s, here %s%s\n", way.Count, way.From, way.To, by)
	}
	for _, e := range way.Examples {
		from := ""
		if e.From != "" {
			from = " from " + e.From
		}
		fmt.Fprintf(w, "  line %d: %s%s\n", e.Line, e.Request, from)
	}
}
