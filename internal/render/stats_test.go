package render

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/testbox"
)

// loopback is a site of one node on loopback; %d is the port of its statistics
// page, %s further keys of that.
const loopback = `version: 1
site: lo
platform: debian12
nics: {lo: {device: lo, subnet: 127.0.0.0/8}}
nodes: [{name: lb1, addresses: {lo: 127.0.0.2}}]
frontends: [{name: web, binds: [{nic: lo, port: %d}], default_backend: app}]
backends: [{name: app, servers: [{name: a, address: 127.0.0.3:1}]}]
stats: {nic: lo, port: %d, allow: [127.0.0.0/8], %s}
`

// secretSets renders a site with secrets by model path.
func secretSets(t *testing.T, text string, secrets map[diag.Path]string) []artifact.Set {
	t.Helper()
	written, _, found := model.Load("site.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	sets, err := New().Sets(site.Resolve(written), model.Inputs{Secrets: secrets})
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

// serveStats runs the statistics page of a site on loopback and returns its
// address.
func serveStats(t *testing.T, keys string, secrets map[diag.Path]string) string {
	t.Helper()
	port := freePort(t)
	return serve(t, fmt.Sprintf(loopback, freePort(t), port, keys), secrets, port)
}

// serve runs the HAProxy of a site on loopback and returns the address of one of
// its ports.
func serve(t *testing.T, site string, secrets map[diag.Path]string, port int) string {
	t.Helper()
	testbox.NeedRoot(t) // the configuration names a user and a chroot
	testbox.NeedTools(t, "haproxy")
	cfg := fileOf(t, secretSets(t, site, secrets)[0], "etc/haproxy/haproxy.cfg")
	// The machine's own socket and chroot are not for tests.
	global, rest, _ := strings.Cut(string(cfg.Data), "\ndefaults\n")
	global = regexp.MustCompile(`(?m)^ +(chroot|user|group|stats socket) .*\n`).ReplaceAllString(global, "")
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(global+"\ndefaults\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("haproxy", "-db", "-f", file)
	var talk strings.Builder
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	at := fmt.Sprintf("127.0.0.2:%d", port)
	for range 100 {
		if conn, err := net.Dial("tcp", at); err == nil {
			conn.Close()
			return "http://" + at
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	t.Fatalf("HAProxy does not start:\n%s", talk.String())
	return ""
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// ask sends a request and returns its status, head and body. A user without
// name is none.
func ask(t *testing.T, method, address, user, password, body string) (int, http.Header, string) {
	t.Helper()
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		req.SetBasicAuth(user, password)
	}
	client := http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	data, _ := io.ReadAll(res.Body)
	return res.StatusCode, res.Header, string(data)
}

// TestStatsPasswordsArrive has a real HAProxy ask for passwords of every
// character that some grammar gives a meaning to.
func TestStatsPasswordsArrive(t *testing.T) {
	words := append([]string{`"#!'$%\ {}`, "x:y", "$PATH ${PATH}", "%%%[src]", `\x41\n\ `, strings.Repeat("x", model.MaxPassword)}, nasty...)
	var users []string
	secrets := map[diag.Path]string{}
	words = slices.DeleteFunc(words, func(w string) bool { return model.CheckPassword(w) != "" })
	for i, w := range words {
		users = append(users, fmt.Sprintf("{name: u%d, password: {env: X}}", i))
		secrets[diag.Path("stats.users").Index(i).Key("password")] = w
	}
	at := serveStats(t, "users: ["+strings.Join(users, ", ")+"]", secrets)
	for i, w := range words {
		user := fmt.Sprintf("u%d", i)
		if status, _, _ := ask(t, "GET", at+"/stats", user, w, ""); status != http.StatusOK {
			t.Errorf("password %q: status %d", w, status)
		}
		if status, _, _ := ask(t, "GET", at+"/stats", user, w+"x", ""); status != http.StatusUnauthorized {
			t.Errorf("password %q with an x behind it: status %d", w, status)
		}
	}
}

// TestStatsPage asks for all that the page can have.
func TestStatsPage(t *testing.T) {
	at := serveStats(t, "uri: /lb, refresh: 1m, realm: my 'own' LB, hide_version: true, admin: true, desc: \"edge 'one'\", show_legends: "+
		"true, show_node: true, prometheus: /metrics, users: [{name: admin, password: {env: X}}]",
		map[diag.Path]string{"stats.users[0].password": "p w"})
	status, head, _ := ask(t, "GET", at+"/lb", "", "", "")
	if got := head.Get("WWW-Authenticate"); status != http.StatusUnauthorized || got != `Basic realm="my 'own' LB"` {
		t.Errorf("without password: %d %s", status, got)
	}
	_, head, page := ask(t, "GET", at+"/lb", "admin", "p w", "")
	if got := head.Get("Refresh"); got != "60" {
		t.Errorf("refresh is %q", got)
	}
	host, _ := os.Hostname()
	for _, part := range []string{"edge 'one'", "on " + host, "class=tips", "<select name=action>"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page has no %s", part)
		}
	}
	if strings.Contains(page, "HAProxy version") {
		t.Error("the page tells the version")
	}
	down := url.Values{"s": {"a"}, "b": {"app"}, "action": {"maint"}}.Encode()
	if status, _, _ := ask(t, "POST", at+"/lb", "", "", down); status != http.StatusUnauthorized {
		t.Errorf("a server is switched off without password: %d", status)
	}
	if status, head, _ := ask(t, "POST", at+"/lb", "admin", "p w", down); status != http.StatusSeeOther ||
		!strings.Contains(head.Get("Location"), "st=DONE") {
		t.Errorf("admin may not switch a server off: %d %v", status, head)
	}
	if status, _, metrics := ask(t, "GET", at+"/metrics", "", "", ""); status != http.StatusOK ||
		!strings.Contains(metrics, `haproxy_server_status{proxy="app",server="a",state="MAINT"} 1`) {
		t.Errorf("the metrics are %d %.200s", status, metrics)
	}
}

// TestStatsPageByDefault shows nothing that was not asked for.
func TestStatsPageByDefault(t *testing.T) {
	at := serveStats(t, "refresh: 10s", nil)
	status, _, page := ask(t, "GET", at+"/stats", "", "", "")
	if status != http.StatusOK || !strings.Contains(page, "HAProxy version") || strings.Contains(page, "name=action") {
		t.Errorf("the page is %d", status)
	}
	if _, head, _ := ask(t, "POST", at+"/stats", "", "", "s=a&b=app&action=maint"); strings.Contains(head.Get("Location"), "st=DONE") {
		t.Error("everybody may switch a server off")
	}
	if status, _, _ := ask(t, "GET", at+"/metrics", "", "", ""); status == http.StatusOK {
		t.Error("there are metrics that nobody asked for")
	}
}

// TestSecretInHAProxy: haproxy.cfg with a secret is for root alone, and a
// secret that is not to be had is replaced by a stub.
func TestSecretInHAProxy(t *testing.T) {
	text := fmt.Sprintf(loopback, 80, 8404, "users: [{name: admin, password: {env: X}}]") +
		"userlists: [{name: l, users: [{name: b, groups: [x, y], password_hash: {env: Y}}, {name: c, groups: [x], password: {env: Z}}]}]\n"
	for _, c := range []struct {
		secrets map[diag.Path]string
		want    []string
	}{
		{nil, []string{`'standin0'`, `'$5$standin$83T74IuovfAzy4wvZPxee7D4EbkGwnsy5/fxRij3VJ6'`}},
		{map[diag.Path]string{"stats.users[0].password": "it's", "userlists[0].users[0].password_hash": "$6$a$b",
			"userlists[0].users[1].password": "abc"},
			[]string{`'it'\''s'`, `'$6$a$b'`, `'abc'`}},
	} {
		f := fileOf(t, secretSets(t, text, c.secrets)[0], "etc/haproxy/haproxy.cfg")
		if f.Mode != 0o640 || f.Owner != "root" || len(f.Secrets) != 3 {
			t.Errorf("mode %o, owner %s, %d secrets", f.Mode, f.Owner, len(f.Secrets))
		}
		for i, s := range f.Secrets {
			got := string(f.Data[s.Start:s.End])
			if s.Known != (c.secrets != nil) || !strings.Contains(strings.Join(c.want, " "), got) {
				t.Errorf("secret %d (%s) is %s, known %t", i, s.Path, got, s.Known)
			}
		}
	}
	if f := fileOf(t, pair(t)[0], "etc/haproxy/haproxy.cfg"); f.Mode != 0o644 {
		t.Errorf("without secrets the mode is %o", f.Mode)
	}
}

// TestMetricsBesideAPageOfEverything: the page takes every path that begins
// with its own, and the metrics have theirs all the same.
func TestMetricsBesideAPageOfEverything(t *testing.T) {
	at := serveStats(t, "uri: /, prometheus: /metrics", nil)
	if _, _, page := ask(t, "GET", at+"/", "", "", ""); !strings.Contains(page, "<html>") {
		t.Error("the page is not at /")
	}
	if _, _, metrics := ask(t, "GET", at+"/metrics", "", "", ""); !strings.Contains(metrics, "haproxy_process_") {
		t.Errorf("the metrics are %.100s", metrics)
	}
}

// TestUsersAreAsked has a real HAProxy ask for the passwords of a userlist, and
// for a group.
func TestUsersAreAsked(t *testing.T) {
	words := slices.DeleteFunc(append([]string{`"#!'$%\ {}`, "x:y"}, nasty...), func(w string) bool { return model.CheckPassword(w) != "" })
	secrets := map[diag.Path]string{ // the hash of hunter2
		"userlists[0].users[0].password_hash": "$6$abcdefgh$" +
			"M/eYsB4rVXAm3ZNc88J.UD9rCKAT6FB1rahiwJCHtEndQNORCub5qhjxn50qbqVVthkM.9HpEwtf0t.iV9uH0/",
	}
	users := "{name: hashed, groups: [admins], password_hash: {env: X}}"
	for i, w := range words {
		users += fmt.Sprintf(", {name: u%d, password: {env: X}}", i)
		secrets[diag.Path("userlists[0].users").Index(i+1).Key("password")] = w
	}
	port := freePort(t)
	site := strings.NewReplacer(
		"default_backend: app", "routes: [{when: [{path: /admin}], auth: {userlist: l, groups: [admins]}}, {auth: {userlist: l, realm: "+
			"\"it's ours\"}}, {return: {text: come in}}]",
		"backends: [{name: app, servers: [{name: a, address: 127.0.0.3:1}]}]", "userlists: [{name: l, users: ["+users+"]}]",
	).Replace(fmt.Sprintf(loopback, port, freePort(t), "refresh: 10s"))
	at := serve(t, site, secrets, port)
	if status, head, _ := ask(t, "GET", at+"/", "", "", ""); status != http.StatusUnauthorized ||
		head.Get("WWW-Authenticate") != `Basic realm="it's ours"` {
		t.Errorf("without password: %d %v", status, head)
	}
	for i, w := range words {
		user := fmt.Sprintf("u%d", i)
		if status, _, body := ask(t, "GET", at+"/", user, w, ""); status != http.StatusOK || body != "come in" {
			t.Errorf("password %q: %d %s", w, status, body)
		}
		for _, wrong := range [][2]string{{"/", w + "x"}, {"/admin", w}} {
			if status, _, _ := ask(t, "GET", at+wrong[0], user, wrong[1], ""); status != http.StatusUnauthorized {
				t.Errorf("password %q: %s with %q: %d", w, wrong[0], wrong[1], status)
			}
		}
	}
	if status, _, _ := ask(t, "GET", at+"/admin", "hashed", "hunter2", ""); status != http.StatusOK {
		t.Errorf("the password of a hash: %d", status)
	}
}

// TestRedisPasswordArrives has a real HAProxy log in to what takes itself for
// Redis.
func TestRedisPasswordArrives(t *testing.T) {
	redis, err := net.Listen("tcp", "127.0.0.3:0")
	if err != nil {
		t.Fatal(err)
	}
	defer redis.Close()
	const password = `it's "#!$%\r\n {日}`
	got := make(chan string, 100)
	go func() {
		for {
			conn, err := redis.Accept()
			if err != nil {
				return
			}
			buf := make([]byte, 1000)
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
			n, _ := conn.Read(buf)
			got <- string(buf[:n])
			conn.Close()
		}
	}()
	site := strings.NewReplacer("127.0.0.3:1", redis.Addr().String(), "{name: app, ",
		"{name: app, mode: tcp, health: {redis: {password: {env: X}}, inter: 100ms}, ", "binds: [{nic: lo", "mode: tcp, binds: [{nic: lo").
		Replace(loopback)
	port := freePort(t)
	serve(t, fmt.Sprintf(site, freePort(t), port, "refresh: 10s"), map[diag.Path]string{"backends[0].health.redis.password": password}, port)
	want := fmt.Sprintf("*2\r\n$4\r\nAUTH\r\n$%d\r\n%s\r\n", len(password), password)
	eventually(t, "HAProxy logs in with the password", func() bool {
		select {
		case said := <-got:
			if said != "" && !strings.HasPrefix(said, want) {
				t.Fatalf("HAProxy says %q, want %q", said, want)
			}
			return said != ""
		default:
			return false
		}
	})
}
