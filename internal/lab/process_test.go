//go:build linux

package lab

import (
	"os"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/scratch"
)

// TestProcessEventsAreReplaced: a node that waits for the kernel's process events
// would be in FAULT for ever.
func TestProcessEventsAreReplaced(t *testing.T) {
	conf := artifact.File{Path: keepalivedConf, Mode: 0o640, Data: []byte("vrrp_track_process chk_haproxy {\n    process haproxy\n    " +
		"weight -40\n}\n\n" +
		"vrrp_instance V {\n    track_process {\n        chk_haproxy\n    }\n}\n")}
	set, err := artifact.New("s", "lb1", artifact.Host{User: "root", Group: "root"}, []artifact.File{conf})
	if err != nil {
		t.Fatal(err)
	}
	r, err := scratch.New(scratch.Options{Dir: t.TempDir(), Set: set, About: set.Files})
	if err != nil {
		t.Fatal(err)
	}
	n := &node{}
	if err := n.keepalived(r, conf); err != nil {
		t.Fatal(err)
	}
	data := textOf(t, r.At("/"+keepalivedConf))
	for _, want := range []string{"vrrp_script chk_haproxy {\n    script \"/usr/bin/killall -0 haproxy\"\n", "    weight -40\n",
		"    track_script {\n"} {
		if !strings.Contains(data, want) {
			t.Errorf("%q is missing in\n%s", want, data)
		}
	}
	if strings.Contains(data, "process") || len(n.notes) != 1 {
		t.Errorf("%q\n%s", n.notes, data)
	}
}

func textOf(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
