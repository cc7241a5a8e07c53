package render

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestProtocolsOfTLSStandOnce: HAProxy 2.6.12 gives back the memory of default-server's
// alpn with each server line that has its own, and ends sooner or later by it.
func TestProtocolsOfTLSStandOnce(t *testing.T) {
	files, err := filepath.Glob("../../testdata/golden/*/*/etc/haproxy/haproxy.cfg")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d golden files, %v", len(files), err)
	}
	seen := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for section := range strings.SplitSeq(string(text), "\n\n") {
			shared, own := false, false
			for line := range strings.Lines(section) {
				line = strings.TrimSpace(line)
				if !strings.Contains(line, " alpn ") && !strings.Contains(line, " check-alpn ") {
					continue
				}
				shared = shared || strings.HasPrefix(line, "default-server ")
				own = own || strings.HasPrefix(line, "server ") || strings.HasPrefix(line, "server-template ")
			}
			if shared && own {
				t.Errorf("%s: both default-server and a server name protocols:\n%s", file, section)
			}
			if shared || own {
				seen++
			}
		}
	}
	if seen == 0 {
		t.Error("no backend names protocols: is the test still looking at the right thing?")
	}
}
