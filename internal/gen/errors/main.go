// Command errors writes docs/errors.md: what each code of a finding says.
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: errors FILE")
		os.Exit(2)
	}
	if err := os.WriteFile(os.Args[1], []byte(page()), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "errors:", err)
		os.Exit(1)
	}
}

const head = `# Errors

<!-- Made by internal/gen/errors from internal/diag/codes.go: run make generate. -->

What stands in brackets behind a finding is its code. Codes are stable: scripts may
look for them. ` + "`lbgen explain CODE`" + ` says the same on the terminal. The codes of rules,
LB1001 and so on, have [a page each](rules/).

| code | what it says | what to do |
|---|---|---|
`

func page() string {
	var b strings.Builder
	b.WriteString(head)
	for _, c := range diag.Codes() {
		name := c.Name
		if c.Family {
			name += "…"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", name, c.Title, c.Text)
	}
	return b.String()
}
