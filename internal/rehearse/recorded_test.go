package rehearse_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/rehearse"
)

const recorded = "testdata/recorded"

// record is a folder of testdata/recorded, or folder/drill, to record anew with
// real daemons; several are separated by commas. update writes verdicts.txt.
var (
	record = flag.String("record", "", "rehearse these recorded cases for real, and write them anew")
	update = flag.Bool("update", false, "write testdata/recorded/verdicts.txt anew: read the change")
)

// TestRecordedDrills judges drills that were recorded from real rehearsals. What
// each must come to stands in verdicts.txt, which a human being has read.
func TestRecordedDrills(t *testing.T) {
	cases := readCases(t)
	if len(cases) < 60 { // what this suite was asked to have
		t.Errorf("%d recorded drills: there are fewer than 60", len(cases))
	}
	var got strings.Builder
	for _, c := range cases {
		got.WriteString(verdictText(c.name, judge.Drill(c.forecast, c.events)))
	}
	file := filepath.Join(recorded, "verdicts.txt")
	if *update {
		if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	same(t, paragraphs(string(want)), paragraphs(got.String()))
}

// paragraphs are the cases of verdicts.txt by name.
func paragraphs(text string) map[string]string {
	all := map[string]string{}
	for p := range strings.SplitSeq(text, "\n\n") {
		name, _, _ := strings.Cut(p, ":")
		all[name] = strings.TrimSpace(p)
	}
	return all
}

func same(t *testing.T, want, got map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("got\n%s\nwant\n%s", got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s is not in verdicts.txt", name)
		}
	}
}

// verdictText is what a drill has come to, in a few lines.
func verdictText(name string, o judge.Outcome) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", name, o.Verdict)
	if o.Why != "" {
		fmt.Fprintf(&b, "  why: %s\n", o.Why)
	}
	if o.Remedy != "" {
		fmt.Fprintf(&b, "  remedy: %s\n", o.Remedy)
	}
	for _, s := range o.Steps {
		fmt.Fprintf(&b, "  %s: %s", s.Title, s.Verdict)
		if s.Predicted != nil {
			fmt.Fprintf(&b, ", foreseen %s", judge.Span(*s.Predicted))
		}
		if s.Measured != nil {
			fmt.Fprintf(&b, ", measured %s", judge.Seconds(*s.Measured))
		}
		if s.Unserved > 0 {
			fmt.Fprintf(&b, ", not served for %s", judge.Seconds(s.Unserved))
		}
		b.WriteString("\n")
	}
	return b.String() + "\n"
}

// recordedCase is a recorded drill, and what must come of it by the arithmetic of today.
type recordedCase struct {
	name     string
	forecast judge.Forecast
	events   []recording.Event
}

func readCases(t *testing.T) []recordedCase {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(recorded, "*", "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	forecasts := map[string]map[string]judge.Forecast{}
	var all []recordedCase
	for _, file := range files {
		folder, drill := filepath.Base(filepath.Dir(file)), strings.TrimSuffix(filepath.Base(file), ".jsonl")
		drill, _, _ = strings.Cut(drill, "@") // what stands behind tells several recordings of one drill apart
		if forecasts[folder] == nil {
			forecasts[folder] = forecastsOf(t, folder)
		}
		f, ok := forecasts[folder][drill]
		if !ok {
			t.Fatalf("%s has no drill %s", folder, drill)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		events, err := recording.Read(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		name := folder + "/" + strings.TrimSuffix(filepath.Base(file), ".jsonl")
		all = append(all, recordedCase{name, f, events})
	}
	return all
}

// forecastsOf are those of every drill of a site.
func forecastsOf(t *testing.T, folder string) map[string]judge.Forecast {
	t.Helper()
	s, ok := sites()[folder]
	if !ok {
		t.Fatalf("sites() lacks %s", folder)
	}
	site, sets := s.load(t)
	all := map[string]judge.Forecast{}
	for _, f := range rehearse.Forecasts(site, sets, rehearse.Drills(site)) {
		all[f.Drill] = f
	}
	return all
}
