//go:build linux

package rehearse_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/testenv"
)

// The test binary starts itself again as an agent, with this in its environment.
const agentMark = "LBGEN_REHEARSAL_AGENT"

func TestMain(m *testing.M) {
	if os.Getenv(agentMark) != "" {
		if err := lab.Agent(os.Args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// runDrills runs the drills and returns what came of them.
func runDrills(t *testing.T, site *rehearse.Subject, sets []artifact.Set, names ...string) judge.Result {
	t.Helper()
	testenv.Programs(t, "haproxy", "keepalived", "killall")
	drills := rehearse.Drills(site)
	if len(names) > 0 {
		var err error
		if drills, err = rehearse.Find(drills, names); err != nil {
			t.Fatal(err)
		}
	}
	files := map[string][]byte{}
	r, err := rehearse.Run(t.Context(), site, sets, drills, rehearse.Options{
		Lab: lab.Options{Self: []string{"lbgen"}, Env: []string{agentMark + "=1"}}, Jobs: 6, Progress: func(int, int, judge.Outcome) {},
		Keep: func(drill string, events []recording.Event) (string, error) {
			var b bytes.Buffer
			err := recording.Write(&b, events)
			files[drill] = b.Bytes()
			return drill, err
		},
	})
	if err != nil {
		skip(t, "a lab cannot be stood up here: %v", err)
	}
	for _, o := range r.Drills {
		readAgain(t, o, files[o.Drill])
	}
	return r
}

// readAgain shows that what was recorded of a drill comes to the same verdict
// when it is read from its file, with the forecast that stands there.
func readAgain(t *testing.T, o judge.Outcome, file []byte) {
	t.Helper()
	if o.Recorded == "" { // it was skipped
		return
	}
	events, err := recording.Read(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	plan := slices.IndexFunc(events, func(e recording.Event) bool { return e.Kind == recording.Plan })
	if plan < 0 {
		t.Fatalf("%s: the recording has no plan", o.Drill)
	}
	var f judge.Forecast
	if err := json.Unmarshal(events[plan].Plan, &f); err != nil {
		t.Fatal(err)
	}
	if again := judge.Drill(f, events); again.Verdict != o.Verdict || len(again.Steps) != len(o.Steps) {
		t.Errorf("%s: %s with %d steps; read again: %s with %d: %s", o.Drill, o.Verdict, len(o.Steps), again.Verdict, len(again.Steps), again.Why)
	}
}

// skip skips the test; where REQUIRE_DAEMONS is set, as in CI, it fails.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	testenv.Lacks(t, format, args...)
}

// TestPairPasses rehearses the first site for real, with every drill.
func TestPairPasses(t *testing.T) {
	t.Parallel()
	site, sets := sites()["prslb"].load(t)
	r := runDrills(t, site, sets)
	for _, o := range r.Drills {
		if o.Verdict == judge.Failed || o.Verdict == judge.Skipped {
			t.Errorf("%s %s: %s\n%s", o.Drill, o.Verdict, o.Why, lines(o))
		}
		split := strings.HasPrefix(o.Drill, "vrrp-blocked") || strings.HasPrefix(o.Drill, "deaf-")
		if split != (o.Verdict == judge.Noted) && o.Verdict != judge.Inconclusive {
			t.Errorf("%s: %s", o.Drill, o.Verdict)
		}
	}
	if r.Inconclusive() && !t.Failed() {
		t.Skipf("this machine was too busy to judge every drill:\n%s", inconclusive(r))
	}
}

func inconclusive(r judge.Result) string {
	var b strings.Builder
	for _, o := range r.Drills {
		if o.Verdict == judge.Inconclusive {
			fmt.Fprintf(&b, "%s: %s\n", o.Drill, o.Why)
		}
	}
	return b.String()
}

func lines(o judge.Outcome) string {
	var b bytes.Buffer
	for _, l := range judge.Interleaved(o.Timeline) {
		fmt.Fprintf(&b, "%8.2fs %s %s %s\n", l.At.Seconds(), l.Host, l.Program, l.Text)
	}
	return b.String()
}

// TestBrokenSitesFail breaks the pair on purpose. The drill that is about it
// must fail, and say why.
func TestBrokenSitesFail(t *testing.T) {
	t.Parallel()
	for _, c := range brokenSites() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			site, sets := sites()["broken-"+c.name].load(t)
			o := runDrills(t, site, sets, c.drill).Drills[0]
			if o.Verdict != judge.Failed || !strings.Contains(o.Why, c.want) {
				t.Errorf("%s %s: %s\nwant: %s\n%s", o.Drill, o.Verdict, o.Why, c.want, lines(o))
			}
			if o.Remedy == "" {
				t.Errorf("nothing is said of what to do about: %s", o.Why)
			}
		})
	}
}

// TestEveryExampleHasDrills shows that a list can be made of each site, and that
// no two drills of one have the same name.
func TestEveryExampleHasDrills(t *testing.T) {
	eachExample(t, func(_ string, s *rehearse.Subject) []rehearse.Drill { return rehearse.Drills(s) })
}

// TestEveryCheckHasItsStub rehearses servers whose checks are not HTTP, or ask who
// is primary, with all of them up in every drill.
func TestEveryCheckHasItsStub(t *testing.T) {
	t.Parallel()
	site, sets := tried{file: "testdata/sites/checks.yaml"}.load(t)
	for _, d := range rehearse.Drills(site) {
		if d.Unable != "" {
			t.Errorf("%s: %s", d.Name, d.Unable)
		}
	}
	r := runDrills(t, site, sets, "steady", "primary-moves-writers", "server-refuses-readers", "all-servers-down-ldaps", "server-hangs-smtp")
	for _, o := range r.Drills {
		if o.Verdict != judge.Passed && o.Verdict != judge.Inconclusive {
			t.Errorf("%s %s: %s\n%s", o.Drill, o.Verdict, o.Why, lines(o))
		}
	}
}
