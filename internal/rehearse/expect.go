package rehearse

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// stillness is how long everything must stay as it should be before a step is over.
const stillness = time.Second

// forecast is what must come of a drill, for the site as it is stood up.
func (s *stage) forecast(d Drill) judge.Forecast {
	f := judge.Forecast{Drill: d.Name, Title: d.Title}
	var states []failover.State
	for i, g := range s.groups {
		f.Groups, states = append(f.Groups, s.judged[i]), append(states, d.begins(g))
	}
	for _, a := range d.steps {
		x := judge.Expectation{
			Title: a.title, Sees: a.sees, Window: a.window, Lapse: a.lapse, Served: a.served, Split: a.split,
			Wants: s.wants(a), Still: max(stillness, a.still),
		}
		for i, g := range s.groups {
			p := foresee(g, states[i], a.faults)
			states[i] = p.to
			x.Moves = append(x.Moves, g.move(p))
			x.Still, x.Longest = max(x.Still, g.takeoverTime(p, a)), max(x.Longest, p.total)
		}
		if a.do.starts() {
			x.Still = max(x.Still, s.startupDelay())
		}
		f.Steps = append(f.Steps, x)
	}
	return f
}

// judge gathers what the judge has to know of the groups.
func (s *stage) judge() {
	for _, g := range s.groups {
		one := judge.Group{Name: g.Name, VIPs: addresses(g), Home: g.Names(g.Start())}
		one.Cause, one.Remedy = s.cause(g)
		one.Race, one.Rivals = g.Race()
		s.judged = append(s.judged, one)
	}
}

func addresses(g group) []string {
	var all []string
	for _, vip := range g.vips {
		all = append(all, vip.String())
	}
	return all
}

// move is a path in words.
func (g group) move(p predicted) judge.Move {
	m := judge.Move{
		From: g.Names(p.from), To: g.Names(p.to), Moves: p.moves(), Window: p.window,
		FromSplit: p.from.Split(), ToSplit: p.to.Split(),
		Good: g.Good(p.to), Serves: len(p.to.Masters) > 0 && g.Serves(p.to, p.to.Masters[0]),
	}
	if p.moves() {
		m.Smooth = p.smooth(g)
		for _, node := range g.Names(p.step.To) {
			if !slices.Contains(g.Names(p.step.From), node) {
				m.Given = append(m.Given, node)
			}
		}
	}
	return m
}

// takeoverTime is how long a group whose virtual IPs must stay is watched: as
// long as they would take to move if its nodes had no nopreempt.
func (g group) takeoverTime(p predicted, a step) time.Duration {
	if p.moves() || len(a.faults) == 0 || a.split {
		return 0
	}
	eager := *g.Group
	eager.Nodes = slices.Clone(g.Nodes)
	for j := range eager.Nodes {
		eager.Nodes[j].NoPreempt = false
	}
	g.Group = &eager
	if would := foresee(g, p.from, a.faults); would.moves() {
		return would.window.Worst + judge.OwnDelay
	}
	return 0
}

// wants adds to what a step wants of clients' answers what only the stage knows.
func (s *stage) wants(a step) *judge.Wants {
	if a.wants == nil {
		return nil
	}
	w := *a.wants
	if a.asks == askEveryEntry {
		w.Answers, w.Balanced = s.answered(), s.inTurn()
	}
	if w.Sorry != nil && w.Sorry.Page != "" {
		sorry := *w.Sorry
		for _, f := range s.plan.Nodes[0].Set.Files {
			if path.Base(f.Path) == model.PageName(sorry.Page) {
				sorry.Digest = lab.Digest(f.Data)
			}
		}
		w.Sorry = &sorry
	}
	return &w
}

// answered are the requests, one for each address of the site, that must be
// answered somehow.
func (s *stage) answered() []string {
	var all []string
	for _, e := range s.entries() {
		if e.frontend.Mode == model.ModeHTTP && !turnsAway(e) {
			all = append(all, s.candidates(e)[0].Name)
		}
	}
	return all
}

// turnsAway says whether the frontend closes some connections without an answer.
func turnsAway(e entry) bool {
	return slices.ContainsFunc(e.frontend.Routes, func(r site.Route) bool { return r.Reject || r.SilentDrop }) ||
		e.bind.TLS != nil && (e.bind.TLS.StrictSNI || e.bind.TLS.ClientCA != "")
}

// inTurn are the servers of each backend that serves in turn.
func (s *stage) inTurn() [][]string {
	var all [][]string
	for i := range s.site.Backends {
		b := &s.site.Backends[i]
		if balance := b.Balance.Algorithm; balance != "roundrobin" && balance != "static-rr" || b.Persist != nil {
			continue
		}
		var servers []string
		for _, server := range b.Servers {
			if s.inRotation(b, server) {
				servers = append(servers, serverName(b, server))
			}
		}
		all = append(all, servers)
	}
	return all
}

// inRotation says whether the server is one that gets requests while all is well:
// none that waits to become primary.
func (s *stage) inRotation(b *site.Backend, server model.Server) bool {
	planned := slices.ContainsFunc(s.plan.Servers, func(l lab.Server) bool { return l.Name == serverName(b, server) })
	waits := slices.ContainsFunc(checked(b), func(m model.Server) bool { return m.Name == server.Name }) &&
		!slices.ContainsFunc(passing(s.site, b), func(m model.Server) bool { return m.Name == server.Name })
	return planned && !waits && !b.Disabled(&server.ServerOptions) && getsRequests(b, server)
}

// reaches says whether an answer is one of the drill's backend, or of any.
func (d Drill) reaches(server string) bool {
	return d.backend == "" || strings.HasPrefix(server, d.backend+"/")
}

// begins is the state of a group when the drill begins.
func (d Drill) begins(g group) failover.State {
	s := g.Start()
	for i := range g.Nodes {
		if d.bare {
			s = g.Next(s, failover.Part{Node: i, Kind: failover.Machine}).To
		}
	}
	return s
}

// Forecasts are what must come of the drills, for the site with the files of the
// sets: what internal/judge compares their recordings with.
func Forecasts(site *Subject, sets []artifact.Set, drills []Drill) []judge.Forecast {
	s := newStage(site, sets, nil)
	var all []judge.Forecast
	for _, d := range drills {
		all = append(all, s.forecast(d))
	}
	return all
}
