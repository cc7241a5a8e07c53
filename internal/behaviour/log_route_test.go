//go:build linux

package behaviour_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// How many requests are sent whose log is read: ROUTE_LOG of them in make route-log.
const fewLogged = 3000

const (
	logInto = "LBGEN_LOG_INTO" // folder for the log and for what clients saw
	logMany = "LBGEN_LOG_MANY" // requests
)

// loggedRoutes are those of the site whose log is read: 60, with the default_backends.
const loggedRoutes = 60

// loggedSite is a site with 60 routes. Two of them lead to where nothing else does: the
// change that is planted is theirs.
func loggedSite() string {
	var b strings.Builder
	b.WriteString(`version: 1
site: logged
platform: debian12
nics: {front: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: lb1, addresses: {front: 192.0.2.1}}]
log: [{target: 127.0.0.1, facility: local0, level: info, length: 4096, file: haproxy.log}]
frontends:
  - name: raw
    mode: tcp
    binds: [{nic: front, port: 6443}]
    default_backend: stream
  - name: web
    binds:
      - {nic: front, port: 80}
      - {nic: front, port: 443, tls: {certificate: /etc/haproxy/site.pem}}
    raw: capture request header Host len 64
    routes:
      - {when: [{host: plain.example.com}, {tls: false}], redirect: {scheme: https}}
      - {when: [{method: [PURGE]}], deny: 405}
      - {when: [{host: only.example.com}], backend: only}
      - {when: [{path: /only}], deny: 410}
      - {when: [{path_beg: /strip/}], strip_prefix: /strip}
      - {when: [{host: api.example.com}, {path_beg: /v1/}], backend: b1}
      - {when: [{host: api.example.com}, {src: 10.3.0.0/16}], backend: b2}
      - {when: [{path: /robots.txt}], return: {status: 200, text: none}}
      - {when: [{path_regex: "^/img/[0-9]+[.]png$"}, {host_end: .cdn.example.com}], backend: b3}
      - {when: [{path_end: [.php]}, {method: [POST], not: true}], deny: 404}
`)
	routes := 12 // these and the two default_backends
	for i := 0; routes < loggedRoutes; i++ {
		if i%2 == 0 {
			fmt.Fprintf(&b, "      - {when: [{host: h%d.example.com}], backend: b%d}\n", i, i%10)
		} else {
			fmt.Fprintf(&b, "      - {when: [{path_beg: /p%d/}, {method: [GET, POST]}], backend: b%d}\n", i, i%10)
		}
		routes++
	}
	b.WriteString("    default_backend: b0\nbackends:\n")
	for i := range 10 {
		fmt.Fprintf(&b, "  - {name: b%d, health: {off: true}, servers: [{name: s, address: \"198.18.0.%d:18000\"}]}\n", i, i+1)
	}
	b.WriteString("  - {name: only, health: {off: true}, servers: [{name: s, address: \"198.18.0.100:18000\"}]}\n" +
		"  - {name: stream, mode: tcp, health: {off: true}, servers: [{name: s, address: \"198.18.0.101:19000\"}]}\n")
	return b.String()
}

// TestLogOfHAProxy has the real HAProxy log requests to a site with 60 routes: every
// logged way is the computed one, and of a changed site exactly the requests are named that
// the change is about.
func TestLogOfHAProxy(t *testing.T) {
	enter := namespaces(t)
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "site.yaml")
	if err := os.WriteFile(file, []byte(loggedSite()), 0o600); err != nil {
		t.Fatal(err)
	}
	many := testenv.Number(t, "ROUTE_LOG", fewLogged)
	args := append(slices.Clone(enter[1:]), os.Args[0], "-test.run", "^TestLogInside$", "-test.timeout", "20m")
	cmd := exec.CommandContext(t.Context(), enter[0], args...)
	cmd.Env = append(os.Environ(), logInto+"="+dir, fmt.Sprint(logMany, "=", many), insideTree+"="+firstNode(t, scenario{site: file}))
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	code, all := routeLog(t, file, filepath.Join(dir, "haproxy.log"))
	t.Logf("%d requests logged, %d take the same way; %d lines beside them", all.Requests, all.Same, all.Else)
	if code != cli.ExitOK || all.Requests != many || all.Same != many || all.Bad != 0 {
		t.Errorf("exit code %d: %+v", code, all)
	}
	named := plantedIn(t, dir, file)
	if want := visitors(t, dir); !slices.Equal(named, want) || len(want) < many/100 || len(want) > many/4 {
		t.Errorf("of a changed site %d requests are named, and the change is about %d of %d: %v, want %v", len(named), len(want), many,
			named[:min(len(named), 5)], want[:min(len(want), 5)])
	}
}

// routed is what lbgen route --log prints.
type routed struct {
	Requests, Same, Other, Undecided, Bad, Else int
	Ways                                        []struct {
		From, To string
		Count    int
		Examples []struct {
			Line    int
			Request string
		}
	}
}

func routeLog(t *testing.T, site, file string) (int, routed) {
	t.Helper()
	var out, talk bytes.Buffer
	code := cli.Run(t.Context(), []string{"route", site, "--log", file, "--format", "json", "--examples", "1000000"}, cli.Streams{
		In: strings.NewReader(""), Out: &out, Err: &talk, Getenv: func(string) (string, bool) { return "", false },
	})
	var r struct{ Log routed }
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatalf("exit code %d: %v\n%s\n%s", code, err, out.String(), talk.String())
	}
	return code, r.Log
}

// plantedIn changes two routes of the site, and returns the numbers of the requests that
// are then said to take another way.
func plantedIn(t *testing.T, dir, file string) []int {
	t.Helper()
	text := loggedSite()
	for _, change := range [][2]string{{"backend: only}", "backend: b4}"}, {"deny: 410", "deny: 403"}} {
		if strings.Count(text, change[0]) != 1 {
			t.Fatalf("the site has no single %q", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	code, r := routeLog(t, file, filepath.Join(dir, "haproxy.log"))
	if code != cli.ExitFindings || r.Undecided != 0 || r.Same+r.Other != r.Requests || len(r.Ways) != 2 {
		t.Errorf("exit code %d: %d ways, %d same, %d other, %d undecided", code, len(r.Ways), r.Same, r.Other, r.Undecided)
	}
	var named []int
	for _, w := range r.Ways {
		for _, x := range w.Examples {
			named = append(named, numberOf(x.Request))
		}
	}
	slices.Sort(named)
	return named
}

// visitors are the numbers of the requests that clients saw answered by what is changed.
func visitors(t *testing.T, dir string) []int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "seen.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []int
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return all
}

// numberOf is the number that a request's query has.
func numberOf(request string) int {
	n := -1
	_, text, _ := strings.Cut(request, "?n=")
	_, _ = fmt.Sscan(text, &n)
	return n
}
