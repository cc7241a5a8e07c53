package route

import (
	"regexp"
	"strconv"
	"strings"
)

// kind is a way in which a text is compared.
type kind int8

const (
	found kind = iota // it is there
	equal
	begin
	end
	part
	regex
)

// pattern is the values of a criterion, of which one is enough.
type pattern struct {
	kind kind
	fold bool
	text []string            // in lower case where upper and lower case are one
	set  map[string]struct{} // of many texts, in place of text
	regs []*regexp.Regexp    // nil for one that Go reads in another way than PCRE
	odd  string              // the first such one
}

// many is from how many texts on a map is faster than looking at each.
const many = 8

func words(k kind, values []string, fold bool) pattern {
	p := pattern{kind: k, fold: fold}
	for _, v := range values {
		switch {
		case k == regex:
			re := compile(v, fold)
			if re == nil && p.odd == "" {
				p.odd = v
			}
			p.regs = append(p.regs, re)
		case fold:
			p.text = append(p.text, lower(v))
		default:
			p.text = append(p.text, v)
		}
	}
	if k == equal && len(p.text) >= many {
		p.set = make(map[string]struct{}, len(p.text))
		for _, t := range p.text {
			p.set[t] = struct{}{}
		}
	}
	return p
}

// match holds the pattern against a text; low is that in lower case where the caller
// has it.
func (p *pattern) match(text, low string) Truth {
	switch {
	case p.kind == found:
		return Yes
	case p.kind == regex:
		return p.matchRegex(text)
	case p.fold && low == "":
		text = lower(text)
	case p.fold:
		text = low
	}
	if p.set != nil {
		_, is := p.set[text]
		return truth(is)
	}
	for _, t := range p.text {
		if p.matchText(text, t) {
			return Yes
		}
	}
	return No
}

func (p *pattern) matchText(text, want string) bool {
	switch p.kind {
	case equal:
		return text == want
	case begin:
		return strings.HasPrefix(text, want)
	case end:
		return strings.HasSuffix(text, want)
	default:
		return strings.Contains(text, want)
	}
}

// matchRegex is undecided where one of the expressions is, and none of the others
// matches. A text beyond ASCII is bytes for PCRE and characters for Go, and a line's end
// is another thing for each of the two.
func (p *pattern) matchRegex(text string) Truth {
	plain := strings.IndexFunc(text, func(c rune) bool { return c < ' ' || c >= 0x7f }) < 0
	result := No
	for _, re := range p.regs {
		switch {
		case re == nil || !plain:
			result = Maybe
		case re.MatchString(text):
			return Yes
		}
	}
	return result
}

// doubt says why a match is undecided.
func (p *pattern) doubt() string {
	if p.odd == "" {
		return "a regular expression meets characters beyond ASCII"
	}
	return "the regular expression " + strconv.Quote(p.odd) + " has something that HAProxy's library alone knows"
}

// compile returns an expression that means the same to Go as to PCRE, nil where Go
// refuses it or reads a part of it in another way.
func compile(text string, fold bool) *regexp.Regexp {
	kinds := strings.Contains(text, "[:upper:]") || strings.Contains(text, "[:lower:]")
	if hasOddities(text) || kinds && (fold || strings.Contains(text, "(?")) { // without case, these are all letters for Go
		return nil
	}
	if fold {
		text = "(?i:" + text + ")"
	}
	re, err := regexp.Compile(text)
	if err != nil {
		return nil
	}
	return re
}

// hasOddities says whether the two libraries may read the expression differently: \v is
// every vertical space for PCRE, and characters beyond ASCII are bytes for it. What PCRE
// alone has, such as back references and (?=…), Go refuses itself.
func hasOddities(text string) bool {
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c < ' ' || c >= 0x7f:
			return true
		case c == '\\' && i+1 < len(text):
			i++
			if strings.IndexByte("vpPsS", text[i]) >= 0 || text[i] >= '0' && text[i] <= '9' {
				return true
			}
		}
	}
	return false
}
