package haproxy

import (
	"cmp"
	"slices"
	"strings"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// unit is raw lines that belong together, and the place where they act.
type unit struct {
	lines []conf.Raw
	place conf.Place
	acl   bool
}

// units are those of a raw field. What stands between .if and .endif acts at one
// place: the model has seen to that.
func units(from diag.Path, field model.Raw) []unit {
	in := model.RawField{Path: from, Raw: field}
	var all []unit
	for _, lines := range conf.Units(field.Lines()) {
		u := unit{acl: strings.HasPrefix(lines[len(lines)-1], "acl ")}
		for _, line := range lines {
			u.lines = append(u.lines, conf.NewRaw(from, line, in.Secrets(line)))
		}
		if places := conf.PlacesOf(lines); len(places) > 0 {
			u.place = places[0]
		}
		all = append(all, u)
	}
	return all
}

// take returns the lines of the units that belong to it, in the order in which HAProxy
// looks at them, and the other units.
func take(all []unit, belongs func(u unit) bool) (lines []conf.Raw, rest []unit) {
	slices.SortStableFunc(all, func(a, b unit) int { return cmp.Compare(a.place, b.place) })
	for _, u := range all {
		if belongs(u) {
			lines = append(lines, u.lines...)
		} else {
			rest = append(rest, u)
		}
	}
	return lines, rest
}

// inStages parts the raw lines of a frontend: those that choose a backend are apart.
func inStages(all []unit) (early, use []conf.Raw) {
	early, rest := take(all, func(u unit) bool { return u.place != conf.Choice })
	use, _ = take(rest, func(unit) bool { return true })
	return early, use
}

// RawBackend are the raw lines of a backend, by the place where they act.
type RawBackend struct {
	Steps   []conf.Raw // of checks, before lbgen's own
	Servers []conf.Raw // for the servers below
	TCP     []conf.Raw // when a connection comes, and the ACLs
	Rest    []conf.Raw
}

// inPlaces parts the raw lines of a backend. Steps of checks are apart where lbgen has
// some of its own; else they stay among the other ones, in the order in which they are
// written.
func inPlaces(all []unit, checked bool) RawBackend {
	var r RawBackend
	for i := range all {
		if !checked && all[i].place == conf.Steps {
			all[i].place = conf.AnyPlace
		}
	}
	r.Steps, all = take(all, func(u unit) bool { return checked && u.place == conf.Steps })
	r.Servers, all = take(all, func(u unit) bool { return u.place == conf.AllServers })
	r.TCP, all = take(all, func(u unit) bool { return u.acl || u.place == conf.TCPRules })
	r.Rest, _ = take(all, func(unit) bool { return true })
	return r
}
