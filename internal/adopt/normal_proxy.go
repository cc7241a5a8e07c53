package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// filler brings the lines of one half to the normal form.
type filler struct {
	*half
	*sections
	names map[string]string // of backends
	acls  map[string][]*haproxy.Directive
	check []*haproxy.Directive
	// redirects are lines that begin with that word; last is true when all others have
	// been looked at.
	redirects []*haproxy.Directive
	last      bool
}

func (f *filler) inherit(d *haproxy.Section) {
	if d == nil {
		return
	}
	f.inherit(d.Defaults)
	f.lines(d.Lines)
}

// side says whether a line counts on this side of a proxy.
func (f *filler) side(d *haproxy.Directive) bool {
	if f.front {
		return standsIn(d, haproxy.Frontend)
	}
	return standsIn(d, haproxy.Backend) || d.Word(0) == "server"
}

func (f *filler) lines(lines []*haproxy.Directive) {
	f.acls = map[string][]*haproxy.Directive{}
	for _, d := range lines {
		if d.Word(0) == "acl" && len(d.Tokens) > 2 {
			f.acls[d.Word(1)] = append(f.acls[d.Word(1)], d)
		}
	}
	for _, d := range lines {
		// What a listen section does once stands on the side of the clients.
		once := isRouting(d) || d.Word(0) == "stats" || d.Word(0) == "option" && d.Word(1) == "forwardfor"
		if !f.side(d) || f.section.Kind == "listen" && once && !f.front {
			continue
		}
		f.line(d)
	}
}

func (f *filler) line(d *haproxy.Directive) {
	s, words := f.settings, d.Words()
	key := settingKey(d)
	if d.Modifier == "no" {
		s.drop(key)
		return
	}
	mode := f.section.Mode()
	many := d.Word(0) == "stick"
	for _, x := range haproxy.Of(haproxy.InOf(f.section.Kind), d) {
		if x.Of != "" || x.Rules != 0 {
			continue
		}
		if mode == "tcp" && x.Mode == "http" {
			return
		}
		many = many || x.Many
	}
	if field := map[string]string{"contimeout": "connect", "clitimeout": "client", "srvtimeout": "server"}[d.Word(0)]; field != "" {
		if t, ok := pair.Time(d.Word(1)); ok && f.front == (field == "client") {
			s.set("timeout "+field, fmt.Sprintf("%dms", t.Milliseconds()), d.Range)
		}
		return
	}
	switch {
	case d.Word(0) == "acl" || d.Word(0) == "server" || d.Word(0) == "default-server":
	case d.Word(0) == "bind":
		f.bind(words[min(1, len(words)):], d.Range)
	case isRouting(d):
		f.rule(d)
	case d.Word(0) == "default_backend":
		s.set("default_backend", f.known(d.Word(1)), d.Range)
	case (&checkOf{}).line(d):
		f.check = append(f.check, d)
	case key == "option http-keep-alive" || key == "option http-server-close" || key == "option httpclose":
		s.set("http connection", d.Word(1), d.Range)
	case key == "option httplog" || key == "option tcplog" || key == "log-format":
		if f.front { // what a backend says of it counts for nothing
			s.set("log format", strings.Join(words, " "), d.Range)
		}
	case d.Word(0) == "log":
		if text := strings.Join(words[1:], " "); !slices.Contains(strings.Split(s.values["log"], " | "), text) {
			s.append("log", text, d.Range)
		}
	default:
		values := words[1:]
		if strings.Contains(key, " ") && len(words) > 1 {
			values = words[2:]
		}
		value := strings.Join(normalTimes(values), " ")
		if d.Word(0) == "timeout" {
			if t, ok := pair.Time(d.Word(2)); ok {
				value = fmt.Sprintf("%dms", t.Milliseconds())
			}
		}
		if f.front && key == "stats auth" {
			s.append(key, fmt.Sprintf("%x", hash(value)), d.Range)
			return
		}
		if value = cmp.Or(value, "there"); many {
			s.append(key, value, d.Range)
		} else {
			s.set(key, value, d.Range)
		}
	}
}

func normalHost(text string) string {
	i := strings.LastIndex(text, ":")
	if i >= 0 && (text[:i] == "" || text[:i] == "0.0.0.0") {
		return "*" + text[i:]
	}
	return text
}

// sorted keeps what belongs together: words and their values.
func sorted(words []string) []string {
	all := slices.Clone(words)
	slices.Sort(all)
	return all
}

// bind is an address and the words behind it, whose order counts for nothing.
func (f *filler) bind(words []string, at diag.Range) {
	if len(words) > 0 {
		f.settings.append("bind", strings.Join(append([]string{normalHost(words[0])}, sorted(f.bases.whole(words[1:]))...), " "), at)
	}
}

func (f *filler) known(name string) string { return cmp.Or(f.names[name], name) }
