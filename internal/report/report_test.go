package report_test

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/source"
)

var update = flag.Bool("update", false, "write what the reader sees anew")

// site is a text with what makes carets hard: tabs, wide and combining
// characters, and a line that is too long to be shown.
var site = "version: 1\n" +
	"größe: grün\n" +
	"name: 日本語 and more\n" +
	"tabs: {a: \"\tb\t\", c: d}\n" +
	"long: [" + strings.Repeat("aaaa, ", 40) + "here, " + strings.Repeat("bbbb, ", 40) + "end]\n" +
	"auth_pass: hunter2\n"

func findings(file string) diag.List {
	at := func(line, from, to int) diag.Range {
		return diag.Range{File: file, Start: diag.Pos{Line: line, Column: from}, End: diag.Pos{Line: line, Column: to}}
	}
	return diag.List{
		{Code: "plain", Summary: "the first line", Detail: "expected: something else\nand a second line of it", Subject: at(1, 10, 11),
			Path: "version"},
		{Code: "umlaut", Summary: "behind narrow characters", Subject: at(2, 8, 12)},
		{Code: "wide", Summary: "wide characters", Subject: at(3, 7, 10), Severity: diag.Warning},
		{Code: "behind-wide", Summary: "behind wide characters", Subject: at(3, 15, 19), Severity: diag.Info},
		{Code: "behind-tabs", Summary: "behind tabs", Subject: at(4, 17, 18)},
		{Code: "long-start", Summary: "the start of a long line", Subject: at(5, 1, 5)},
		{Code: "long-middle", Summary: "the middle of a long line", Subject: at(5, 248, 252)},
		{Code: "long-end", Summary: "the end of a long line", Subject: at(5, 494, 497)},
		{Code: "long-all", Summary: "all of a long line", Subject: at(5, 7, 498)},
		{Code: "behind-end", Summary: "behind the end of the line", Subject: at(1, 11, 12)},
		{Code: "secret", Summary: "a password", Subject: at(6, 12, 19)},
		{Code: "related", Summary: "two places", Subject: at(2, 1, 6), Related: []diag.Related{
			{Message: "the first is here", Range: at(1, 1, 8)},
			{Message: "the generated line", Range: diag.Range{File: "haproxy.cfg", Start: diag.Pos{Line: 42}}, Text: "    bind 10.0.0.1:80"},
			{Message: "and there", Range: diag.Range{File: "elsewhere"}},
		}},
		{Code: "steering", Summary: "escape \x1b[31m and \u202e in a summary", Subject: at(1, 1, 2)},
		{Code: "no-line", Summary: "a place without a line", Subject: diag.Range{File: file}},
		{Code: "no-place", Summary: "no place at all"},
	}
}

func TestText(t *testing.T) {
	src, found := source.Parse("site.yaml", []byte(site))
	if len(found) > 0 {
		t.Fatal(found)
	}
	for name, color := range map[string]bool{"text.txt": false, "color.txt": true} {
		var b bytes.Buffer
		if err := report.Text(&b, findings("site.yaml"), report.Sources{"site.yaml": src}, color); err != nil {
			t.Fatal(err)
		}
		golden(t, name, strings.ReplaceAll(b.String(), "\x1b", "ESC"))
		if !color && strings.Contains(b.String(), "\x1b") {
			t.Error("colour where none is wanted")
		}
	}
}

func TestJSON(t *testing.T) {
	var b bytes.Buffer
	if err := report.JSON(&b, findings("site.yaml"), report.Member{Name: "checkers", Value: []string{}}); err != nil {
		t.Fatal(err)
	}
	golden(t, "json.txt", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Error(diff)
	}
}
