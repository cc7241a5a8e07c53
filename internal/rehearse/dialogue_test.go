//go:build linux

package rehearse

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testenv"
)

// checks are health checks, and raw lines that make others.
var checks = map[string]struct{ health, raw string }{
	"smtp": {"smtp: lb.example.com", ""}, "ldap": {"ldap: true", ""}, "mysql": {"mysql: {user: check}", ""},
	"pgsql": {"pgsql: {user: check}", ""}, "redis": {"redis: {}", ""}, "redis-primary": {"redis: {role: primary}", ""},
	"redis-password": {"redis: {password: geheim}", ""},
	"tcp": {`tcp: [{send: 'ping\r\n'}, {expect: pong}, {send: 'who\r\n'}, ` +
		`{expect_regex: '^[a-z]+ (ready|set) [0-9]{3}'}, {send: 'q'}]`, ""},
	"tcp-greeting": {`tcp: [{expect_regex: '^\+OK'}, {send: 'QUIT\r\n'}, {expect: bye}]`, ""},
	"tcp-connect":  {`tcp: [{expect: hello}]`, ""},
	"body-regex":   {`http: {uri: /health, body_regex: '"status": *"(ok|green)"'}`, ""},
	"body-whole":   {`http: {uri: /ready, body_regex: "^(up|ready)$"}`, ""},
	"tcp-anchor":   {`tcp: [{send: 'PING\r\n'}, {expect: PONG}, {expect_regex: "^(OK|READY)"}]`, ""},
	"raw-imap":     {"", "option tcp-check\ntcp-check connect\ntcp-check expect string \"* OK\"\ntcp-check send \"a1 LOGOUT\\r\\n\""},
	"raw-mysql":    {"", "option mysql-check"},
	"raw-smtp":     {"", "option smtpchk EHLO lb"},
	"raw-binary": {"", "option tcp-check\ntcp-check send-binary 0102\ntcp-check expect binary 0304\ntcp-check expect rbinary " +
		"^0304(0d0a)?"},
	"raw-http": {"", "option httpchk GET /live\nhttp-check expect rstring up.*[0-9]"},
}

// TestDialoguesPass lets the real HAProxy check stubs by each check there is, in
// plain and by TLS with a PROXY header.
func TestDialoguesPass(t *testing.T) {
	testenv.Programs(t, "haproxy")
	for name, c := range checks {
		for _, tls := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s-%t", name, tls), func(t *testing.T) {
				t.Parallel()
				s := checkedSite(t, c.health, c.raw)
				k := checkedBy(&s.Backends[0])
				if k.why != "" || !k.answers {
					t.Fatalf("%+v", k)
				}
				if status := askedBy(t, k.health, s, tls); !strings.HasPrefix(status, "UP") {
					t.Error(status)
				}
			})
		}
	}
}

// checkedSite is a site with a backend that has the health check and raw lines.
func checkedSite(t *testing.T, health, raw string) *Subject {
	t.Helper()
	text := "version: 1\nsite: s\nplatform: debian12\nnics: {front: {device: eth0, subnet: 192.0.2.0/24}}\n" +
		"nodes: [{name: lb, addresses: {front: 192.0.2.1}}]\nfrontends: [{name: main, mode: tcp, binds: [{nic: front, port: 80}], " +
		"default_backend: app}]\n" +
		"backends:\n  - name: app\n    mode: tcp\n    servers: [{name: s, address: 192.0.2.9:80}]\n"
	if health != "" {
		text += "    health: {" + health + "}\n"
	}
	if raw != "" {
		text += "    raw: |\n      " + strings.ReplaceAll(raw, "\n", "\n      ") + "\n"
	}
	written, _, found := model.Load("site.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found, text)
	}
	return Of(site.Resolve(written))
}

// askedBy is what HAProxy comes to think of a stub, with the lines that lbgen
// renders for the backend.
func askedBy(t *testing.T, h lab.Health, s *Subject, tls bool) string {
	t.Helper()
	port, err := lab.Serve(t.Context(), h)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	socket := filepath.Join(dir, "s")
	server := fmt.Sprintf("server s 127.0.0.1:%d check inter 100ms", port)
	if tls {
		server += " check-ssl verify none check-send-proxy"
	}
	cfg := fmt.Sprintf("global\n  stats socket %s\ndefaults\n  mode tcp\n  timeout connect 1s\n  timeout server 1s\n  timeout client 1s\n"+
		"  timeout check 1s\nbackend app\n%s  %s\nlisten l\n  bind unix@%s\n  use_backend app\n", socket, checkLines(t, s), server,
		filepath.Join(dir, "l"))
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cmd := exec.CommandContext(ctx, "haproxy", "-db", "-f", file)
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { cancel(); _ = cmd.Wait() }()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if status := stateOf(socket); status != "" {
			return status
		}
	}
	cancel()
	_ = cmd.Wait()
	t.Fatalf("HAProxy has not checked it\n%s\n%s", cfg, said.String())
	return ""
}

// stateOf asks HAProxy what it thinks of its server; "" while it has not checked it.
func stateOf(socket string) string {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return ""
	}
	defer conn.Close()
	fmt.Fprintln(conn, "show stat -1 4 -1")
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		columns := strings.Split(lines.Text(), ",")
		if len(columns) > 65 && columns[1] == "s" && columns[36] != "INI" && !strings.HasPrefix(columns[36], "*") {
			return columns[17] + " " + columns[36] + " " + columns[65]
		}
	}
	return ""
}

// checkLines are the lines of the backend that make its check.
func checkLines(t *testing.T, s *Subject) string {
	t.Helper()
	sets, err := render.New().Sets(s.Site, model.Inputs{})
	if err != nil {
		t.Fatal(err)
	}
	cfg, _ := sets[0].File("etc/haproxy/haproxy.cfg")
	_, own, _ := strings.Cut(string(cfg.Data), "\nbackend app\n")
	var lines strings.Builder
	for line := range strings.Lines(own) {
		if (strings.Contains(line, "check") || strings.Contains(line, "chk")) && !strings.Contains(line, "server ") {
			lines.WriteString(line)
		}
	}
	return lines.String()
}
