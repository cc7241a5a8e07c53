package report

import (
	"fmt"
	"io"

	"github.com/lbgen/lbgen/internal/diag"
)

// TestSuite is the tests of one file.
type TestSuite struct {
	File  string
	Cases []TestCase
	// Reached of Routes routes are reached by the tests.
	Reached, Routes int
}

// TestCase is one test, and why it has not passed.
type TestCase struct {
	Name    string
	At      diag.Range
	Failure *diag.Diagnostic // nil: it has passed
}

// TestsJUnit prints a test suite for each file, and in it a test for each test.
func TestsJUnit(w io.Writer, suites []TestSuite) error {
	all := junitSuites{}
	for _, s := range suites {
		suite := junitSuite{Name: printable(s.File)}
		suite.property("routes", fmt.Sprint(s.Routes))
		suite.property("routes reached", fmt.Sprint(s.Reached))
		for _, c := range s.Cases {
			one := junitCase{Class: printable(s.File), Name: printable(c.Name), File: printable(c.At.File), Line: c.At.Start.Line}
			if c.Failure != nil {
				one.Failure = failed(*c.Failure).Failure
			}
			suite.add(one)
		}
		all.add(suite)
	}
	return writeJUnit(w, all)
}
