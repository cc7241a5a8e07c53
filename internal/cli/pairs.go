package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
)

// aboutPairs is what the help of each command says that takes a pair.
const aboutPairs = `A PAIR is a directory with a folder or tar file for each node, laid out like the
node's root, or with its haproxy.cfg and keepalived.conf alone; or, for each node,
NAME=DIRECTORY, NAME=node.tar.gz or NAME=haproxy.cfg,keepalived.conf.
`

// isPair says whether a word of the command line names a pair, or a node of one.
func isPair(word string) bool {
	if in := pair.ParseInput(word); in.Name != "" {
		return true
	}
	info, err := os.Stat(word)
	return pair.IsTar(word) || err == nil && info.IsDir()
}

// allPairs says whether every word names a pair or a node of one.
func allPairs(words []string) bool {
	return len(words) > 0 && !slices.ContainsFunc(words, func(w string) bool { return !isPair(w) })
}

// pairsOf takes the words apart: site files, and pairs. Each directory is a pair;
// all nodes that are named one by one are one pair together.
func pairsOf(args []string) (sites []string, pairs []*pair.Pair) {
	var single []pair.Input
	for _, word := range args {
		in := pair.ParseInput(word)
		switch {
		case !isPair(word):
			sites = append(sites, word)
		case in.Name != "" || pair.IsTar(word):
			single = append(single, in)
		default:
			pairs = append(pairs, pair.Read(pairName(word), []pair.Input{in}))
		}
	}
	if len(single) > 0 {
		var names []string
		p := pair.Read("", single)
		for _, n := range p.Nodes {
			names = append(names, n.Name)
		}
		p.Name = strings.Join(names, ", ")
		pairs = append(pairs, p)
	}
	return sites, pairs
}

func pairName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		return filepath.Base(abs)
	}
	return dir
}

// loadAny reads site files and pairs.
func (a *app) loadAny(args []string) ([]*loaded, error) {
	names, pairs := pairsOf(args)
	all, err := a.load(names, certificatesOnly)
	if err != nil {
		return nil, err
	}
	for _, p := range pairs {
		l := &loaded{pair: p, watched: p.Failover()}
		l.found = append(append(l.found, p.Found...), p.Grammar()...)
		l.found.Sort()
		all = append(all, l)
	}
	return all, nil
}

// provable is loadAny, with what keeps nodes of a pair from hearing each other.
func (a *app) provable(args []string) ([]*loaded, error) {
	all, err := a.loadAny(args)
	for _, l := range all {
		if l.pair != nil {
			l.found = append(l.found, l.watched.Found...)
			l.found.Sort()
		}
	}
	return all, err
}

// unread says whether one of the sites or pairs cannot be looked at. What the
// daemons would not take of a pair's files is told, and the rest is looked at.
func unread(all []*loaded) bool {
	for _, l := range all {
		if l.pair != nil && l.pair.Found.HasErrors() || l.pair == nil && l.found.HasErrors() {
			return true
		}
	}
	return false
}

// name is that of the site or the pair.
func (l *loaded) name() string {
	if l.pair != nil {
		return l.pair.Name
	}
	return l.site.Name
}

// groups are those of the site, or what the nodes' own keepalived.conf make.
func (l *loaded) groups() []*failover.Group {
	if l.pair != nil {
		return l.watched.Groups
	}
	return failover.Groups(l.site)
}

// place is where a path of a group stands.
func (l *loaded) place(p diag.Path) diag.Range {
	if l.pair != nil {
		return l.watched.Places[p]
	}
	return l.src.Range(p)
}

// checked is how the servers of one section are checked.
type checked struct {
	title string
	failover.ServerCheck
}

// checks are those of the backends; of a pair those of the first node that has
// HAProxy.
func (l *loaded) checks() []checked {
	var all []checked
	if l.pair != nil {
		for _, n := range l.pair.Nodes {
			for _, c := range n.Checks() {
				all = append(all, checked{c.Section.Kind + " " + c.Section.Name, c.ServerCheck})
			}
			if len(all) > 0 {
				break
			}
		}
		return all
	}
	for i := range l.site.Backends {
		b := &l.site.Backends[i]
		if c, on := failover.CheckOf(b); on {
			all = append(all, checked{"backend " + b.Name, c})
		}
	}
	return all
}
