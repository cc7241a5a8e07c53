package render

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/testbox"
)

// nasty are words that some grammar gives a meaning to.
var nasty = []string{
	"plain", "a b", "a#b", "#", "a'b", "'", "''", `a"b`, `"`, `a\b`, `\`, `\\n`, "$HOME", "${HOME}", "$", "a$", "%[path]",
	"{ x }", "if", "a;b", "a!b", "!", "日本", "a\u00a0b", " lead", "trail ", "a  b", "@include", "~SEQ(1,3)", "<<", "[*]", "%%", "x=1,y",
}

// startHAProxy starts HAProxy and waits for its socket.
func startHAProxy(t *testing.T, file, socket string) (stop func()) {
	t.Helper()
	cmd := exec.Command("haproxy", "-db", "-f", file)
	var talk strings.Builder
	cmd.Stderr = &talk
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if _, err := os.Stat(socket); err == nil {
			return func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
		}
		time.Sleep(50 * time.Millisecond)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	t.Fatalf("HAProxy does not start:\n%s", talk.String())
	return nil
}

// TestKeepalivedReadsThePassword has a real Keepalived say which passwords it
// holds: those that the model lets through arrive as they were.
func TestKeepalivedReadsThePassword(t *testing.T) {
	testbox.NeedRoot(t)
	testbox.NeedTools(t, "keepalived")
	var passwords []string
	for _, w := range append(slices.Clone(nasty), "passw123", "~LST(a)", "x\\ty", "include", "8 bytes!") {
		if model.CheckAuthPass(w) == "" {
			passwords = append(passwords, w)
		}
	}
	var cfg strings.Builder
	for i, p := range passwords {
		fmt.Fprintf(&cfg, "vrrp_instance V%d {\n state BACKUP\n interface eth0\n virtual_router_id %d\n priority 100\n authentication {\n "+
			"auth_type PASS\n auth_pass %s\n }\n virtual_ipaddress {\n 192.0.2.%d/24\n }\n}\n",
			i, i+1, keepalived.Text(p).Text(), i+10)
	}
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, []byte(cfg.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("unshare", "-mn", "sh", "testdata/keepalived.sh", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range regexp.MustCompile(`(?m)^ +Password = (.*)$`).FindAllStringSubmatch(string(out), -1) {
		got = append(got, m[1])
	}
	if !slices.Equal(got, passwords) {
		t.Errorf("Keepalived holds\n%q, want\n%q", got, passwords)
	}
}
