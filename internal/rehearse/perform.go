package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
)

// run runs the drill in a lab of its own, and has it judged. It returns an
// error where no lab is to be had.
func (s *stage) run(ctx context.Context, d Drill, o Options) (result, error) {
	f := s.forecast(d)
	if d.Unable != "" {
		return result{outcome: judge.Outcome{Drill: d.Name, Title: d.Title, Verdict: judge.Skipped, Why: d.Unable}}, nil
	}
	l, m, err := s.stand(ctx, o)
	if err != nil {
		return result{}, err
	}
	defer l.Down()
	p := &attempt{stage: s, ctx: ctx, drill: d, forecast: f, lab: l, machines: m}
	if err := p.tellPlan(); err != nil {
		return result{}, err
	}
	if err := p.all(); err != nil {
		p.broken(err)
	}
	events := l.Events()
	return result{outcome: judge.Drill(f, events), notes: l.Stubs(), events: events, daemons: m.daemons(ctx)}, nil
}

// result is what a drill has left.
type result struct {
	outcome judge.Outcome
	notes   []string // what was replaced by a stub
	events  []recording.Event
	daemons []judge.Daemon // those of nodes that boot
}

// tellPlan records what the drill is compared with.
func (p *attempt) tellPlan() error {
	data, err := json.Marshal(p.forecast)
	p.tell(recording.Event{At: p.lab.Now(), Kind: recording.Plan, What: p.drill.Name, Text: p.site.Name, Plan: data})
	return err
}

// all does everything: boots, and performs the steps until one is not as foreseen.
func (p *attempt) all() error {
	p.pressure()
	if err := p.boot(); err != nil {
		return err
	}
	for i, a := range p.drill.steps {
		if err := p.perform(i, a); err != nil {
			return err
		}
		if judge.Drill(p.forecast, p.lab.Events()).Over {
			return p.lab.Rest()
		}
	}
	if p.drill.bare {
		if err := p.serving(); err != nil {
			return err
		}
	}
	return p.lab.Rest()
}

// broken records why the drill could not go on.
func (p *attempt) broken(err error) {
	e := recording.Event{Kind: recording.Stuck, What: recording.NotPossible, Text: err.Error()}
	var why *stuck
	if errors.As(err, &why) {
		e = why.Event
	}
	p.pressure()
	e.At = p.lab.Now()
	p.tell(e)
}

// pressure records how long tasks have waited for a processor.
func (p *attempt) pressure() {
	if total, ok := lab.Pressure(); ok {
		p.tell(recording.Event{At: p.lab.Now(), Kind: recording.Pressure, Text: total.String()})
	}
}

// perform does a step, watches what comes of it, and has the client ask what
// must be known. It returns an error where the drill cannot go on.
func (p *attempt) perform(i int, a step) error {
	at, err := p.do(a.do)
	if err != nil {
		return err
	}
	p.tell(recording.Event{At: at, Kind: recording.Step, What: a.title})
	p.pressure()
	p.watch(i, at)
	if p.ctx.Err() != nil {
		return context.Cause(p.ctx)
	}
	p.pressure()
	p.tell(recording.Event{At: p.lab.Now(), Kind: recording.Rest})
	return p.ask(a.asks)
}

// watch waits until everything is as foreseen and has been for a while; in vain
// for no longer than it may take.
func (p *attempt) watch(i int, at time.Duration) {
	x := p.forecast.Steps[i]
	const more = 3 * time.Second
	longest := max(more, x.Still, x.Longest+more)
	for _, m := range x.Moves {
		longest = max(longest, m.Window.Worst+more)
	}
	if x.Window != nil {
		longest = max(longest, x.Window.Worst+more)
	}
	if !p.await(longest, func(events []recording.Event) bool { return p.forecast.Settled(i, at, events) }) {
		return
	}
	end := p.lab.Now() + x.Still
	p.await(x.Still+time.Second, func([]recording.Event) bool { return p.lab.Now() >= end })
}

// ask has the client ask, and records its answers.
func (p *attempt) ask(what asks) error {
	switch what {
	case askEveryEntry:
		for _, e := range p.entries() {
			if _, err := p.askOnce(p.candidates(e)[0]); err != nil {
				return err
			}
		}
	case askOnce:
		_, err := p.askOnce(p.probes[0].Request)
		return err
	case askCookie:
		a, err := p.askOnce(p.probes[0].Request)
		for name, value := range a.Cookies {
			p.cookie = name + "=" + value
		}
		return err
	case askWithCookie:
		r := p.probes[0].Request
		r.Header = map[string]string{"Cookie": p.cookie}
		const often = 8
		for range often {
			if _, err := p.askOnce(r); err != nil {
				return err
			}
		}
	case askNothing:
	}
	return nil
}

func (p *attempt) askOnce(r lab.Request) (recording.Answer, error) {
	at := p.lab.Now()
	a, err := p.lab.Request(r)
	if err == nil {
		p.tell(recording.Event{At: at, Kind: recording.Asked, What: r.Name, Answer: &a})
	}
	return a, err
}
