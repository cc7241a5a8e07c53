package rehearse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/site"
)

func booting(s *site.Site) *rehearse.Booting {
	b := &rehearse.Booting{Change: "something"}
	for _, n := range s.Nodes {
		b.First = append(b.First, n.Name)
		b.Rolling = append([]string{n.Name}, b.Rolling...)
	}
	return b
}

// TestEveryExampleHasBootDrills shows that a list can be made of each site, and that no two
// drills of one have the same name.
func TestEveryExampleHasBootDrills(t *testing.T) {
	eachExample(t, func(file string, s *rehearse.Subject) []rehearse.Drill {
		drills := rehearse.BootDrills(s, nil, booting(s.Site))
		if len(drills) < 6 || drills[0].Name != "installation" {
			t.Errorf("%s: drills %v", file, drills)
		}
		for _, d := range drills {
			d.Predicted(s)
		}
		return drills
	})
}

// eachExample makes a list of drills of each example, and looks whether each is one of its own.
func eachExample(t *testing.T, drills func(file string, s *rehearse.Subject) []rehearse.Drill) {
	t.Helper()
	files, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		written, _, _ := model.Load(file, text)
		var names []string
		for _, d := range drills(file, rehearse.Of(site.Resolve(written))) {
			if slices.Contains(names, d.Name) || d.Title == "" || d.Must == "" {
				t.Errorf("%s: drill %q", file, d.Name)
			}
			names = append(names, d.Name)
		}
	}
}

// lapse is what is seen of an HAProxy that is away for some time, on a node that then has
// the virtual IP or has not.
func lapse(f judge.Forecast, away time.Duration, moves bool) []recording.Event {
	const at, end = 5 * time.Second, 9 * time.Second
	vip := f.Groups[0].VIPs[0]
	events := []recording.Event{
		{Host: "prslb01", Kind: recording.HasVIP, What: vip},
		{Kind: recording.Watches, What: "GET", Text: vip + ":80"},
	}
	for now := time.Duration(0); now < end; now += 50 * time.Millisecond {
		a := recording.Answer{Status: 200, Server: "app/s1"}
		if now >= at && now < at+away {
			a = recording.Answer{Problem: "refused"}
		}
		events = append(events, recording.Event{At: now, Kind: recording.Probe, What: "GET", Answer: &a})
		if now == at {
			events = append(events, recording.Event{At: at, Kind: recording.Step, What: f.Steps[0].Title})
		}
	}
	if moves {
		events = append(events, recording.Event{At: end, Host: "prslb01", Kind: recording.Drops, What: vip},
			recording.Event{At: end, Host: "prslb02", Kind: recording.HasVIP, What: vip})
	}
	return append(events, recording.Event{At: end, Kind: recording.Rest})
}

// TestLapse: HAProxy that is killed is away for a moment, and nothing moves.
func TestLapse(t *testing.T) {
	s, sets := sites()["prslb"].load(t)
	for i := range sets {
		sets[i].Host.Family = "debian" // whose unit has Restart=always
	}
	drills, err := rehearse.Find(rehearse.BootDrills(s, sets, booting(s.Site)), []string{"haproxy-killed"})
	if err != nil {
		t.Fatal(err)
	}
	f := rehearse.Forecasts(s, sets, drills)[0]
	for _, c := range []struct {
		away  time.Duration
		moves bool
		want  judge.Verdict
		why   string
	}{
		{300 * time.Millisecond, false, judge.Passed, ""},
		{2 * time.Second, false, judge.Failed, "were not served for"},
		{300 * time.Millisecond, true, judge.Failed, "should be on prslb01"},
	} {
		o := judge.Drill(f, lapse(f, c.away, c.moves))
		if o.Verdict != c.want || !strings.Contains(o.Why, c.why) {
			t.Errorf("%s: %s: %s", fmt.Sprint(c.away, c.moves), o.Verdict, o.Why)
		}
	}
}

// TestKilledWithoutRestart: where no systemd starts HAProxy again, the virtual IP moves.
func TestKilledWithoutRestart(t *testing.T) {
	s, sets := sites()["prslb"].load(t)
	for i := range sets {
		sets[i].Host.Family = "rhel"
	}
	drills, err := rehearse.Find(rehearse.BootDrills(s, sets, booting(s.Site)), []string{"haproxy-killed"})
	if err != nil {
		t.Fatal(err)
	}
	if m := rehearse.Forecasts(s, sets, drills)[0].Steps[0].Moves[0]; !m.Moves || m.To[0] != "prslb02" {
		t.Errorf("foreseen is %+v", m)
	}
}
