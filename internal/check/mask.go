package check

import (
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
)

// tell is how many characters of a secret in a row are taken for a part of it:
// daemons cut what they quote, as Keepalived does with auth_pass.
const tell = 6

// masker takes the secrets of a set out of what a daemon says.
type masker struct{ secrets []string }

func newMasker(set artifact.Set) masker {
	var m masker
	for _, f := range set.Files {
		for _, s := range f.Secrets {
			raw := string(f.Data[s.Start:s.End])
			m.secrets = append(m.secrets, raw, unquote(raw))
		}
	}
	return m
}

// unquote returns a quoted word as a daemon prints it: without the quotes
// around it and the backslashes in it. Between single quotes the only one is
// that of a single quote.
func unquote(word string) string {
	if len(word) > 1 && word[0] == '\'' && word[len(word)-1] == '\'' {
		return strings.ReplaceAll(word[1:len(word)-1], `'\''`, "'")
	}
	if len(word) > 1 && word[0] == '"' && word[len(word)-1] == '"' {
		word = word[1 : len(word)-1]
	}
	return strings.ReplaceAll(word, `\`, "")
}

// text returns s with every secret, and every part of one that is long enough
// to tell, replaced by artifact.Mask.
func (m masker) text(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); {
		n := m.secretAt(s[i:])
		if n == 0 {
			b.WriteByte(s[i])
			i++
			continue
		}
		b.WriteString(artifact.Mask)
		i += n
	}
	return b.String()
}

// secretAt returns how many of the first characters of s must not be seen.
func (m masker) secretAt(s string) int {
	longest := 0
	for _, secret := range m.secrets {
		if n := shared(s, secret); n > 0 && n >= min(tell, len(secret)) {
			longest = max(longest, n)
		}
	}
	return longest
}

// shared returns how many of the first characters of s stand in the secret.
func shared(s, secret string) int {
	n := 0
	for n < len(s) && strings.Contains(secret, s[:n+1]) {
		n++
	}
	return n
}
