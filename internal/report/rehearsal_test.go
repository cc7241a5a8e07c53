package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/report"
)

// rehearsed has a drill that failed with a long log, and one that the machine
// was too busy to judge.
func rehearsed() judge.Result {
	failed := judge.Outcome{
		Drill: "node-lost", Verdict: judge.Failed, Why: "nobody took over", Remedy: "look at keepalived.conf", Recorded: "rec/node-lost.jsonl",
		Steps: []judge.Step{{Title: "a is lost", Verdict: judge.Failed, Requests: 9, Failed: 9, Unserved: 6500 * time.Millisecond}},
	}
	for i := range 60 {
		at := time.Duration(i) * time.Second
		failed.Timeline.Lines = append(failed.Timeline.Lines,
			judge.Line{At: at, Host: "b", Program: "Keepalived_vrrp", Text: fmt.Sprintf("chatter %d", i)},
			judge.Line{At: at, Host: "b", Program: "Keepalived_vrrp", Text: fmt.Sprintf("(V%d) Entering MASTER STATE", i)})
	}
	ran := []judge.Daemon{{Name: "haproxy", Program: "/opt/haproxy", Version: "3.2.26-1"},
		{Name: "keepalived", Program: "/usr/sbin/keepalived"}}
	return judge.Result{Site: "s", Daemons: ran, Drills: []judge.Outcome{failed,
		{Drill: "steady", Verdict: judge.Inconclusive, Why: "this machine was too busy to tell"}}}
}

// TestRehearsalText: a timeline is short and says where the whole of it is.
func TestRehearsalText(t *testing.T) {
	var b bytes.Buffer
	if err := report.RehearsalText(&b, rehearsed()); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	for _, want := range []string{
		"steady inconclusive: this machine was too busy to tell\n", "(V59) Entering MASTER STATE", "… 36 lines before\n",
		"everything that happened is in rec/node-lost.jsonl\n", "s: 1 failed, 1 inconclusive in 0s\n",
		"ran: haproxy 3.2.26-1 (/opt/haproxy)\n", "ran: keepalived of unknown version (/usr/sbin/keepalived)\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(text, "chatter") || strings.Count(text, "\n") > 40 {
		t.Errorf("the timeline is long:\n%s", text)
	}
}

func TestInconclusiveForPrograms(t *testing.T) {
	var b bytes.Buffer
	if err := report.RehearsalJSON(&b, rehearsed()); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Failed, Inconclusive bool
		Daemons              []struct{ Name, Program, Version string }
		Drills               []struct {
			Verdict string
			Steps   []struct{ Unserved float64 }
		}
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !got.Failed || !got.Inconclusive || got.Drills[1].Verdict != "inconclusive" || got.Drills[0].Steps[0].Unserved != 6.5 {
		t.Errorf("%+v", got)
	}
	if d := got.Daemons; len(d) != 2 || d[0].Name != "haproxy" || d[0].Program != "/opt/haproxy" || d[0].Version != "3.2.26-1" {
		t.Errorf("%+v", d)
	}
	b.Reset()
	if err := report.RehearsalJUnit(&b, rehearsed()); err != nil {
		t.Fatal(err)
	}
	if s := b.String(); !strings.Contains(s, `<skipped message="this machine was too busy to tell">`) || strings.Count(s, "<failure") != 1 ||
		!strings.Contains(s, `<property name="haproxy" value="haproxy 3.2.26-1 (/opt/haproxy)">`) {
		t.Error(s)
	}
}
