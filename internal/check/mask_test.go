package check

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
)

// TestMaskOfQuotes: a daemon shows a secret as the file has it, or without the quotes.
func TestMaskOfQuotes(t *testing.T) {
	t.Parallel()
	for quoted, plain := range map[string]string{
		`"pass12"`: "pass12", `'it'\''s #1'`: "it's #1", `'a\b'`: `a\b`, `'''`: `'`, `"a\\b"`: "ab",
	} {
		set := artifact.Set{Files: []artifact.File{{Data: []byte(quoted), Secrets: []artifact.Secret{{End: len(quoted)}}}}}
		said := newMasker(set).text("no " + plain + " and no " + quoted + ".")
		if strings.Contains(said, plain) || strings.Contains(said, quoted) || !strings.HasPrefix(said, "no ") {
			t.Errorf("%s: %s", quoted, said)
		}
	}
}
