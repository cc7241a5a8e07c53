package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/cli"
)

// TestReadmeRecording runs the commands of the first screen, one after the other, and
// compares what they say. A line with … stands for the rest.
func TestReadmeRecording(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, found := bytes.Cut(text, []byte("```console\n"))
	recording, _, ended := strings.Cut(string(text), "```")
	if !found || !ended {
		t.Fatal("README.md has no recording")
	}
	t.Chdir(t.TempDir())
	steps := strings.Split(strings.ReplaceAll(recording, "\\\n", ""), "$ ")
	if len(steps) < 4 {
		t.Fatalf("%q", steps)
	}
	for _, step := range steps[1:] {
		command, want, _ := strings.Cut(step, "\n")
		var out bytes.Buffer
		code := cli.Run(t.Context(), strings.Fields(command)[1:], cli.Streams{
			In: strings.NewReader(""), Out: &out, Err: &out, Getenv: func(string) (string, bool) { return "", false },
		})
		got := out.String()
		if begin, cut := strings.CutSuffix(want, "…\n"); cut && strings.HasPrefix(got, begin) {
			got = want
		}
		if code != cli.ExitOK || got != want {
			t.Errorf("%s: exit code %d, got\n%s\nwant\n%s", command, code, got, want)
		}
	}
}

// TestReadmeNamesEveryPage: a page that nothing leads to is read by nobody.
func TestReadmeNamesEveryPage(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatal(pages, err)
	}
	for _, p := range pages {
		if link := "(docs/" + filepath.Base(p) + ")"; !strings.Contains(string(text), link) {
			t.Errorf("README.md has no link %s", link)
		}
	}
}
