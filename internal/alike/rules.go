package alike

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// asks is all that the conditions of some sections ask about.
type asks struct {
	hosts, paths, methods []string
	wholeHosts, bareHosts bool     // compared with the port that a client has named, and without it
	others                []wish   // headers, cookies and parameters
	rules                 [][]term // what each line needs
}

// add adds what the lines of a section, and of its defaults, ask about.
func (a *asks) add(s *haproxy.Section) {
	acls := map[string][]wish{}
	for d := s; d != nil; d = d.Defaults {
		for _, l := range d.Lines {
			words := l.Words()
			if words[0] == "acl" && len(words) > 2 {
				found := wishes(words[2:])
				acls[words[1]] = append(acls[words[1]], found...)
				a.note(found)
			}
		}
	}
	for d := s; d != nil; d = d.Defaults {
		for _, l := range d.Lines {
			if words := l.Words(); words[0] != "acl" {
				a.line(words, acls)
			}
		}
	}
}

// line adds what one line asks about.
func (a *asks) line(words []string, acls map[string][]wish) {
	for _, rule := range alternatives(words, acls) {
		a.rules = append(a.rules, rule)
		for _, t := range rule {
			a.note(t.wishes)
		}
	}
	if len(words) > 2 && words[0] == "stats" && words[1] == "uri" || len(words) > 1 && words[0] == "monitor-uri" {
		a.note([]wish{{part: path, value: words[len(words)-1]}})
	}
	if len(words) > 1 && words[0] == "cookie" { // the one that keeps a client at its server
		a.note([]wish{{part: cookie, name: words[1], value: "unknown"}})
	}
}

func (a *asks) note(all []wish) {
	add := func(to *[]string, text string) {
		if text != "" && !slices.Contains(*to, text) {
			*to = append(*to, text)
		}
	}
	for _, w := range all {
		if !w.fits() {
			continue
		}
		switch w.part {
		case host:
			add(&a.hosts, w.value)
			a.wholeHosts, a.bareHosts = a.wholeHosts || w.whole, a.bareHosts || !w.whole
		case path:
			add(&a.paths, w.value)
		case method:
			add(&a.methods, w.value)
		default:
			if !slices.Contains(a.others, w) {
				a.others = append(a.others, w)
			}
		}
	}
}

// about is what is asked about by those who listen at an address and port, and by all
// backends: which of them is reached is not known yet.
func about(cfg *haproxy.Config, listeners []string, to *asks) {
	for _, s := range cfg.Sections {
		if s.Kind == "backend" || slices.Contains(listeners, s.Name) && (s.Kind == "frontend" || s.Kind == "listen") {
			to.add(s)
			for _, l := range s.Lines {
				to.servers(l)
			}
		}
	}
}

// servers notes the values of the cookies that keep a client at its server.
func (a *asks) servers(l *haproxy.Directive) {
	words := l.Words()
	if words[0] != "server" {
		return
	}
	i := slices.Index(words, "cookie")
	if i < 0 || i+1 >= len(words) {
		return
	}
	for _, w := range slices.Clone(a.others) {
		if w.part == cookie && w.value == "unknown" {
			a.note([]wish{{part: cookie, name: w.name, value: words[i+1]}})
		}
	}
}

// fits says whether a text can stand in a request as this part.
func (w wish) fits() bool {
	if strings.ContainsFunc(w.value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return false
	}
	switch w.part {
	case path:
		return strings.HasPrefix(w.value, "/") && !strings.HasPrefix(w.value, "//") && !strings.Contains(w.value, " ")
	case host:
		return !strings.ContainsAny(w.value, " /@?#%")
	case method:
		return w.value == strings.ToUpper(w.value) && !strings.Contains(w.value, " ") && w.value != "CONNECT"
	case query:
		return !strings.ContainsAny(w.value, " #")
	case header, cookie:
	}
	return true
}
