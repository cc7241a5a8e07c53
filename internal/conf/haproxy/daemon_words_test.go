package haproxy

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/mistakes"
)

// generated is how many lines are made up, seed what they are made of.
const generated, seed = 5000, 20261129

// parts are what made-up lines consist of.
func parts() []string {
	return []string{
		"a", "b1", "server", "x", "-", "é", "語", "\xff", "\x01", "\x7f", ",", ":", "%[src]", "{", "}", "(", ")", "[", "]", "*", "=", "@", "!",
		" ", " ", " ", "  ", "\t", "\v", "\f", "\r", " \r", `"`, `"`, `"`, `'`, `'`, `'`, "#", "#", ` # x "y`, `""`, `''`, `"" `, `'' `,
		`\`, `\\`, `\ `, `\#`, `\'`, `\"`, `\n`, `\r`, `\t`, `\$`, `\x41`, `\x`, `\xg1`, `\x2`, `\x20`, `\x00`, `\0`, `\1`, `\é`,
		"$", "$A", "$B_2", "$EMPTY", "$NONE", "$1", "$lower", "${A}", "${B_2}", "${B_2[*]}", "${N[*]}", "${EMPTY[*]}", "${NONE}", "${NONE[*]}",
		"${NONE-}", "${NONE-d e}", "${A-d}",
		"${NONE[*]-d e}", "${A", "${", "${}", "${A[}", "${A[*}", "$A[*]", "${A[*]", "${A+b}", "$Q", "${Q}", `"$A"`, `"${N[*]}"`, `"${NONE-x}"`,
		`'$A'`, "${.LINE", "$.FOO", "$.",
		"\u00a0", "“", "no", "default", "option", "if TRUE",
	}
}

// madeUp returns lines of a few parts each.
func madeUp(n int) []string {
	r := rand.New(rand.NewPCG(seed, seed))
	pool := parts()
	lines := make([]string, n)
	for i := range lines {
		var b strings.Builder
		b.WriteString([]string{"w", "w ", "ab "}[r.IntN(3)]) // no blank, dot or bracket first: those have tests of their own
		for range 1 + r.IntN(14) {
			b.WriteString(pool[r.IntN(len(pool))])
		}
		lines[i] = b.String()
	}
	for k := 60; k <= 66; k++ { // about as many words as a line may have
		line := strings.TrimSpace(strings.Repeat("w ", k))
		lines = append(lines, line, line+" ", line+"#", line+" #", line+"\r", line+" \r", line+` ""`)
	}
	return lines
}

// TestReadsWhatHAProxyReads asks a real HAProxy for the words of many lines.
func TestReadsWhatHAProxyReads(t *testing.T) {
	made := madeUp(generated)
	t.Logf("seed %d, %d lines made up", seed, len(made))
	for name, lines := range map[string][]string{"made up": made, "golden": goldenLines(t), "mistakes": mistakeLines(t)} {
		t.Run(name, func(t *testing.T) { readsAlike(t, lines) })
	}
}

// readsAlike wants HAProxy and the reader to see the same words in each line.
func readsAlike(t *testing.T, lines []string) {
	t.Helper()
	a := &asked{}
	claims := make([]claim, len(lines))
	for i, line := range lines {
		claims[i] = claimOf(a, line)
	}
	a.run(t)
	words, faults := 0, 0
	for _, c := range claims {
		if fault := c.check(a); fault != "" {
			t.Errorf("%q: %s", c.line, fault)
		}
		words += len(c.s.pieces)
		if c.s.fault != nil {
			faults++
		}
	}
	t.Logf("%d lines, %d words, %d refused lines, %d questions", len(lines), words, faults, len(a.lines))
}

// goldenFiles are all haproxy.cfg in the golden trees.
func goldenFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir("../../../testdata/golden", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "haproxy.cfg" && !d.IsDir() {
			files = append(files, path)
		}
		return err
	})
	if err != nil || len(files) < 40 {
		t.Fatalf("%d golden files (%v)", len(files), err)
	}
	return files
}

// goldenLines are the different lines of all haproxy.cfg in the golden trees.
func goldenLines(t *testing.T) []string {
	t.Helper()
	var texts []string
	for _, name := range goldenFiles(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(data))
	}
	return differentLines(texts)
}

// mistakeLines are the lines that the mistakes' fragments hold: of raw fields, and
// of what they want to see rendered.
func mistakeLines(t *testing.T) []string {
	t.Helper()
	var texts []string
	block := regexp.MustCompile(`(?m)raw: §?(?:\|\n((?:\s+.*\n)+)|(.*)$)`)
	for _, row := range mistakes.All() {
		if strings.HasSuffix(row.File, "haproxy.cfg") {
			texts = append(texts, strings.Join(row.Has, "\n"), row.HasNot)
		}
		for _, m := range block.FindAllStringSubmatch(strings.ReplaceAll(row.Fragment, "§", ""), -1) {
			texts = append(texts, m[1], m[2])
		}
	}
	lines := differentLines(texts)
	if len(lines) < 40 {
		t.Fatalf("only %d lines: are the fragments written otherwise now?", len(lines))
	}
	return lines
}

func differentLines(texts []string) []string {
	var lines []string
	seen := map[string]bool{}
	for _, text := range texts {
		for line := range strings.SplitSeq(text, "\n") {
			if line = strings.TrimLeft(line, " \t"); line != "" && !seen[line] {
				seen[line] = true
				lines = append(lines, line)
			}
		}
	}
	return lines
}
