package adopt

import (
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/pair"
)

// bases are the folders that names of certificates and authorities are relative to, by
// the keyword of global.
type bases map[string]string

func basesOf(n *pair.Node) bases {
	b := bases{}
	for _, s := range n.HAProxy.Sections {
		if s.Kind != "global" {
			continue
		}
		for _, d := range s.Lines {
			if d.Word(0) == "crt-base" || d.Word(0) == "ca-base" {
				b[d.Word(0)] = d.Word(1)
			}
		}
	}
	return b
}

// whole are the words of a bind or server line with whole paths in them, as a site file
// has them.
func (b bases) whole(words []string) []string {
	all := slices.Clone(words)
	for i := 1; i < len(all); i++ {
		all[i] = b.path(all[i-1], all[i])
	}
	return all
}

// path is the value of a keyword: where it is a path a whole one, without the slash
// behind a folder, which says nothing.
func (b bases) path(keyword, value string) string {
	base := map[string]string{"crt": "crt-base", "ca-file": "ca-base", "ca-verify-file": "ca-base", "crl-file": "ca-base"}[keyword]
	if base == "" || value == "" || strings.HasPrefix(value, "@") {
		return value
	}
	if !strings.HasPrefix(value, "/") && b[base] != "" {
		value = b[base] + "/" + value
	}
	if strings.HasPrefix(value, "/") {
		value = path.Clean(value)
	}
	return value
}
