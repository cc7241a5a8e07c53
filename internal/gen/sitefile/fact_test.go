package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// TestFactsNameFieldsOfTheModel: each field in the facts of haproxy.cfg is one of
// the model.
func TestFactsNameFieldsOfTheModel(t *testing.T) {
	possible := allPaths()
	for _, f := range haproxy.Facts() {
		for _, field := range f.Fields {
			if !slices.Contains(possible, field) {
				t.Errorf("%s: the model has no field %s", f.Name(), field)
			}
		}
	}
}

// factsMiss returns the fields that become lines of haproxy.cfg of which no keyword
// has a fact that names them.
func factsMiss(effects map[string]*effect) []string {
	var missing []string
	for _, path := range slices.Sorted(maps.Keys(effects)) {
		e, field := effects[path], strings.TrimSuffix(path, short)
		if field == "defaults.profile" {
			continue // many keywords: what other fields leave out
		}
		if e == nil || !strings.HasSuffix(e.file, "/haproxy.cfg") || strings.HasSuffix(field, ".raw") || len(e.lines) == 0 {
			continue
		}
		lines := e.lines
		if strings.Contains(field, ".when[].") {
			lines = append(lines, criteria()) // a long line may be shown without the word that looks
		}
		if !slices.ContainsFunc(lines, func(line string) bool { return knows(line, field) }) {
			missing = append(missing, path+" becomes "+e.lines[0])
		}
	}
	return missing
}

// criteria is a line with all that a condition may look at.
func criteria() string {
	var words []string
	for _, f := range haproxy.Facts() {
		if f.Of == "if" {
			words = append(words, f.Keyword)
		}
	}
	return strings.Join(words, " ")
}

// knows says whether a fact of one of a line's words names the field, or one that
// it is a part of. A line that is a comment says what it likes.
func knows(line, field string) bool {
	line = strings.NewReplacer("'", "", `"`, "", `\`, "").Replace(line) // a quote may be cut in two
	words := strings.Fields(line)
	if len(words) == 0 || words[0] == "#" {
		return len(words) > 0
	}
	facts := haproxy.Find(words[0])
	if d := haproxy.ReadLine(line); d != nil {
		facts = haproxy.Of(^haproxy.In(0), d)
	}
	for _, word := range words {
		name := strings.FieldsFunc(word, func(r rune) bool { return r == '(' || r == ',' })
		facts = append(facts, haproxy.Find("if … "+strings.Join(name[:min(1, len(name))], ""))...)
	}
	return slices.ContainsFunc(facts, func(f haproxy.Fact) bool {
		return slices.ContainsFunc(f.Fields, func(known string) bool { return within(field, known) || within(known, field) })
	})
}

// TestCoveragePageSaysWhatTheFactsSay: docs/coverage.md and the facts give one
// answer for each keyword of haproxy.cfg, with the same fields.
func TestCoveragePageSaysWhatTheFactsSay(t *testing.T) {
	looked := 0
	for _, r := range rows(t) {
		name := factName(r)
		if name == "" {
			continue
		}
		looked++
		facts := haproxy.Find(name)
		if !slices.ContainsFunc(facts, func(f haproxy.Fact) bool { return agrees(f, r) }) {
			var says []string
			for _, f := range facts {
				says = append(says, string(f.How)+" "+strings.Join(f.Fields, " "))
			}
			t.Errorf("%s is %s %q on the page, and %q in the facts", r.name, r.how, quoted(r.what), says)
		}
	}
	if looked < 140 {
		t.Errorf("only %d rows have facts", looked)
	}
}

func agrees(f haproxy.Fact, r row) bool {
	if r.how == "removed" {
		return f.Removed != ""
	}
	return string(f.How) == r.how && !slices.ContainsFunc(quoted(r.what), func(field string) bool {
		return !slices.ContainsFunc(f.Fields, func(known string) bool { return within(field, known) })
	})
}

// factName is the name of the fact of a row; "" where the row is about something
// else, such as a value of a keyword or what was removed before 2.4.
func factName(r row) string {
	line, word, parted := strings.Cut(r.name, ":")
	switch {
	case r.group == "directive" && !slices.Contains(strings.Fields("section-line reqadd clitimeout contimeout srvtimeout"),
		strings.Fields(r.name)[0]) && r.name != "option http-use-htx":
		name := strings.TrimSuffix(strings.TrimPrefix(r.name, "section "), " TARGET")
		return strings.NewReplacer("track-sc0", "track-sc", "redirect scheme", "redirect … scheme").Replace(name)
	case r.group == "criterion":
		return "if … " + r.name
	case r.group == "flag" && r.name[0] == '-':
		return "if … " + strings.Fields(r.name)[0]
	case r.group == "parameter" && parted && !strings.Contains(word, ":") && line != "mode" && line != "balance":
		return map[string]string{"stats-socket": "stats socket", "default-server": "server"}[line] + map[bool]string{line != "stats-socket" &&
			line != "default-server": line}[true] + " … " + word
	default:
		return ""
	}
}
