package rules

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func rawHasAField() lint.Rule {
	return lint.Rule{
		ID: "LB2022", Name: "raw-has-a-field", Severity: diag.Warning, Since: "0.1",
		Title: "A raw line says what a field is for",
		Text: `Raw lines are handed on as they are: lbgen does not see that two of them contradict each other, does not count a maxconn among
the open files, does not open a port. What a field says as well then stands in haproxy.cfg twice, and the last one wins.`,
		Bad: `
defaults:
  raw: §timeout client 30s
`,
		Good: `
defaults:
  timeouts: {client: 30s}
  raw: option splice-auto
`,
		Run: func(p *lint.Pass) {
			told := map[diag.Path]bool{}
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				told[b.Path().Key("raw")] = toldTwice(p.Site, b) != ""
			}
			for _, f := range p.Site.Written.RawFields() {
				if f.Keepalived {
					continue // LB1016 is about those
				}
				for _, line := range f.Raw.Lines() {
					if told[f.Path] && addsProto(model.Raw(line)) {
						continue // LB2036 is about that one
					}
					if keyword, field := fieldFor(f.Path, line); field != "" {
						p.Report(lint.Finding{Path: f.Path, Summary: fmt.Sprintf("there is a field for %q", keyword), Detail: "write " + field +
							" in its place"})
						break // one finding a block
					}
				}
			}
		},
	}
}

// fieldFor returns the field that says what a line of a raw field says, by its path
// in the part that has the raw field, and the words by which the line is known.
func fieldFor(path diag.Path, line string) (keyword, field string) {
	d := haproxy.ReadLine(line)
	if d == nil {
		return "", ""
	}
	top, _, _ := strings.Cut(strings.TrimSuffix(string(path), ".raw"), "[")
	keyword, fields := haproxy.FieldsFor(haproxy.InOf(strings.TrimSuffix(top, "s")), d)
	if top == "defaults" {
		keyword, fields = haproxy.FieldsFor(haproxy.Defaults, d)
	}
	if len(fields) == 0 {
		return "", ""
	}
	field = fields[0]
	for _, part := range []string{"defaults.", "frontends[].", "backends[]."} {
		field = strings.TrimPrefix(field, part)
	}
	return keyword, field
}
