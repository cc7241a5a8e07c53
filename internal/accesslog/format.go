// Package accesslog reads the lines that HAProxy logs for requests and connections: in
// the long forms httplog and tcplog, and in formats of a site's own. Each line becomes a
// request for internal/route and the backend that it went to.
package accesslog

import (
	"fmt"
	"strings"
)

// HAProxy's own formats (configuration.txt 8.2.2 and 8.2.3).
const (
	httpLog = `%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %hr %hs %{+Q}r`
	tcpLog  = `%ci:%cp [%t] %ft %b/%s %Tw/%Tc/%Tt %B %ts %ac/%fc/%bc/%sc/%rc %sq/%bq`
)

// part is a stretch of a format: a text, or something that HAProxy puts in.
type part struct {
	text   string // "" where name is not
	name   string // such as ci, or [src] of %[src]
	quoted bool
}

// format is one form of log lines.
type format struct {
	parts []part
	hosts int // which of the captured headers is Host, -1 for none
}

// parse takes a format apart. It wants what the comparison hangs on to be there.
func parse(text string, hosts int) (*format, error) {
	f := &format{hosts: hosts}
	for text != "" {
		i := strings.IndexByte(text, '%')
		if i < 0 {
			i = len(text)
		}
		if i > 0 {
			f.literal(text[:i])
			text = text[i:]
			continue
		}
		text = f.variable(text[1:])
	}
	if !f.has("f", "ft") || !f.has("b") {
		return nil, fmt.Errorf("the format says nothing of the frontend (%%ft) or the backend (%%b)")
	}
	return f, nil
}

// literal adds a text. HAProxy writes one space where several come together.
func (f *format) literal(text string) {
	if n := len(f.parts); n > 0 && f.parts[n-1].name == "" {
		f.parts[n-1].text += text
		return
	}
	f.parts = append(f.parts, part{text: text})
}

// variable reads what stands behind a percent sign and returns the rest.
func (f *format) variable(text string) string {
	p := part{}
	if rest, ok := strings.CutPrefix(text, "%"); ok {
		f.literal("%")
		return rest
	}
	if strings.HasPrefix(text, "{") {
		flags, rest, _ := strings.Cut(text[1:], "}")
		p.quoted, text = strings.Contains(flags, "+Q"), rest
	}
	if strings.HasPrefix(text, "[") {
		n := strings.IndexByte(text, ']') + 1
		p.name, text = text[:n], text[n:]
	} else {
		n := 0
		for n < len(text) && isLetter(text[n]) {
			n++
		}
		p.name, text = text[:n], text[n:]
	}
	f.parts = append(f.parts, p)
	return text
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (f *format) has(names ...string) bool {
	for _, p := range f.parts {
		for _, n := range names {
			if p.name == n {
				return true
			}
		}
	}
	return false
}

// read takes a line apart and gives each value to take; false where it has another form.
func (f *format) read(line string, take func(name, value string)) bool {
	for i := 0; i < len(f.parts); i++ {
		p := &f.parts[i]
		if p.name == "" {
			rest, ok := strings.CutPrefix(line, p.text)
			if !ok {
				return false
			}
			line = rest
			continue
		}
		if p.name == "hr" || p.name == "hs" { // not there where nothing is captured
			value, rest, ok := captured(line)
			if !ok {
				i++ // nor is the space behind it
				continue
			}
			take(p.name, value)
			line = rest
			continue
		}
		n := f.length(i, line, p.quoted)
		if n < 0 {
			return false
		}
		value := line[:n]
		if p.name[0] == 'T' && strings.Trim(value, "+-0123456789") != "" { // a time: this is another form
			return false
		}
		line = line[n:]
		if p.quoted {
			value = strings.Trim(value, `"`)
		}
		take(p.name, value)
	}
	return true
}

// captured are headers in braces, with bars between them.
func captured(line string) (value, rest string, ok bool) {
	if !strings.HasPrefix(line, "{") {
		return "", line, false
	}
	return strings.Cut(line[1:], "}")
}

// length is how much of the line belongs to the value of a part: up to the text behind it.
func (f *format) length(i int, line string, quoted bool) int {
	switch {
	case quoted && strings.HasPrefix(line, `"`):
		if n := strings.IndexByte(line[1:], '"'); n >= 0 {
			return n + 2
		}
		return len(line) // cut by syslog's limit
	case quoted && !strings.HasPrefix(line, "-"):
		return -1
	case i+1 >= len(f.parts):
		return len(line)
	case f.parts[i].name == "ci" && f.parts[i+1].text == ":": // an IPv6 address has colons, too
		n := strings.IndexByte(line, ' ')
		if n < 0 {
			n = len(line)
		}
		return strings.LastIndexByte(line[:n], ':')
	}
	return strings.Index(line, f.parts[i+1].text)
}
