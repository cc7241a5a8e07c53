package compare_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
)

// secretText is a file whose secrets stand in many ways.
const secretText = `# made by lbgen
userlist ops
    user admin password §0=%[1]s-a§
    user guest insecure-password §1=%[1]s-b§
listen stats
    mode http
    stats enable
    stats uri /stats
    stats auth admin:§2=%[1]s-c§
vrrp_instance VI_1 {
    priority %[2]d
    authentication {
        auth_type PASS
        auth_pass §3=%[1]s-d§
    }
}
vrrp_instance VI_2 {
    priority %[2]d
    authentication {
        auth_type PASS
        auth_pass "§4=%[1]s-e§" # quoted
    }
}
from §5=%[1]s-f§ to §6=%[1]s-g§ here
`

// TestNoSecretEverShows compares texts that were changed at random with others
// that hold other secrets, or none that are known.
func TestNoSecretEverShows(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		old := shaken(rnd, fmt.Sprintf(secretText, "OLDSECRET", rnd.IntN(3)))
		text := fmt.Sprintf(secretText, "NEWSECRET", rnd.IntN(3))
		if rnd.IntN(3) == 0 {
			text = fmt.Sprintf(secretText, "OLDSECRET", rnd.IntN(3))
		}
		for i := range 7 {
			if rnd.IntN(4) == 0 {
				text = unknownSecret(text, i)
			}
		}
		if rnd.IntN(2) == 0 {
			text = shaken(rnd, text)
		}
		assertHidden(t, rnd, old, text)
		if t.Failed() {
			t.Fatalf("old:\n%s\nnew:\n%s", old, text)
		}
	}
}

func assertHidden(t *testing.T, rnd *rand.Rand, old, text string) {
	t.Helper()
	was := artifact.Set{Site: "s", Node: "n", Files: []artifact.File{render("f", artifact.None, old)}}
	now := artifact.Set{Site: "s", Node: "n", Files: []artifact.File{render("f", artifact.None, text)}}
	dir := written(t, []artifact.Set{was})
	results := []any{dirOf(t, dir, []artifact.Set{now}), compare.Sets([]artifact.Set{was}, []artifact.Set{now}),
		dirOf(t, dir, []artifact.Set{{Site: "s", Node: "n"}}), dirOf(t, dir, []artifact.Set{{Site: "s", Node: "m"}})}
	// somebody has changed it by hand
	f := filepath.Join(dir, "n/f")
	data, _ := os.ReadFile(f)
	os.WriteFile(f, []byte(shaken(rnd, string(data))), 0o600)
	results = append(results, dirOf(t, dir, []artifact.Set{now}))
	// there is no MANIFEST to say that it holds secrets
	os.Remove(filepath.Join(dir, "n/MANIFEST"))
	results = append(results, dirOf(t, dir, []artifact.Set{now}))
	for _, r := range results {
		if all, _ := json.Marshal(r); strings.Contains(string(all), "SECRET") {
			t.Errorf("shown: %s", all)
		}
	}
}

// shaken removes, doubles, swaps and indents lines at random, and puts the
// text of one behind another.
func shaken(rnd *rand.Rand, text string) string {
	lines := strings.Split(text, "\n")
	for range rnd.IntN(6) {
		i, j := rnd.IntN(len(lines)), rnd.IntN(len(lines))
		switch rnd.IntN(5) {
		case 0:
			lines = slices.Delete(lines, i, i+1)
		case 1:
			lines = slices.Insert(lines, i, lines[j])
		case 2:
			lines[i], lines[j] = lines[j], lines[i]
		case 3:
			lines[i] = "\t" + lines[i]
		case 4:
			lines[i] += " x"
		}
		if len(lines) == 0 {
			return ""
		}
	}
	return strings.Join(lines, "\n")
}

func unknownSecret(text string, i int) string {
	before, after, ok := strings.Cut(text, fmt.Sprintf("§%d=", i))
	if !ok {
		return text
	}
	_, after, _ = strings.Cut(after, "§")
	return before + fmt.Sprintf("§%d=?§", i) + after
}

// TestCleanTextIsShown checks that hiding does not go so far that the diff of
// a plain file says nothing.
func TestCleanTextIsShown(t *testing.T) {
	old, now := site(t), site(t)
	now[0].Files = slices.Clone(now[0].Files)
	old[0].Files[0] = render("etc/haproxy/haproxy.cfg", artifact.ReloadHAProxy, "    user haproxy\n    stats auth plain:text\n")
	text := dirOf(t, written(t, old), now).Text()
	for _, want := range []string{"-    user haproxy\n", "-    stats auth plain:text\n", "+    maxconn 4000\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}
