package alike

import (
	"regexp"
	"slices"
	"strings"
)

// Difference is a request that the two answer differently.
type Difference struct {
	Node    string
	Request string
	While   string   // what was down then
	Before  []string // the answer, or what of it only the first gives
	After   []string
	Allowed string // why it may be; "" where it may not
}

// Result is what came of all requests.
type Result struct {
	Asked       int // requests that each of the two was sent, the repeated ones once
	Alike       int // of these, those that were answered alike
	Differences []Difference
	Notes       []string // what was not compared, and why
}

// Errors is how many differences may not be.
func (r Result) Errors() int {
	n := 0
	for _, d := range r.Differences {
		if d.Allowed == "" {
			n++
		}
	}
	return n
}

// Excuses are differences that are known already.
type Excuses struct {
	// Renamed are the new names of proxies and servers, with the old ones.
	Renamed map[string]string
	// Listed are what the two do differently by their files, in words.
	Listed []string
}

// Compare compares what came of one request. It returns nil where both have given the
// same answers, and names the fields that it could not compare.
func Compare(before, after *Answers, known Excuses) (d *Difference, uncompared []string) {
	moving := restless(before, after)
	for key := range moving {
		uncompared = append(uncompared, key[strings.LastIndex(key, "\n")+1:])
	}
	slices.Sort(uncompared)
	one, other := before.without(moving), after.without(moving)
	onlyBefore, onlyAfter := missing(one, other), missing(other, one)
	if len(onlyBefore) == 0 && len(onlyAfter) == 0 {
		return nil, slices.Compact(uncompared)
	}
	d = &Difference{}
	a, b := pick(onlyBefore, one), pick(onlyAfter, other)
	names := differing(a, b)
	d.Before, d.After = lines(a, names), lines(b, names)
	d.Allowed = known.why(onlyBefore, onlyAfter, names)
	return d, slices.Compact(uncompared)
}

// Chance says whether two may differ only since not every server has been asked by
// both: what only one of them has answered with is from a server that the other has not
// asked yet, and the status is one that both have.
func Chance(before, after *Answers) bool {
	for _, pair := range [][2]*Answers{{before, after}, {after, before}} {
		for _, a := range missing(pair[0].all, pair[1].all) {
			same := func(o answer) bool { return o.kind() == a.kind() }
			known := func(o answer) bool {
				return o.value("status") == a.value("status") && o.value("no answer") == a.value("no answer")
			}
			if slices.ContainsFunc(pair[1].all, same) || !slices.ContainsFunc(pair[1].all, known) {
				return false
			}
		}
	}
	return true
}

// missing are the answers that the others do not have.
func missing(all, others []answer) []answer {
	return slices.DeleteFunc(slices.Clone(all), func(a answer) bool {
		return slices.ContainsFunc(others, func(o answer) bool { return o.text() == a.text() })
	})
}

func pick(only, all []answer) answer {
	for _, from := range [][]answer{only, all} {
		if len(from) > 0 {
			return from[0]
		}
	}
	return nil
}

// differing are the fields in which two answers differ.
func differing(a, b answer) []string {
	var names []string
	for _, f := range slices.Concat(a, b) {
		if a.value(f.name) != b.value(f.name) && !slices.Contains(names, f.name) {
			names = append(names, f.name)
		}
	}
	return names
}

// lines are an answer in words: who gave it, and the fields with the names.
func lines(a answer, names []string) []string {
	var all []string
	if a.value("no answer") == "" && len(a) > 0 {
		all = append(all, a.value("status")+" from "+a.value("from"))
	}
	for _, f := range a {
		if slices.Contains(names, f.name) && f.name != "status" && f.name != "from" {
			all = append(all, f.shown())
		}
	}
	return all
}

// why says why a difference may be; "" where it may not.
func (e Excuses) why(before, after []answer, names []string) string {
	if len(e.Renamed) > 0 && len(before) == len(after) {
		var old []answer
		for _, a := range after {
			old = append(old, e.oldNames(a))
		}
		if len(missing(before, old)) == 0 && len(missing(old, before)) == 0 {
			return "renamed"
		}
	}
	var said []string
	for _, name := range names {
		_, header, ok := strings.Cut(name, "header ")
		i := slices.IndexFunc(e.Listed, func(l string) bool { return ok && mentions(l, header) })
		if i < 0 {
			return ""
		}
		if !slices.Contains(said, e.Listed[i]) {
			said = append(said, e.Listed[i])
		}
	}
	if len(said) == 0 {
		return ""
	}
	return "listed above: " + strings.Join(said, "; ")
}

func mentions(text, header string) bool {
	return regexp.MustCompile(`(?i)(^|[^\w-])` + regexp.QuoteMeta(header) + `($|[^\w-])`).MatchString(text)
}

// oldNames is an answer with the old names in place of the new ones.
func (e Excuses) oldNames(a answer) answer {
	all := slices.Clone(a)
	for i := range all {
		if !strings.Contains(all[i].name, "header ") && all[i].name != "body" {
			continue
		}
		words := regexp.MustCompile(`[\w.:-]+`)
		all[i].value = words.ReplaceAllStringFunc(all[i].value, func(w string) string {
			if old, ok := e.Renamed[w]; ok {
				return old
			}
			return w
		})
	}
	return all
}
