package haproxy

import (
	"fmt"
	"slices"

	"github.com/lbgen/lbgen/internal/diag"
)

// IsSection says whether the word opens a section of haproxy.cfg in some version
// from 2.4 to 3.4 (REGISTER_CONFIG_SECTION and cfg_register_section).
func IsSection(word string) bool {
	switch word {
	case "acme", "backend", "cache", "crt-store", "defaults", "fcgi-app", "frontend", "global", "http-errors", "listen", "log-forward",
		"log-profile", "mailers", "namespace_list", "peers", "program", "resolvers", "ring", "traces", "userlist":
		return true
	}
	return false
}

// open begins the section whose line this is.
func (r *reader) open(d *Directive) {
	s := &Section{Head: d, Kind: d.Word(0), Name: d.Word(1)}
	from := d.Word(3)
	if d.Word(2) != "from" {
		from = ""
	}
	switch s.Kind {
	case "defaults":
		if s.Name == "from" && d.Word(2) != "" && d.Word(3) == "" {
			s.Name, from = "", d.Word(2)
		}
		if from != "" {
			s.Defaults = r.defaultsNamed(from, d)
		}
		r.last = s
	case "frontend", "backend", "listen":
		s.Defaults = r.last
		if from != "" {
			s.Defaults = r.defaultsNamed(from, d)
		}
	}
	r.section = s
	r.cfg.Sections = append(r.cfg.Sections, s)
}

// defaultsNamed finds the defaults section that a line names behind from.
func (r *reader) defaultsNamed(name string, d *Directive) *Section {
	for _, s := range r.cfg.Sections {
		if s.Kind == "defaults" && s.Name == name {
			return s
		}
	}
	r.foundAt(d.Tokens[len(d.Tokens)-1].Range, diag.Error, fmt.Sprintf("there is no defaults section %q above", name),
		"write it above the sections that name it")
	return nil
}

// Line returns the last line of the section that begins with the words; nil where
// there is none. A line with no or default before it is one, too.
func (s *Section) Line(words ...string) *Directive {
	for _, d := range slices.Backward(s.Lines) {
		if d.begins(words) {
			return d
		}
	}
	return nil
}

// Inherited returns the last line that begins with the words, of the section or
// else of the defaults that it has; nil where there is none.
func (s *Section) Inherited(words ...string) *Directive {
	for range 100 { // defaults that name each other end somewhere: each names one above
		if s == nil {
			return nil
		}
		if d := s.Line(words...); d != nil {
			return d
		}
		s = s.Defaults
	}
	return nil
}

func (d *Directive) begins(words []string) bool {
	for i, w := range words {
		if d.Word(i) != w {
			return false
		}
	}
	return len(words) <= len(d.Tokens)
}

// EndsTLS says whether TLS ends at one of the section's binds.
func (s *Section) EndsTLS() bool {
	return slices.ContainsFunc(s.Lines, func(d *Directive) bool { return d.Word(0) == "bind" && slices.Contains(d.Words(), "ssl") })
}

// Mode returns what a proxy speaks, after its defaults: tcp where nobody says
// otherwise.
func (s *Section) Mode() string {
	if d := s.Inherited("mode"); d != nil && d.Word(1) != "" {
		return d.Word(1)
	}
	return "tcp"
}
