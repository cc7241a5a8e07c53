package check

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/proc"
)

// finding is one complaint of a checker.
type finding struct {
	file     string // as the checker names it: an absolute path in its sandbox, or a path within the set
	line     int    // from 1; 0 where it names none
	severity diag.Severity
	message  string // in the checker's own words
}

// diagnose turns findings into diagnostics: each tied to a file of the set and,
// where the checker named no line, to the line that its words point at.
func diagnose(set artifact.Set, name string, mine []artifact.File, mask masker, found []finding) diag.List {
	var list diag.List
	for _, f := range found {
		file, known := set.File(strings.TrimPrefix(f.file, "/"))
		switch {
		case !known:
			file, f.line = place(mine, f.message)
		case f.line == 0:
			f.line = lineOf(file.Data, f.message)
		default:
			f.line = misplaced(file.Data, f.line, f.message)
		}
		d := diag.Diagnostic{
			Severity: f.severity,
			Code:     "check-" + name,
			Summary:  name + ": " + mask.text(f.message),
			Related: []diag.Related{{
				Message: "in the generated file",
				Range:   diag.Range{File: path.Join(set.Node, file.Path), Start: diag.Pos{Line: f.line}},
			}},
		}
		if f.line > 0 {
			d.Path, d.Related[0].Text = diag.Path(file.Origin(f.line)), file.Line(f.line)
		}
		if !slices.ContainsFunc(list, func(seen diag.Diagnostic) bool { return same(seen, d) }) {
			list = append(list, d)
		}
	}
	return list
}

// same says whether two diagnostics say the same of the same line: Keepalived
// reads its file three times, and complains each time.
func same(a, b diag.Diagnostic) bool {
	return a.Severity == b.Severity && a.Summary == b.Summary && a.Related[0] == b.Related[0]
}

// place returns the file and line that a message without any position is most
// likely about, and the first file with line 0 where nothing in it tells.
func place(files []artifact.File, message string) (artifact.File, int) {
	for _, f := range files {
		if line := lineOf(f.Data, message); line > 0 {
			return f, line
		}
	}
	return files[0], 0
}

var (
	// quotedName finds what a message names: backend 'app', "main", (VI_1),
	// script chk. The word before it says what kind of thing it is.
	quotedName = lazy(`(?:(\w+) )?(?:'([^']+)'|"([^"]+)"|\(([\w.:-]+)\))|script ([\w.:-]+)`)
	// serverName is how HAProxy names a server: 'server app/web01'.
	serverName = lazy(`^(\w+ )?[\w.:-]+/([\w.:-]+)$`)
	// codedName finds what firewalld complains of: INVALID_PORT: 99999.
	codedName = lazy(`\b[A-Z]+_[A-Z_]+: (.+)$`)
	pathName  = lazy(`(?:^|[\s'"(\[])(/[\w.+@/-]+\w)`)
)

// names returns the names that stand in a message, and what may have been
// written where they were given: "backend app" for backend 'app'.
func names(message string) []string {
	var list []string
	for _, m := range quotedName().FindAllStringSubmatch(message, -1) {
		name := strings.Join(m[2:], "")
		if server := serverName().FindStringSubmatch(name); server != nil {
			name = server[1] + server[2]
		}
		list = append(list, name)
		if m[1] != "" {
			list = append(list, m[1]+" "+name)
		}
	}
	if m := codedName().FindStringSubmatch(message); m != nil {
		for _, word := range strings.Fields(m[1]) {
			list = append(list, strings.Trim(word, `'":,.`))
		}
	}
	for _, m := range pathName().FindAllStringSubmatch(message, -1) {
		list = append(list, m[1])
	}
	return slices.DeleteFunc(list, func(name string) bool { return strings.Trim(name, `{}'" `) == "" }) // a brace is everywhere
}

// lineOf returns the line that a message without position is most likely
// about: the first that holds the rarest of the names in it, the later name where
// two are as rare, as messages go from the section to the word. 0: none is there.
func lineOf(data []byte, message string) int {
	best, fewest := 0, 0
	for _, name := range names(message) {
		first, count := linesWith(data, name)
		if count > 0 && (fewest == 0 || count <= fewest) {
			best, fewest = first, count
		}
	}
	return best
}

// linesWith returns the first line (from 1) that holds the word as a whole
// word, and how many do.
func linesWith(data []byte, word string) (first, count int) {
	whole := regexp.MustCompile(`(^|[^\w.-])` + regexp.QuoteMeta(word) + `($|[^\w-])`)
	line := 0
	for text := range bytes.Lines(data) {
		line++
		if !whole.Match(text) {
			continue
		}
		if count++; first == 0 {
			first = line
		}
	}
	return first, count
}

// orExit returns the findings, or where there are none although the program
// ended with another exit status than 0, one that says so with the last line
// that it printed. An error of any other kind is returned as it is.
func orExit(found []finding, out proc.Output, err error) ([]finding, error) {
	if err == nil || proc.Exited(err) && len(found) > 0 {
		return found, nil
	}
	if !proc.Exited(err) {
		return nil, err
	}
	text := strings.TrimSpace(string(out.Stdout) + "\n" + string(out.Stderr))
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return []finding{{message: "exit status " + strconv.Itoa(out.ExitCode) + ": " + last}}, nil
}

// lines returns the lines of a program's output without trailing blanks.
func lines(text []byte) []string {
	var list []string
	for line := range strings.Lines(string(text)) {
		list = append(list, strings.TrimRight(line, " \t\r\n"))
	}
	return list
}

// number reads the digits that a regular expression has matched.
func number(digits string) int {
	n, _ := strconv.Atoi(digits) // what is too large for an int is no line number
	return n
}
