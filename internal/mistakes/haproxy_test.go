package mistakes_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/mistakes"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestLastLine: a file whose last line does not end is refused by HAProxy.
func TestLastLine(t *testing.T) {
	for _, f := range trees(t, mistakes.Row{})[0].Files {
		if !bytes.HasSuffix(f.Data, []byte("\n")) {
			t.Errorf("%s does not end with a line feed", f.Path)
		}
	}
}

// TestPasswordsAsMeant logs in to a real HAProxy with passwords that have a
// meaning in some language on their way, and with what would be left of them.
func TestPasswordsAsMeant(t *testing.T) {
	needHAProxy(t)
	for _, c := range []struct{ password, left string }{
		{"pa#ss", "pa"},
		{"$NOPE", ""},
		{"a${HOME}b", "a" + os.Getenv("HOME") + "b"},
		{`it's "so"`, "its so"},
		{`back\slash\n`, "backslashn"},
		{"pa ss", "pa"},
		{"50%%[src]!{}", "50%[src]!{}"},
	} {
		t.Run(c.password, func(t *testing.T) {
			page := statsPage(t, "'"+strings.ReplaceAll(c.password, "'", "''")+"'")
			if got := status(t, page, c.password); got != http.StatusOK {
				t.Errorf("the password: status %d", got)
			}
			if got := status(t, page, c.left); got != http.StatusUnauthorized {
				t.Errorf("with %q instead: status %d", c.left, got)
			}
		})
	}
}

// statsPage runs the HAProxy of a site with a statistics page on loopback, and
// returns the address of the page.
func statsPage(t *testing.T, password string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.3:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	_, port, _ := net.SplitHostPort(address)
	site := fmt.Sprintf("nics: {front: {device: lo, subnet: 127.0.0.0/24}}\nvrrp: []\nnodes: [{name: lb1, addresses: {front: 127.0.0.3}}]\n"+
		"frontends: [{name: main, binds: [{nic: front, port: 1}], default_backend: app}]\n"+
		"stats: {nic: front, port: %s, allow: [127.0.0.0/8], users: [{name: ops, password: %s}]}\n", port, password)
	text := string(file(t, trees(t, mistakes.Row{Fragment: site})[0], "etc/haproxy/haproxy.cfg").Data)
	_, page, ok := strings.Cut(text, "\nfrontend stats\n")
	page, _, ok2 := strings.Cut(page, "\n\n")
	if !ok || !ok2 {
		t.Fatalf("there is no page in:\n%s", text)
	}
	// The machine's own user, chroot, socket and log are not for tests.
	conf := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(conf, []byte("defaults\n    mode http\n    timeout client 5s\nfrontend stats\n"+page+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("haproxy", "-db", "-f", conf)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for range 200 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return "http://" + address + "/stats"
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("HAProxy does not listen")
	return ""
}

func status(t *testing.T, page, password string) int {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, page, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("ops", password)
	res, err := (&http.Client{Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// needHAProxy skips the test without HAProxy. Where REQUIRE_DAEMONS is set, as
// in CI, that is a failure.
func needHAProxy(t *testing.T) {
	t.Helper()
	testenv.Programs(t, "haproxy")
}

// TestEveryRow: nothing that was found is forgotten. The numbers have gaps.
func TestEveryRow(t *testing.T) {
	known := map[string]bool{}
	for _, r := range mistakes.All() {
		known[r.ID] = true
	}
	for part, numbers := range map[string][][2]int{
		"KA": {{1, 66}},
		"XN": {{1, 20}},
		"HA": {{1, 36}, {40, 54}, {60, 74}, {80, 88}, {90, 105}},
		"TL": {{1, 9}},
		"SY": {{1, 18}},
	} {
		for _, span := range numbers {
			for n := span[0]; n <= span[1]; n++ {
				id := fmt.Sprintf("%s%02d", part, n)
				if !known[id] {
					t.Errorf("%s has no answer", id)
				}
				delete(known, id)
			}
		}
	}
	for id := range known {
		t.Errorf("%s is no number of the list", id)
	}
}
