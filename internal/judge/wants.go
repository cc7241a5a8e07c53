package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/recording"
)

// wants says what is wrong with what clients get.
func (t step) wants(w Wants) string {
	if w.Server && !AllServed(t.told, t.at, Enough) {
		return "clients are not served although a server could"
	}
	for _, e := range t.asked {
		if e.Answer.Problem != "" && slices.Contains(w.Answers, e.What) {
			return fmt.Sprintf("%s: %s", e.What, e.Answer.Problem)
		}
	}
	if why := t.balance(w.Balanced); why != "" {
		return why
	}
	switch {
	case w.Sorry == nil && w.Cookie == "" && w.Kept == "":
		return ""
	case len(t.asked) == 0:
		return "the client was not asked what it gets"
	case w.Sorry != nil:
		return w.Sorry.wrong(*t.asked[0].Answer)
	case w.Cookie != "":
		if a := t.asked[0].Answer; a.Cookies[w.Cookie] == "" || !a.OK() {
			return "the answer to a new client sets no cookie " + w.Cookie
		}
		return ""
	default:
		return t.kept(w.Kept)
	}
}

// balance says which server of a backend that serves in turn gets nothing.
func (t step) balance(backends [][]string) string {
	got := map[string]bool{}
	for _, e := range t.told {
		if e.Kind == recording.Probe && e.Answer.OK() {
			got[e.Answer.Server] = true
		}
	}
	for _, servers := range backends {
		if !slices.ContainsFunc(servers, func(s string) bool { return got[s] }) {
			continue
		}
		if i := slices.IndexFunc(servers, func(s string) bool { return !got[s] }); i >= 0 {
			return fmt.Sprintf("server %s gets no request although its backend serves in turn", servers[i])
		}
	}
	return ""
}

// kept says which other server a client with the cookie has come to.
func (t step) kept(cookie string) string {
	var home string
	for _, e := range t.before {
		if e.Kind == recording.Asked && e.Answer.Cookies[cookie] != "" {
			home = e.Answer.Server
		}
	}
	for _, e := range t.asked {
		if to := e.Answer.Server; to != home {
			if to == "" {
				to = "no server"
			}
			return fmt.Sprintf("with the cookie %s a client of %s comes to %s", cookie, home, to)
		}
	}
	return ""
}

// wrong says what is wrong with what clients get when no server is left.
func (s Sorry) wrong(a recording.Answer) string {
	got := fmt.Sprintf("clients get status %d", a.Status)
	if a.Problem != "" {
		got = "clients get: " + a.Problem
	}
	switch {
	case s.Nothing:
		if a.Problem == "" {
			return got + ", and there is no server left"
		}
	case s.Server != "":
		if a.Server != s.Server {
			return got + ", and not the page of " + s.Instead
		}
	case s.Location != "":
		if a.Location != s.Location {
			return got + ", and are not sent to " + s.Location
		}
	case a.Status == s.Status && (s.Page == "" || a.Digest == s.Digest):
	case s.Page != "":
		return fmt.Sprintf("%s, and should get %s with status %d", got, s.Page, s.Status)
	default:
		return fmt.Sprintf("%s, and should get %d", got, s.Status)
	}
	return ""
}

// Interleaved are the lines of a timeline from its first step on, with what the
// drill did between them, in order of time.
func Interleaved(t Timeline) []Line {
	var all []Line
	for _, m := range t.Marks {
		all = append(all, Line{At: m.At, Host: "the drill", Text: m.Text})
	}
	all = append(all, t.Lines...)
	slices.SortStableFunc(all, func(a, b Line) int { return int(a.At - b.At) })
	return all
}

// Short are the lines that say what became of the virtual IPs and the servers,
// without what else the daemons have to say.
func Short(all []Line) []Line {
	return slices.DeleteFunc(slices.Clone(all), func(l Line) bool {
		_, _, state := State(l.Text)
		said := l.Host != "the drill" && l.Program != "kernel" &&
			!strings.HasPrefix(l.Text, "takes ") && !strings.HasPrefix(l.Text, "has ended: ")
		return said && !state && !strings.Contains(l.Text, "[ALERT]")
	})
}

// State reads what Keepalived says of a change of state, such as
// "(VI_1) Entering BACKUP STATE" (2.2 to 2.4).
func State(text string) (instance, state string, ok bool) {
	name, rest, ok := strings.Cut(strings.TrimPrefix(text, "("), ") Entering ")
	if !ok {
		return "", "", false
	}
	state, _, ok = strings.Cut(rest, " STATE")
	return name, state, ok
}
