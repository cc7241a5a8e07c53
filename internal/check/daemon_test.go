package check

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/proc"
)

func TestVersionIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://haproxy.org/\n": "2.6.12-1+deb12u4",
		"HA-Proxy version 2.2.9-2+deb11u6 2023/12/20\n":                        "2.2.9-2+deb11u6",
		"Keepalived v2.3.3 (03/30,2025)\n\nCopyright":                          "2.3.3",
		"Keepalived v2.2.7 (01/16,2022), git commit v2.2.7+":                   "2.2.7",
		"Unable to read build config options file\n":                           "",
	} {
		if got := versionIn([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// TestOtherDaemons asks a HAProxy with another name, and a Keepalived of PATH that
// wants the file of Debian's package.
func TestOtherDaemons(t *testing.T) {
	requires(t, "haproxy", "keepalived")
	dir := t.TempDir()
	real, err := proc.Look("haproxy")
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(real)
	if err != nil {
		t.Fatal(err)
	}
	const keepalived = "/usr/sbin/keepalived"
	if _, err := os.Stat(keepalived); err != nil {
		missing(t, "the script in its place starts "+keepalived)
	}
	other := filepath.Join(dir, "haproxy-other")
	picky := "#!/bin/sh\n[ -s /etc/keepalived/keepalived.config-opts ] || { echo 'Unable to read build config options file' >&2; exit 1; }\n" +
		"[ \"$1\" != -v ] || { echo 'Keepalived v9.8.7 (01/02,2030)' >&2; exit; }\nexec " + keepalived + " \"$@\"\n"
	for name, text := range map[string]string{other: string(data), filepath.Join(dir, "keepalived"): picky} {
		if err := os.WriteFile(name, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	opts := Options{Only: []string{"haproxy", "keepalived"}, Programs: map[string]string{"haproxy": other}}
	got := Daemons(t.Context(), opts)
	if len(got) != 2 || got[0].Program != other || !strings.HasPrefix(got[0].Version, "2.") && !strings.HasPrefix(got[0].Version, "3.") ||
		got[1].Program != filepath.Join(dir, "keepalived") || got[1].Version != "9.8.7" {
		t.Errorf("asked: %+v", got)
	}
	for _, rep := range Run(t.Context(), goodSet(t), opts).Reports {
		if rep.Status != Ran || len(rep.Findings) > 0 {
			t.Errorf("%+v", rep)
		}
	}
}
