package rules

import (
	"strconv"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func at(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// also is one further place of a finding.
func also(p *lint.Pass, message, path string) []diag.Related {
	return []diag.Related{p.Also(message, path)}
}
