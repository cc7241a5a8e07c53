//go:build unix

package page

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
)

func TestSameResultSameBytes(t *testing.T) {
	first := written(t, pair())
	for range 3 {
		if !bytes.Equal(first, written(t, pair())) {
			t.Fatal("the same result was written in two ways")
		}
	}
}

func TestHeadline(t *testing.T) {
	for _, c := range []struct{ verdicts, want string }{
		{"", "No drill was tried"},
		{"passed passed", "Every drill passed"},
		{"passed noted", "No drill failed"},
		{"passed failed noted skipped", "1 of 4 drills failed"},
		{"failed failed", "Every drill failed"},
		{"skipped skipped", "No drill could be tried"},
		{"passed inconclusive", "The machine was too busy to judge every drill"},
		{"inconclusive failed", "1 of 2 drills failed"},
	} {
		var r judge.Result
		for _, v := range strings.Fields(c.verdicts) {
			r.Drills = append(r.Drills, judge.Outcome{Verdict: judge.Verdict(v)})
		}
		if got := headline(r, verdict(r)); got != c.want {
			t.Errorf("%q: %q, want %q", c.verdicts, got, c.want)
		}
		if page := string(written(t, r)); !strings.Contains(page, c.want+"</strong>") {
			t.Errorf("%q does not stand at the top", c.want)
		}
	}
}

func TestWhatAReaderLooksFor(t *testing.T) {
	page := string(written(t, pair()))
	for _, want := range []string{
		"1 of 14 drills failed</strong>", "1 noted", "11 passed", "1 skipped", "3 min 12 s",
		"<b>11.44 s</b>", // the longest outage
		"What was replaced by a stub (3)",
		"prslb02 took 172.16.110.70 over 6.12 s after", "Give track.haproxy a timeout",
		"Network namespaces share the clock", "Both nodes had 172.16.110.70",
		"prslb01 → prslb02", "prslb01 (stays)", "prslb01 → prslb01 and prslb02",
		"122 / 200", "2.80 to 4.80 s</span> <span class=\"note\">± 0.25 s", "<b>6.12 s</b> <span class=\"note\">outage",
		"<b>5.08 s</b> <span class=\"note\">not felt",
		"interval 2s x (fall 2 - 1 to 2)",
		"121 requests failed", "several nodes had it for 6.68 s",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// What was measured of servers is no outage of a virtual IP. When every request
// failed meanwhile, that is felt all the same.
func TestFailedRequestsAreFelt(t *testing.T) {
	took, window := 5680*ms, failover.Window{Best: 4 * sec, Worst: 6 * sec}
	r := judge.Result{Site: "s", Drills: []judge.Outcome{{Drill: "all-servers-down-app", Verdict: judge.Passed, Steps: []judge.Step{
		{Title: "every server refuses", Verdict: judge.Passed, Measured: &took, Predicted: &window, Requests: 136, Failed: 136,
			Unserved: 6700 * ms},
		{Title: "one server answers with 503", Verdict: judge.Passed, Measured: &took, Predicted: &window, Requests: 132, Failed: 52,
			Unserved: 5500 * ms},
	}}}}
	page := string(written(t, r))
	for _, want := range []string{"<b>6.70 s</b>", "no request was served", "requests failed for 5.50 s"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "not felt") || strings.Contains(page, "no drill cut clients off") {
		t.Error("the page says that nobody felt it")
	}
}

func TestFailedDrillsComeFirstWithTheirLogOpen(t *testing.T) {
	r := pair()
	r.Drills = append(r.Drills[1:], r.Drills[0]) // last in the result
	page := string(written(t, r))
	articles := strings.Split(page, "<article ")[1:]
	if !strings.HasPrefix(articles[0], `id="drill-haproxy-killed" class="v-failed"`) {
		t.Errorf("the first one is %.60s", articles[0])
	}
	if !strings.Contains(articles[0], `<details class="log" open>`) || strings.Contains(articles[1], `<details class="log" open>`) {
		t.Error("the log of a failed drill is open, and that of another one is not")
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	r := pair()
	r.Drills = append(r.Drills, r.Drills[2], r.Drills[2]) // the same name three times, as for several groups
	page := string(written(t, r))
	ids := map[string]int{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		ids[m[1]]++
	}
	for id, n := range ids {
		if n > 1 {
			t.Errorf("%s is there %d times", id, n)
		}
	}
	for _, m := range regexp.MustCompile(`(?:href="#|url\(#|aria-labelledby=")([^")]*)`).FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(m[1]) {
			if ids[id] == 0 {
				t.Errorf("nothing has the id %q", id)
			}
		}
	}
}

func TestNothingIsFetched(t *testing.T) {
	page := string(written(t, pair()))
	for _, m := range regexp.MustCompile(`(?:src|href|srcset|action|data)="([^"]*)"|url\(([^)]*)\)|@import`).FindAllStringSubmatch(page, -1) {
		if !strings.HasPrefix(m[1]+m[2], "#") {
			t.Errorf("the page asks for %s", m[0])
		}
	}
	if !strings.Contains(page, `content="default-src &#39;none&#39;; style-src &#39;sha256-`) {
		t.Error("no policy says that the page needs nothing")
	}
}

// evil is put in the place of every text of a result.
const evil = "</script></title></style><img src=x onerror=\"hit=1\">'\"`{{.}}&lt;\u202e\u2066\x1b[31m\x00\xff--><script>hit=1</script>"

// hostile is a result whose every text wants to be something else.
func hostile() judge.Result {
	r := pair()
	r.Drills = r.Drills[:3]
	poison(reflect.ValueOf(&r).Elem(), strings.Repeat("Donaudampfschifffahrt", 8))
	return r
}

// poison adds to every string but verdicts, so that what was the same name is still one.
func poison(v reflect.Value, long string) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), long)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			poison(v.Field(i), long)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), long)
		}
	case reflect.String:
		if v.Type() != reflect.TypeFor[judge.Verdict]() && !strings.Contains(v.String(), evil) {
			v.SetString(v.String() + evil + long)
		}
	}
}

