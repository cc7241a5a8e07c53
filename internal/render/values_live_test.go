package render

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/testbox"
)

// valueSite answers with values; ROUTES are its routes.
const valueSite = `version: 1
site: a
platform: debian12
nics: {lan: {device: eth0, subnet: 192.0.2.0/24}}
nodes: [{name: a, addresses: {lan: 192.0.2.1}}]
userlists: [{name: people, users: [{name: ada, password: x}]}]
frontends:
  - name: http
    binds: [{nic: lan, ports: [80]}]
    default_backend: app
    routes:
ROUTES
backends: [{name: app, servers: [{name: app1, address: 192.0.2.21:80}]}]
`

// TestHAProxySendsTheValue has a real HAProxy send what routes tell it to: the
// value that the site file has, whatever its characters mean elsewhere.
func TestHAProxySendsTheValue(t *testing.T) {
	testbox.NeedTools(t, "haproxy")
	values := append(slices.Clone(nasty), "100%", "%[src]", "%%", "%ci", "%{+Q}o", "' if FALSE", "or", "a\\x27b", "${HOME}%[env(HOME)]")
	values = slices.DeleteFunc(values, func(v string) bool { return strings.TrimSpace(v) != v }) // HTTP keeps no blanks at the ends
	var routes string
	asked := map[string]string{} // path -> value
	add := func(path, action, value string) {
		route := fmt.Sprintf("      - {when: [{path: %s}], %s}\n", path, fmt.Sprintf(action, value))
		if _, _, found := model.Load("site.yaml", []byte(strings.Replace(valueSite, "ROUTES\n", route, 1))); !found.HasErrors() {
			routes += route
			asked[path] = value
		}
	}
	for i, v := range values {
		add(fmt.Sprintf("/h%d", i), "set_response_header: {name: X-Value, value: %q}", v)
		add(fmt.Sprintf("/r%d", i), "auth: {userlist: people, realm: %q}", v)
	}
	if len(asked) < 40 {
		t.Fatalf("only %d values are let through", len(asked))
	}
	site, _, found := model.Load("site.yaml", []byte(strings.Replace(valueSite, "ROUTES\n", routes, 1)))
	if found.HasErrors() {
		t.Fatal(found)
	}
	get := liveRoutes(t, configOf(t, setsFor(t, site)[0]))
	for path, v := range asked {
		header, want := "X-Value", v
		if path[1] == 'r' {
			header, want = "WWW-Authenticate", `Basic realm="`+v+`"`
		}
		if got := get(path).Get(header); got != want {
			t.Errorf("%s: %q is sent as %q", header, want, got)
		}
	}
}

// liveRoutes starts HAProxy with the routes of a configuration in front of a
// server that answers 200, and returns a function that gets a path's headers.
func liveRoutes(t *testing.T, rendered []string) func(path string) http.Header {
	t.Helper()
	dir, err := os.MkdirTemp("", "lbgen") // a socket's path has 107 bytes at most
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cfg := fmt.Sprintf("defaults\n    mode http\n    timeout client 5s\n    timeout server 5s\n    timeout connect 5s\n"+
		"userlist people\n    user ada insecure-password x\n"+
		"listen server\n    bind unix@%s/b\n    http-request return status 200\nlisten f\n    bind unix@%s/s\n    server s unix@%s/b\n", dir,
		dir, dir)
	for _, line := range rendered {
		if strings.HasPrefix(line, "    http-") {
			cfg += line + "\n"
		}
	}
	file := filepath.Join(dir, "cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(startHAProxy(t, file, filepath.Join(dir, "s")))
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", filepath.Join(dir, "s"))
		},
	}}
	return func(path string) http.Header {
		res, err := client.Get("http://haproxy" + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.Header
	}
}
