package main

import (
	"bytes"
	"path"
	"slices"
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
	also    []string // further files that differ
}

// effects returns for each field by its path what it becomes; a path that is
// missing stands in no sink, one with nil changes nothing.
func effects(sinks []*sink) (map[string]*effect, error) {
	all := map[string]*effect{}
	for _, s := range sinks {
		for _, p := range s.places {
			if all[p.path] != nil {
				continue
			}
			e, err := s.effect(p)
			if err != nil {
				return nil, err
			}
			all[p.path] = e
		}
	}
	return all, nil
}

// effect tries changes of the field until one makes a difference. Where the
// model refuses them all, more has to change than the field.
func (s *sink) effect(p place) (*effect, error) {
	e, allowed, err := s.try(changes(s.root, p), p)
	if err != nil || allowed {
		return e, err
	}
	if e, _, err = s.try(renamed(s.root, p), p); err != nil || e != nil {
		return e, err
	}
	e, _, err = s.try(withoutMore(s.root, p.steps), p)
	return e, err
}

// try renders changed trees until one makes a difference, and says whether the
// model allows any of them.
func (s *sink) try(trees []*yaml.Node, p place) (e *effect, allowed bool, err error) {
	for _, changed := range trees {
		sets, found, err := s.render(changed)
		if err != nil {
			return nil, false, err
		}
		if found.HasErrors() {
			continue
		}
		allowed = true
		if e := difference(s.sets, sets); e != nil {
			e.written = written(p.Key, at(s.root, p.steps))
			return e, true, nil
		}
	}
	return nil, allowed, nil
}

// difference returns how the files of one site differ from those of another,
// nil if they do not.
func difference(with, without []artifact.Set) *effect {
	var e *effect
	for i := range min(len(with), len(without)) {
		for _, name := range names(with[i], without[i]) {
			a, _ := with[i].File(name)
			b, _ := without[i].File(name)
			if bytes.Equal(a.Data, b.Data) {
				continue
			}
			if e == nil {
				e = &effect{file: name}
				e.lines, e.gone = lines(a, b)
			} else if name != e.file && !slices.Contains(e.also, name) {
				e.also = append(e.also, name)
			}
		}
	}
	if e == nil && len(with) != len(without) {
		e = &effect{file: "a folder for each node"}
	}
	return e
}

// names returns the files of two sets, the daemons' own first and what only
// ships them last.
func names(a, b artifact.Set) []string {
	rank := func(name string) int {
		return slices.Index([]string{"haproxy.cfg", "keepalived.conf", "", "firewalld.sh", "install.sh"}, shipping(path.Base(name)))
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
	case "haproxy.cfg", "keepalived.conf", "firewalld.sh", "install.sh":
		return base
	default:
		return ""
	}
}

// lines returns what only a has, or, where that is nothing, what only b has.
func lines(a, b artifact.File) (only []string, gone bool) {
	x, y := strings.Split(string(a.Data), "\n"), strings.Split(string(b.Data), "\n")
	here, there := masked(a, without(x, y)), masked(b, without(y, x))
	if len(here) == 0 {
		return there, true
	}
	if len(here) == len(there) {
		for i := range here {
			here[i] = words(here[i], there[i])
		}
	}
	return here, false
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
const longest = 70

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
func written(key string, value *yaml.Node) string {
	flat := copyOf(value)
	flow(flat)
	text, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{{Kind: yaml.ScalarNode, Value: key}, flat}})
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
