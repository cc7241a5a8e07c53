package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
)

// RehearsalText prints a rehearsal as a table with a line for each thing that
// was done, then what has failed with its timeline, and what was replaced by a stub.
func RehearsalText(w io.Writer, r judge.Result) error {
	tab := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tab, "DRILL\tWHAT HAPPENS\tPREDICTED\tMEASURED\tFAILED\tMASTER\tTHEN\tVERDICT")
	for _, o := range r.Drills {
		if len(o.Steps) == 0 {
			fmt.Fprintf(tab, "%s\t%s\t-\t-\t-\t-\t-\t%s\n", o.Drill, printable(o.Title), o.Verdict)
		}
		for i, s := range o.Steps {
			name := o.Drill
			if i > 0 {
				name = ""
			}
			fmt.Fprintf(tab, "%s\t%s\t%s\t%s\t%d of %d\t%s\t%s\t%s\n", name, printable(s.Title), predicted(s), measured(s), s.Failed, s.Requests,
				mastersIn(s.Before), mastersIn(s.After), s.Verdict)
		}
	}
	if err := tab.Flush(); err != nil {
		return err
	}
	for _, o := range r.Drills {
		rehearsalDetail(w, o)
	}
	for _, n := range r.Stubs {
		fmt.Fprintf(w, "simulated: %s\n", printable(n))
	}
	for _, d := range r.Daemons {
		fmt.Fprintf(w, "ran: %s\n", printable(d.String()))
	}
	_, err := fmt.Fprintf(w, "%s: %s in %.0fs\n", r.Site, rehearsalTally(r), r.Took.Seconds())
	return err
}

func predicted(s judge.Step) string {
	if s.Predicted == nil {
		return "-"
	}
	return judge.Span(*s.Predicted)
}

func measured(s judge.Step) string {
	if s.Measured == nil {
		return "-"
	}
	return judge.Seconds(*s.Measured)
}

func mastersIn(all []judge.GroupMasters) string {
	var said []string
	for _, h := range all {
		text := strings.Join(h.Nodes, "+")
		if text == "" {
			text = "nobody"
		}
		said = append(said, text)
	}
	if len(said) == 0 {
		return "-"
	}
	return strings.Join(said, ", ")
}

// rehearsalDetail says why a drill has not passed, and what happened in one
// that has failed.
func rehearsalDetail(w io.Writer, o judge.Outcome) {
	if o.Verdict == judge.Passed {
		return
	}
	fmt.Fprintf(w, "%s %s: %s\n", o.Drill, o.Verdict, printable(o.Why))
	if o.Remedy != "" {
		fmt.Fprintf(w, "  = %s\n", printable(o.Remedy))
	}
	if o.Verdict != judge.Failed {
		return
	}
	all := judge.Short(judge.Interleaved(o.Timeline))
	const most = 24
	if left := len(all) - most; left > 0 {
		fmt.Fprintf(w, "  … %d lines before\n", left)
		all = all[left:]
	}
	for _, l := range all {
		fmt.Fprintf(w, "  %8.2fs  %-12s %-10s %s\n", l.At.Seconds(), printable(l.Host), printable(l.Program), printable(l.Text))
	}
	whole := "lbgen rehearse --record DIR --drill " + o.Drill + " keeps everything that happens"
	if o.Recorded != "" {
		whole = "everything that happened is in " + o.Recorded
	}
	fmt.Fprintf(w, "  %s\n", printable(whole))
}

func rehearsalTally(r judge.Result) string {
	var said []string
	for _, v := range []judge.Verdict{judge.Failed, judge.Inconclusive, judge.Passed, judge.Noted, judge.Skipped} {
		n := 0
		for _, o := range r.Drills {
			if o.Verdict == v {
				n++
			}
		}
		if n > 0 {
			said = append(said, fmt.Sprintf("%d %s", n, v))
		}
	}
	return strings.Join(said, ", ")
}

// rehearsal is the JSON of a rehearsal. Times are seconds.
type rehearsal struct {
	Site   string `json:"site"`
	Failed bool   `json:"failed"`
	// Inconclusive: a drill could not be judged on this machine.
	Inconclusive bool           `json:"inconclusive"`
	Took         float64        `json:"took"`
	Stubs        []string       `json:"stubs"`
	Drills       []drillOutcome `json:"drills"`
	Daemons      []daemon       `json:"daemons"` // that ran
}

