package render

import (
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/templates"
)

func pair(t *testing.T) []artifact.Set {
	t.Helper()
	return siteSets(t, "../../examples/prslb.yaml")
}

func fileOf(t *testing.T, set artifact.Set, path string) artifact.File {
	t.Helper()
	f, ok := set.File(path)
	if !ok {
		t.Fatalf("%s is not made", path)
	}
	return f
}

// TestLinesKnowTheirOrigin looks up lines that a daemon may complain of.
func TestLinesKnowTheirOrigin(t *testing.T) {
	set := pair(t)[0]
	for path, lines := range map[string]map[string]string{
		"etc/haproxy/haproxy.cfg": {
			"    server prswb02 192.168.50.62:80 check":            "backends[0].servers[1]",
			"    bind 172.16.110.72:443":                           "frontends[0].binds[1]",
			"    timeout connect 3s":                               "backends[0].timeouts.connect",
			"    stats refresh 10s":                                "stats.refresh",
			"    http-check expect status 200":                     "backends[0].health.http",
			"    default_backend app_backend":                      "frontends[0].default_backend",
			"    default-server inter 2s rise 2 fall 3":            "backends[0].health",
			"    http-request deny unless { src 192.168.11.0/24 }": "stats.allow",
		},
		"etc/keepalived/keepalived.conf": {
			"        172.16.110.70/24 dev ens224": "vrrp[0].vips[0]",
			"    priority 100":                    "nodes[0].priority",
			"        ens256":                      "vrrp[0].track.nics[0]",
			"        auth_type PASS":              "vrrp[0].auth_pass",
			"    interval 2":                      "vrrp[0].track.haproxy",
		},
		"etc/sysctl.d/99-nonlocal_bind.conf": {"net.ipv4.ip_nonlocal_bind = 1": "frontends[0].binds[0]"},
	} {
		f := fileOf(t, set, path)
		for text, want := range lines {
			at := lineOf(f, text)
			if got := f.Origin(at); at == 0 || got != want {
				t.Errorf("%s:%d %q comes from %q, want %q", path, at, text, got, want)
			}
		}
	}
}

func lineOf(f artifact.File, text string) int {
	for i, line := range strings.Split(string(f.Data), "\n") {
		if line == text {
			return i + 1
		}
	}
	return 0
}

// TestHAProxyIsTheSameEverywhere: byte for byte, and rendered once.
func TestHAProxyIsTheSameEverywhere(t *testing.T) {
	sets := pair(t)
	a, b := fileOf(t, sets[0], "etc/haproxy/haproxy.cfg"), fileOf(t, sets[1], "etc/haproxy/haproxy.cfg")
	if !bytes.Equal(a.Data, b.Data) {
		t.Error("haproxy.cfg differs between the nodes")
	}
	if &a.Data[0] != &b.Data[0] {
		t.Error("haproxy.cfg is rendered for each node")
	}
}

// TestEveryFileIsFit: a header, a newline at the end (HAProxy refuses a file
// without one), no control character, no space at a line's end.
func TestEveryFileIsFit(t *testing.T) {
	for _, site := range []string{"../../examples/prslb.yaml", "../../testdata/sites/debian12.yaml", "../../testdata/sites/dualstack.yaml",
		"../../testdata/sites/single.yaml"} {
		for _, set := range siteSets(t, site) {
			for _, f := range set.Files {
				if strings.HasPrefix(f.Path, "etc/haproxy/pages/") || strings.HasSuffix(f.Path, ".sh") {
					continue // the user's own bytes, and the programs that are the same for every site
				}
				text := string(f.Data)
				if !strings.Contains(text[:min(len(text), 200)], "Made by lbgen from site "+set.Site+". Do not edit") {
					t.Errorf("%s/%s has no header", set.Node, f.Path)
				}
				if !strings.HasSuffix(text, "\n") || strings.HasSuffix(text, "\n\n") {
					t.Errorf("%s/%s does not end in one newline", set.Node, f.Path)
				}
				if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' }) {
					t.Errorf("%s/%s holds a control character", set.Node, f.Path)
				}
				for i, line := range strings.Split(text, "\n") {
					if strings.TrimRight(line, " \t") != line {
						t.Errorf("%s/%s:%d ends in white space", set.Node, f.Path, i+1)
					}
				}
			}
		}
	}
}

// TestSecretIsAStretch: a secret that is not to be had is replaced by a stub and
// known to be, one that is there stands quoted in its place.
func TestSecretIsAStretch(t *testing.T) {
	set := pair(t)[0]
	f := fileOf(t, set, "etc/keepalived/keepalived.conf")
	if len(f.Secrets) != 1 || f.Secrets[0].Known || f.Secrets[0].Path != "vrrp[0].auth_pass" {
		t.Fatalf("secrets are %v", f.Secrets)
	}
	if got := string(f.Data[f.Secrets[0].Start:f.Secrets[0].End]); got != `"standin0"` {
		t.Errorf("the placeholder is %s", got)
	}
	if model.CheckAuthPass("standin0") != "" {
		t.Error("Keepalived would not take the placeholder")
	}
	if f.Mode != 0o640 {
		t.Errorf("the mode is %o", f.Mode)
	}
}

// TestTemplatesAreAllUsed: a template that no artifact names is dead.
func TestTemplatesAreAllUsed(t *testing.T) {
	named := map[string]bool{}
	for _, a := range table() {
		named[a.template] = true
	}
	files, err := fs.Glob(templates.FS, "*/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if !named[name] {
			t.Errorf("templates/%s is in no artifact", name)
		}
	}
	if len(files) != len(named) {
		t.Errorf("%d templates, and %d that the artifacts name", len(files), len(named))
	}
}
