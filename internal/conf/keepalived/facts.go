package keepalived

import (
	"slices"
	"sync"
)

// Shape says what follows a keyword.
type Shape int

// The shapes.
const (
	OneLine Shape = iota // words on the same line
	Block                // a block of lines that begin with keywords
	List                 // a block of lines that are values
	Other                // a block of LVS or BFD, of which nothing more is known here
)

// Fact is what is known of one keyword in one block.
type Fact struct {
	Keyword string
	In      string // the keyword of the block where it may stand; "" outside of all blocks
	Shape   Shape
	Many    bool // it may stand there several times, and each of them counts; else the last one wins

	Named bool // a block that needs one name, which no other has
	First bool // a second one is passed over

	// Agreed keywords must say the same on all nodes, or one node's has the other's
	// address: otherwise the nodes do not take each other's adverts, or an address is
	// lost when it moves.
	Agreed bool
	// Adverts is true of those Agreed ones that stand in the adverts or say where they
	// go: where two nodes differ, neither takes the other's for its own.
	Adverts bool
	// Decides is true where it decides who is master, or where Keepalived begins the
	// instance anew when a reload changes it.
	Decides bool
	Restart bool   // a reload does not apply it ("Cannot change … at a reload")
	Secret  bool   // its value is a password
	Runs    bool   // it names a program: quotes of both kinds and escapes count
	Default string // what counts where it is not written, for those that Agreed or Decides looks at

	// Fields are those of the site file that become this keyword, as in
	// "vrrp[].advert_int".
	Fields []string

	// The first version that has it or reads it otherwise; "" where each of 2.2.4 to
	// 2.4.3 does.
	Since, Changed string
	Remedy         string // what to do where it is Changed
	Example        string // a line for the tests to ask the daemon about
}

// Facts returns all facts, by block. None of them may be changed.
func Facts() []Fact { return table() }

var table = sync.OnceValue(func() []Fact {
	return slices.Concat(topFacts(), globalFacts(), instanceFacts(), groupFacts(), watchedFacts())
})

// Find returns the fact of a keyword in a block, and whether there is one.
func Find(in, keyword string) (Fact, bool) {
	i := slices.IndexFunc(table(), func(f Fact) bool { return f.In == in && f.Keyword == keyword })
	if i < 0 {
		return Fact{}, false
	}
	return table()[i], true
}

// Agreed returns the keywords that must be the same on all nodes, sorted.
func Agreed() []string { return keywords(func(f Fact) bool { return f.Agreed }) }

// Decides returns the keywords that decide who is master, sorted.
func Decides() []string { return keywords(func(f Fact) bool { return f.Decides }) }

// Lists returns those of Agreed and Decides whose lines are values, sorted.
func Lists() []string {
	return keywords(func(f Fact) bool { return f.Shape == List && (f.Agreed || f.Decides) })
}

// Secrets returns the keywords whose value is a password, sorted.
func Secrets() []string { return keywords(func(f Fact) bool { return f.Secret }) }

// Defaults returns the lines that mean the same as none, such as "version 2",
// for those of Agreed and Decides that have a default; sorted.
func Defaults() []string {
	var lines []string
	for _, f := range table() {
		if f.Default != "" {
			lines = append(lines, f.Keyword+" "+f.Default)
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func keywords(want func(Fact) bool) []string {
	var all []string
	for _, f := range table() {
		if want(f) {
			all = append(all, f.Keyword)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
