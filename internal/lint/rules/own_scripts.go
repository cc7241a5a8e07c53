package rules

import (
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

// ownScripts calls do for each script of the site's own, with the words that
// are run.
func ownScripts(p *lint.Pass, do func(path diag.Path, words []string)) {
	for i, v := range p.Site.VRRP {
		for j, s := range v.Track.Scripts {
			do(diag.Path("vrrp").Index(i).Key("track").Key("scripts").Index(j).Key("command"), unwrapped(s.Command))
		}
	}
}

// unwrapped returns a script's words without what only starts the program:
// sh -c, env, timeout.
func unwrapped(words []string) []string {
	for len(words) > 2 {
		switch name := path.Base(words[0]); {
		case slices.Contains([]string{"sh", "bash", "dash"}, name) && words[1] == "-c":
			words = strings.Fields(words[2])
		case name == "timeout":
			words = words[2:]
		case name == "env":
			words = words[1:]
		default:
			return words
		}
	}
	return words
}

// program is the name of what the words run.
func program(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return path.Base(words[0])
}
