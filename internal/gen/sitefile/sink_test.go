package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

const root = "../../.."

// withoutEffect are the fields that change no file, and what they do instead.
func withoutEffect() map[string]string {
	return map[string]string{
		"version":           "there is one version",
		"failover_budget":   "lbgen lint compares it",
		"lint":              "it steers lbgen lint",
		"target.haproxy":    "it refuses fields that this version does not know",
		"target.keepalived": "it refuses fields that this version does not know",

		"vrrp[].track.scripts[].watches": "lbgen prove, timing, lint and rehearse reckon with it",
	}
}

// paths returns the path of every value that a site file may hold: a struct
// counts with its fields, and by itself where it may be written as one value.
func paths() []string {
	var all []string
	for _, s := range sections() {
		for _, f := range s.Fields {
			for _, path := range f.Paths {
				if f.Below == nil {
					all = append(all, path)
				} else if may, _ := model.Short(f.Below); may {
					all = append(all, path+brackets(f.Type)+short)
				}
			}
		}
	}
	slices.Sort(all)
	return all
}

// TestEveryField wants every field of the model, in every place that it may
// stand in, to be in one of the sites and to change what is rendered.
func TestEveryField(t *testing.T) {
	sinks, err := openSinks(root)
	if err != nil {
		t.Fatal(err)
	}
	all, err := effects(sinks)
	if err != nil {
		t.Fatal(err)
	}
	possible := paths()
	for _, path := range possible {
		e, stands := all[path]
		effect, place := withoutEffect()[path], nowhere()[path]
		if ofTest(path) {
			effect = "lbgen test asks it"
		}
		switch {
		case !stands && place == "":
			t.Errorf("%s stands in none of %s", path, strings.Join(sinkFiles(), ", "))
		case stands && place != "":
			t.Errorf("%s is nowhere (%s), and stands in a site", path, place)
		case stands && e == nil && effect == "":
			t.Errorf("%s changes nothing", path)
		case e != nil && effect != "":
			t.Errorf("%s changes nothing (%s), and changes %s", path, effect, e.file)
		}
	}
	for _, missing := range factsMiss(all) {
		t.Errorf("no fact of internal/conf/haproxy names %s", missing)
	}
	for _, path := range slices.Concat(slices.Collect(maps.Keys(withoutEffect())), slices.Collect(maps.Keys(nowhere()))) {
		if !slices.Contains(possible, path) {
			t.Errorf("%s is an exception, and not in the model", path)
		}
	}
}

// nowhere are the fields that a part has and that the model refuses in one of
// the part's places, and why.
func nowhere() map[string]string {
	return map[string]string{
		"backends[].rules[].backend":                "a request stays where its frontend sent it",
		"backends[].rules[].rate_limit.connections": "a backend sees requests only",
		"backends[].rules[].rate_limit.concurrent":  "a backend sees requests only",
		"backends[].server_defaults.track":          "the server that is tracked has to be checked",
		"backends[].health.http.headers[].sample":   "a check has no client whose request could be sampled",
	}
}

// TestKitchenSink wants every field to stand in the site that readers are
// shown, in one of the places that it may have.
func TestKitchenSink(t *testing.T) {
	sinks, err := openSinks(root)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{} // of the fields, by path
	for _, s := range sections() {
		for _, f := range s.Fields {
			for _, path := range f.Paths {
				names[path] = f.Owner.Name() + "." + f.Name
			}
		}
	}
	shown := map[string]bool{}
	for _, p := range sinks[0].places {
		for path := strings.TrimSuffix(p.path, short); path != ""; path = path[:max(strings.LastIndex(path, "."), 0)] {
			shown[names[strings.TrimRight(path, "[].*")]] = true
		}
	}
	for path, name := range names {
		if newer := strings.Contains(path, "auth_hmac"); newer == shown[name] {
			t.Errorf("%s: the Keepalived of the kitchen sink's target has it: %t", path, !newer)
		}
		if !shown[name] && !strings.Contains(path, "auth_hmac") {
			t.Errorf("%s does not stand in %s", path, sinkFiles()[0])
		}
	}
}
