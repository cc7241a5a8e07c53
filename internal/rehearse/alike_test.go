//go:build linux

package rehearse_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/alike"
	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/testenv"
)

// side is a site with its rendered files, or with changed ones.
func side(t *testing.T, s tried) rehearse.Side {
	t.Helper()
	subject, sets := s.load(t)
	one := rehearse.Side{Subject: subject, Sets: sets}
	for _, set := range sets {
		f, _ := set.File(set.Host.ConfigFile())
		one.Configs = append(one.Configs, haproxy.Read(haproxy.World{}, haproxy.File{Name: f.Path, Data: f.Data}))
	}
	return one
}

// TestPlantedDifferencesAreFound: each change of a rendered file is seen in the answer to
// a request that it is about, at the moment at which it counts, and nothing else is.
func TestPlantedDifferencesAreFound(t *testing.T) {
	t.Parallel()
	testenv.Programs(t, "haproxy", "keepalived")
	const cfg, sorry = "etc/haproxy/haproxy.cfg", "etc/haproxy/pages/sorry.html"
	as := tried{file: "testdata/sites/alike.yaml"}
	changed := tried{file: as.file, breakSets: func(t *testing.T, sets []artifact.Set) {
		for _, node := range []string{"lb1", "lb2"} {
			change(t, sets, node, cfg, `path_beg /private/`, "path_beg /privat/")
			change(t, sets, node, cfg, `check backup`, "check")
			change(t, sets, node, cfg, `-- yes`, "-- no")
			change(t, sets, node, cfg, `(?m)^    use_backend shop`, "    http-request set-header X-Seen 1 if { path /only-new }\n$0")
			change(t, sets, node, sorry, `(?s).+`, "another page\n")
		}
	}}
	r, stubs, err := rehearse.Alike(t.Context(), side(t, as), side(t, changed), rehearse.AlikeOptions{
		Lab: lab.Options{Self: []string{"lbgen"}, Env: []string{agentMark + "=1"}}, Progress: func(string) {},
	})
	if err != nil {
		skip(t, "a lab cannot be stood up here: %v", err)
	}
	if r.Asked < alike.Least || len(stubs) == 0 {
		t.Errorf("%d requests, simulated: %q", r.Asked, stubs)
	}
	for _, want := range []struct{ request, while, before, after string }{
		{"https://192.0.2.10:443/private/", "all servers are up", "403 from HAProxy itself", "200 from 192.0.2.2"},
		{"https://192.0.2.10:443/ for shop.example.com", "all servers are up", "", "200 from 192.0.2.25:8080"},
		{"https://192.0.2.10:443/, X-Beta: yes", "all servers are up", "200 from 192.0.2.24:8080", "200 from 192.0.2.2"},
		{"http://192.0.2.10:80/only-new", "all servers are up", "", "the server got header X-Seen: 1"},
		{"https://192.0.2.10:443/", "all servers are down", "503 from HAProxy itself", "body: another page"},
	} {
		if !slices.ContainsFunc(r.Differences, func(d alike.Difference) bool {
			return strings.Contains(d.Request, want.request) && d.While == want.while && d.Allowed == "" &&
				strings.Contains(strings.Join(d.Before, "\n"), want.before) && strings.Contains(strings.Join(d.After, "\n"), want.after)
		}) {
			t.Errorf("not found: %+v", want)
		}
	}
	for _, d := range r.Differences {
		if d.Request == "GET https://192.0.2.10:443/" && d.While == "all servers are up" {
			t.Errorf("this is alike: %+v", d)
		}
	}
	if t.Failed() {
		for _, d := range r.Differences[:min(len(r.Differences), 30)] {
			t.Logf("%+v", d)
		}
	}
}
