//go:build linux

package rehearse_test

import (
	"bytes"
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/rehearse"
)

// TestRecord writes recorded drills anew:
//
//	go test ./internal/rehearse -run TestRecord -record prslb,delay/steady,delay/node-lost@2
//
// What a drill came to is for a human being to read in the change of
// verdicts.txt, which -update writes.
func TestRecord(t *testing.T) {
	if *record == "" {
		return
	}
	wanted := map[string][]string{} // drills by folder; none: all
	for name := range strings.SplitSeq(*record, ",") {
		folder, drill, _ := strings.Cut(name, "/")
		if wanted[folder] = append(wanted[folder], drill); drill == "" {
			wanted[folder] = nil
		}
	}
	for folder, names := range wanted {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			recordSite(t, folder, names)
		})
	}
}

// recordSite rehearses drills of a site.
func recordSite(t *testing.T, folder string, names []string) {
	site, sets := sites()[folder].load(t)
	drills := rehearse.Drills(site)
	as := map[string]string{} // the name of the file, where it is not the drill's own
	if names != nil {
		var plain []string
		for _, name := range names {
			drill, _, _ := strings.Cut(name, "@")
			as[drill] = name
			plain = append(plain, drill)
		}
		var err error
		if drills, err = rehearse.Find(drills, plain); err != nil {
			t.Fatal(err)
		}
	}
	forecasts := rehearse.Forecasts(site, sets, drills)
	r, err := rehearse.Run(t.Context(), site, sets, drills, rehearse.Options{
		Lab: lab.Options{Self: []string{"lbgen"}, Env: []string{agentMark + "=1"}}, Jobs: 4, Progress: func(int, int, judge.Outcome) {},
		Keep: func(drill string, events []recording.Event) (string, error) {
			i := slices.IndexFunc(drills, func(d rehearse.Drill) bool { return d.Name == drill })
			return "", keepSmall(t, filepath.Join(recorded, folder, cmp.Or(as[drill], drill)+".jsonl"), forecasts[i], events)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range r.Drills {
		t.Logf("%s/%s: %s %s", folder, o.Drill, o.Verdict, o.Why)
	}
}

// keepSmall writes the events that matter, after making sure that they do.
func keepSmall(t *testing.T, file string, f judge.Forecast, events []recording.Event) error {
	small := trimmed(events)
	if a, b := judge.Drill(f, events).Verdict, judge.Drill(f, small).Verdict; a != b {
		t.Errorf("%s: %s in full, and %s in short", file, a, b)
	}
	var b bytes.Buffer
	if err := recording.Write(&b, small); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// trimmed are the events that matter: of the requests those that failed first
// and last, the good ones around them, the first and last ones of each step and
// those that a server answered first; of the lines those that are read.
func trimmed(events []recording.Event) []recording.Event {
	keep := keptRequests(events)
	late := latest(events)
	var all []recording.Event
	for i, e := range events {
		switch e.Kind {
		case recording.Plan:
			continue // the test makes it anew
		case recording.Probe:
			if !keep[i] {
				continue
			}
		case recording.Said:
			_, _, state := judge.State(e.Text)
			if !state && !strings.Contains(e.Text, "[ALERT]") && !strings.Contains(e.Text, "annot") {
				continue
			}
		case recording.Late:
			if !late[i] {
				continue
			}
		default: // few
		}
		all = append(all, e)
	}
	return all
}

// latest are the indexes of the latest wake-up between two steps.
func latest(events []recording.Event) map[int]bool {
	keep, worst, most := map[int]bool{}, -1, time.Duration(0)
	done := func() {
		if worst >= 0 {
			keep[worst] = true
		}
		worst, most = -1, 0
	}
	for i, e := range events {
		if d, err := time.ParseDuration(e.Text); e.Kind == recording.Late && err == nil && d > most {
			worst, most = i, d
		}
		if e.Kind == recording.Step || e.Kind == recording.Rest {
			done()
		}
	}
	done()
	return keep
}

// keptRequests are the indexes of the requests to keep.
func keptRequests(events []recording.Event) map[int]bool {
	keep := map[int]bool{}
	byName := map[string][]int{}
	part := 0 // of the drill, between two events of its own
	first := map[string]bool{}
	parts := map[int]int{}
	for i, e := range events {
		switch e.Kind {
		case recording.Step, recording.Rest:
			part++
		case recording.Probe:
			byName[e.What] = append(byName[e.What], i)
			parts[i] = part
			if key := e.What + e.Answer.Server + string(rune('0'+part)); !first[key] {
				first[key], keep[i] = true, true
			}
		default: // says nothing of what is asked again and again
		}
	}
	for _, all := range byName {
		slices.SortStableFunc(all, func(a, b int) int { return cmp.Compare(events[a].At, events[b].At) })
		for k, i := range all {
			const tail = judge.Enough + 1
			if end := k+tail >= len(all) || parts[all[k+tail]] != parts[i]; end {
				keep[i] = true
			}
		}
		keepOutages(events, all, keep)
	}
	return keep
}

// keepOutages keeps of the requests of one name those that show where outages
// begin and end: the good ones around each, and so many of those that failed
// that they are one outage still.
func keepOutages(events []recording.Event, all []int, keep map[int]bool) {
	const often = judge.OwnDelay / 2
	last := -1 // failed
	kept := time.Duration(-1)
	for k, i := range all {
		at, ok := events[i].At, events[i].Answer.OK()
		if ok {
			continue
		}
		if last < 0 || at-events[all[last]].At > judge.OwnDelay {
			keep[i], kept = true, at
			for _, around := range []int{k - 1, last, last + 1} { // the good one before; the end of the outage before
				if around >= 0 {
					keep[all[around]] = true
				}
			}
		} else if at-kept > often {
			keep[i], kept = true, at
		}
		last = k
	}
	if last >= 0 {
		keep[all[last]] = true
		if last+1 < len(all) {
			keep[all[last+1]] = true
		}
	}
}
