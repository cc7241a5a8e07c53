package adopt

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// rule is a line of rules, with its conditions in the words of a site file where these
// can say them.
func (f *filler) rule(d *haproxy.Directive) {
	words := d.Words()
	if d.Word(0) == "acl" {
		return
	}
	end := slices.IndexFunc(words, func(w string) bool { return w == "if" || w == "unless" })
	action, conditions := words, []string(nil)
	if end > 0 {
		action, conditions = slices.Clone(words[:end]), words[end:]
	}
	if action[0] == "use_backend" && len(action) > 1 {
		action = []string{"use_backend", f.known(action[1])}
	}
	list := action[0]
	switch list {
	case "http-request", "http-response", "http-after-response":
		action = action[1:]
	case "tcp-request":
		list += " " + d.Word(1)
		action = action[min(2, len(action)):]
	}
	text := normalAction(action)
	if list == "redirect" { // looked at behind all of http-request
		f.redirects = append(f.redirects, d)
		if !f.last {
			return
		}
		list = "http-request"
	}
	whens, ok := f.conditions(conditions, f.acls)
	if !ok {
		f.settings.append(list, text+" "+f.expanded(conditions), d.Range)
		return
	}
	if wholeHost().MatchString(f.expanded(conditions)) {
		f.settings.set(portInHost, "makes it another host", d.Range)
	}
	for _, when := range withoutTLS(whens, !f.front || f.section.EndsTLS()) {
		line := text
		var all []string
		for _, m := range when {
			all = append(all, m.flow())
		}
		if len(all) > 0 {
			line += " when " + strings.Join(all, " and ")
		}
		f.settings.append(list, line, d.Range)
	}
}

// wholeHost is a Host header that is compared with the port that a client has named; a
// criterion of a site file leaves that out.
var wholeHost = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?i)\b(req\.)?hdr(_end|_reg)?\(host\)( |$)`) })

const portInHost = "a port in Host"

// normalAction fills in what HAProxy takes where nothing is written.
func normalAction(words []string) string {
	if len(words) == 0 {
		return ""
	}
	if len(words) == 1 && words[0] == "deny" {
		return "deny deny_status 403"
	}
	if words[0] == "redirect" && !slices.Contains(words, "code") {
		words = append(slices.Clone(words), "code", "302")
	}
	return joined(words)
}

// expanded puts the definitions of named conditions in their place.
func (f *filler) expanded(words []string) string {
	var all []string
	for _, w := range words {
		name := strings.TrimPrefix(w, "!")
		if lines := f.acls[name]; len(lines) > 0 {
			var parts []string
			for _, d := range lines {
				parts = append(parts, joined(d.Words()[2:]))
			}
			all = append(all, strings.TrimSuffix(w, name)+"{ "+strings.Join(parts, joint)+" }")
			continue
		}
		all = append(all, joined([]string{w}))
	}
	return strings.Join(all, " ")
}
