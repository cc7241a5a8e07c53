package report

import (
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"

	"github.com/lbgen/lbgen/internal/diag"
)

// Rule is what a format tells of the rules that may have found something.
type Rule struct {
	ID, Name, Title, Text string
	Severity              diag.Severity
}

// The parts of a SARIF 2.1.0 log that are used (OASIS, sarif-v2.1.0).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID     string      `json:"id"`
		Name   string      `json:"name,omitempty"`
		Short  *sarifText  `json:"shortDescription,omitempty"`
		Full   *sarifText  `json:"fullDescription,omitempty"`
		Config sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Related   []sarifLocation `json:"relatedLocations,omitempty"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	sarifLocation struct {
		ID       int           `json:"id,omitempty"`
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifRegion `json:"deletedRegion"`
		Inserted sarifText   `json:"insertedContent"`
	}
)

// SARIF prints the findings as a SARIF 2.1.0 log, which code scanning services
// read. Columns count characters.
func SARIF(w io.Writer, l diag.List, rules []Rule) error {
	run := sarifRun{Tool: sarifTool{sarifDriver{Name: "lbgen", Rules: []sarifRule{}}}, ColumnKind: "unicodeCodePoints",
		Results: []sarifResult{}}
	for _, r := range rules {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{
			ID: r.ID, Name: r.Name, Short: &sarifText{r.Title}, Full: &sarifText{r.Text}, Config: sarifConfig{sarifLevel(r.Severity)},
		})
	}
	for _, d := range l {
		run.Results = append(run.Results, sarifOf(d))
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func sarifOf(d diag.Diagnostic) sarifResult {
	r := sarifResult{RuleID: d.Code, Level: sarifLevel(d.Severity), Message: sarifText{message(d)}}
	if d.Subject.File != "" {
		r.Locations = []sarifLocation{{Physical: physical(d.Subject)}}
	}
	for i, rel := range d.Related {
		if rel.Range.File != "" {
			r.Related = append(r.Related, sarifLocation{ID: i + 1, Physical: physical(rel.Range), Message: &sarifText{rel.Message}})
		}
	}
	if d.Fix != nil {
		fix := sarifFix{Description: sarifText{d.Fix.Title}}
		for _, e := range d.Fix.Edits {
			fix.Changes = append(fix.Changes, sarifChange{artifact(e.Range), []sarifReplacement{{*region(e.Range), sarifText{e.New}}}})
		}
		r.Fixes = []sarifFix{fix}
	}
	return r
}

// message is what is wrong and what to do, for formats that have one text.
func message(d diag.Diagnostic) string {
	if d.Detail == "" {
		return d.Summary
	}
	return d.Summary + "\n" + d.Detail
}

func sarifLevel(s diag.Severity) string {
	if s == diag.Info {
		return "note"
	}
	return s.String()
}

func physical(r diag.Range) sarifPhysical { return sarifPhysical{artifact(r), region(r)} }

// artifact is the file as a relative reference; a service knows it from the
// folder that it was run in.
func artifact(r diag.Range) sarifArtifact {
	place := url.URL{Path: filepath.ToSlash(filepath.Clean(r.File))}
	return sarifArtifact{place.String()}
}

func region(r diag.Range) *sarifRegion {
	if r.Start.Line == 0 {
		return nil
	}
	return &sarifRegion{r.Start.Line, r.Start.Column, r.End.Line, r.End.Column}
}