func TestHostileTextsStayTexts(t *testing.T) {
	page := string(written(t, hostile()))
	for _, never := range []string{"<img", "onerror=\"", "</script></title>", "\u202e", "\u2066", "\x1b", "\x00", "<script>hit"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	for _, want := range []string{`\u202e`, "&lt;img src=x"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not show %q", want)
		}
	}
	if n := strings.Count(page, "<script"); n != 1 {
		t.Errorf("there are %d scripts", n)
	}
}

func TestAnEmptyDrillHasNoChart(t *testing.T) {
	r := judge.Result{Drills: []judge.Outcome{{Drill: "x", Verdict: judge.Skipped, Why: "No root."}}}
	if page := string(written(t, r)); strings.Contains(page, `class="chart"`) || !strings.Contains(page, "No root.") {
		t.Error("want the reason and no chart")
	}
}

func expected(at, best, worst, allowance time.Duration) judge.Step {
	return judge.Step{At: at, Predicted: &failover.Window{Best: best, Worst: worst}, Allowance: allowance}
}

func TestPredictedWindowIsShadedAfterItsStep(t *testing.T) {
	o := judge.Outcome{
		Timeline: judge.Timeline{Begin: 0, End: 10 * sec},
		Steps:    []judge.Step{expected(2*sec, sec, 3*sec, 500*ms)},
	}
	o.Steps[0].Measured = ptr(4 * sec)
	c := newChart("x", o, newKey(judge.Result{}))
	second := (c.Right - c.Left) / 10
	near := func(got, want drawing.PX) bool { return got-want < 0.01 && want-got < 0.01 }
	if s := c.Shades[0]; !near(s.X, c.Left+2.5*second) || !near(s.W, 3*second) {
		t.Errorf("shaded from %s, %s wide; a second is %s", s.X, s.W, second)
	}
	if !near(c.Ends[0], c.Left+6*second) {
		t.Errorf("measured at %s", c.Ends[0])
	}
}

func TestFlagsOfCloseMarksAreApart(t *testing.T) {
	s := scale{from: 0, to: 10 * sec, left: gutter, right: chartWidth - edge}
	var marks []judge.Mark
	for i := range 12 {
		marks = append(marks, judge.Mark{At: time.Duration(i) * 900 * ms, Text: strings.Repeat("ab cd ", 1+5*(i%7))})
		marks = append(marks, judge.Mark{At: time.Duration(i)*900*ms + time.Duration(i), Text: "at once"})
	}
	all := flags(s, marks)
	plant(all)
	for i, f := range all {
		if f.BoxX < 0 || f.BoxX+f.W > chartWidth {
			t.Errorf("%q stands out of the chart", f.Text)
		}
		for _, g := range all[i+1:] {
			if f.BoxY == g.BoxY && f.BoxX < g.BoxX+g.W && g.BoxX < f.BoxX+f.W {
				t.Errorf("%q at %s lies on %q at %s", f.Text, f.BoxX, g.Text, g.BoxX)
			}
		}
	}
}

