package compare_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/emit"
)

// render makes a file from a text in which §path=value§ is a secret, known
// unless the value is "?".
func render(p string, action artifact.Action, text string) artifact.File {
	f := artifact.File{Path: p, Mode: 0o644, Owner: "root", Group: "root", Action: action}
	for i, part := range strings.Split(text, "§") {
		if i%2 == 0 {
			f.Data = append(f.Data, part...)
			continue
		}
		f.Mode = 0o600
		name, value, _ := strings.Cut(part, "=")
		known := value != "?"
		if !known {
			value = "standin"
		}
		f.Secrets = append(f.Secrets, artifact.Secret{Start: len(f.Data), End: len(f.Data) + len(value), Path: name, Known: known})
		f.Data = append(f.Data, value...)
	}
	return f
}

const conf = `global_defs {
    router_id LB_01
}
vrrp_instance VI_1 {
    state BACKUP
    nopreempt
    virtual_router_id 51
    priority 100
    advert_int 1
    authentication {
        auth_type PASS
        auth_pass §vrrp[0].auth_pass=hunter22§
    }
    virtual_ipaddress {
        172.16.110.70/24
    }
}
`

// site returns the two nodes of a small site; each pair of strings in replace
// is an old and a new text in keepalived.conf.
func site(t testing.TB, replace ...string) []artifact.Set {
	t.Helper()
	var sets []artifact.Set
	for _, node := range []string{"lb1", "lb2"} {
		s, err := artifact.New("prslb", node, artifact.Host{}, []artifact.File{
			render("etc/haproxy/haproxy.cfg", artifact.ReloadHAProxy, "global\n    maxconn 4000\n"),
			render("etc/keepalived/keepalived.conf", artifact.ReloadKeepalived, strings.NewReplacer(replace...).Replace(conf)),
			render("etc/rsyslog.d/haproxy.conf", artifact.RestartRsyslog, "local2.* /var/log/haproxy.log\n"),
			render("install.sh", artifact.Tool, "#!/bin/sh\n"),
		})
		if err != nil {
			t.Fatal(err)
		}
		sets = append(sets, s)
	}
	return sets
}

