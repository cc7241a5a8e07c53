package report_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/report"
)

// junit is what CI servers read of a JUnit file: Jenkins' plugin and GitLab
// show a suite's cases, and take a case with a failure for failed.
type junit struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Suites   []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Cases    []struct {
			Class    string `xml:"classname,attr"`
			Name     string `xml:"name,attr"`
			File     string `xml:"file,attr"`
			Line     int    `xml:"line,attr"`
			Failures []struct {
				Type    string `xml:"type,attr"`
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func TestJUnit(t *testing.T) {
	found := diag.List{
		{Code: "a", Name: "rule-a", Summary: "5 < 6 & \"so\"", Detail: "line one\nline two ]]> <x>", Subject: at("one.yaml", 3, 4, 5)},
		{Code: "b", Severity: diag.Warning, Summary: "steering \x1b[31m \x00 \ufffe", Subject: at("one.yaml", 4, 1, 2)},
		{Code: "c", Severity: diag.Info, Summary: "in another", Subject: at("größe & \"2\".yaml", 1, 1, 2)},
	}
	var b bytes.Buffer
	if err := report.JUnit(&b, []string{"one.yaml", "größe & \"2\".yaml", "clean.yaml"}, found); err != nil {
		t.Fatal(err)
	}
	var got junit
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, b.String())
	}
	if got.Tests != 4 || got.Failures != 3 || len(got.Suites) != 3 {
		t.Fatalf("%d tests, %d failures, %d suites", got.Tests, got.Failures, len(got.Suites))
	}
	for i, want := range []struct{ name, tests, failures any }{{"one.yaml", 2, 2}, {"größe & \"2\".yaml", 1, 1}, {"clean.yaml", 1, 0}} {
		s := got.Suites[i]
		failures := 0
		for _, c := range s.Cases {
			failures += len(c.Failures)
			if c.Class != want.name || c.File != want.name || c.Name == "" {
				t.Errorf("case %+v in the suite of %s", c, want.name)
			}
		}
		if s.Name != want.name || s.Tests != want.tests || s.Failures != want.failures || len(s.Cases) != s.Tests || failures != s.Failures {
			t.Errorf("suite %d: %+v", i, s)
		}
	}
	first := got.Suites[0].Cases[0]
	if first.Name != "a rule-a at one.yaml:3:4" || first.Line != 3 || first.Failures[0].Type != "error" ||
		first.Failures[0].Message != `5 < 6 & "so"` {
		t.Errorf("first case: %+v", first)
	}
	if text := first.Failures[0].Text; text != "line one\nline two ]]> <x>" {
		t.Errorf("its text: %q", text)
	}
}

// TestJUnitCounts wants each finding counted once, whatever its place.
func TestJUnitCounts(t *testing.T) {
	var b bytes.Buffer
	all := everything()
	if err := report.JUnit(&b, []string{"site.yaml"}, all); err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(b.Bytes()) {
		t.Error("not UTF-8")
	}
	var got junit
	if err := xml.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Failures != len(all) || strings.Count(b.String(), "<failure ") != len(all) {
		t.Errorf("%d failures of %d", got.Failures, len(all))
	}
}

// TestGitHub reads the commands as the runner does: a line each, properties
// parted by commas, the escapes of its toolkit (actions/toolkit, command.ts).
func TestGitHub(t *testing.T) {
	for _, c := range []struct {
		finding diag.Diagnostic
		want    string
	}{
		{diag.Diagnostic{Code: "plain", Summary: "words", Subject: at("a.yaml", 2, 3, 5)},
			"::error file=a.yaml,line=2,endLine=2,col=3,endColumn=5,title=plain::words"},
		{diag.Diagnostic{Code: "LB1", Name: "rule", Severity: diag.Warning, Summary: "50% of it, a: b", Detail: "and\r\nmore ::error::x",
			Subject: at("a.yaml", 2, 3, 5)},
			"::warning file=a.yaml,line=2,endLine=2,col=3,endColumn=5,title=LB1 rule::50%25 of it, a: b%0Aand%0D%0Amore ::error::x"},
		{diag.Diagnostic{Code: "odd", Severity: diag.Info, Summary: "x", Subject: at("C:/a,b\n50%/größe.yaml", 1, 1, 2)},
			"::notice file=C%3A/a%2Cb%0A50%25/größe.yaml,line=1,endLine=1,col=1,endColumn=2,title=odd::x"},
		{diag.Diagnostic{Code: "lines", Summary: "x", Subject: diag.Range{File: "a.yaml", Start: diag.Pos{Line: 2, Column: 3},
			End: diag.Pos{Line: 4, Column: 1}}},
			"::error file=a.yaml,line=2,endLine=4,title=lines::x"},
		{diag.Diagnostic{Code: "line", Summary: "x", Subject: diag.Range{File: "a.yaml", Start: diag.Pos{Line: 2}}},
			"::error file=a.yaml,line=2,endLine=2,title=line::x"},
		{diag.Diagnostic{Code: "file", Summary: "x", Subject: diag.Range{File: "a.yaml"}}, "::error file=a.yaml,title=file::x"},
		{diag.Diagnostic{Code: "none", Summary: "x"}, "::error title=none::x"},
	} {
		var b bytes.Buffer
		if err := report.GitHub(&b, diag.List{c.finding}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want+"\n", b.String()); diff != "" {
			t.Error(diff)
		}
	}
}