func TestTwoMastersAndNoneAreSeen(t *testing.T) {
	s := scale{from: 0, to: 10 * sec, left: 0, right: 1000}
	span := func(node string, from, to time.Duration) judge.VIPSpan {
		return judge.VIPSpan{VIP: "v", Node: node, From: from, To: to}
	}
	r := vipRow(s, "v", []judge.VIPSpan{span("a", 0, 3*sec), span("a", 3*sec, 4*sec), span("b", 5*sec, 10*sec), span("a", 8*sec, 9*sec)},
		newKey(judge.Result{}))
	var got []string
	for _, b := range r.Over {
		got = append(got, fmt.Sprintf("%s %s+%s", b.Class, b.X, b.W))
	}
	if want := []string{"nobody 400+100", "several 800+100"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if want := "no node had it for 1.00 s, several nodes had it for 1.00 s"; r.Note != want {
		t.Errorf("%q, want %q", r.Note, want)
	}
	if len(r.Lanes) != 2 {
		t.Errorf("%d lanes", len(r.Lanes))
	}
}

func TestRequestsHaveALaneForEachServer(t *testing.T) {
	s := scale{from: 0, to: 10 * sec, left: 0, right: 1000}
	k := newKey(judge.Result{Topology: judge.Topology{Servers: []string{"b/one", "b/two"}}})
	r := seriesRow(s, judge.Series{Name: "GET", Samples: []judge.Sample{
		{At: 0, OK: true, Server: "two", Took: 3 * ms}, {At: sec, Problem: "refused", Took: 2 * sec},
		{At: 2 * sec, OK: true, Server: "one", Took: 4 * ms},
	}}, k)
	var got []string
	for _, l := range r.Lanes {
		got = append(got, l.Label+": "+l.Bars[0].Tip)
	}
	want := []string{"✕ failed: 1.00 s: failed after 2.00 s: refused", "one: 2.00 s: one answered in 4 ms",
		"two: 0.00 s: two answered in 3 ms"}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
	if wait := r.Lanes[0].Bars[1]; wait.W != 200 || wait.H != 1 {
		t.Errorf("the wait of two seconds is %+v", wait)
	}
	if r.Note != "1 of 3 requests failed, slowest answer 4 ms" {
		t.Error(r.Note)
	}
}

func TestManyServersThatAnswerShareALane(t *testing.T) {
	var samples []judge.Sample
	for i := range 30 {
		samples = append(samples, judge.Sample{At: time.Duration(i) * sec, OK: true, Server: fmt.Sprint("s", i)})
	}
	r := seriesRow(scale{to: 30 * sec, right: 1000}, judge.Series{Samples: samples}, newKey(judge.Result{}))
	last := r.Lanes[len(r.Lanes)-1]
	if len(r.Lanes) != mostLanes || last.Label != "19 others" || len(last.Bars) != 19 {
		t.Errorf("%d lanes, the last is %q with %d", len(r.Lanes), last.Label, len(last.Bars))
	}
}

func TestLogAndMarksByTime(t *testing.T) {
	log := interleave(judge.Timeline{
		Marks: []judge.Mark{{At: 0, Text: "killed"}, {At: 5 * sec, Text: "started"}},
		Lines: []judge.Line{{At: -sec, Text: "before"}, {At: 0, Text: "at once"}, {At: 2 * sec, Text: "after"}},
	})
	var got []string
	for _, e := range log {
		got = append(got, e.Time+" "+e.Text)
	}
	if want := []string{"−1.00 before", "0.00 killed", "0.00 at once", "2.00 after", "5.00 started"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		from, to time.Duration
		want     string
	}{
		{-2 * sec, 9 * sec, "−2 −1 0 1 2 3 4 5 6 7 8 9"},
		{-1500 * ms, 20 * sec, "0 2 4 6 8 10 12 14 16 18 20"},
		{-100 * ms, 900 * ms, "−0.1 0 0.1 0.2 0.3 0.4 0.5 0.6 0.7 0.8 0.9"},
		{0, 600 * sec, "0 50 100 150 200 250 300 350 400 450 500 550 600"},
	} {
		var got []string
		for _, tick := range ticks(scale{from: c.from, to: c.to, right: 100}) {
			got = append(got, tick.Label)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s to %s: %q", c.from, c.to, got)
		}
	}
}

// TestReasonsStandOnce: at the drill, in the table, where the picture of the drill leads to.
func TestReasonsStandOnce(t *testing.T) {
	const why = "Nobody had the address for 9.99 s."
	step := judge.Step{Title: "lb1 is lost", Verdict: judge.Failed, Why: why}
	other := judge.Step{Title: "lb1 is back", Verdict: judge.Failed, Why: "It took the address away."}
	r := judge.Result{Drills: []judge.Outcome{{Drill: "x", Title: "X", Verdict: judge.Failed, Why: why, Steps: []judge.Step{step, other}}}}
	text := string(written(t, r))
	for _, reason := range []string{why, other.Why} {
		if n := strings.Count(text, reason); n != 1 {
			t.Errorf("%q stands %d times", reason, n)
		}
	}
	if !strings.Contains(text, `href="#drill-x-why"`) || !strings.Contains(text, `id="drill-x-why"`) {
		t.Error("nothing leads to the reason")
	}
}

// TestBusyMachineIsSaid: among what a reader wants to know first, whatever else failed.
func TestBusyMachineIsSaid(t *testing.T) {
	r := judge.Result{Drills: []judge.Outcome{{Drill: "x", Verdict: judge.Failed}, {Drill: "y", Verdict: judge.Inconclusive}}}
	if text := string(written(t, r)); !strings.Contains(text, "was busy") || !strings.Contains(text, "too busy to judge 1 drill") {
		t.Errorf("%s", text)
	}
}
