package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/rehearse"
)

// rehearsedPair is what came of asking a pair and its site the same.
type rehearsedPair struct {
	alike.Result
	stubs []string // what was not as on the nodes
}

// rehearseAdopted asks a pair with its own files, and what the site makes, the same.
func (a *app) rehearseAdopted(ctx context.Context, p *pair.Pair, opts adopt.Options, r adopted, d daemonFlags) (*rehearsedPair, error) {
	programs, err := d.programs()
	if err != nil {
		return nil, err
	}
	own := &loaded{pair: p}
	subject, err := ownSets(own, opts)
	if err != nil {
		return nil, err
	}
	made := r.sites[0]
	if missing := lab.Missing(slices.Concat(own.sets, made.sets), programs); len(missing) > 0 {
		return nil, errors.New(strings.Join(missing, "\nlbgen: "))
	}
	before := rehearse.Side{Subject: subject, Sets: own.sets}
	for _, n := range p.Nodes {
		before.Configs = append(before.Configs, n.HAProxy)
	}
	after := rehearse.Side{Subject: rehearse.Of(made.site), Sets: made.sets}
	rendered := renderedPair(made.site.Name, made.sets)
	for _, set := range made.sets {
		i := slices.IndexFunc(rendered.Nodes, func(n *pair.Node) bool { return n.Name == set.Node })
		after.Configs = append(after.Configs, rendered.Nodes[i].HAProxy)
	}
	result, stubs, err := rehearse.Alike(ctx, before, after, rehearse.AlikeOptions{
		Lab:   lab.Options{Self: []string{"lbgen", agentCommand}, Programs: programs},
		Known: excuses(r.differences), Progress: a.progress,
	})
	if err != nil {
		return nil, err
	}
	return &rehearsedPair{result, append(slices.Clone(subject.Notes), stubs...)}, nil
}

// excuses are the differences that are known from the files.
func excuses(all []adopt.Difference) alike.Excuses {
	e := alike.Excuses{Renamed: map[string]string{}}
	for _, d := range all {
		switch d.What {
		case "name":
			e.Renamed[d.After] = d.Before
		case "servers' names":
			before, after := strings.Split(d.Before, " | "), strings.Split(d.After, " | ")
			for i := range min(len(before), len(after)) {
				e.Renamed[after[i]] = before[i]
			}
		}
		if strings.HasPrefix(d.Where, "frontend") || strings.HasPrefix(d.Where, "backend") {
			e.Listed = append(e.Listed, d.String())
		}
	}
	return e
}

func (r *rehearsedPair) errors() int {
	if r == nil {
		return 0
	}
	return r.Errors()
}

// text prints what came of it.
func (r *rehearsedPair) text(w io.Writer) {
	if r == nil {
		return
	}
	fmt.Fprintf(w, "\nrehearsed: %s to each of both, %d answered alike, %d differently, %d more as it may be\n", count(r.Asked, "request"),
		r.Alike, r.Errors(), len(r.Differences)-r.Errors())
	for _, allowed := range []bool{false, true} {
		for _, d := range r.Differences {
			if (d.Allowed != "") == allowed {
				printDifference(w, d)
			}
		}
	}
	for _, n := range r.Notes {
		fmt.Fprintf(w, "  note: %s\n", n)
	}
	for _, n := range r.stubs {
		fmt.Fprintf(w, "  simulated: %s\n", n)
	}
}

func printDifference(w io.Writer, d alike.Difference) {
	text := fmt.Sprintf("%s: %s, while %s", d.Node, d.Request, d.While)
	if d.Allowed != "" {
		text += " (" + d.Allowed + ")"
	}
	fmt.Fprintf(w, "  %s\n", text)
	for _, l := range d.Before {
		fmt.Fprintf(w, "    before: %s\n", l)
	}
	for _, l := range d.After {
		fmt.Fprintf(w, "    after:  %s\n", l)
	}
}

// rehearsedOut is the same in JSON.
type rehearsedOut struct {
	Requests    int         `json:"requests"` // that each of both was sent
	Alike       int         `json:"alike"`
	Changed     int         `json:"changed"` // those that were answered differently, and may not be
	Differences []answerOut `json:"differences"`
	Notes       []string    `json:"notes"` // what was not compared
	Simulated   []string    `json:"simulated"`
}

type answerOut struct {
	Node    string   `json:"node"`
	Request string   `json:"request"`
	While   string   `json:"while"`
	Before  []string `json:"before"`
	After   []string `json:"after"`
	Allowed string   `json:"allowed,omitempty"` // why it may be
}

func (r *rehearsedPair) json() *rehearsedOut {
	if r == nil {
		return nil
	}
	out := &rehearsedOut{Requests: r.Asked, Alike: r.Alike, Changed: r.Errors(), Differences: []answerOut{},
		Notes: append([]string{}, r.Notes...), Simulated: append([]string{}, r.stubs...)}
	for _, d := range r.Differences {
		out.Differences = append(out.Differences, answerOut{d.Node, d.Request, d.While, append([]string{}, d.Before...),
			append([]string{}, d.After...), d.Allowed})
	}
	return out
}
