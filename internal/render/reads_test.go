package render

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// mostWords is how many words of a line HAProxy keeps (MAX_LINE_ARGS in its
// defaults.h). The last of them is what it names when there are more.
const mostWords = 64

// atOnce is fewer lines than it takes HAProxy to give up on a file (50 errors).
const atOnce = 24

// haproxyReads has a real HAProxy say which words it makes of each line; nil
// where it makes no sense of it. It asks by putting so many words in front of
// a line and behind it that the one in question is the last that is kept, which
// the complaint then names.
func haproxyReads(t testing.TB, lines []string) [][]string {
	t.Helper()
	var fillers []string
	for i := 1; i <= mostWords; i++ {
		fillers = append(fillers, fmt.Sprintf("filler%d", i))
	}
	rest := " " + strings.Join(fillers, " ")
	var ask []string
	for _, line := range lines {
		ask = append(ask, line+rest)
	}
	counts := make([]int, len(lines))
	ask2, from := []string{}, []int{}
	for i, last := range lastWords(t, ask) {
		n, err := strconv.Atoi(strings.TrimPrefix(last, "filler"))
		if err != nil {
			counts[i] = -1
			continue
		}
		counts[i] = mostWords - n
		for j := 1; j <= counts[i]; j++ {
			ask2 = append(ask2, strings.Repeat("x ", mostWords-j)+line(lines[i])+rest)
			from = append(from, i)
		}
	}
	words := make([][]string, len(lines))
	for k, word := range lastWords(t, ask2) {
		words[from[k]] = append(words[from[k]], word)
	}
	return words
}

func line(text string) string { return strings.TrimLeft(text, " ") }

// lastWords returns of each line the last word that HAProxy keeps, "" where it
// does not say.
func lastWords(t testing.TB, lines []string) []string {
	t.Helper()
	complaint := regexp.MustCompile(`(?m)parsing \[[^\]]*/(\d+):(\d+)\]: too many words, truncating after word 64, position \d+: <(.*)>\.$`)
	words := make([]string, len(lines))
	for _, m := range complaint.FindAllStringSubmatch(haproxySays(t, lines), -1) {
		file, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		words[file*atOnce+n-1] = m[3]
	}
	return words
}

// linesEnd says whether HAProxy goes on after each of the lines with the next
// one: it is given a line that it does not know behind each.
func linesEnd(t testing.TB, lines []string) []bool {
	t.Helper()
	complaint := regexp.MustCompile(`(?m)parsing \[[^\]]*/(\d+):(\d+)\] ?: unknown keyword 'zzprobe'`)
	var ask []string
	for _, line := range lines {
		ask = append(ask, line, "zzprobe")
	}
	ends := make([]bool, len(lines))
	for _, m := range complaint.FindAllStringSubmatch(haproxySays(t, ask), -1) {
		file, _ := strconv.Atoi(m[1])
		n, _ := strconv.Atoi(m[2])
		ends[(file*atOnce+n-1)/2] = true
	}
	return ends
}

// haproxySays returns the complaints of `haproxy -c` about lines, in files that
// are numbered from 0.
func haproxySays(t testing.TB, lines []string) string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"-c"}
	for i := 0; i*atOnce < len(lines); i++ {
		some := lines[i*atOnce : min(len(lines), (i+1)*atOnce)]
		name := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(name, []byte(strings.Join(some, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-f", name)
	}
	out, _ := exec.Command("haproxy", args...).CombinedOutput() // it ends with 1, as it should
	return string(out)
}
