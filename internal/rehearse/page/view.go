package page

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/drawing"
	"github.com/lbgen/lbgen/internal/judge"
)

// view is the whole page, made ready to print.
type view struct {
	Policy   string
	Style    template.CSS
	Script   template.JS
	Site     string
	Verdict  judge.Verdict // of all drills together
	Headline string
	Counts   []tallied
	Facts    []fact
	Stubs    []string
	Picture  template.HTML // of the site; "" where there is none
	Drills   []drill       // failed ones first
	Scale    string        // of the small pictures in the table
}

// tallied is how many drills came to a verdict.
type tallied struct {
	N       int
	Verdict judge.Verdict
}

// fact is one thing that a reader wants to know first.
type fact struct{ Name, Value, Note string }

// drill is one drill, in the table and by itself.
type drill struct {
	judge.Outcome
	ID       string
	Steps    []step
	Sums     []sum
	Chart    *chart
	Problems []problem
	Log      []entry
}

// Open says whether the log is shown without being asked for.
func (d drill) Open() bool { return d.Verdict == judge.Failed }

// Said is how much there is in the log.
func (d drill) Said() string { return count(len(d.Timeline.Lines), "line") }

// Failures are the drills that failed.
func (v view) Failures() []drill {
	return slices.DeleteFunc(slices.Clone(v.Drills), func(d drill) bool { return d.Verdict != judge.Failed })
}

// Symbol stands before the word of a verdict.
func (d drill) Symbol() string { return mark(d.Verdict) }

// Symbol stands before the word of a verdict.
func (t tallied) Symbol() string { return mark(t.Verdict) }

// Symbol stands before the word of a verdict.
func (v view) Symbol() string { return mark(v.Verdict) }

// step is a row of the table.
type step struct {
	judge.Step
	Symbol               string
	Expected, Slack, Got string
	Felt                 string // whether clients felt what was measured
	Requests             string
	Moves                []string
	Bullet               *bullet
}

// bullet is a predicted window with what was measured, as small as a word.
type bullet struct{ AllowX, AllowW, X, W, GotX drawing.PX }

// sum is how a predicted window comes about.
type sum struct {
	Step  string
	Whole string
	Terms []term
	Slack string
}

// term is a part of the sum.
type term struct{ What, Formula, Time string }

// entry is a line of a log, or what the drill did then.
type entry struct {
	Class, Time, Host, Program, Text string
	at                               time.Duration
}

func newView(r judge.Result) view {
	k := newKey(r)
	v := view{
		Policy: policy(), Style: template.CSS(style()), Script: template.JS(script),
		Site: r.Site, Verdict: verdict(r), Counts: tallies(r), Facts: facts(r), Stubs: r.Stubs,
	}
	v.Headline = headline(r, v.Verdict)
	most := longest(r)
	if most > 0 {
		v.Scale = "0 to " + round(most) + " s"
	}
	ids := map[string]int{}
	for _, o := range failedFirst(r.Drills) {
		v.Drills = append(v.Drills, newDrill(id(o.Drill, ids), o, k, most))
	}
	return v
}

func newDrill(id string, o judge.Outcome, k *key, most time.Duration) drill {
	d := drill{Outcome: o, ID: id, Chart: newChart(id, o, k), Problems: problems(o.Timeline.Series), Log: interleave(o.Timeline)}
	for _, s := range o.Steps {
		row := newStep(s, most)
		if row.Why == o.Why {
			row.Why = "" // it is said of the drill
		}
		d.Steps = append(d.Steps, row)
		if s.Predicted != nil && len(s.Predicted.Terms) > 0 {
			d.Sums = append(d.Sums, newSum(s))
		}
	}
	return d
}

// id names a drill in links; a second one of the same name gets a number.
func id(name string, taken map[string]int) string {
	slug := "drill-" + strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(name))
	taken[slug]++
	if n := taken[slug]; n > 1 {
		return fmt.Sprintf("%s--%d", slug, n)
	}
	return slug
}

func failedFirst(drills []judge.Outcome) []judge.Outcome {
	rank := func(o judge.Outcome) int {
		if o.Verdict == judge.Failed {
			return 0
		}
		return 1
	}
	drills = slices.Clone(drills)
	slices.SortStableFunc(drills, func(a, b judge.Outcome) int { return rank(a) - rank(b) })
	return drills
}

