// Package mistakes is the list of mistakes that people make with HAProxy and
// Keepalived, and lbgen's answer to each. docs/mistakes.md is made from it, and
// its tests hold every answer true: they load, lint and render the fragments.
package mistakes

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"
)

// Answer is what lbgen does about a mistake.
type Answer string

// The answers.
const (
	Refused    Answer = "refused"    // the site file is refused, at its place
	Impossible Answer = "impossible" // lbgen does not render it: the rendered form shows
	Rule       Answer = "rule"       // lbgen lint finds it
	Check      Answer = "check"      // lbgen check finds it: the daemon itself says so
	Waits      Answer = "waits"      // it cannot be made with a site file, or is seen on a running node only
)

// Row is one mistake.
type Row struct {
	ID      string // KA01: Keepalived, XN: between nodes, HA: HAProxy, TL: TLS, SY: the host
	Mistake string // and what it leads to, in a few words
	Answer  Answer
	// Fragment is a piece of a site file with the mistake in it, as the fragments
	// of the rules are. Of Refused a § stands before what is refused. Of Rule it
	// stands before what the rule finds; without a fragment the rule's own has to do.
	Fragment string
	// Says is a part of what Refused says, and of what Check does: that may have a
	// fragment too, with a § before what a daemon speaks of.
	Says string
	// Of Impossible: File holds each of Has as a line (blanks around it do not
	// count), and HasNot nowhere, in the tree of node On, or of every node where
	// that is empty.
	File   string
	On     string
	Has    []string
	HasNot string
	// Mode, where it is not 0, is that of File.
	Mode fs.FileMode
	// Same wants File to be one and the same on every node.
	Same bool
	// Holds are lines of what a real Keepalived on the first node says that it
	// holds in memory.
	Holds []string
	// Rule is the number of the rule that finds it.
	Rule string
	// Why says more: how it is impossible, or what it waits for.
	Why string
}

//go:generate go run ../gen/mistakes ../../docs/mistakes.md

// All returns every row, by its part and number.
func All() []Row {
	var all []Row
	for _, part := range [][]Row{keepalived(), pair(), haproxy(), tls(), host(), nftables()} {
		slices.SortFunc(part, func(a, b Row) int {
			return cmp.Or(cmp.Compare(len(a.ID), len(b.ID)), strings.Compare(a.ID, b.ID))
		})
		all = append(all, part...)
	}
	return all
}
