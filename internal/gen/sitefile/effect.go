package main

import (
	"bytes"
	"errors"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/artifact"
)

// effect is what a field becomes: how the files differ from those of a site
// without it, or with another value.
type effect struct {
	written string   // the field as it stands in the sink
	file    string   // the first file that differs, in the order that a reader looks in
	lines   []string // that stand there because of the field
	gone    bool     // the lines are those that the field takes away
	alone   bool     // nothing but the field was changed to see them
}

// effects returns for each field by its path what it becomes; a path that is
// missing stands in no sink, one with nil changes nothing.
func effects(sinks []*sink) (map[string]*effect, error) {
	type found struct {
		path string
		*effect
		err error
	}
	all, results := map[string]*effect{}, make(chan found)
	byPath := map[string][]occurrence{}
	for _, s := range sinks {
		for _, p := range s.places {
			if ofTest(p.path) {
				all[p.path] = nil
				continue
			}
			byPath[p.path] = append(byPath[p.path], occurrence{s, p})
		}
	}
	turns := make(chan struct{}, runtime.GOMAXPROCS(0))
	for path, places := range byPath {
		go func() {
			turns <- struct{}{}
			e, err := clearest(places)
			<-turns
			results <- found{path, e, err}
		}()
	}
	var faults []error
	for range byPath {
		r := <-results
		all[r.path] = r.effect
		faults = append(faults, r.err)
	}
	return all, errors.Join(faults...)
}

// occurrence is one of the places of a field, and the sink that has it.
type occurrence struct {
	*sink
	place
}

// clearest returns the first effect that the field has alone, or else the first.
func clearest(places []occurrence) (best *effect, err error) {
	for _, o := range places {
		e, err := o.effect(o.place)
		switch {
		case err != nil:
			return nil, err
		case e != nil && e.alone:
			return e, nil
		case best == nil:
			best = e
		}
	}
	return best, nil
}

// effect tries changes of the field until one makes a difference. Where the
// model refuses them all, more has to change than the field.
func (s *sink) effect(p place) (*effect, error) {
	e, allowed, err := s.try(changes(s.root, p), p)
	if e != nil {
		e.alone = true
	}
	for _, further := range []func(*yaml.Node, place) []*yaml.Node{renamed, withoutMore} {
		if err == nil && e == nil && !allowed {
			e, _, err = s.try(further(s.root, p), p)
		}
	}
	return e, err
}

// try renders changed trees until one shows a line that the field becomes, and
// says whether the model allows any of them. A line that the field takes away
// is second best.
func (s *sink) try(trees []*yaml.Node, p place) (best *effect, allowed bool, err error) {
	for _, changed := range trees {
		sets, found, err := s.render(changed)
		if err != nil {
			return nil, false, err
		}
		if found.HasErrors() {
			continue
		}
		allowed = true
		e := difference(s.sets, sets, concrete(s.root, p.steps))
		if e == nil || e.gone && best != nil {
			continue
		}
		e.written = written(p, at(s.root, p.steps))
		if best = e; !e.gone {
			break
		}
	}
	return best, allowed, nil
}

// difference returns how the files of one site differ from those of another,
// nil if they do not. Of several lines it shows those that come from the path.
func difference(with, without []artifact.Set, path string) *effect {
	if len(with) != len(without) {
		return &effect{file: "a folder for each node"}
	}
	var moved *effect
	for i := range with {
		for _, name := range names(with[i], without[i]) {
			a, here := with[i].File(name)
			b, there := without[i].File(name)
			switch {
			case here && !there:
				return &effect{file: name}
			case !here && moved == nil:
				moved = &effect{file: name, gone: true}
			case here && !bytes.Equal(a.Data, b.Data):
				e := &effect{file: name}
				e.lines, e.gone = lines(a, b, path)
				return e
			}
		}
	}
	return moved
}

// names returns the files of two sets, the daemons' own first and what only
// ships them last.
func names(a, b artifact.Set) []string {
	rank := func(name string) int {
		return slices.Index([]string{"haproxy.cfg", "keepalived.conf", "", "firewalld.table", "node.table"}, shipping(path.Base(name)))
	}
	var all []string
	for _, f := range slices.Concat(a.Files, b.Files) {
		if !slices.Contains(all, f.Path) {
			all = append(all, f.Path)
		}
	}
	slices.SortFunc(all, func(x, y string) int {
		if d := rank(x) - rank(y); d != 0 {
			return d
		}
		return strings.Compare(x, y)
	})
	return all
}

