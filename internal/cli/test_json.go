package cli

import (
	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/routetest"
)

// testJSON is what became of one test.
type testJSON struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Request string `json:"request"`
	Outcome string `json:"outcome"` // passed, failed or undecided
	Wanted  string `json:"wanted"`
	Got     string `json:"got"`
	Why     string `json:"why,omitempty"`
	// By is the model path of what decides, and ByLine its line.
	By     string `json:"by,omitempty"`
	ByLine int    `json:"byLine,omitempty"`
}

// coverageJSON is how many routes of one site its tests reach.
type coverageJSON struct {
	Site    string         `json:"site"`
	Routes  int            `json:"routes"`
	Reached int            `json:"reached"`
	Percent int            `json:"percent"`
	Missed  []untestedJSON `json:"missed"`
}

type untestedJSON struct {
	Path   string `json:"path"`
	Action string `json:"action"`
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
}

func testMembers(results []tested) []report.Member {
	tests, coverage := []testJSON{}, []coverageJSON{}
	for i := range results {
		t := &results[i]
		for j := range t.Results {
			r := &t.Results[j]
			at := t.src.Range(r.Path)
			one := testJSON{File: at.File, Line: at.Start.Line, Request: r.Request.Text, Outcome: string(r.Outcome), Wanted: r.Wanted,
				Got: r.Got.String(), Why: r.Got.Why, By: string(r.Got.By)}
			if r.Got.By != "" {
				one.ByLine = t.src.Range(r.Got.By).Start.Line
			}
			tests = append(tests, one)
		}
		c := coverageJSON{Site: t.written.Site, Routes: len(t.Routes), Reached: t.Reached(), Missed: []untestedJSON{}}
		c.Percent = routetest.Percent(c.Reached, c.Routes)
		for _, r := range t.Routes {
			if r.Reached == 0 {
				at := t.src.Range(r.Path)
				c.Missed = append(c.Missed, untestedJSON{string(r.Path), r.Action, at.File, at.Start.Line})
			}
		}
		coverage = append(coverage, c)
	}
	return []report.Member{{Name: "tests", Value: tests}, {Name: "coverage", Value: coverage}}
}
