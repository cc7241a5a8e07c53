package rules

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

// also is one further place of a finding.
func also(p *lint.Pass, message string, path diag.Path) []diag.Related {
	return []diag.Related{p.Also(message, path)}
}
