//go:build linux

package behaviour_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testenv"
)

// What is compared: a few sites in make test, ROUTE_REAL of them from ROUTE_SEED on in
// make route-real.
const (
	fewRouteSites  = 12
	firstRouteSeed = 20261130
	eachSite       = 35 // requests
)

const (
	routesFrom = "LBGEN_ROUTES_FROM" // seed of the first site
	routesMany = "LBGEN_ROUTES_MANY" // sites
	routesInto = "LBGEN_ROUTES_INTO" // file for the tally
)

// tally is what was compared.
type tally struct {
	Requests, Undecided, NotSent int
	Looked, Held                 map[string]int // by criterion or action
}

func (n *tally) add(other tally) {
	n.Requests, n.Undecided, n.NotSent = n.Requests+other.Requests, n.Undecided+other.Undecided, n.NotSent+other.NotSent
	for k, v := range other.Looked {
		n.Looked[k] += v
	}
	for k, v := range other.Held {
		n.Held[k] += v
	}
}

// TestRoutesForeseeHAProxy compares internal/route with the daemon: made-up sites, and
// made-up requests to them.
func TestRoutesForeseeHAProxy(t *testing.T) {
	enter := namespaces(t)
	t.Parallel()
	sites, seed := testenv.Number(t, "ROUTE_REAL", fewRouteSites), testenv.Number(t, "ROUTE_SEED", firstRouteSeed)
	const batch = 25
	n := tally{Looked: map[string]int{}, Held: map[string]int{}}
	dir := t.TempDir()
	tree := routeTree(t, dir)
	var g errgroup.Group
	g.SetLimit(2)
	var files []string
	for first := 0; first < sites; first += batch {
		file := filepath.Join(dir, fmt.Sprint("tally", first))
		files = append(files, file)
		g.Go(func() error {
			return routesInside(t, enter, tree, seed+first, min(batch, sites-first), file)
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		var one tally
		data, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(data, &one) != nil {
			t.Fatalf("no tally: %v", err)
		}
		n.add(one)
	}
	n.report(t, sites, seed)
}

// report says what was compared, and fails where that was too little.
func (n *tally) report(t *testing.T, sites, seed int) {
	t.Helper()
	t.Logf("%d requests on %d sites, from seed %d on: HAProxy and internal/route answered %d alike; %d undecided, %d that no client sends",
		n.Requests, sites, seed, n.Requests-n.Undecided-n.NotSent, n.Undecided, n.NotSent)
	for _, key := range slices.Sorted(maps.Keys(n.Looked)) {
		t.Logf("%-22s looked at %6d times, held or done %6d times", key, n.Looked[key], n.Held[key])
	}
	if n.Undecided > n.Requests/10 {
		t.Errorf("%d of %d requests are undecided: that is no comparison", n.Undecided, n.Requests)
	}
	if sites < 300 {
		return
	}
	for _, key := range slices.Concat(keysOf(model.Route{}, "when"), keysOf(model.Match{}, "ignore_case", "not")) {
		if n.Held[key] < 100 {
			t.Errorf("%s held only %d times", key, n.Held[key])
		}
	}
}

// keysOf are the keys of a part of the site file, without some.
func keysOf(of any, without ...string) []string {
	var all []string
	kind := reflect.TypeOf(of)
	for i := range kind.NumField() {
		if key := kind.Field(i).Tag.Get("yaml"); !slices.Contains(without, key) {
			all = append(all, key)
		}
	}
	return all
}

// routeTree is a node to begin with: what is made for each site takes its haproxy.cfg's place.
func routeTree(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(dir, "site.yaml")
	if err := os.WriteFile(file, []byte("version: 1\nsite: made\nplatform: debian12\nnics: {front: {device: eth0, subnet: 192.0.2.0/24}}\n"+
		"nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]\nfrontends: [{name: f, binds: [{nic: front, port: 80}], default_backend: b}]\n"+
		"backends: [{name: b, servers: [{name: s, address: \"198.18.0.1:80\"}]}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return firstNode(t, scenario{site: file})
}

func routesInside(t *testing.T, enter []string, tree string, seed, sites int, into string) error {
	args := append(slices.Clone(enter[1:]), os.Args[0], "-test.run", "^TestRoutesInside$", "-test.timeout", "10m")
	cmd := exec.CommandContext(t.Context(), enter[0], args...)
	cmd.Env = append(os.Environ(), fmt.Sprint(routesFrom, "=", seed), fmt.Sprint(routesMany, "=", sites), routesInto+"="+into,
		insideTree+"="+tree)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

// TestRoutesInside is what TestRoutesForeseeHAProxy starts, in namespaces; by itself it
// does nothing.
func TestRoutesInside(t *testing.T) {
	if os.Getenv(routesInto) == "" {
		return
	}
	m := newMachine(t, os.Getenv(insideTree))
	a := &asker{m: m, cert: m.ca.issue("client")}
	m.put("/etc/haproxy/site.pem", m.ca.file(m.ca.issue("a.example.com")))
	m.put("/etc/haproxy/clients.pem", m.ca.pem())
	a.serveAll()
	n := tally{Looked: map[string]int{}, Held: map[string]int{}}
	first := testenv.Number(t, routesFrom, 0)
	for seed := first; seed < first+testenv.Number(t, routesMany, 1); seed++ {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) { compareSite(t, a, seed, &n) })
	}
	data, err := json.Marshal(n)
	m.must(err)
	m.must(os.WriteFile(os.Getenv(routesInto), data, 0o600))
}

// goodSite makes sites until lbgen accepts one: it refuses redirects that go round, and
// routes that are never reached.
func (g *maker) goodSite(t *testing.T) (string, *model.Site) {
	t.Helper()
	var found diag.List
	for range 50 {
		text := g.site()
		var written *model.Site
		if written, _, found = model.Load("made.yaml", []byte(text)); !found.HasErrors() {
			return text, written
		}
	}
	t.Fatalf("lbgen accepts no site: %v\n%s", found, g.b.String())
	return "", nil
}

// pagesOf are the files that made-up sites name.
func pagesOf(written *model.Site) map[string][]byte {
	pages := map[string][]byte{}
	for _, ref := range written.PageRefs() {
		pages[ref.File] = []byte("<html>this is " + ref.File + "</html>\n")
	}
	return pages
}

func compareSite(t *testing.T, a *asker, seed int, n *tally) {
	g := newMaker(uint64(seed))
	text, written := g.goodSite(t)
	s := site.Resolve(written)
	pages := pagesOf(written)
	sets, err := render.New().Sets(s, model.Inputs{Pages: pages, Secrets: secretsOf(written)})
	if err != nil {
		t.Fatal(err)
	}
	m := *a.m
	m.T = t
	m.place(sets[0])
	m.start()
	here := *a
	here.m = &m
	e := route.New(s)
	for i := range eachSite {
		r := g.request(s, i+1)
		c := comparison{T: t, asker: &here, site: s, pages: pages, trial: &r, tally: n}
		if !c.compare(e) {
			t.Logf("request %d of seed %d on this site:\n%s", i, seed, text)
			return
		}
	}
}

func secretsOf(written *model.Site) map[diag.Path]string {
	all := map[diag.Path]string{}
	for _, ref := range written.SecretRefs() {
		all[ref.Path] = ref.Secret.Literal
	}
	return all
}

// place puts the files of a set where they belong.
func (m *machine) place(set artifact.Set) {
	m.Helper()
	for _, f := range set.Files {
		if strings.HasPrefix(f.Path, path.Dir(strings.TrimPrefix(m.path, "/"))) {
			m.put("/"+f.Path, f.Data)
		}
		if path.Base(f.Path) == "haproxy.cfg" {
			m.cfg = string(f.Data)
		}
	}
}
