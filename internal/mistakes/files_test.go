package mistakes_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/mistakes"
	pairrules "github.com/lbgen/lbgen/internal/pair/rules"
	"github.com/lbgen/lbgen/internal/testenv"
)

// TestSaidOfFiles: the daemons say what the table says of files with a mistake, and nothing
// of it where there is none.
func TestSaidOfFiles(t *testing.T) {
	testenv.Machine(t)
	good := saidOf(t, mistakes.InFiles{})
	for _, m := range mistakes.SaidOfFiles() {
		t.Run(m.ID, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(good, m.Says) {
				t.Errorf("%q is said of good files, too:\n%s", m.Says, good)
			}
			if said := saidOf(t, m); !strings.Contains(said, m.Says) {
				t.Errorf("nobody says %q, but:\n%s", m.Says, said)
			}
		})
	}
}

// saidOf is what both daemons say of the first node's files.
func saidOf(t *testing.T, m mistakes.InFiles) string {
	t.Helper()
	n := pairrules.NewExample(m.Fragment).Pair.Nodes[0]
	cfg := n.HAProxyFiles[0].Data
	if m.Cut {
		cfg = bytes.TrimSuffix(cfg, []byte("\n"))
	}
	file := func(path string, data []byte) artifact.File {
		return artifact.File{Path: path, Mode: 0o640, Owner: "root", Group: "root", Action: artifact.None, Data: data}
	}
	host := artifact.Host{Family: "debian", User: "haproxy", Group: "haproxy", Chroot: "/var/lib/haproxy",
		Devices: []artifact.Device{{Name: "eth0"}}}
	set, err := artifact.New("pair", n.Name, host, []artifact.File{file("etc/haproxy/haproxy.cfg", cfg),
		file("etc/keepalived/keepalived.conf", n.KeepalivedFiles[0].Data)})
	if err != nil {
		t.Fatal(err)
	}
	result := check.Run(t.Context(), set, check.Options{Only: []string{"haproxy", "keepalived"}})
	for _, rep := range result.Unchecked() {
		testenv.Lacks(t, "%s", rep.Reason)
	}
	var b strings.Builder
	for _, f := range result.Findings() {
		b.WriteString(f.Summary + "; " + f.Detail + "\n")
	}
	return b.String()
}
