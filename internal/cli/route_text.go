package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/route"
)

// printHop prints the way of one request for people.
func (l *loaded) printHop(w io.Writer, h *hop) {
	a := &h.answer
	fmt.Fprintln(w, h.request.String())
	if a.Frontend != "" {
		fmt.Fprintf(w, "  frontend %s%s\n", a.Frontend, l.at(a.Bind))
	}
	l.printSteps(w, a.Steps)
	fmt.Fprintf(w, "  -> %s%s\n", outcomeOf(a), l.at(a.By))
	if a.Why != "" {
		fmt.Fprintf(w, "     %s\n", a.Why)
	}
	if a.Kind == route.ToBackend {
		fmt.Fprintf(w, "     answered by %s\n", oneOfServers(a.Servers))
		if a.Target != h.request.Target {
			fmt.Fprintf(w, "     the server gets %s\n", a.Target)
		}
		printChanges(w, "request", a.Request)
	}
	printChanges(w, "answer", a.Response)
	for _, d := range a.Undecided {
		fmt.Fprintf(w, "     undecided%s: %s\n", l.at(d.Path), d.Why)
	}
	if h.real != nil {
		h.real.text(w)
	}
}

// printSteps prints the routes that were looked at, aligned.
func (l *loaded) printSteps(w io.Writer, steps []route.Step) {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, s := range steps {
		result := s.Did
		switch {
		case s.Matched == route.Maybe:
			result = "undecided: " + s.Why
		case s.Matched == route.No:
			result = "no: " + s.Why
		case result == "":
			result = "yes"
		}
		fmt.Fprintf(tab, "  %s\t%s\t%s\n", l.line(s.Path), s.Action, result)
	}
	_ = tab.Flush() // what cannot be written shows with the next line
}

// outcomeOf says in a line what becomes of a request.
func outcomeOf(a *route.Answer) string {
	switch a.Kind {
	case route.ToBackend:
		return "backend " + a.Backend
	case route.Redirect:
		return fmt.Sprintf("%d to %s", a.Status, a.Location)
	case route.ByHAProxy:
		text := fmt.Sprintf("HAProxy answers %d", a.Status)
		if a.Backend != "" {
			text += " for backend " + a.Backend
		}
		if a.Page != "" {
			text += " with " + a.Page
		}
		if a.Text != "" {
			text += fmt.Sprintf(" with %q", a.Text)
		}
		return text
	case route.Closed:
		return "the connection ends without an answer"
	case route.NotHeard:
		return "nothing listens there"
	default:
		return "undecided"
	}
}

// mostServers is how many names of servers are printed.
const mostServers = 8

func oneOfServers(names []string) string {
	switch {
	case len(names) == 1:
		return "server " + names[0]
	case len(names) > mostServers:
		return fmt.Sprintf("one of %d servers: %s …", len(names), strings.Join(names[:mostServers], ", "))
	default:
		return "one of the servers " + strings.Join(names, ", ")
	}
}

func printChanges(w io.Writer, of string, changes []route.Change) {
	for _, c := range changes {
		value := c.Value
		if c.Sample != "" {
			value = "%[" + c.Sample + "]"
			if strings.HasPrefix(c.Sample, "(") {
				value = c.Sample
			}
		}
		text := fmt.Sprintf("%s %s: %s", c.Do, c.Name, value)
		if c.Do == "del" {
			text = "del " + c.Name
		}
		if !c.Sure {
			text += " (undecided whether)"
		}
		fmt.Fprintf(w, "     %s: %s\n", of, text)
	}
}

// line is where a value stands: its line, with the file where that is another one.
func (l *loaded) line(path diag.Path) string {
	r := l.src.Range(path)
	if r.File != l.src.Name {
		return fmt.Sprintf("%s:%d", r.File, r.Start.Line)
	}
	return fmt.Sprintf("line %d", r.Start.Line)
}

// at is the place behind something that was said, "" where there is none.
func (l *loaded) at(path diag.Path) string {
	if path == "" {
		return ""
	}
	return " (" + l.line(path) + ")"
}
