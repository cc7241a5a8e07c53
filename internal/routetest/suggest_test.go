package routetest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/routetest"
	"github.com/lbgen/lbgen/internal/site"
)

// TestSuggest: tests that are suggested for a site pass there, and reach every route.
func TestSuggest(t *testing.T) {
	names, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(names) < 10 {
		t.Fatal(len(names), err)
	}
	reached, all := 0, 0
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(data), "defaults_from:") {
			continue // no other file is at hand
		}
		written, _, found := model.Load(name, data)
		if found.HasErrors() {
			t.Fatal(found)
		}
		resolved := site.Resolve(written)
		written.Tests = routetest.Suggest(resolved, alike.Example)
		r := routetest.Run(resolved)
		if n := r.Count(routetest.Passed); n != len(r.Results) {
			t.Errorf("%s: %d of %d tests pass", name, n, len(r.Results))
		}
		for _, one := range r.Routes {
			if one.Reached == 0 {
				t.Logf("%s: %s %s is not reached", filepath.Base(name), one.Path, one.Action)
			}
		}
		reached, all = reached+r.Reached(), all+len(r.Routes)
	}
	if reached < all {
		t.Errorf("%d of %d routes are reached", reached, all)
	}
}

// TestSuggestions are those of one small site, one by one.
func TestSuggestions(t *testing.T) {
	written, _, found := model.Load("site.yaml", []byte(strings.TrimSuffix(shop, "tests:\n")))
	if found.HasErrors() {
		t.Fatal(found)
	}
	var got []string
	for _, one := range routetest.Suggest(site.Resolve(written), alike.Example) {
		text := one.Request.Text
		if one.From.IsValid() {
			text += " from " + one.From.String()
		}
		got = append(got, text+": "+routetest.Wanted(&one))
	}
	want := []string{
		"GET http://192.0.2.1/ from 203.0.113.1: no answer",
		"GET http://old.example.com/ from 198.51.100.9: redirect to https://www.example.com/ with 302",
		"GET http://192.0.2.1/static/ from 198.51.100.9: backend static",
		"GET http://192.0.2.1/robots.txt from 198.51.100.9: status 200, page sorry.html",
		"GET http://192.0.2.1/ from 198.51.100.9: backend app",
		"tcp 192.0.2.1:81: backend tcp",
		"GET http://192.0.2.1/x from 198.51.100.9: status 403",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
