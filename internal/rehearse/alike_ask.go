package rehearse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/lab"
)

// standing is one side in its lab.
type standing struct {
	stage  *stage
	lab    *lab.Lab
	node   string
	tables []string // of what HAProxy counts and remembers
}

// stand stands one side up, and waits until HAProxy has checked its servers.
func stand(ctx context.Context, s *stage, o lab.Options) (*standing, error) {
	l, err := lab.Up(ctx, s.plan, o)
	if err != nil {
		return nil, err
	}
	one := &standing{stage: s, lab: l, node: s.plan.Nodes[0].Set.Node}
	if err := one.start(ctx); err != nil {
		l.Down()
		return nil, err
	}
	return one, nil
}

// start starts HAProxy and waits until it has checked its servers.
func (s *standing) start(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	_, err := s.untilSettled(ctx, func(view) bool { return true })
	return err
}

// begin starts HAProxy and finds its tables.
func (s *standing) begin(ctx context.Context) error {
	if err := s.lab.Start(s.node, lab.HAProxy); err != nil {
		return err
	}
	p := &attempt{stage: s.stage, ctx: ctx, lab: s.lab}
	if err := p.untilHAProxyAnswers(s.node, 0); err != nil {
		return fmt.Errorf("HAProxy of %s does not start: %s", s.node, p.lastWords())
	}
	tables, err := s.lab.AskHAProxy(s.node, "show table")
	if err != nil {
		return err
	}
	for line := range strings.Lines(tables) {
		if rest, ok := strings.CutPrefix(line, "# table: "); ok {
			name, _, _ := strings.Cut(rest, ",")
			s.tables = append(s.tables, name)
		}
	}
	return nil
}

// lastWords are what HAProxy has said last.
func (p *attempt) lastWords() string {
	var said []string
	for _, e := range p.lab.Events() {
		if e.What == lab.HAProxy && e.Text != "" {
			said = append(said, e.Text)
		}
	}
	const few = 4
	return strings.Join(said[max(0, len(said)-few):], "; ")
}

// view is what HAProxy thinks of its servers.
type view struct {
	up        []string // that are checked
	moving    bool     // one is about to change, or not checked yet
	unchecked bool
}

// seen says whether the servers that are down at a moment are known to be.
func (v view) seen(m moment, s *standing) bool {
	if m.down == nil {
		return true
	}
	return !slices.ContainsFunc(v.up, func(name string) bool {
		i := slices.IndexFunc(s.stage.plan.Servers, func(x lab.Server) bool { return x.Name == name })
		return i >= 0 && m.down(&s.stage.plan.Servers[i], s.stage)
	})
}

func (s *standing) view() (view, error) {
	var v view
	table, err := s.lab.AskHAProxy(s.node, "show stat -1 4 -1")
	if err != nil {
		return v, err
	}
	for _, st := range lab.Stats(table) {
		v.unchecked = v.unchecked || st.Status == "no check"
		v.moving = v.moving || strings.Contains(st.Check, "INI") || strings.Contains(st.Status, "/")
		if strings.HasPrefix(st.Status, "UP") {
			v.up = append(v.up, st.Server())
		}
	}
	return v, nil
}

