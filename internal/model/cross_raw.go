package model

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
)

// RawField is a field with lines that are handed on as they are.
type RawField struct {
	Path       diag.Path
	Keepalived bool // the lines are for keepalived.conf, not for haproxy.cfg
	Raw        Raw
}

// RawFields returns the raw fields of the site that are not empty.
func (s *Site) RawFields() []RawField {
	var fields []RawField
	add := func(path diag.Path, keepalived bool, raw Raw) {
		if raw != "" {
			fields = append(fields, RawField{path.Key("raw"), keepalived, raw})
		}
	}
	add("global", false, s.Global.Raw)
	add("defaults", false, s.Defaults.Raw)
	for i, f := range s.Frontends {
		add(diag.Path("frontends").Index(i), false, f.Raw)
	}
	for i, b := range s.Backends {
		add(diag.Path("backends").Index(i), false, b.Raw)
	}
	for i, r := range s.Resolvers {
		add(diag.Path("resolvers").Index(i), false, r.Raw)
	}
	for i, v := range s.VRRP {
		add(diag.Path("vrrp").Index(i), true, v.Raw)
	}
	add("keepalived", true, s.Keepalived.Raw)
	return fields
}

// raws looks at the lines that are handed on as they are: whatever they say,
// they must stay in the section that they are written for.
func (c *cross) raws() {
	for _, f := range c.site.RawFields() {
		if f.Keepalived {
			c.rawKeepalived(f.Path, f.Raw)
		} else {
			c.rawHAProxy(f.Path, f.Raw)
		}
	}
	c.rawWithoutEffect()
}

// CountRaw returns how many lines of the site are handed on as they are.
func (s *Site) CountRaw() int {
	n := 0
	for _, f := range s.RawFields() {
		n += len(f.Raw.Lines())
	}
	return n
}

// rawHAProxy checks lines for haproxy.cfg.
func (c *cross) rawHAProxy(path diag.Path, raw Raw) {
	open := 0 // .if without its .endif
	for i, line := range raw.Lines() {
		word, rest := rawWord(line)
		switch fault, instead := haproxy.LineFault(line); {
		case fault != "":
			c.rawFault(path, i, line, fault, instead)
			return
		case strings.ContainsAny(word, `"'\$`):
			c.rawFault(path, i, line, "begins with a quoted word", "write the first word plainly, so that a reader sees what it is")
			return
		case word == ".if":
			open++
		case word == ".endif":
			open--
		}
		if word == "no" || word == "default" {
			word, _ = rawWord(rest)
		}
		if haproxy.IsSection(strings.Trim(word, `"'\`)) {
			c.rawFault(path, i, line, "opens another section", "raw lines stay in the section that they are written for; there is a field for "+
				"most of the others")
			return
		}
		if open < 0 {
			break
		}
	}
	if open == 0 && path != "global.raw" && path != "defaults.raw" {
		c.rawPlaces(path, raw)
	}
	if open != 0 {
		c.add(path, "bad-value", "the raw lines have an .if without .endif, or the other way round",
			"what lbgen writes below them would depend on it: close each .if")
	}
}

// rawPlaces refuses lines between .if and .endif that act at different places: they
// cannot stay together.
func (c *cross) rawPlaces(path diag.Path, raw Raw) {
	for _, unit := range haproxy.Units(raw.Lines()) {
		if len(haproxy.PlacesOf(unit)) > 1 {
			c.add(path, "bad-value", "the lines between .if and .endif act at different places of the section",
				"HAProxy looks at each kind of rule by itself, and at default-server before the servers: write an .if for each kind")
			return
		}
	}
}

// rawWithoutEffect refuses lines that another line of the section takes the effect of.
func (c *cross) rawWithoutEffect() {
	for i, f := range c.site.Frontends {
		path := diag.Path("frontends").Index(i)
		if f.DefaultBackend != "" {
			c.rawOver(path, f.Raw, "default_backend", "has no effect beside the field default_backend", "change the field, or take it out")
		}
	}
	for i, b := range c.site.Backends {
		path := diag.Path("backends").Index(i)
		if b.Health.HTTP != nil {
			c.rawOver(path, b.Raw, "http-check send", "would send a second request behind the check's answer",
				"write method, uri, version, host and headers of health.http")
		}
	}
}

func (c *cross) rawOver(path diag.Path, raw Raw, keyword, fault, instead string) {
	for i, line := range raw.Lines() {
		if strings.HasPrefix(strings.Join(strings.Fields(line), " ")+" ", keyword+" ") {
			c.rawFault(path.Key("raw"), i, line, fault, instead)
			return
		}
	}
}

// rawKeepalived checks lines for a block of keepalived.conf: it must be open
// behind them as it was before.
func (c *cross) rawKeepalived(path diag.Path, raw Raw) {
	depth := 0
	for i, line := range raw.Lines() {
		word, _ := rawWord(line)
		braces, fault := keepalivedLine(line)
		switch {
		case fault != "":
			c.rawFault(path, i, line, fault, "Keepalived might read it in another way than it looks: write the line without")
			return
		case strings.HasPrefix(word, "include"):
			c.rawFault(path, i, line, "includes another file", "lbgen does not know what that file does to the lines around it: write its lines "+
				"here")
			return
		case strings.ContainsAny(word[:1], "$~@"):
			c.rawFault(path, i, line, "begins with "+word[:1], "definitions, sequences and conditions are not for raw lines: write what they "+
				"come to")
			return
		}
		for _, brace := range braces {
			if depth += map[rune]int{'{': 1, '}': -1}[brace]; depth < 0 {
				c.rawFault(path, i, line, "closes a block that lbgen has opened", "take this } out, or write the { that it closes")
				return
			}
		}
	}
	if depth > 0 {
		c.add(path, "bad-value", "the raw lines open a block and do not close it", fmt.Sprintf("%d } too few", depth))
	}
}

// keepalivedLine returns the braces of a line that open and close blocks, and
// what in it cannot be read with certainty.
func keepalivedLine(line string) (braces, fault string) {
	quoted, comment := false, false
	for _, r := range line {
		switch {
		case r == '\\':
			return "", "has a backslash"
		case strings.ContainsRune("{}", r) && (quoted || comment):
			return "", "has a brace in quotes or in a comment"
		case strings.ContainsRune("{}", r):
			braces += string(r)
		case r == '"' && !comment:
			quoted = !quoted
		case (r == '#' || r == '!') && !quoted:
			comment = true
		}
	}
	if quoted {
		return "", "has a quote that nothing closes"
	}
	return braces, ""
}

// rawWord splits the first word from the rest of a line.
func rawWord(line string) (word, rest string) {
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.TrimLeft(line[i:], " \t")
}

// rawFault shows no more of the line than its first word: there may be a
// password behind it.
func (c *cross) rawFault(path diag.Path, i int, line, fault, detail string) {
	word, _ := rawWord(line)
	c.add(path, "bad-value", fmt.Sprintf("raw line %d (%s …) %s", i+1, word, fault), detail)
}
