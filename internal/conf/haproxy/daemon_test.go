package haproxy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testenv"
)

// atOnce is fewer lines than it takes HAProxy to give up on a file (50 errors).
const atOnce = 44

// daemonEnv is the environment of the HAProxy that is asked.
func daemonEnv() map[string]string {
	return map[string]string{"A": "one", "B_2": " two  words ", "EMPTY": "", "Q": `'"\#$A`, "lower": "l", "N": "n1 n2 n3"}
}

func envOf(m map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) { value, set := m[name]; return value, set }
}

// asked is a real HAProxy that is asked about lines, many in one run.
type asked struct {
	lines []string
	says  []string // what it says of each line, once it has run
}

// needHAProxy skips a test where there is no HAProxy to ask.
func needHAProxy(t testing.TB) {
	t.Helper()
	testenv.Programs(t, "haproxy")
}

// add asks about one more line and returns its number.
func (a *asked) add(line string) int {
	a.lines = append(a.lines, line)
	return len(a.lines) - 1
}

// run has HAProxy read all lines. Each file begins with a long line: a buffer that
// has to grow makes it lose the brace behind a variable's default.
func (a *asked) run(t testing.TB) {
	t.Helper()
	needHAProxy(t)
	dir := t.TempDir()
	args := []string{"-c"}
	for i := 0; i*atOnce < len(a.lines); i++ {
		some := a.lines[i*atOnce : min(len(a.lines), (i+1)*atOnce)]
		name := filepath.Join(dir, strconv.Itoa(i))
		text := ".diag '" + strings.Repeat("x", 8000) + "'\n" + strings.Join(some, "\n") + "\n"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-f", name)
	}
	a.says = make([]string, len(a.lines))
	for place, message := range complaints(args) {
		a.says[place.file*atOnce+place.line-2] = message
	}
}

// place is a line of a file whose name is a number.
type place struct{ file, line int }

// complaints runs HAProxy and returns what it says of lines.
func complaints(args []string) map[place]string {
	cmd := exec.Command("haproxy", args...)
	for name, value := range daemonEnv() {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, _ := cmd.CombinedOutput() // it ends with 1, as it should
	said := map[place]string{}
	at := regexp.MustCompile(`^ *\(\d+\) : config : (?s)(?:\[\S+\] : )?(?:[pP]arsing )?\[[^\]]*/(\d+):(\d+)\] ?: (.*)$`)
	for message := range strings.SplitSeq(strings.ReplaceAll(string(out), "[WARNING]", "[ALERT]"), "[ALERT]") {
		if m := at.FindStringSubmatch(message); m != nil {
			file, _ := strconv.Atoi(m[1])
			line, _ := strconv.Atoi(m[2])
			said[place{file, line}] += m[3]
		}
	}
	return said
}

// askEach asks about one line in a section each. Some complaints make HAProxy read
// no further file: then it is asked once more about the rest.
func askEach(t testing.TB, questions [][2]string) []string {
	t.Helper()
	needHAProxy(t)
	dir, says, runs := t.TempDir(), make([]string, len(questions)), 0
	for i, q := range questions {
		text := "defaults\n" + q[0] + "\n" + q[1] + "\nzzprobe\n" // no rules from the defaults of the question before
		if err := os.WriteFile(filepath.Join(dir, strconv.Itoa(i)), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for next := 0; next < len(questions); runs++ {
		args := []string{"-c"}
		for i := next; i < len(questions); i++ {
			args = append(args, "-f", filepath.Join(dir, strconv.Itoa(i)))
		}
		said := complaints(args)
		for ; next < len(questions); next++ {
			says[next] = said[place{next, 3}]
			if said[place{next, 4}] == "" {
				next++
				break
			}
		}
	}
	t.Logf("%d lines, HAProxy run %d times", len(questions), runs)
	return says
}

// tooMany is how HAProxy names the last word that it keeps of a line.
var tooMany = regexp.MustCompile(`(?s)^too many words, truncating after word 64, position \d+: <(.*)>\.\n$`)

// fill puts so many words in front of a line.
func fill(n int, line string) string { return strings.Repeat("x ", max(n, 0)) + line }

// claim is what the reader makes of a line, and the questions that hold it.
type claim struct {
	line  string
	s     *splitter
	alone int   // the line by itself
	words []int // each word as the last one that is kept
	whole int   // the line with the words that it may have at most
	more  int   // with one more
}

// claimOf asks whether HAProxy reads a line as the reader does. The line is one
// that does not begin with a blank or a bracket.
func claimOf(a *asked, line string) claim {
	c := claim{line: line, s: split(line, envOf(daemonEnv()))}
	if c.s.fault != nil || len(c.s.pieces) == 0 {
		c.alone = a.add(line)
		return c
	}
	longer := line[:c.s.pos] + "\ty"
	if c.s.comment >= 0 {
		longer += " " + line[c.s.comment:]
	}
	for j := range c.s.pieces {
		c.words = append(c.words, a.add(fill(MaxWords-1-j, longer)))
	}
	c.whole = a.add(fill(MaxWords-c.s.count, line))
	c.more = a.add(fill(MaxWords-c.s.count+1, line))
	return c
}

// check says how HAProxy reads the line otherwise, "" if it does not.
func (c claim) check(a *asked) string {
	switch {
	case c.s.fault != nil:
		return c.checkFault(a.says[c.alone])
	case len(c.s.pieces) == 0:
		return a.says[c.alone]
	}
	for j, p := range c.s.pieces {
		m := tooMany.FindStringSubmatch(a.says[c.words[j]])
		if m == nil || m[1] != p.text {
			return fmt.Sprintf("word %d is %q, HAProxy says %q", j+1, p.text, a.says[c.words[j]])
		}
	}
	if tooMany.MatchString(a.says[c.whole]) || !tooMany.MatchString(a.says[c.more]) {
		return fmt.Sprintf("it has %d words, HAProxy says %q, with one more %q", c.s.count, a.says[c.whole], a.says[c.more])
	}
	return ""
}

// checkFault compares what is refused, and where.
func (c claim) checkFault(says string) string {
	for what, theirs := range map[string]string{
		"a quote that nothing closes":                          "unmatched quote",
		"a variable's name whose brace nothing closes":         "unmatched brace in environment variable name",
		"a character that no variable's name begins with":      "forbidden first char in environment variable name",
		"a variable that HAProxy does not have":                "forbidden first char in environment variable name",
		`\x without two hexadecimal digits`:                    "truncated or invalid hexadecimal sequence",
		"[ behind a variable's name that is not [*]":           "truncated or invalid word expansion sequence",
		"more than 64 words, blanks at the end counted as one": "too many words, truncating after word 64",
	} {
		if c.s.fault.what != what {
			continue
		}
		at := fmt.Sprintf("%s at position %d:", theirs, c.s.fault.at+1)
		if strings.HasPrefix(says, at) || strings.HasPrefix(theirs, "too many") && strings.HasPrefix(says, theirs) {
			return ""
		}
	}
	return fmt.Sprintf("%q at %d, HAProxy says %q", c.s.fault.what, c.s.fault.at, says)
}
