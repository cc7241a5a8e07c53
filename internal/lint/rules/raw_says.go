package rules

import (
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// rawSays says whether a raw line of one of the sections begins with these words: a
// rule that misses a field is silent then.
func rawSays(s *site.Site, keyword string, sections ...diag.Path) bool {
	for _, f := range s.Written.RawFields() {
		for _, path := range sections {
			if f.Path != path.Key("raw") {
				continue
			}
			for _, line := range f.Raw.Lines() {
				if d := haproxy.ReadLine(line); d != nil && strings.HasPrefix(strings.Join(d.Words(), " ")+" ", keyword+" ") {
					return true
				}
			}
		}
	}
	return false
}

// choice is what a raw use_backend names: a backend, or, where HAProxy works the name
// out, what it begins and ends with.
type choice struct {
	beg, end string
	open     bool
}

// rawChoices returns what the raw lines of frontends choose.
func rawChoices(s *site.Site) []choice {
	var all []choice
	for i := range s.Frontends {
		for _, line := range s.Frontends[i].Raw.Lines() {
			d := haproxy.ReadLine(line)
			if d == nil || d.Word(0) != "use_backend" && d.Word(0) != "default_backend" {
				continue
			}
			name := d.Word(1)
			if beg, _, ok := strings.Cut(name, "%["); ok {
				_, end, _ := cutLast(name, "]")
				all = append(all, choice{beg, end, true})
			} else {
				all = append(all, choice{beg: name})
			}
		}
	}
	return all
}

func cutLast(text, sep string) (before, behind string, ok bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// mayBe says whether the choice may be the backend.
func (c choice) mayBe(backend string) bool {
	if !c.open {
		return c.beg == backend
	}
	return len(backend) >= len(c.beg)+len(c.end) && strings.HasPrefix(backend, c.beg) && strings.HasSuffix(backend, c.end)
}
