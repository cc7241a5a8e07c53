package model

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// headerAt is a header of the site and where it stands.
type headerAt struct {
	*Header
	path   diag.Path
	answer bool // it is one of an answer, which any client may get
}

// IsSecret is that of the header where it stands.
func (h headerAt) IsSecret() bool { return h.Header.IsSecret(h.answer) }

// IsSecret says whether what the header carries is nobody's business: it comes
// from a file or the environment, or lets HAProxy in somewhere. One of an answer
// any client may get.
func (h *Header) IsSecret(answer bool) bool {
	return h.Value.File != "" || h.Value.Env != "" || h.Value.Literal != "" && !answer && source.IsCredential(h.Name)
}

// headers are those that have a value, of routes, rules and checks.
func (s *Site) headers() []headerAt {
	var all []headerAt
	for i := range s.Frontends {
		all = append(all, headersOf(diag.Path("frontends").Index(i).Key("routes"), s.Frontends[i].Routes)...)
	}
	for i := range s.Backends {
		b, path := &s.Backends[i], diag.Path("backends").Index(i)
		all = append(all, headersOf(path.Key("rules"), b.Rules)...)
		if b.Health.HTTP == nil {
			continue
		}
		for j := range b.Health.HTTP.Headers {
			all = append(all, headerAt{&b.Health.HTTP.Headers[j], path.Key("health").Key("http").Key("headers").Index(j), false})
		}
	}
	return all
}

func headersOf(list diag.Path, routes []Route) []headerAt {
	var all []headerAt
	for i := range routes {
		r, path := &routes[i], list.Index(i)
		for _, h := range []headerAt{
			{r.SetHeader, path.Key("set_header"), false}, {r.AddHeader, path.Key("add_header"), false},
			{r.SetResponseHeader, path.Key("set_response_header"), true}, {r.AddResponseHeader, path.Key("add_response_header"), true},
		} {
			if h.Header != nil && !h.Value.IsZero() {
				all = append(all, h)
			}
		}
	}
	return all
}

// IsSecret says whether what the step sends is nobody's business: it comes from a
// file or the environment, or is a log-in.
func (s TCPStep) IsSecret() bool {
	return s.Send.File != "" || s.Send.Env != "" || source.SendsPassword(s.Send.Literal)
}

// CheckSent returns what is wrong with a text that a TCP check sends, "" if nothing
// is.
func CheckSent(text string) string {
	if bad := CheckHeader(text); bad != "" {
		return bad
	}
	if _, err := Unescape(text); err != nil {
		return err.Error()
	}
	return ""
}

// checkSecretSent is CheckSent for a secret, which is sent as a text.
func checkSecretSent(text string) string {
	bad := CheckSent(text)
	if sent, _ := Unescape(text); bad == "" && strings.Contains(string(sent), "\x00") {
		return `it holds \x00, which a text that is sent cannot`
	}
	return bad
}

// keepalivedSecrets returns all that stands behind a keyword whose value is a
// password.
func keepalivedSecrets(line string) [][2]int {
	at := 0
	for word := range strings.FieldsSeq(line) {
		at += strings.Index(line[at:], word) + len(word)
		if rest := strings.TrimLeft(line[at:], " \t"); rest != "" && slices.Contains(keepalived.Secrets(), word) {
			return [][2]int{{len(line) - len(rest), len(line)}}
		}
	}
	return nil
}

// IsSecret says whether what is compared is what lets somebody in, such as the value
// of X-Api-Key.
func (m *Match) IsSecret() bool {
	for _, by := range []*HeaderMatch{m.Header, m.URLParam, m.Cookie} {
		if by != nil && source.IsCredential(by.Name) {
			return by.Value != nil || by.Beg != nil || by.End != nil || by.Contains != nil || by.Regex != nil
		}
	}
	return false
}

// maxHeader is the longest value of a header, in characters.
const maxHeader = 1000

// CheckHeader returns what is wrong with the value of a header, "" if nothing is.
func CheckHeader(value string) string {
	switch {
	case value == "":
		return "it is empty"
	case utf8.RuneCountInString(value) > maxHeader:
		return fmt.Sprintf("expected at most %d characters", maxHeader)
	case unprintable(value) != "":
		return "it holds " + unprintable(value)
	default:
		return ""
	}
}

// Secrets returns where in a raw line stands what nobody may see, in bytes: the
// password of a statistics page, what an Authorization header carries.
func (f RawField) Secrets(line string) [][2]int {
	if f.Keepalived {
		return keepalivedSecrets(line)
	}
	return haproxy.Secrets(line, source.IsCredential, source.SendsPassword)
}