// untilSettled waits until no server is about to change and all is as wished; in vain
// for no longer than is worth it.
func (s *standing) untilSettled(ctx context.Context, wished func(view) bool) (view, error) {
	const longest = 40 * time.Second
	for end := s.lab.Now() + longest; ; {
		v, err := s.view()
		if err == nil && !v.moving && wished(v) || s.lab.Now() > end {
			return v, err
		}
		select {
		case <-ctx.Done():
			return v, context.Cause(ctx)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// forget empties the tables: what was counted of earlier requests is not to matter.
func (s *standing) forget() error {
	for _, name := range s.tables {
		if _, err := s.lab.AskHAProxy(s.node, "clear table "+name); err != nil {
			return err
		}
	}
	return nil
}

// counts says whether one of the two counts or remembers something of its clients.
func (c *comparison) counts() bool { return len(c.sides[0].tables)+len(c.sides[1].tables) > 0 }

// ask sends the requests to both: all twice while servers answer, and those that differ
// as often as it takes to see every server. Where one of the two counts its clients
// each is sent by itself, and what was counted before is forgotten.
func (c *comparison) ask(m moment, requests []lab.Request) error {
	answers := make([][2]alike.Answers, len(requests))
	for pass := 0; pass < 2 && !c.counts() && (pass == 0 || m.down == nil); pass++ {
		if err := c.together(m, requests, answers); err != nil {
			return err
		}
	}
	for i, r := range requests {
		if i%50 == 0 {
			c.options.Progress(fmt.Sprintf("rehearsing %s, %s: %d of %d answers compared", c.node, m.while, i, len(requests)))
		}
		if err := c.compare(m, r, &answers[i]); err != nil {
			return err
		}
		if c.ctx.Err() != nil {
			return context.Cause(c.ctx)
		}
	}
	return nil
}

// together sends all requests once more, several at the same time; but those that were
// not answered in time.
func (c *comparison) together(m moment, requests []lab.Request, answers [][2]alike.Answers) error {
	const parallel, chunk = 16, 256
	for begin := 0; begin < len(requests); begin += chunk {
		c.options.Progress(fmt.Sprintf("rehearsing %s, %s: %d of %d requests", c.node, m.while, begin, len(requests)))
		var numbers []int
		var some []lab.Request
		for i := begin; i < min(begin+chunk, len(requests)); i++ {
			if !answers[i][0].Slow && !answers[i][1].Slow {
				numbers, some = append(numbers, i), append(some, requests[i])
			}
		}
		if err := c.both(func(k int, s *standing) error {
			all, err := s.lab.Exchange(some, parallel)
			for i, x := range all {
				answers[numbers[i]][k].Add(x)
			}
			return err
		}); err != nil || c.ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// both does something with both sides at the same time.
func (c *comparison) both(do func(int, *standing) error) error {
	var g errgroup.Group
	for k, s := range c.sides {
		g.Go(func() error { return do(k, s) })
	}
	return g.Wait()
}

// once sends a request to both, once or several times.
func (c *comparison) once(r lab.Request, times int, a *[2]alike.Answers) error {
	return c.both(func(k int, s *standing) error {
		for range times {
			if err := s.forget(); err != nil {
				return err
			}
			all, err := s.lab.Exchange([]lab.Request{r}, 1)
			if err != nil {
				return err
			}
			a[k].Add(all[0])
			if a[k].Slow {
				return nil
			}
		}
		return nil
	})
}

// compare compares what comes of one request.
func (c *comparison) compare(m moment, r lab.Request, a *[2]alike.Answers) error {
	if c.counts() {
		if err := c.once(r, 1, a); err != nil {
			return err
		}
	}
	d, moving := alike.Compare(&a[0], &a[1], c.options.Known)
	rounds := 1 // for what changes by itself
	if c.patience > 0 && alike.Chance(&a[0], &a[1]) {
		rounds = 20
	}
	for ; d != nil && d.Allowed == "" && rounds > 0 && !a[0].Slow && !a[1].Slow; rounds-- {
		const more = 8
		if err := c.once(r, more, a); err != nil {
			return err
		}
		d, moving = alike.Compare(&a[0], &a[1], c.options.Known)
	}
	for _, name := range moving {
		c.note("%s changes from answer to answer on both sides: only that it is there was compared", name)
	}
	c.result.Asked++
	if d == nil {
		c.result.Alike++
		return nil
	}
	if d.Allowed == "" && rounds == 0 {
		c.patience--
	}
	d.Node, d.Request, d.While = c.node, r.Name, m.while
	c.result.Differences = append(c.result.Differences, *d)
	return nil
}