// shipping returns a base name that has a rank, "" for all others.
func shipping(base string) string {
	switch base {
	case "haproxy.cfg", "keepalived.conf", "firewalld.table", "node.table":
		return base
	default:
		return ""
	}
}

// lines returns what only a has, or, where that is nothing, what only b has.
func lines(a, b artifact.File, path string) (only []string, gone bool) {
	x, y := strings.Split(string(a.Data), "\n"), strings.Split(string(b.Data), "\n")
	here, there := masked(a, without(x, y)), masked(b, without(y, x))
	if len(here) == 0 {
		return there, true
	}
	if own := ofPath(a, here, path); len(own) > 0 && len(own) < len(here) {
		return own, false // others only count on, or hold the same name
	}
	if len(here) == len(there) {
		for i := range here {
			here[i] = words(here[i], there[i])
		}
	}
	return here, false
}

// ofPath returns those of the lines that stand in the file because of the part
// of the site file that has the path.
func ofPath(f artifact.File, lines []string, path string) []string {
	var own []string
	all := strings.Split(string(f.Masked()), "\n")
	for i, origin := range f.Origins {
		line := all[i]
		if origin != "" && (within(path, origin) || within(origin, path)) && slices.Contains(lines, line) {
			own = append(own, line)
		}
	}
	return own
}

func within(path, part string) bool {
	rest, ok := strings.CutPrefix(path, part)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// concrete returns the path of a value with the indices of lists and the names
// of mappings.
func concrete(n *yaml.Node, steps []int) string {
	path := ""
	for _, i := range steps {
		if n.Kind == yaml.MappingNode {
			path = join(path, n.Content[i-1].Value)
		} else {
			path += "[" + strconv.Itoa(i) + "]"
		}
		n = n.Content[i]
	}
	return path
}

// masked returns lines of a file with its secrets masked.
func masked(f artifact.File, lines []string) []string {
	for i, line := range lines {
		for _, s := range f.Secrets {
			lines[i] = strings.ReplaceAll(line, string(f.Data[s.Start:s.End]), artifact.Mask)
			line = lines[i]
		}
	}
	return lines
}

// longest is how long a line may be to be shown whole.
const longest = 90

// words shortens a long line to its first two words and those that the other
// line does not have, each with the keyword before it.
func words(line, other string) string {
	all := strings.Fields(line)
	only := without(all, strings.Fields(other))
	if len(line) <= longest || len(all) < 2 || len(only) == 0 || !strings.HasPrefix(strings.TrimSpace(other), all[0]) {
		return line
	}
	kept := make([]bool, len(all))
	kept[0], kept[1] = true, true
	for i, word := range all {
		if len(only) > 0 && word == only[0] {
			only = only[1:]
			kept[i] = true
			kept[max(i-1, 0)] = kept[max(i-1, 0)] || unicode.IsLetter(rune(all[max(i-1, 0)][0]))
		}
	}
	return shorten(all, kept)
}

// shorten writes … for the words that are not kept.
func shorten(all []string, kept []bool) string {
	var short []string
	for i, word := range all {
		if kept[i] {
			short = append(short, word)
		} else if short[len(short)-1] != "…" {
			short = append(short, "…")
		}
	}
	return strings.Join(short, " ")
}

// without returns the items of a that b does not have as often, in order.
func without(a, b []string) []string {
	left := map[string]int{}
	for _, item := range b {
		left[item]++
	}
	var only []string
	for _, item := range a {
		if left[item]--; left[item] < 0 && strings.TrimSpace(item) != "" {
			only = append(only, item)
		}
	}
	return only
}

// written returns a field as one line of YAML, "" where it is too long for one.
func written(p place, value *yaml.Node) string {
	flat := copyOf(value)
	flow(flat)
	if strings.HasSuffix(p.path, "[]"+short) {
		flat = &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{flat}}
	}
	text, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: p.Key}, flat}})
	line := strings.TrimSpace(string(text))
	if err != nil || len(line) > longest || strings.Contains(line, "\n") {
		return ""
	}
	return line
}

func flow(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	if n.Kind != yaml.ScalarNode {
		n.Style = yaml.FlowStyle
	}
	for _, below := range n.Content {
		flow(below)
	}
}
