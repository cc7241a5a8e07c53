package report

import (
	"cmp"
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Skipped  int    `xml:"skipped,attr,omitempty"`
		// Properties say what the tests ran with.
		Properties *junitProperties `xml:"properties"`
		Cases      []junitCase      `xml:"testcase"`
	}
	junitProperties struct {
		All []junitProperty `xml:"property"`
	}
	junitProperty struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		File    string        `xml:"file,attr,omitempty"`
		Line    int           `xml:"line,attr,omitempty"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Skipped *junitSkipped `xml:"skipped,omitempty"`
	}
	junitSkipped struct {
		Message string `xml:"message,attr"`
	}
	junitFailure struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// JUnit prints a test suite for each of the files, with a failed test for each
// finding, or one that has passed where there is none: what CI servers show as
// test results.
func JUnit(w io.Writer, files []string, l diag.List) error {
	all := junitSuites{}
	for _, file := range files {
		suite := junitSuite{Name: printable(file)}
		for _, d := range l {
			if d.Subject.File == file {
				suite.add(failed(d))
			}
		}
		if suite.Tests == 0 {
			suite.add(junitCase{Class: printable(file), Name: "lbgen lint", File: printable(file)})
		}
		all.add(suite)
	}
	elsewhere := junitSuite{Name: "lbgen lint"}
	for _, d := range l {
		if !slices.Contains(files, d.Subject.File) {
			elsewhere.add(failed(d))
		}
	}
	if elsewhere.Tests > 0 {
		all.add(elsewhere)
	}
	return writeJUnit(w, all)
}

func writeJUnit(w io.Writer, all junitSuites) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func failed(d diag.Diagnostic) junitCase {
	name := title(d)
	if place := d.Subject.String(); place != "" {
		name += " at " + place
	}
	return junitCase{
		Class: printable(cmp.Or(d.Subject.File, "lbgen lint")), Name: printable(name), File: printable(d.Subject.File),
		Line:    d.Subject.Start.Line,
		Failure: &junitFailure{Type: d.Severity.String(), Message: printable(d.Summary), Text: printableLines(d.Detail)},
	}
}

// printableLines is printable, line by line.
func printableLines(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = printable(line)
	}
	return strings.Join(lines, "\n")
}

func (s *junitSuite) property(name, value string) {
	if s.Properties == nil {
		s.Properties = &junitProperties{}
	}
	s.Properties.All = append(s.Properties.All, junitProperty{name, value})
}

func (s *junitSuite) add(c junitCase) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	if c.Failure != nil {
		s.Failures++
	}
	if c.Skipped != nil {
		s.Skipped++
	}
}

func (s *junitSuites) add(suite junitSuite) {
	s.Suites = append(s.Suites, suite)
	s.Tests += suite.Tests
	s.Failures += suite.Failures
}
