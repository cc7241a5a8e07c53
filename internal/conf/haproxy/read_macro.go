package haproxy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// truth is the value of a condition.
type truth int

const (
	no truth = iota
	yes
	unknown
)

// branch is an .if that is open.
type branch struct {
	now   truth // whether the lines that are being read count
	taken truth // whether a branch above counts
	last  bool  // .else has been
}

// skipped says whether the lines that are being read do not count.
func (r *reader) skipped() bool { return skipped(r.ifs) }

func skipped(ifs []branch) bool {
	return slices.ContainsFunc(ifs, func(b branch) bool { return b.now == no })
}

// maybe says whether it is not known if the lines that are being read count.
func (r *reader) maybe() bool {
	return slices.ContainsFunc(r.ifs, func(b branch) bool { return b.now == unknown })
}

// macro reads a line that begins with a dot (configuration.txt 2.4). It returns
// false where that does not count and the line is like others that do not.
func (r *reader) macro(d *Directive) bool {
	word := d.Tokens[0].Text
	switch word {
	case ".if":
		r.ifs = append(r.ifs, newBranch(no, r.condition(d, len(r.ifs))))
	case ".elif", ".else", ".endif":
		r.next(word, d)
	case ".alert", ".warning", ".notice", ".diag":
		if r.skipped() {
			return false
		}
		if len(d.Tokens) > 2 {
			r.foundAt(d.Tokens[2].Range, diag.Error, word+" with more than one word behind it", "put the words between quotes")
		}
	default:
		if r.skipped() {
			return false
		}
		r.foundAt(d.Tokens[0].Range, diag.Error, fmt.Sprintf("HAProxy has no %q", word),
			"words that begin with a dot are .if, .elif, .else, .endif, .alert, .warning, .notice and .diag")
	}
	r.cfg.Macros = append(r.cfg.Macros, d)
	return true
}

// newBranch is a branch with a condition, below others of which one may have
// been taken.
func newBranch(taken, condition truth) branch {
	switch {
	case taken == yes || condition == no:
		return branch{now: no, taken: taken}
	case taken == no && condition == yes:
		return branch{now: yes, taken: yes}
	case condition == yes: // it counts where none above does
		return branch{now: unknown, taken: yes}
	default:
		return branch{now: unknown, taken: unknown}
	}
}

// next goes on to another branch of an .if, or leaves it.
func (r *reader) next(word string, d *Directive) {
	if len(r.ifs) == 0 {
		r.foundAt(d.Tokens[0].Range, diag.Error, word+" without .if", "write the .if, or take it out")
		return
	}
	top := &r.ifs[len(r.ifs)-1]
	if word != ".elif" && len(d.Tokens) > 1 {
		r.foundAt(d.Tokens[1].Range, diag.Error, "words behind "+word, "take them out, or write .elif")
	}
	switch {
	case word == ".endif":
		r.ifs = r.ifs[:len(r.ifs)-1]
	case top.last:
		r.foundAt(d.Tokens[0].Range, diag.Error, word+" behind .else", "write .else as the last branch")
	case word == ".else":
		*top = newBranch(top.taken, yes)
		top.last = true
	case top.taken == yes:
		*top = newBranch(yes, no)
	default:
		*top = newBranch(top.taken, r.condition(d, len(r.ifs)-1))
	}
}

// condition is the value of what stands behind .if or .elif, below so many others.
// HAProxy does not look at it where one of those does not hold.
func (r *reader) condition(d *Directive, outer int) truth {
	if skipped(r.ifs[:outer]) {
		return no
	}
	words := d.Words()
	c := &cond{text: strings.Join(words[1:], " "), world: r.world}
	if c.text == "" {
		return no
	}
	value := c.or(0)
	c.blanks()
	if c.wrong || c.text != "" {
		r.foundAt(d.Range, diag.Error, "a condition that HAProxy does not understand", "configuration.txt 2.4 says which there are")
		return unknown
	}
	return value
}
