package source

import (
	"regexp"
	"strings"
	"sync"
)

// credentials hides what headers that let somebody in carry: in fields, where the
// name and the value are two keys, and in raw lines of HAProxy.
type credentials struct {
	*hider
	*credentialForms
}

// credentialForms are what such headers and lines are known by in a text.
type credentialForms struct {
	named   *wordSet       // one of them is on each line with such a name, or with a key of raw
	sends   *wordSet       // one of them is on each line that text is looked for in
	name    *regexp.Regexp // the key of a header's name, and the name
	carried *regexp.Regexp // the key of what it carries
	raw     []*regexp.Regexp
	text    *regexp.Regexp // a text that a check sends
}

// credentialFormsOnce makes them for all files.
var credentialFormsOnce = sync.OnceValue(func() *credentialForms {
	raw := []string{
		// a header, or a variable of the environment
		`(?i)(?:^|[ \t"'])(?:hdr|(?:set|add|replace)-header|replace-value|(?:pre)?setenv)[ \t]+["']?([\w.-]+)["']?[ \t]+`,
		`(?i)(?:hdr|hdr_[a-z]+|fhdr|cook|cook_[a-z]+|urlp|url_param)\(["']?([\w.-]+)["']?[^)]*\)`, // what is compared with it
		`(?i)(?:^|[ \t"'])(?:stats[ \t]+(auth)|insecure-(password)|dynamic-cookie-key()|ca-sign-pass()|(auth_pass))[ \t]+`,
		`(?i)(?:jwt_verify|hmac|aes_gcm_dec|aes_gcm_enc)\((())`,
	}
	f := &credentialForms{
		named:   newWordSet(append(credentialWords(), "hmac", "aes_gcm", "ca-sign-pass")),
		sends:   newWordSet([]string{"send", "expect"}),
		name:    regexp.MustCompile(`["']?name["']?[ \t]*:[ \t]*["']?([\w.-]+)["']?`),
		carried: regexp.MustCompile(`(?:^|[ \t{,])["']?(?:value|beg|end|contains|regex)["']?[ \t]*:[ \t]+`),
		text:    regexp.MustCompile(`(?:^|[ \t{,])["']?(?:send|expect)["']?[ \t]*:[ \t]+|(?:tcp-check|http-check)[ \t]+send(?:-lf)?[ \t]+`),
	}
	for _, r := range raw {
		f.raw = append(f.raw, regexp.MustCompile(r))
	}
	return f
})

// line looks at a line. Most have none of the words, and are done with that: the
// expressions cost more than reading the file.
func (c *credentials) line(n int) {
	line := c.file.Line(n)
	if c.named.in(line) {
		c.header(n, line)
		c.rawLine(n, line)
	}
	if !c.sends.in(line) {
		return
	}
	if m := c.text.FindStringIndex(line); m != nil && SendsPassword(line[m[1]:]) {
		c.add(n, m[1], len(line))
	}
}

// rawLine hides what stands behind the name of such a header, up to the end.
func (c *credentials) rawLine(n int, line string) {
	for i, r := range c.raw {
		for _, m := range r.FindAllStringSubmatchIndex(line, -1) {
			if i > 1 || IsCredential(line[m[2]:m[3]]) {
				c.add(n, m[1], len(line))
				break
			}
		}
	}
}

// header hides the value of a header by its name: beside it in a flow mapping, or
// on the lines around it that belong to the same mapping.
func (c *credentials) header(n int, line string) {
	for _, m := range c.name.FindAllStringSubmatchIndex(line, -1) {
		if !IsCredential(line[m[2]:m[3]]) {
			continue
		}
		if strings.Trim(line[:m[0]], " \t-") != "" {
			c.beside(n, line)
			continue
		}
		for _, step := range []int{-1, 1} {
			c.around(n, m[0], step)
		}
	}
}

// beside hides each value of the line, and what goes on below it.
func (c *credentials) beside(n int, line string) {
	values := c.carried.FindAllStringIndex(line, -1)
	for _, m := range values {
		if m[1] < len(line) {
			c.value(n, m[0], m[1], false)
		}
	}
	if len(values) == 0 && n < len(c.file.lines) && strings.Count(line, "{") > strings.Count(line, "}") {
		c.beside(n+1, c.file.Line(n+1))
	}
}

// around looks at the lines of the mapping whose keys begin at a column, above or
// below.
func (c *credentials) around(n, column, step int) {
	for k := n + step; k >= 1 && k <= len(c.file.lines); k += step {
		line := c.file.Line(k)
		text := strings.TrimLeft(line, " \t-")
		if text == "" {
			continue
		}
		indent := len(line) - len(text)
		begins := strings.Contains(line[:indent], "-") // the first line of an item
		if indent < column || step > 0 && begins && indent <= column {
			return
		}
		if m := c.carried.FindStringIndex(" " + text); indent == column && m != nil && m[0] == 0 && indent+m[1]-1 < len(line) {
			c.value(k, indent, indent+m[1]-1, true)
		}
		if begins && indent <= column {
			return
		}
	}
}
