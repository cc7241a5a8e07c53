package alike

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/source"
)

// field is one thing that is compared of an answer.
type field struct{ name, value string }

// answer is what came of a request, as it is compared.
type answer []field

// of brings what came of a request to this form. A server is its address: names may
// differ.
func of(x lab.Exchange) answer {
	var a answer
	add := func(name, value string) {
		if value != "" {
			a = append(a, field{name, value})
		}
	}
	if x.Problem != "" {
		add("no answer", x.Problem)
		return a
	}
	add("status", fmt.Sprint(x.Status))
	add("over", x.Proto)
	server := "HAProxy itself"
	if x.Received != nil {
		server = x.Received.At
	}
	add("from", server)
	add("certificate", x.Certificate)
	a.headers("header", x.Header)
	add("body", x.Body)
	if got := x.Received; got != nil {
		add("the server got", strings.Join([]string{got.Method, got.URI, got.Proto}, " "))
		add("the server got host", got.Host)
		if got.TLS {
			add("the server got TLS for", got.ServerName+".")
		}
		add("the server got PROXY", got.Proxy)
		a.headers("the server got header", got.Header)
	}
	return a
}

// headers adds headers, one field for all of a name.
func (a *answer) headers(what string, lines []string) {
	for _, l := range lines {
		name, value, _ := strings.Cut(l, ": ")
		name = what + " " + name
		if last := len(*a) - 1; last >= 0 && (*a)[last].name == name {
			(*a)[last].value += " | " + value
		} else {
			*a = append(*a, field{name, value})
		}
	}
}

func (a answer) value(name string) string {
	i := slices.IndexFunc(a, func(f field) bool { return f.name == name })
	if i < 0 {
		return ""
	}
	return a[i].value
}

// text is all of the answer, to find equal ones by.
func (a answer) text() string { return fmt.Sprintf("%q", []field(a)) }

// kind is what answers of one server have in common.
func (a answer) kind() string {
	return a.value("no answer") + "\n" + a.value("status") + "\n" + a.value("from")
}

// shown is a field without what nobody may see, in one line.
func (f field) shown() string {
	value := f.value
	_, name, ok := strings.Cut(f.name, "header ")
	if ok && source.IsCredential(name) && name != "Set-Cookie" {
		value = "********"
	}
	if name == "Set-Cookie" {
		value = withoutValue(value)
	}
	const longest = 300
	if value = strings.ReplaceAll(value, "\n", "\\n"); len(value) > longest {
		value = strings.ToValidUTF8(value[:longest], "") + " …"
	}
	return f.name + ": " + value
}

// withoutValue hides what stands behind the name of a cookie.
func withoutValue(text string) string {
	name, rest, ok := strings.Cut(text, "=")
	if !ok {
		return text
	}
	_, attributes, more := strings.Cut(rest, ";")
	if more {
		attributes = ";" + attributes
	}
	return name + "=********" + attributes
}

// Answers are what came of one request that was sent several times: each answer once.
type Answers struct {
	all []answer
	// Slow is true where an answer takes so long that nobody wants to wait for many.
	Slow bool
}

// Add adds what came of it once more.
func (s *Answers) Add(x lab.Exchange) {
	a := of(x)
	s.Slow = s.Slow || x.Problem == "no answer in time"
	if !slices.ContainsFunc(s.all, func(o answer) bool { return o.text() == a.text() }) {
		s.all = append(s.all, a)
	}
}

// values are those of a field in the answers of one kind.
func (s *Answers) values(kind, name string) []string {
	var all []string
	for _, a := range s.all {
		if v := a.value(name); a.kind() == kind && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	slices.Sort(all)
	return all
}

// without is the same without the fields that change by themselves; each answer once.
func (s *Answers) without(restless map[string]bool) []answer {
	var all []answer
	for _, a := range s.all {
		var kept answer
		for _, f := range a {
			if restless[a.kind()+"\n"+f.name] {
				f.value = "(changes by itself)"
			}
			kept = append(kept, f)
		}
		if !slices.ContainsFunc(all, func(o answer) bool { return o.text() == kept.text() }) {
			all = append(all, kept)
		}
	}
	return all
}

// restless are the fields that change from one answer of a server to the next, on both
// sides.
func restless(before, after *Answers) map[string]bool {
	all := map[string]bool{}
	for _, a := range before.all {
		for _, f := range a {
			kind := a.kind()
			one, other := before.values(kind, f.name), after.values(kind, f.name)
			if len(one) > 1 && len(other) > 1 && !slices.Equal(one, other) {
				all[kind+"\n"+f.name] = true
			}
		}
	}
	return all
}