// written returns a directory that holds the sets.
func written(t testing.TB, sets []artifact.Set) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := emit.Write(context.Background(), dir, sets, emit.Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func dirOf(t testing.TB, dir string, sets []artifact.Set) compare.Result {
	t.Helper()
	r, err := compare.Dir(dir, sets, compare.Options{AllNodes: true})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// both compares with a directory and with sets: what they say must be the same.
func both(t *testing.T, old, new []artifact.Set) compare.Result {
	t.Helper()
	got := dirOf(t, written(t, old), new)
	if d := cmp.Diff(got, compare.Sets(old, new)); d != "" {
		t.Errorf("directory and sets differ (-directory +sets):\n%s", d)
	}
	return got
}

func TestSame(t *testing.T) {
	r := both(t, site(t), site(t))
	if !r.Same() || r.Text() != "" || len(r.Nodes) != 2 {
		t.Errorf("%+v", r)
	}
}

func TestChangedSettings(t *testing.T) {
	tests := []struct {
		name              string
		replace           []string
		together, mayMove []string
	}{
		{"router id", []string{"virtual_router_id 51", "virtual_router_id 52"}, []string{"vrrp_instance VI_1: virtual_router_id 51 -> 52"},
			[]string{"vrrp_instance VI_1: virtual_router_id 51 -> 52"}},
		{"interval", []string{"advert_int 1", "advert_int 2"}, []string{"vrrp_instance VI_1: advert_int 1 -> 2"}, nil},
		{"VIP", []string{"172.16.110.70/24", "172.16.110.70/24\n        172.16.110.80/24"},
			[]string{"vrrp_instance VI_1: virtual_ipaddress 172.16.110.70 -> 172.16.110.70, 172.16.110.80"}, nil},
		{"prefix length", []string{"172.16.110.70/24", "172.16.110.70/25"}, nil, nil},
		{"version", []string{"router_id LB_01", "router_id LB_01\n    vrrp_version 3"}, []string{"global_defs: vrrp_version (none) -> 3"}, nil},
		{"authentication", []string{"auth_type PASS", "auth_type AH"}, []string{"vrrp_instance VI_1: auth_type PASS -> AH"}, nil},
		{"password", []string{"=hunter22", "=hunter33"}, []string{"secret of vrrp[0].auth_pass"}, nil},
		{"priority", []string{"priority 100", "priority 90"}, nil, []string{"vrrp_instance VI_1: priority 100 -> 90"}},
		{"nopreempt", []string{"    nopreempt\n", ""}, nil, []string{"vrrp_instance VI_1: nopreempt (set) -> (none)"}},
		{"source", []string{"priority 100", "priority 100\n    mcast_src_ip 172.16.110.71"},
			[]string{"vrrp_instance VI_1: mcast_src_ip (none) -> 172.16.110.71"}, nil},
		{
			"peers", []string{"priority 100", "priority 100\n    unicast_peer {\n        172.16.110.72\n    }"},
			[]string{"vrrp_instance VI_1: unicast_peer (none) -> 172.16.110.72"},
			[]string{"vrrp_instance VI_1: unicast_peer (none) -> 172.16.110.72"},
		},
		{"label", []string{"172.16.110.70/24", "172.16.110.70/24 label eth0:vip"}, nil, nil},
		{"group", []string{"vrrp_instance VI_1", "vrrp_sync_group g {\n    group {\n        VI_1\n        VI_2\n    }\n}\nvrrp_instance VI_1"},
			[]string{"vrrp_sync_group g: group (none) -> VI_1, VI_2"}, []string{"vrrp_sync_group g: group (none) -> VI_1, VI_2"}},
		{"a weight for HAProxy's check", []string{"vrrp_instance VI_1", "vrrp_script chk_haproxy {\n    script \"/usr/bin/killall -0 " +
			"haproxy\"\n    weight -60\n}\nvrrp_instance VI_1"}, nil, []string{"vrrp_script chk_haproxy: weight (none) -> -60"}},
		{"down_timer_adverts", []string{"priority 100", "priority 100\n    down_timer_adverts 4"},
			[]string{"vrrp_instance VI_1: down_timer_adverts (none) -> 4"}, nil},
		{"the default", []string{"priority 100", "priority 100\n    down_timer_adverts 3\n    version 2"}, nil, nil},
		{"quotes", []string{"priority 100", "priority \"100\""}, nil, nil},
		{"braces elsewhere", []string{"VI_1 {", "VI_1\n{", "    virtual_ipaddress {\n        172.16.110.70/24\n    }",
			"    virtual_ipaddress { 172.16.110.70/24 }"}, nil, nil},
		{"a script to watch", []string{"priority 100", "priority 100\n    track_script {\n        chk weight 5\n    }"}, nil,
			[]string{"vrrp_instance VI_1: track_script (none) -> chk weight 5"}},
		{"another way of saying it", []string{"virtual_router_id 51", "virtual_router_id $ID", "vrrp_instance VI_1",
			"$ID=51\nvrrp_instance VI_1"}, nil, nil},
		{"weight", []string{"vrrp_instance VI_1",
			"vrrp_script chk {\n    script \"/usr/bin/true '{' x\"\n    weight -60\n}\nvrrp_instance VI_1"}, nil,
			[]string{"vrrp_script chk: weight (none) -> -60"}},
		{"comment", []string{"    nopreempt\n", "    nopreempt # priority 7\n"}, nil, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := both(t, site(t), site(t, tt.replace...))
			n := r.Nodes[0]
			if d := cmp.Diff([][]string{tt.together, tt.mayMove}, [][]string{n.Together, n.MayMove}); d != "" {
				t.Error(d)
			}
			if len(n.Changes) != 1 || n.Changes[0].Kind != compare.Changed || len(n.Consequences) != 1 ||
				n.Consequences[0].Action != artifact.ReloadKeepalived {
				t.Errorf("%+v", n)
			}
		})
	}
}

func TestDiffShowsMasksOnly(t *testing.T) {
	r := both(t, site(t), site(t, "=hunter22", "=hunter33", "priority 100", "priority 90"))
	want := `--- a/lb1/etc/keepalived/keepalived.conf
+++ b/lb1/etc/keepalived/keepalived.conf
@@ -5,11 +5,11 @@
     state BACKUP
     nopreempt
     virtual_router_id 51
-    priority 100
+    priority 90
     advert_int 1
     authentication {
         auth_type PASS
-        auth_pass ********
+        auth_pass ********
     }
     virtual_ipaddress {
         172.16.110.70/24
`
	c := r.Nodes[0].Changes[0]
	if d := cmp.Diff(want, c.Diff); d != "" {
		t.Error(d)
	}
	if !slices.Equal(c.Secrets, []string{"vrrp[0].auth_pass"}) {
		t.Errorf("secrets %q", c.Secrets)
	}
}

func TestUnknownSecretIsNotCompared(t *testing.T) {
	r := both(t, site(t), site(t, "=hunter22", "=?"))
	if !r.Same() || !slices.Equal(r.Nodes[1].NotCompared, []string{"vrrp[0].auth_pass"}) {
		t.Errorf("%+v", r)
	}
	r = both(t, site(t), site(t, "=hunter22", "=?", "priority 100", "priority 90"))
	if c := r.Nodes[0].Changes; len(c) != 1 || len(c[0].Secrets) != 0 || strings.Contains(c[0].Diff, "-        auth_pass") {
		t.Errorf("%+v", c)
	}
}

func TestSecretOfSeveralLinesIsNotShown(t *testing.T) {
	for _, values := range [][2]string{{"=hunter22", "=one\ntwo"}, {"=one\ntwo", "=one\nthree"}, {"=one\ntwo", "=hunter22"}} {
		old, now := site(t, "=hunter22", values[0]), site(t, "=hunter22", values[1])
		for _, r := range []compare.Result{dirOf(t, written(t, old), now), compare.Sets(old, now)} {
			all, _ := json.Marshal(r)
			if r.Same() || strings.Contains(string(all), "one\"") || strings.Contains(string(all), "two") ||
				strings.Contains(string(all), "hunter") {
				t.Errorf("%s", all)
			}
		}
	}
}

func TestFilesAddedAndRemoved(t *testing.T) {
	less := site(t)
	less[0].Files = slices.Delete(slices.Clone(less[0].Files), 2, 3)
	r := both(t, less, site(t))
	want := []compare.Change{{Path: "etc/rsyslog.d/haproxy.conf", Kind: compare.Added, Action: artifact.RestartRsyslog,
		Diff: "--- /dev/null\n+++ b/lb1/etc/rsyslog.d/haproxy.conf\n@@ -0,0 +1,1 @@\n+local2.* /var/log/haproxy.log\n"}}
	if d := cmp.Diff(want, r.Nodes[0].Changes); d != "" {
		t.Error(d)
	}
	r = both(t, site(t), less)
	want[0].Kind, want[0].Diff = compare.Removed, "--- a/lb1/etc/rsyslog.d/haproxy.conf\n+++ /dev/null\n@@ -1,1 +0,0 @@\n-local2.* "+
		"/var/log/haproxy.log\n"
	if d := cmp.Diff(want, r.Nodes[0].Changes); d != "" {
		t.Error(d)
	}
	wantText := []compare.Consequence{{Action: artifact.RestartRsyslog, Text: "rsyslog is restarted",
		Files: []string{"etc/rsyslog.d/haproxy.conf"}}}
	if d := cmp.Diff(wantText, r.Nodes[0].Consequences); d != "" {
		t.Error(d)
	}
}

func TestRemovedFileWithSecretsIsNotShown(t *testing.T) {
	less := site(t)
	less[0].Files = slices.Delete(slices.Clone(less[0].Files), 1, 2)
	c := dirOf(t, written(t, site(t)), less).Nodes[0].Changes
	if len(c) != 1 || c[0].Kind != compare.Removed || c[0].Diff != "" || c[0].Note == "" {
		t.Errorf("%+v", c)
	}
}

func TestModesAndOwners(t *testing.T) {
	dir := written(t, site(t))
	os.Chmod(filepath.Join(dir, "lb1/install.sh"), 0o600)
	os.Chmod(filepath.Join(dir, "lb1/etc"), 0o700)
	now := site(t)
	now[1].Files = slices.Clone(now[1].Files)
	now[1].Files[0].Group = "haproxy"
	r := dirOf(t, dir, now)
	want := []compare.Change{
		{Path: "etc", Kind: compare.Mode, Mode: "0700 -> 0755", Action: artifact.None},
		{Path: "install.sh", Kind: compare.Mode, Mode: "0600 -> 0644", Action: artifact.None},
	}
	if d := cmp.Diff(want, r.Nodes[0].Changes); d != "" {
		t.Error(d)
	}
	want = []compare.Change{{Path: "etc/haproxy/haproxy.cfg", Kind: compare.Mode, Owner: "root:root -> root:haproxy",
		Action: artifact.ReloadHAProxy}}
	if d := cmp.Diff(want, r.Nodes[1].Changes); d != "" {
		t.Error(d)
	}
}

func TestChangedActionIsAChangeOfTheManifest(t *testing.T) {
	now := site(t)
	now[0].Files = slices.Clone(now[0].Files)
	now[0].Files[0].Action = artifact.None
	r := dirOf(t, written(t, site(t)), now)
	if c := r.Nodes[0].Changes; len(c) != 1 || c[0].Path != "MANIFEST" || c[0].Diff == "" {
		t.Errorf("%+v", c)
	}
}

func TestStates(t *testing.T) {
	tests := []struct {
		name, note string
		want       compare.State
		spoil      func(dir string)
	}{
		{"no node", "", compare.Missing, func(dir string) { os.RemoveAll(dir + "/lb1") }},
		{"no MANIFEST", "", compare.Unfinished, func(dir string) { os.Remove(dir + "/lb1/MANIFEST") }},
		{"marker", "", compare.Unfinished, func(dir string) {
			data, _ := os.ReadFile(dir + "/lb1/MANIFEST")
			os.WriteFile(filepath.Join(dir, "lb1", artifact.UnfinishedName), data, 0o644)
		}},
		{"another site", "it belongs to site other", compare.Refused, func(dir string) {
			os.WriteFile(dir+"/lb1/MANIFEST", []byte("# Made by lbgen from site other for node lb1. Do not edit.\n"), 0o644)
		}},
		{"another node", "was written for node lb2", compare.Refused, func(dir string) {
			os.WriteFile(dir+"/lb1/MANIFEST", []byte("# Made by lbgen from site prslb for node lb2. Do not edit.\n"), 0o644)
		}},
		{"notes", "is not a list that lbgen wrote", compare.Refused,
			func(dir string) { os.WriteFile(dir+"/lb1/MANIFEST", []byte("x\n"), 0o644) }},
		{"link", "a symbolic link", compare.Refused, func(dir string) { os.RemoveAll(dir + "/lb1"); os.Symlink("lb2", dir+"/lb1") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := written(t, site(t))
			tt.spoil(dir)
			n := dirOf(t, dir, site(t)).Nodes[0]
			if n.State != tt.want || !strings.Contains(n.Note, tt.note) || n.Same() {
				t.Errorf("%+v", n)
			}
		})
	}
}

func TestNoDirectory(t *testing.T) {
	r := dirOf(t, filepath.Join(t.TempDir(), "none"), site(t))
	if len(r.Nodes) != 2 || r.Nodes[0].State != compare.Missing || len(r.Nodes[0].Changes) != 4 {
		t.Errorf("%+v", r)
	}
}

func TestStaleNode(t *testing.T) {
	dir := written(t, site(t))
	r := dirOf(t, dir, site(t)[:1])
	if len(r.Nodes) != 2 || r.Nodes[1].State != compare.Stale || len(r.Nodes[1].Changes) != 5 || len(r.Nodes[1].Consequences) != 0 {
		t.Errorf("%+v", r)
	}
	r, err := compare.Dir(dir, site(t)[:1], compare.Options{})
	if err != nil || !r.Same() {
		t.Errorf("one node of two: %v %+v", err, r)
	}
	if r := compare.Sets(site(t), site(t)[:1]); len(r.Nodes) != 2 || r.Nodes[1].State != compare.Stale {
		t.Errorf("%+v", r)
	}
}

func TestBlocked(t *testing.T) {
	for name, spoil := range map[string]func(p string){
		"a symbolic link": func(p string) { os.Symlink("x", p) },
		"a directory":     func(p string) { os.Mkdir(p, 0o755) },
		"a file with other content stands there": func(p string) {
			os.WriteFile(p, []byte("password hunter22"), 0o644)
			os.Remove(filepath.Join(p, "../MANIFEST"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := written(t, site(t))
			p := filepath.Join(dir, "lb1/install.sh")
			os.Remove(p)
			spoil(p)
			c := dirOf(t, dir, site(t)).Nodes[0].Changes
			if len(c) != 1 || c[0].Kind != compare.Blocked || !strings.Contains(c[0].Note, name) || c[0].Diff != "" {
				t.Errorf("%+v", c)
			}
			if _, err := emit.Write(context.Background(), dir, site(t), emit.Options{}); err == nil {
				t.Error("emit does not refuse it")
			}
		})
	}
}

func TestForeignFilesAreNotListed(t *testing.T) {
	dir := written(t, site(t))
	os.WriteFile(filepath.Join(dir, "lb1/etc/notes"), []byte("mine"), 0o644)
	os.Mkdir(filepath.Join(dir, "mine"), 0o755)
	if r := dirOf(t, dir, site(t)); !r.Same() {
		t.Errorf("%+v", r)
	}
}

func TestRestartCoversReload(t *testing.T) {
	now := site(t, "priority 100", "priority 90")
	now[0].Files = append(now[0].Files, render("z", artifact.RestartKeepalived, "options\n"))
	got := both(t, site(t), now).Nodes[0].Consequences
	if len(got) != 1 || got[0].Action != artifact.RestartKeepalived ||
		!slices.Equal(got[0].Files, []string{"etc/keepalived/keepalived.conf", "z"}) {
		t.Errorf("%+v", got)
	}
	now = site(t)
	now[0].Files[0] = render("etc/haproxy/haproxy.cfg", artifact.ReloadHAProxy, "global\n    maxconn 5000\n")
	now[0].Files = append(now[0].Files, render("z", artifact.RestartHAProxy, "options\n"))
	got = both(t, site(t), now).Nodes[0].Consequences
	if len(got) != 1 || got[0].Action != artifact.RestartHAProxy || !slices.Equal(got[0].Files, []string{"etc/haproxy/haproxy.cfg", "z"}) {
		t.Errorf("%+v", got)
	}
}

func TestEditedTextCannotSteerATerminal(t *testing.T) {
	dir := written(t, site(t))
	os.WriteFile(filepath.Join(dir, "lb1/etc/haproxy/haproxy.cfg"), []byte("global\n\x1b[31m\x01 maxconn 4000\r\n"), 0o644)
	text := dirOf(t, dir, site(t)).Text()
	if strings.ContainsAny(text, "\x1b\x01\r") || !strings.Contains(text, "␛[31m␁") {
		t.Errorf("%q", text)
	}
}

func TestLastNewlineCounts(t *testing.T) {
	dir := written(t, site(t))
	os.WriteFile(filepath.Join(dir, "lb1/etc/haproxy/haproxy.cfg"), []byte("global\n    maxconn 4000"), 0o644)
	if text := dirOf(t, dir, site(t)).Text(); !strings.Contains(text, "No newline at end of file") {
		t.Errorf("%q", text)
	}
}
