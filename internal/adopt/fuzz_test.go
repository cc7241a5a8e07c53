package adopt_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/lbgen/lbgen/internal/adopt"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/pair/rules"
)

// FuzzPair: whatever stands in the files of a pair, nothing panics, and each line has a
// fate.
func FuzzPair(f *testing.F) {
	names, err := filepath.Glob("testdata/pairs/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		a, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		both := map[string]string{}
		for _, file := range a.Files {
			both[file.Name] = string(file.Data)
		}
		f.Add(both["lb1/haproxy.cfg"], both["lb1/keepalived.conf"])
	}
	f.Add("listen a :80 :81\n server\n server x\nbackend\ndefaults x from y\nfrontend b\n bind\n acl\n use_backend\n",
		"vrrp_script {\n}\nvrrp_sync_group {\n}\nvrrp_instance {\n}\nvrrp_instance a {\n")
	f.Add("backend b\n balance leastconn\n balance url_param u\n balance hdr(x)\n option httpchk\n http-check expect\n server s "+
		"192.0.2.1:80\n",
		"vrrp_instance a {\n}\n")
	f.Fuzz(func(t *testing.T, cfg, conf string) {
		files := map[string]string{"a/haproxy.cfg": cfg, "a/keepalived.conf": conf, "b/haproxy.cfg": cfg,
			"b/keepalived.conf": strings.ReplaceAll(conf, "MASTER", "BACKUP")}
		p := pair.ReadFiles("x", []pair.Input{{Name: "a", Paths: []string{"a"}}, {Name: "b", Paths: []string{"b"}}}, files)
		for _, d := range rules.Run(rules.All(), p) {
			if d.Summary == "" || d.Severity > diag.Info {
				t.Errorf("%+v", d)
			}
		}
		p.Failover()
		for _, l := range adopt.Import(p, adopt.Options{}).Lines {
			if l.Fate == "" {
				t.Errorf("%s has no fate", l.At)
			}
		}
		if all := adopt.Differences(p, p); len(all) > 0 {
			for _, d := range all {
				if d.What != "it" { // LVS is always told
					t.Errorf("a pair differs from itself: %s", d)
				}
			}
		}
	})
}
