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
	node  *pair.Node
	names map[string]string // of backends
	acls  map[string][]*haproxy.Directive
	check []*haproxy.Directive
	port  string // that checks connect to, "" for each server's own
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
	return d.Word(0) == "server" || standsIn(d, haproxy.Backend)
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
		once := isRouting(d) || d.Word(0) == "stats"
		if !f.side(d) || f.section.Kind == "listen" && once && !f.front {
			continue
		}
		f.line(d)
	}
}

func (f *filler) line(d *haproxy.Directive) {
	switch d.Word(0) {
	case "acl", "server", "default-server": // looked at by themselves
		return
	}
	if f.idle[d] != "" {
		return
	}
	key := settingKey(d)
	if d.Modifier == "no" {
		f.settings.drop(key)
		return
	}
	many, counts := f.counts(d)
	if !counts || f.formerTimeout(d) {
		return
	}
	switch {
	case d.Word(0) == "bind":
		f.bind(d.Words()[min(1, len(d.Tokens)):], d.Range)
	case isRouting(d):
		f.rule(d)
	case d.Word(0) == "default_backend":
		f.settings.set("default_backend", f.known(d.Word(1)), d.Range)
	case (&checkOf{}).line(d):
		f.check = append(f.check, d)
	case key == "option tcpka": // each side by itself
		f.settings.set(map[bool]string{true: "option clitcpka", false: "option srvtcpka"}[f.front], "there", d.Range)
	case key == "cookie":
		f.settings.set(key, strings.Join(append([]string{d.Word(1)}, sorted(d.Words()[min(2, len(d.Tokens)):])...), " "), d.Range)
	case key == "option http-keep-alive" || key == "option http-server-close" || key == "option httpclose":
		f.settings.set("http connection", d.Word(1), d.Range)
	case key == "option httplog" || key == "option tcplog" || key == "log-format":
		if f.front { // what a backend says of it counts for nothing
			f.settings.set("log format", joined(d.Words()), d.Range)
		}
	case d.Word(0) == "log":
		if text := joined(d.Words()[1:]); !slices.Contains(strings.Split(f.settings.values["log"], joint), text) {
			f.settings.append("log", text, d.Range)
		}
	default:
		f.setting(key, d, many)
	}
}

// withoutLog drops what is said of a log where nothing is logged: the section has no
// target, or those of a global section that has none.
func (f *filler) withoutLog(global string) {
	if log := f.settings.values["log"]; log != "" && (log != "global" || global != "") {
		return
	}
	f.settings.drop("log")
	f.settings.drop(logKeys()...)
}

// logKeys are the settings that say how is logged, and not where to.
func logKeys() []string {
	return []string{"log format", "log-tag", "option dontlognull", "option log-health-checks", "option logasap"}
}

// counts asks the facts whether a line counts in the mode of the section, and whether
// several of its kind do.
func (f *filler) counts(d *haproxy.Directive) (many, counts bool) {
	mode := f.section.Mode()
	many = d.Word(0) == "stick"
	for _, x := range haproxy.Of(haproxy.InOf(f.section.Kind), d) {
		if x.Of != "" || x.Rules != 0 {
			continue
		}
		if mode == "tcp" && x.Mode == "http" {
			return false, false
		}
		many = many || x.Many
	}
	return many, true
}

// formerTimeout reads a time-out by a word that HAProxy takes no longer; false where the
// line is none.
func (f *filler) formerTimeout(d *haproxy.Directive) bool {
	field := formerTimeouts()[d.Word(0)]
	if t, ok := pair.Time(d.Word(1)); ok && field != "" && f.front == (field == "client") {
		f.settings.set("timeout "+field, fmt.Sprintf("%dms", t.Milliseconds()), d.Range)
	}
	return field != ""
}

// setting is a line without a normal form of its own: its words, the times of one unit.
func (f *filler) setting(key string, d *haproxy.Directive, many bool) {
	words := d.Words()
	values := words[1:]
	if strings.Contains(key, " ") && len(words) > 1 {
		values = words[2:]
	}
	value := joined(normalTimes(values))
	if d.Word(0) == "timeout" {
		if t, ok := pair.Time(d.Word(2)); ok {
			value = fmt.Sprintf("%dms", t.Milliseconds())
		}
	}
	if f.front && key == "stats auth" {
		f.settings.append(key, fmt.Sprintf("%x", hash(value)), d.Range)
		return
	}
	if value = cmp.Or(value, "there"); many {
		f.settings.append(key, value, d.Range)
	} else {
		f.settings.set(key, value, d.Range)
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