func newStep(s judge.Step, most time.Duration) step {
	row := step{Step: s, Symbol: mark(s.Verdict), Moves: moves(s), Bullet: newBullet(s, most)}
	if s.Predicted != nil {
		row.Expected = between(s.Predicted.Best, s.Predicted.Worst)
		row.Slack = slack(s.Allowance)
	}
	if s.Measured != nil {
		row.Got, row.Felt = seconds(*s.Measured), felt(s)
	}
	if s.Requests > 0 {
		row.Requests = fmt.Sprintf("%d / %d", s.Failed, s.Requests)
	}
	return row
}

// felt says whether clients felt what was measured.
func felt(s judge.Step) string {
	switch {
	case s.Outage:
		return "outage"
	case s.Failed > 0 && s.Failed == s.Requests:
		return "no request was served"
	case s.Failed > 0:
		return "requests failed for " + seconds(s.Unserved)
	default:
		return "not felt"
	}
}

func slack(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return "± " + seconds(d)
}

func newSum(s judge.Step) sum {
	whole := sum{Step: s.Title, Whole: between(s.Predicted.Best, s.Predicted.Worst), Slack: slack(s.Allowance)}
	for _, t := range s.Predicted.Terms {
		whole.Terms = append(whole.Terms, term{What: t.What, Formula: t.Formula, Time: between(t.Best, t.Worst)})
	}
	return whole
}

// bulletWidth is that of the picture in the table.
const bulletWidth = 132.0

func newBullet(s judge.Step, most time.Duration) *bullet {
	if s.Predicted == nil && s.Measured == nil || most == 0 {
		return nil
	}
	axis := scale{to: most, left: 1, right: bulletWidth - 2}
	b := &bullet{GotX: -1}
	if w := s.Predicted; w != nil {
		b.AllowX, b.AllowW = axis.span(w.Best-s.Allowance, w.Worst+s.Allowance)
		b.X, b.W = axis.span(w.Best, w.Worst)
	}
	if s.Measured != nil {
		b.GotX = axis.x(*s.Measured)
	}
	return b
}

// longest is the end of the scale that all steps in the table share.
func longest(r judge.Result) time.Duration {
	var most time.Duration
	for _, o := range r.Drills {
		for _, s := range o.Steps {
			if s.Predicted != nil {
				most = max(most, s.Predicted.Worst+s.Allowance)
			}
			if s.Measured != nil {
				most = max(most, *s.Measured)
			}
		}
	}
	return (most + time.Second - 1).Truncate(time.Second)
}

// moves says who had the addresses before a step and after it: for each group,
// where they differ.
func moves(s judge.Step) []string {
	var all, groups []string
	for _, after := range s.After {
		i := slices.IndexFunc(s.Before, func(h judge.GroupMasters) bool { return h.Group == after.Group })
		if i < 0 {
			all = append(all, mastersNow(after.Nodes))
		} else {
			all = append(all, move(s.Before[i], after))
		}
		groups = append(groups, after.Group)
	}
	if one := slices.Compact(slices.Clone(all)); len(one) == 1 {
		return one
	}
	for i := range all {
		all[i] = groups[i] + ": " + all[i]
	}
	return all
}

func move(before, after judge.GroupMasters) string {
	if slices.Equal(before.Nodes, after.Nodes) {
		return mastersNow(after.Nodes) + " (stays)"
	}
	return mastersNow(before.Nodes) + " → " + mastersNow(after.Nodes)
}

func mastersNow(nodes []string) string {
	if len(nodes) == 0 {
		return "nobody"
	}
	return strings.Join(nodes, " and ")
}

// interleave puts what the drill did between what the daemons said.
func interleave(t judge.Timeline) []entry {
	var all []entry
	for _, m := range t.Marks {
		all = append(all, entry{Class: "did", Time: number(m.At), Text: m.Text, at: m.At})
	}
	for _, l := range t.Lines {
		all = append(all, entry{Class: "said", Time: number(l.At), Host: l.Host, Program: l.Program, Text: l.Text, at: l.At})
	}
	slices.SortStableFunc(all, func(a, b entry) int { return int(a.at - b.at) })
	return all
}
