package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/cli"
)

// step is a command of a page, and what the page shows that it prints.
type step struct {
	page, command, prints string
}

// pages are the files whose commands a reader types, and the help of each command.
func pages(t *testing.T) []string {
	t.Helper()
	all := []string{"../../README.md", "../../CONTRIBUTING.md"}
	for _, pattern := range []string{"../../docs/*.md", "../../docs/cli/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) < 20 {
			t.Fatal(found, err)
		}
		all = append(all, found...)
	}
	return all
}

// recordings are the fenced pieces of a page that are typed into a shell: one list of
// commands each. Where a command begins with $, what it prints stands below; what
// one that is alone prints may be the piece that follows at once.
func recordings(t *testing.T, page string) [][]step {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var all [][]step
	typed := regexp.MustCompile(`^(?:sudo )?(?:lbgen|sh|go|make|cd) `)
	last, end := []step(nil), 0 // the piece before, and where it ended
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```").FindAllSubmatchIndex(text, -1) {
		language, piece := string(text[m[2]:m[3]]), strings.ReplaceAll(string(text[m[4]:m[5]]), "\\\n", " ")
		if last != nil && language == "" && strings.TrimSpace(string(text[end:m[0]])) == "" {
			last[0].prints, last = piece, nil
			continue
		}
		shell, prompt := language == "sh" || language == "console", strings.HasPrefix(piece, "$ ")
		usage := strings.Contains(page, "/cli/") && !strings.HasPrefix(piece, "  ") // examples are indented
		if usage || !shell && (language != "" || !prompt && !typed.MatchString(strings.TrimSpace(piece))) || strings.HasPrefix(piece, "#!") {
			continue // another language; or a script, which is no command
		}
		var steps []step
		for line := range strings.Lines(piece) {
			command, isCommand := strings.CutPrefix(line, "$ ")
			switch {
			case isCommand || !prompt && strings.TrimSpace(line) != "":
				command, _, _ = strings.Cut(command, " # ")
				steps = append(steps, step{filepath.Base(page), strings.Join(strings.Fields(command), " "), ""})
			case len(steps) > 0:
				steps[len(steps)-1].prints += line
			}
		}
		all = append(all, steps)
		last, end = nil, m[1]
		if !prompt && len(steps) == 1 {
			last = steps
		}
	}
	return all
}

// TestCommandsOfPages runs the commands of every page, each piece of a page in a folder of
// its own, or holds them against the list of those that no test of the pages can run, with
// the reason. What is shown of their output is what they print; … stands for the rest.
func TestCommandsOfPages(t *testing.T) {
	held, ran, used := notRun(), 0, map[string]bool{}
	for _, page := range pages(t) {
		for n, steps := range recordings(t, page) {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(page), n+1), func(t *testing.T) {
				inPageFolder(t)
				for _, s := range steps {
					parses(t, s.command)
					if rule := whyNot(held, s.command); rule != "" {
						used[rule] = true
						continue
					}
					ran++
					runStep(t, s)
				}
			})
		}
	}
	if ran < 80 {
		t.Errorf("only %d commands were run", ran)
	}
	for rule := range maps.Keys(held) {
		if !used[rule] {
			t.Errorf("no page has a command like %s any more", rule)
		}
	}
}

// inPageFolder goes into a folder with all that the pages speak of: a site and one that is to
// take its place, several sites, a pair that runs, what has been rendered, the examples.
func inPageFolder(t *testing.T) {
	t.Helper()
	site, err := os.ReadFile("testdata/pages/site.yaml")
	if err != nil {
		t.Fatal(err)
	}
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	if err := os.CopyFS("examples", os.DirFS(examples)); err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(site), "10.0.0.22", "10.0.0.23")
	other := strings.NewReplacer("site: shop", "site: prslb", "name: prslb", "name: lb", "10.0.0.", "10.1.0.", "router_id: 10",
		"router_id: 11").Replace(string(site))
	for name, text := range map[string]string{
		"docs/keep": "", "site.yaml": string(site),
		"old.yaml": string(site), "new.yaml": changed, "sites/shop.yaml": string(site), "sites/prslb.yaml": other,
		"fullchain.pem": "a certificate\n", "privkey.pem": "a key\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	renderTo(t, "site.yaml", "out")
	renderTo(t, "site.yaml", "pair")
}

// runStep runs a command as a shell does, and looks at its exit status and output.
func runStep(t *testing.T, s step) {
	t.Helper()
	command := strings.Replace(s.command, "go run ./cmd/lbgen", "lbgen", 1)
	for _, made := range []string{"site.yaml", "out"} {
		if strings.HasPrefix(command, "lbgen init ") || made == "out" && strings.HasPrefix(command, "lbgen render examples/") {
			if err := os.RemoveAll(made); err != nil { // the reader has none yet
				t.Fatal(err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // one that waits for somebody belongs on the list
	defer cancel()
	cmd := exec.CommandContext(ctx, "sh", "-ec", command)
	cmd.Env = append(os.Environ(), "NO_COLOR=1")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	differs := regexp.MustCompile("^lbgen (diff|plan|adopt --platform) ").MatchString(command)
	if code := cmd.ProcessState.ExitCode(); code != cli.ExitOK && (code != cli.ExitFindings || !differs) {
		t.Errorf("%s: %s: %v\n%s", s.page, s.command, err, out.Bytes())
	}
	if !shows(s.prints, out.String()) {
		t.Errorf("%s: %s prints\n%s\nwhich the page shows as\n%s", s.page, s.command, out.String(), s.prints)
	}
}

// shows says whether a page's piece is what a command printed. A line with … stands for any.
func shows(piece, printed string) bool {
	if strings.TrimSpace(piece) == "" {
		return true
	}
	quoted := regexp.QuoteMeta(strings.TrimRight(piece, "\n"))
	return regexp.MustCompile(`(?s)\A` + strings.ReplaceAll(quoted, "…", ".*") + `\n*\z`).MatchString(printed)
}

// whyNot returns the rule of the list that holds a command, "" for one that is run.
func whyNot(held map[string]string, command string) string {
	for _, rule := range slices.Sorted(maps.Keys(held)) {
		if regexp.MustCompile("^(?:" + rule + ")$").MatchString(command) {
			return rule
		}
	}
	return ""
}

// TestCommandsInSentences: what the text itself, and pieces in other languages, call lbgen
// with, is understood by the commands.
func TestCommandsInSentences(t *testing.T) {
	seen := 0
	var texts [][]byte
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	inPageFolder(t)
	calls := regexp.MustCompile("`(lbgen [^`]+)`|(?m)(?:- |'|&& )(lbgen [^'`\n]+)|(lbgen@latest [^'`\n]+)")
	for _, text := range texts {
		for _, m := range calls.FindAllSubmatch(text, -1) {
			command := strings.Replace(string(slices.Concat(m[1], m[2], m[3])), "lbgen@latest", "lbgen", 1)
			seen++
			parses(t, command)
		}
	}
	if seen < 60 {
		t.Errorf("only %d calls were found", seen)
	}
}

// parses holds each call of lbgen in a line of shell against the tree of commands: there is
// such a command, it has these flags, and takes these arguments.
func parses(t *testing.T, line string) {
	t.Helper()
	for _, part := range regexp.MustCompile(`\s*(?:\|\|?|&&|;)\s*`).Split(line, -1) {
		part, _, _ = strings.Cut(part, ">")
		part, _, _ = strings.Cut(part, "<")
		words := shellWords(part)
		at := slices.IndexFunc(words, func(w string) bool { return w == "lbgen" || w == "./cmd/lbgen" })
		if at < 0 || at+1 == len(words) {
			continue
		}
		if err := understood(words[at+1:]); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}

// understood parses a command line as cobra does when it runs one.
func understood(words []string) error {
	root := cli.Command(cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard,
		Getenv: func(string) (string, bool) { return "", false }})
	command, rest, err := root.Find(words)
	if err != nil {
		return err
	}
	if command == root && len(rest) > 0 && !strings.HasPrefix(rest[0], "-") {
		return fmt.Errorf("there is no command %q", rest[0])
	}
	switch err := command.ParseFlags(rest); {
	case err != nil && strings.HasPrefix(err.Error(), "flag needs an argument: "+rest[len(rest)-1]):
		return nil // a sentence names the flag alone
	case err != nil:
		return err
	}
	if args := command.Flags().Args(); len(args) > 0 { // a sentence names a command without its files
		return command.ValidateArgs(args)
	}
	return nil
}

// shellWords parts a line where a shell does; quotes keep words together.
func shellWords(line string) []string {
	var words []string
	for _, m := range regexp.MustCompile(`(?:'[^']*'|"[^"]*"|[^\s'"])+`).FindAllString(line, -1) {
		words = append(words, strings.NewReplacer("'", "", `"`, "").Replace(m))
	}
	return words
}

// TestEveryCommandHasAnExample, which TestCommandsOfPages runs.
func TestEveryCommandHasAnExample(t *testing.T) {
	var look func(c *cobra.Command)
	look = func(c *cobra.Command) {
		if c.Runnable() && !c.Hidden && c.Example == "" && !c.HasSubCommands() && c.Name() != "help" && c.Parent().Name() != "completion" {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			look(sub)
		}
	}
	look(cli.Command(cli.Streams{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}))
}
