//go:build linux

package lab

import (
	"slices"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
)

// TestMissing has a check whose programs are nowhere, and one that the node
// brings along.
func TestMissing(t *testing.T) {
	conf := `vrrp_script alive {
    script "/nowhere/killall -0 haproxy"
}
vrrp_script web {
    script "/nowhere/curl -s http://127.0.0.1/"
}
vrrp_script own {
    script "/etc/keepalived/own.sh"
}
`
	set := artifact.Set{Node: "lb1", Files: []artifact.File{
		{Path: "etc/keepalived/keepalived.conf", Data: []byte(conf)}, {Path: "etc/keepalived/own.sh"},
	}}
	want := []string{
		"/nowhere/curl is not on this machine: install curl",
		"/nowhere/killall is not on this machine: install psmisc",
	}
	// The daemons themselves may be absent here, too.
	got := slices.DeleteFunc(Missing([]artifact.Set{set}, nil), func(s string) bool { return s[0] != '/' })
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestLentIDs(t *testing.T) {
	for name, c := range map[string]struct{ text, first string }{
		"by name":          {"root:1:9\nnobody:200000:65536\n", "200000"},
		"by id":            {"65534:300000:65536\n", "300000"},
		"the large one":    {"nobody:1000:10\nnobody:400000:65534\n", "400000"},
		"too few":          {"nobody:100000:1000\n", ""},
		"somebody else's":  {"nobodys:100000:65536\n", ""},
		"no range at all":  {"nobody\n# nobody:1:65536\nnobody:1:x\n", ""},
		"an empty machine": {"", ""},
	} {
		if first, _, err := lentTo("nobody", "65534", c.text); first != c.first || (err == nil) != (c.first != "") {
			t.Errorf("%s: %q, %v", name, first, err)
		}
	}
}