type daemon struct {
	Name    string `json:"name"`
	Program string `json:"program"`
	Version string `json:"version,omitempty"`
}

type drillOutcome struct {
	Drill   string      `json:"drill"`
	Title   string      `json:"title"`
	Verdict string      `json:"verdict"` // passed, failed, inconclusive, noted, skipped
	Why     string      `json:"why,omitempty"`
	Remedy  string      `json:"remedy,omitempty"`
	Steps   []drillStep `json:"steps"`
}

type drillStep struct {
	Title     string         `json:"title"`
	At        float64        `json:"at"` // since the first step
	Verdict   string         `json:"verdict"`
	Why       string         `json:"why,omitempty"`
	Best      *float64       `json:"best,omitempty"`
	Worst     *float64       `json:"worst,omitempty"`
	Allowance float64        `json:"allowance"` // to both ends, for this machine's own delays
	Measured  *float64       `json:"measured,omitempty"`
	Outage    bool           `json:"outage"`   // measured is how long clients were not served
	Unserved  float64        `json:"unserved"` // the longest time in which requests to one address failed
	Requests  int            `json:"requests"`
	Failed    int            `json:"failedRequests"`
	Before    []groupMasters `json:"before"`
	After     []groupMasters `json:"after"`
}

type groupMasters struct {
	Group string   `json:"group"`
	Nodes []string `json:"nodes"`
}

// RehearsalJSON prints a rehearsal for programs. Fields may be added, none will
// change its meaning or go away.
func RehearsalJSON(w io.Writer, r judge.Result) error {
	out := rehearsal{Site: r.Site, Failed: r.Failed(), Inconclusive: r.Inconclusive(), Took: r.Took.Seconds(),
		Stubs: append([]string{}, r.Stubs...), Drills: []drillOutcome{}, Daemons: []daemon{}}
	for _, d := range r.Daemons {
		out.Daemons = append(out.Daemons, daemon(d))
	}
	for _, o := range r.Drills {
		d := drillOutcome{Drill: o.Drill, Title: o.Title, Verdict: string(o.Verdict), Why: o.Why, Remedy: o.Remedy, Steps: []drillStep{}}
		for _, s := range o.Steps {
			d.Steps = append(d.Steps, stepOf(s))
		}
		out.Drills = append(out.Drills, d)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}

func stepOf(s judge.Step) drillStep {
	d := drillStep{
		Title: s.Title, At: s.At.Seconds(), Verdict: string(s.Verdict), Why: s.Why, Allowance: s.Allowance.Seconds(), Outage: s.Outage,
		Unserved: s.Unserved.Seconds(),
		Requests: s.Requests, Failed: s.Failed, Before: mastersOf(s.Before), After: mastersOf(s.After),
	}
	if s.Predicted != nil {
		d.Best, d.Worst = seconds(s.Predicted.Best), seconds(s.Predicted.Worst)
	}
	if s.Measured != nil {
		d.Measured = seconds(*s.Measured)
	}
	return d
}

func seconds(d time.Duration) *float64 {
	s := d.Seconds()
	return &s
}

func mastersOf(all []judge.GroupMasters) []groupMasters {
	out := []groupMasters{}
	for _, h := range all {
		out = append(out, groupMasters{h.Group, append([]string{}, h.Nodes...)})
	}
	return out
}

// RehearsalJUnit prints a rehearsal as a test suite with a test for each drill.
// One that was skipped says why.
func RehearsalJUnit(w io.Writer, r judge.Result) error {
	suite := junitSuite{Name: printable(r.Site)}
	for _, d := range r.Daemons {
		suite.property(d.Name, printable(d.String()))
	}
	for _, o := range r.Drills {
		c := junitCase{Class: printable(r.Site), Name: printable(o.Drill)}
		switch o.Verdict {
		case judge.Failed:
			c.Failure = &junitFailure{Type: "rehearsal", Message: printable(o.Why), Text: printable(o.Remedy)}
		case judge.Skipped, judge.Inconclusive:
			c.Skipped = &junitSkipped{Message: printable(o.Why)}
		default: // what was only noted is no failure
		}
		suite.add(c)
	}
	all := junitSuites{}
	all.add(suite)
	return writeJUnit(w, all)
}
