package adopt_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/testenv"
)

// change is one single change to a file of a node.
type change struct {
	file   string
	line   int
	how    string
	before map[string]string
	after  map[string]string
}

func (c change) String() string {
	return fmt.Sprintf("%s:%d: %s: %q", c.file, c.line+1, c.how, strings.Split(c.before[c.file], "\n")[c.line])
}

// TestSingleChanges: a word, a number, a line or an order that is changed on one side is
// reported, or the daemons agree that it has no effect. SINGLE_CHANGES says how many are
// tried, SINGLE_CHANGES_SEED which.
func TestSingleChanges(t *testing.T) {
	count, seed := testenv.Number(t, "SINGLE_CHANGES", 25), testenv.Number(t, "SINGLE_CHANGES_SEED", 1)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	nodes := firstNodes(t)
	var silent []change
	for range count {
		c := oneChange(random, nodes[random.IntN(len(nodes))])
		if len(adopt.Differences(readFiles(c.before), readFiles(c.after))) == 0 && !refused(c) {
			silent = append(silent, c)
		}
	}
	t.Logf("%d changes, %d not reported", count, len(silent))
	testenv.Programs(t, "haproxy", "keepalived", "unshare", "ip", "timeout")
	testenv.Root(t)
	for _, c := range silent {
		t.Logf("not reported: %s", c)
		if why := disagrees(t, c); why != "" {
			t.Errorf("%s\n%s", c, why)
		}
	}
}

// firstNodes are the files of the first node of each of the project's own pairs.
func firstNodes(t *testing.T) []map[string]string {
	t.Helper()
	var all []map[string]string
	for _, pattern := range []string{"testdata/pairs/*.txtar", "../pair/rules/testdata/good/*.txtar"} {
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			t.Fatal(pattern, err)
		}
		for _, name := range names {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			files := map[string]string{}
			for _, f := range archive.Files {
				if base := filepath.Base(f.Name); strings.HasPrefix(f.Name, "lb1/") && (base == "haproxy.cfg" || base == "keepalived.conf") {
					files[base] = string(f.Data)
				}
			}
			if len(files) == 2 {
				all = append(all, files)
			}
		}
	}
	return all
}

func readFiles(files map[string]string) *pair.Pair {
	named := map[string]string{}
	for name, text := range files {
		named["n/"+name] = text
	}
	return pair.ReadFiles("x", []pair.Input{{Name: "n", Paths: []string{"n"}}}, named)
}

// refused says whether the grammar refuses what the change has made.
func refused(c change) bool {
	return len(readFiles(c.after).Grammar()) > len(readFiles(c.before).Grammar())
}

// oneChange makes a change to a line that says something.
func oneChange(random *rand.Rand, files map[string]string) change {
	names := slices.Sorted(maps.Keys(files))
	for {
		c := change{file: names[random.IntN(len(names))], before: files, after: maps.Clone(files)}
		lines := strings.Split(files[c.file], "\n")
		c.line = random.IntN(len(lines))
		if !counts(lines[c.line]) {
			continue
		}
		line := lines[c.line]
		words := strings.Fields(line)
		k := random.IntN(len(words))
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		switch random.IntN(5) {
		case 0:
			c.how = "line taken out"
			lines = slices.Delete(lines, c.line, c.line+1)
		case 1:
			c.how = "word taken out: " + words[k]
			if k == 0 {
				continue
			}
			lines[c.line] = indent + strings.Join(slices.Delete(words, k, k+1), " ")
		case 2:
			n, digits := strings.LastIndexAny(words[k], "0123456789"), words[k]
			if n < 0 {
				continue
			}
			c.how = "number changed: " + words[k]
			words[k] = digits[:n] + string('0'+(digits[n]-'0'+1)%10) + digits[n+1:]
			lines[c.line] = indent + strings.Join(words, " ")
		case 3:
			if c.line+1 >= len(lines) || !counts(lines[c.line+1]) || strings.TrimSpace(lines[c.line]) == strings.TrimSpace(lines[c.line+1]) {
				continue
			}
			c.how = "order changed"
			lines[c.line], lines[c.line+1] = lines[c.line+1], lines[c.line]
		case 4:
			if k == 0 {
				continue
			}
			c.how = "letter changed: " + words[k]
			words[k] += "x"
			lines[c.line] = indent + strings.Join(words, " ")
		}
		c.after[c.file] = strings.Join(lines, "\n")
		return c
	}
}
