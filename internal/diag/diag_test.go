package diag_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
)

func TestRangeString(t *testing.T) {
	for want, r := range map[string]diag.Range{
		"":         {},
		"f":        {File: "f"},
		"f:3":      {File: "f", Start: diag.Pos{Line: 3}},
		"f:3:7":    {File: "f", Start: diag.Pos{Line: 3, Column: 7}},
		"C:/f:3:7": {File: "C:/f", Start: diag.Pos{Line: 3, Column: 7}},
	} {
		if got := r.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestListSort(t *testing.T) {
	at := func(file string, line, column int) diag.Range {
		return diag.Range{File: file, Start: diag.Pos{Line: line, Column: column}}
	}
	l := diag.List{
		{Summary: "7", Subject: at("b", 1, 1)},
		{Summary: "6", Subject: at("a", 2, 1)},
		{Summary: "5", Subject: at("a", 1, 9)},
		{Summary: "4", Subject: at("a", 1, 2), Severity: diag.Warning},
		{Summary: "3", Subject: at("a", 1, 2), Code: "y"},
		{Summary: "2", Subject: at("a", 1, 2), Code: "x"},
		{Summary: "1", Subject: at("a", 1, 2), Code: "x"},
		{Summary: "0"},
	}
	l.Sort()
	for i, d := range l {
		if d.Summary != string(rune('0'+i)) {
			t.Errorf("at %d: %+v", i, d)
		}
	}
	if !l.HasErrors() || l.Count(diag.Warning) != 1 || l.Count(diag.Info) != 0 {
		t.Error("wrong count")
	}
	if (diag.List{{Severity: diag.Warning}}).HasErrors() {
		t.Error("a warning is no error")
	}
}
