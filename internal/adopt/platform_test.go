package adopt_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/pair"
)

// TestPlatformOfRelease: a distribution that is no platform becomes the one that it is
// like, and the report says so; not where --platform has said which one counts.
func TestPlatformOfRelease(t *testing.T) {
	for _, c := range []struct{ release, want, said string }{
		{"ID=debian\nVERSION_ID=\"12\"\n", "debian12", ""},
		{"ID=ubuntu\nVERSION_ID=\"22.04\"\nID_LIKE=debian\n", "ubuntu2204", ""},
		{"ID=\"almalinux\"\nVERSION_ID=\"9.5\"\nID_LIKE=\"rhel centos fedora\"\n", "almalinux9", ""},
		{"ID=ubuntu\nVERSION_ID=\"26.04\"\nID_LIKE=debian\n", "ubuntu2604", ""},
		{"ID=\"almalinux\"\nVERSION_ID=\"10.1\"\nID_LIKE=\"rhel centos fedora\"\n", "almalinux10", ""},
		{"ID=debian\nVERSION_ID=11\nPRETTY_NAME=\"Debian 11\"\n", "debian12", "lb1 has Debian 11, which is no platform of lbgen: debian12"},
		{"ID=ubuntu\nVERSION_ID=20.04\nID_LIKE=debian\n", "ubuntu2204", "ubuntu 20.04"},
		{"ID=ol\nVERSION_ID=9.4\nID_LIKE=fedora\n", "rhel9", "rhel9 is taken as the one that it is like"},
		{"ID=centos\nVERSION_ID=10\nID_LIKE='rhel fedora'\n", "rhel10", "rhel10"},
		{"ID=fedora\nVERSION_ID=41\n", "rhel10", "fedora 41"},
		{"ID=linuxmint\nVERSION_ID=21\nID_LIKE=\"ubuntu debian\"\n", "ubuntu2204", "linuxmint 21"},
		{"ID=raspbian\nVERSION_ID=13\nID_LIKE=debian\n", "debian13", "raspbian 13"},
		{"ID=alpine\nVERSION_ID=3.20\n", "debian12", "no file says which distribution"},
		{"", "debian12", "no file says which distribution"},
	} {
		p := pair.ReadFiles("site", []pair.Input{{Name: "lb1", Paths: []string{"lb1"}}}, map[string]string{
			"lb1/etc/os-release":          c.release,
			"lb1/etc/haproxy/haproxy.cfg": "defaults\n  mode http\n",
		})
		d := adopt.Import(p, adopt.Options{})
		if !strings.Contains(string(d.Text), "platform: "+c.want+"\n") {
			t.Errorf("%q: not %s\n%s", c.release, c.want, d.Text)
		}
		said := slices.ContainsFunc(d.Asked, func(s string) bool { return c.said != "" && strings.Contains(s, c.said) })
		remark := slices.ContainsFunc(d.Asked, func(s string) bool { return strings.Contains(s, "--platform") })
		if said != (c.said != "") || remark != said {
			t.Errorf("%q: asked %q", c.release, d.Asked)
		}
		d = adopt.Import(p, adopt.Options{Platform: "rocky9"})
		if !strings.Contains(string(d.Text), "platform: rocky9\n") || slices.ContainsFunc(d.Asked, func(s string) bool {
			return strings.Contains(s, "platform")
		}) {
			t.Errorf("%q: --platform is not the last word: %q", c.release, d.Asked)
		}
	}
}
