package compare

import (
	"path"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// unified returns a unified diff of two texts given as lines, the last of
// which is "" where the text ends in a newline. nil lines are no file.
func unified(node, p string, old, new []string) string {
	from, to := path.Join("a", node, p), path.Join("b", node, p)
	if old == nil {
		from = "/dev/null"
	}
	if new == nil {
		to = "/dev/null"
	}
	text := string(diff.Diff(from, []byte(strings.Join(old, "\n")), to, []byte(strings.Join(new, "\n"))))
	if _, rest, ok := strings.Cut(text, "\n"); ok {
		text = rest // without the line "diff FROM TO", which no other tool writes so
	}
	return strings.ReplaceAll(text, differs+"\n", "\n")
}
