package haproxy

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// cond reads a condition of .if (configuration.txt 2.4): terms with !, &&, || and
// parentheses. text is what is left of it.
type cond struct {
	text  string
	world World
	wrong bool
}

// deepest is how many parentheses in each other HAProxy reads (MAX_CFG_RECURSION).
const deepest = 1024

func (c *cond) blanks() { c.text = strings.TrimLeft(c.text, " \t") }

// sign reads a sign, if it is the next.
func (c *cond) sign(s string) bool {
	c.blanks()
	rest, ok := strings.CutPrefix(c.text, s)
	c.text = rest
	return ok
}

func (c *cond) or(depth int) truth {
	value := c.and(depth)
	for c.sign("||") {
		value = either(value, c.and(depth))
	}
	return value
}

func (c *cond) and(depth int) truth {
	value := c.term(depth)
	for c.sign("&&") {
		value = not(either(not(value), not(c.term(depth))))
	}
	return value
}

func not(t truth) truth { return [...]truth{no: yes, yes: no, unknown: unknown}[t] }

func either(a, b truth) truth {
	switch {
	case a == yes || b == yes:
		return yes
	case a == no && b == no:
		return no
	default:
		return unknown
	}
}

func (c *cond) term(depth int) truth {
	negated := false
	for c.sign("!") {
		negated = !negated
	}
	value := c.simple(depth)
	if negated {
		value = not(value)
	}
	return value
}

// number is what C's strtol takes, in base 8, 10 or 16.
var number = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[+-]?(?:0[xX][0-9a-fA-F]+|[0-9]+)`) })

// predicate is a function and what it is given.
var predicate = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([a-z_]+)(?:\(([^()]*)\))?`) })

func (c *cond) simple(depth int) truth {
	c.blanks()
	if n := number().FindString(c.text); n != "" {
		c.text = c.text[len(n):]
		if strings.Trim(n, "+-0xX") == "" {
			return no
		}
		return yes
	}
	if depth < deepest && c.sign("(") {
		value := c.or(depth + 1)
		c.wrong = c.wrong || !c.sign(")")
		return value
	}
	m := predicate().FindStringSubmatch(c.text)
	if m == nil {
		c.wrong, c.text = true, ""
		return unknown
	}
	c.text = c.text[len(m[0]):]
	return c.ask(m[1], m[2])
}

// ask is the value of a predicate. What it is given may hold quotes and escapes
// of its own: then nobody says here what it comes to.
func (c *cond) ask(name, args string) truth {
	list := strings.Split(args, ",")
	odd := strings.ContainsAny(args, `"'\`)
	switch name {
	case "defined":
		if !odd {
			_, set := c.world.Env(list[0])
			return of(set)
		}
	case "streq", "strneq":
		if !odd && len(list) == 2 {
			return of((list[0] == list[1]) == (name == "streq"))
		}
	case "strstr":
		if !odd && len(list) == 2 {
			return of(strings.Contains(list[0], list[1]))
		}
	case "version_atleast", "version_before":
		if c.world.Version != "" && !odd {
			return of(!older(c.world.Version, list[0]) == (name == "version_atleast"))
		}
	case "feature", "openssl_version_atleast", "openssl_version_before", "ssllib_name_startswith", "enabled", "awslc_api_atleast",
		"awslc_api_before":
	default:
		c.wrong = true
	}
	return unknown
}

func of(b bool) truth {
	if b {
		return yes
	}
	return no
}

// older says whether one version is before another. Numbers that one of them does
// not have are 0; what stands behind a dash does not count.
func older(a, b string) bool {
	for i := range 3 {
		if x, y := part(a, i), part(b, i); x != y {
			return x < y
		}
	}
	return false
}

func part(version string, i int) int {
	version, _, _ = strings.Cut(version, "-")
	parts := strings.Split(version, ".")
	if i >= len(parts) {
		return 0
	}
	n, _ := strconv.Atoi(parts[i]) // what is no number counts as 0
	return n
}
