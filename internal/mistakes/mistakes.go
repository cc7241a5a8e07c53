// Package mistakes is the list of mistakes that people make with HAProxy and
// Keepalived, and lbgen's answer to each. docs/mistakes.md is made from it, and
// its tests hold every answer true: they load, lint and render the fragments.
package mistakes

import "slices"

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
	// of the rules are. Of Refused a § stands before what is refused. Of Rule it is
	// empty: the rule has its own.
	Fragment string
	// Says is a part of what Refused says.
	Says string
	// Of Impossible: File of the first node's tree holds each of Has as a line
	// (blanks around it do not count), and HasNot nowhere.
	File   string
	Has    []string
	HasNot string
	// Rule is the number of the rule that finds it.
	Rule string
	// Why says more: how it is impossible, or what it waits for.
	Why string
}

//go:generate go run ../gen/mistakes ../../docs/mistakes.md

// All returns every row, by its part and number.
func All() []Row {
	return slices.Concat(keepalived(), pair(), haproxy(), tls(), host())
}
