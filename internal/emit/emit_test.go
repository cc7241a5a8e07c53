//go:build unix

package emit_test

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/emit"
)

// file is what a test knows of one file or directory.
type file struct {
	Mode  fs.FileMode
	Data  string // content, or the target of a link
	Inode uint64
	Time  time.Time
}

// tree returns everything below dir. Of directories only the mode counts:
// their times change with what is staged in them.
func tree(t *testing.T, dir string) map[string]file {
	t.Helper()
	all := map[string]file{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, p)
		all[rel] = look(t, p, info)
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	return all
}

func look(t *testing.T, p string, info fs.FileInfo) file {
	f := file{Mode: info.Mode()}
	var err error
	switch {
	case info.IsDir():
		return f
	case info.Mode()&fs.ModeSymlink != 0:
		f.Data, err = os.Readlink(p)
	case info.Mode().IsRegular():
		var data []byte
		data, err = os.ReadFile(p)
		f.Data = string(data)
	}
	if err != nil {
		t.Fatal(err)
	}
	f.Inode, f.Time = info.Sys().(*syscall.Stat_t).Ino, info.ModTime()
	return f
}

func files(of map[string]string) []artifact.File {
	var all []artifact.File
	for _, p := range slices.Sorted(maps.Keys(of)) {
		all = append(all, artifact.File{Path: p, Mode: 0o644, Owner: "root", Group: "root", Action: artifact.None, Data: []byte(of[p])})
	}
	return all
}

func set(t testing.TB, site, node string, files []artifact.File) artifact.Set {
	t.Helper()
	s, err := artifact.New(site, node, artifact.Host{}, files)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// pair returns both nodes of a small site. The version is in some of the files.
func pair(t testing.TB, version string) []artifact.Set {
	t.Helper()
	var sets []artifact.Set
	for _, node := range []string{"lb1", "lb2"} {
		of := files(map[string]string{
			"etc/haproxy/haproxy.cfg":         "global\n# " + version + "\n",
			"etc/haproxy/pages/sorry.html":    "<p>sorry</p>\n",
			"etc/keepalived/keepalived.conf":  "router_id " + node + " " + version + "\n",
			"etc/only/" + version + "/x.conf": version + "\n",
			"install.sh":                      "#!/bin/sh\n",
		})
		of[2].Mode, of[2].Secrets = 0o640, []artifact.Secret{{Start: 0, End: 6, Path: "vrrp[0].auth_pass", Known: true}}
		of[4].Mode = 0o755
		sets = append(sets, set(t, "prslb", node, of))
	}
	return sets
}

func mustWrite(t *testing.T, dir string, sets []artifact.Set, opts emit.Options) emit.Report {
	t.Helper()
	r, err := emit.Write(context.Background(), dir, sets, opts)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// assertHolds checks that dir holds the sets and, but for what is in extra, nothing else.
func assertHolds(t *testing.T, dir string, sets []artifact.Set, extra ...string) {
	t.Helper()
	want := map[string]string{}
	for _, s := range sets {
		want[s.Node+"/MANIFEST"] = "-rw-r--r-- " + string(s.Manifest())
		for _, f := range s.Files {
			want[s.Node+"/"+f.Path] = f.Mode.String() + " " + string(f.Data)
		}
	}
	got := map[string]string{}
	for p, f := range tree(t, dir) {
		switch {
		case slices.Contains(extra, p):
		case !f.Mode.IsDir():
			got[p] = f.Mode.String() + " " + f.Data
		case p != "." && f.Mode.Perm() != 0o755:
			t.Errorf("directory %s has mode %v", p, f.Mode)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("tree (-want +got):\n%s", d)
	}
}

func TestFirstWriteWhateverTheUmask(t *testing.T) {
	for _, umask := range []int{0, 0o022, 0o077, 0o777} {
		dir := filepath.Join(t.TempDir(), "not", "yet", "there")
		old := syscall.Umask(umask)
		r, err := emit.Write(context.Background(), dir, pair(t, "v1"), emit.Options{})
		syscall.Umask(old)
		if err != nil {
			t.Fatalf("umask %03o: %v", umask, err)
		}
		assertHolds(t, dir, pair(t, "v1"))
		if len(r.Written) != 12 || r.Unchanged != 0 || len(r.Removed) != 0 {
			t.Errorf("umask %03o: report %+v", umask, r)
		}
		if info, _ := os.Stat(filepath.Dir(dir)); info.Mode().Perm() != 0o755 {
			t.Errorf("umask %03o: %v on the way to the directory", umask, info.Mode())
		}
	}
}

func TestSecondWriteTouchesNothing(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	before := tree(t, dir)
	steps := 0
	r := mustWrite(t, dir, pair(t, "v1"), emit.Options{AllNodes: true}.WithStep(func(string) error { steps++; return nil }))
	if d := cmp.Diff(before, tree(t, dir)); d != "" || steps != 0 {
		t.Errorf("%d steps:\n%s", steps, d)
	}
	if want := (emit.Report{Unchanged: 12}); !cmp.Equal(r, want) {
		t.Errorf("report %+v, want %+v", r, want)
	}
}

func TestChangeTouchesOnlyWhatChanges(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	foreign := filepath.Join(dir, "lb1/etc/haproxy/notes.txt")
	os.WriteFile(foreign, []byte("mine\n"), 0o600)
	os.Chmod(filepath.Join(dir, "lb2/install.sh"), 0o600)
	os.Chmod(filepath.Join(dir, "lb2/etc"), 0o700)
	before := tree(t, dir)
	r := mustWrite(t, dir, pair(t, "v2"), emit.Options{})
	assertHolds(t, dir, pair(t, "v2"), "lb1/etc/haproxy/notes.txt")
	after := tree(t, dir)
	for _, p := range []string{"lb1/etc/haproxy/pages/sorry.html", "lb1/install.sh", "lb1/etc/haproxy/notes.txt"} {
		if before[p] != after[p] {
			t.Errorf("%s was touched: %v, %v", p, before[p], after[p])
		}
	}
	if before["lb2/install.sh"].Inode != after["lb2/install.sh"].Inode {
		t.Error("lb2/install.sh was written where a mode was wrong")
	}
	if _, there := after["lb1/etc/only/v1"]; there {
		t.Error("the directory of a stale file was left")
	}
	if !slices.Equal(r.Mended, []string{"lb2/etc", "lb2/install.sh"}) ||
		!slices.Equal(r.Removed, []string{"lb1/etc/only/v1/x.conf", "lb2/etc/only/v1/x.conf"}) ||
		len(r.Written) != 8 {
		t.Errorf("report %+v", r)
	}
}

func TestManifestStaysWhereOnlyAFileWasDamaged(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	before := tree(t, dir)
	os.WriteFile(filepath.Join(dir, "lb1/etc/haproxy/haproxy.cfg"), []byte("damaged"), 0o644)
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	assertHolds(t, dir, pair(t, "v1"))
	if before["lb1/MANIFEST"] != tree(t, dir)["lb1/MANIFEST"] {
		t.Error("MANIFEST was touched")
	}
}

func TestIdenticalForeignFileIsAdopted(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	os.Remove(filepath.Join(dir, "lb1/MANIFEST"))
	before := tree(t, dir)
	r := mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	if after := tree(t, dir); before["lb1/install.sh"] != after["lb1/install.sh"] || !slices.Equal(r.Written, []string{"lb1/MANIFEST"}) {
		t.Errorf("report %+v", r)
	}
	assertHolds(t, dir, pair(t, "v1"))
}

func TestStaleNodes(t *testing.T) {
	dir := t.TempDir()
	one := []artifact.Set{set(t, "prslb", "lb1", files(map[string]string{"a": "1"}))}
	gone := []artifact.Set{set(t, "prslb", "lb8", files(map[string]string{"etc/a": "1"})),
		set(t, "prslb", "lb9", files(map[string]string{"etc/a": "1"}))}
	other := []artifact.Set{set(t, "other", "olb", files(map[string]string{"a": "1"}))}
	mustWrite(t, dir, append(gone, other...), emit.Options{})
	os.WriteFile(filepath.Join(dir, "lb9/etc/mine"), []byte("mine"), 0o644)
	os.MkdirAll(filepath.Join(dir, "lb8.backup"), 0o755)
	os.CopyFS(filepath.Join(dir, "lb8.backup"), os.DirFS(filepath.Join(dir, "lb8")))

	if r := mustWrite(t, dir, one, emit.Options{}); len(r.Removed) != 0 {
		t.Errorf("without all nodes: %+v", r)
	}
	r := mustWrite(t, dir, one, emit.Options{AllNodes: true})
	if want := []string{"lb8/MANIFEST", "lb8/etc/a", "lb9/MANIFEST", "lb9/etc/a"}; !slices.Equal(r.Removed, want) {
		t.Errorf("removed %q, want %q", r.Removed, want)
	}
	assertHolds(t, dir, append(one, other...), "lb9/etc/mine", "lb8.backup/etc/a", "lb8.backup/MANIFEST")
	if after := tree(t, dir); after["lb9/etc/mine"].Data != "mine" || after["lb8"].Mode != 0 {
		t.Errorf("after: %v", after)
	}
}

func TestRefusedAndUntouched(t *testing.T) {
	rm := func(dir, p string) string {
		p = filepath.Join(dir, p)
		os.RemoveAll(p)
		return p
	}
	tests := []struct {
		name, want string
		spoil      func(dir string)
	}{
		{"link to a file", "lb1/install.sh: a symbolic link stands where a file belongs (lbgen did not write it: move it away",
			func(dir string) { os.Symlink("MANIFEST", rm(dir, "lb1/install.sh")) }},
		{"dangling link", "lb1/install.sh: a symbolic link", func(dir string) { os.Symlink("nowhere", rm(dir, "lb1/install.sh")) }},
		{"link to a directory", "lb1/etc/haproxy: a directory belongs here, and a symbolic link is in its place",
			func(dir string) {
				os.Rename(filepath.Join(dir, "lb1/etc/haproxy"), filepath.Join(dir, "elsewhere"))
				os.Symlink("../../elsewhere", filepath.Join(dir, "lb1/etc/haproxy"))
			}},
		{"link to a node", "lb1: a directory belongs here", func(dir string) { os.Symlink("lb2", rm(dir, "lb1")) }},
		{"dangling link for a node", "lb1: a directory belongs here", func(dir string) { os.Symlink("/nowhere", rm(dir, "lb1")) }},
		{"link in the way of a stale file", "lb1/etc/only/v1: a directory belongs here",
			func(dir string) { os.Symlink("/tmp", rm(dir, "lb1/etc/only/v1")) }},
		{"link for MANIFEST", "lb1/MANIFEST: is not a list that lbgen wrote: it is a symbolic link",
			func(dir string) { os.Symlink("../lb2/MANIFEST", rm(dir, "lb1/MANIFEST")) }},
		{"directory for a file", "lb1/install.sh: a directory stands where a file belongs",
			func(dir string) { os.Mkdir(rm(dir, "lb1/install.sh"), 0o755) }},
		{"file for a directory", "lb1/etc/haproxy: a directory belongs here, and a file",
			func(dir string) { os.WriteFile(rm(dir, "lb1/etc/haproxy"), nil, 0o644) }},
		{"pipe for a file", "lb1/install.sh: something that is not a file",
			func(dir string) { syscall.Mkfifo(rm(dir, "lb1/install.sh"), 0o644) }},
		{"foreign file", "lb1/etc/only/v2/x.conf: a file with other content stands here (lbgen did not write it",
			func(dir string) {
				os.Mkdir(filepath.Join(dir, "lb1/etc/only/v2"), 0o755)
				os.WriteFile(filepath.Join(dir, "lb1/etc/only/v2/x.conf"), []byte("mine"), 0o644)
			}},
		{"another site", "lb1: belongs to site other, not to prslb",
			func(dir string) {
				os.WriteFile(filepath.Join(dir, "lb1/MANIFEST"), []byte("# Made by lbgen from site other for node lb1. Do not edit.\n"), 0o644)
			}},
		{"another node", "lb1/MANIFEST: was written for node lb7",
			func(dir string) {
				os.WriteFile(filepath.Join(dir, "lb1/MANIFEST"), []byte("# Made by lbgen from site prslb for node lb7. Do not edit.\n"), 0o644)
			}},
		{"broken MANIFEST", "lb1/MANIFEST: is not a list that lbgen wrote: line 1",
			func(dir string) { os.WriteFile(filepath.Join(dir, "lb1/MANIFEST"), []byte("my notes\n"), 0o644) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			mustWrite(t, dir, pair(t, "v1"), emit.Options{})
			tt.spoil(dir)
			before := tree(t, dir)
			_, err := emit.Write(context.Background(), dir, pair(t, "v2"), emit.Options{AllNodes: true})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if d := cmp.Diff(before, tree(t, dir)); d != "" {
				t.Errorf("it touched:\n%s", d)
			}
		})
	}
}

func TestRefusedSets(t *testing.T) {
	escape := artifact.Set{Site: "s", Node: "n", Files: []artifact.File{{Path: "../x", Mode: 0o644}}}
	unknown := pair(t, "v1")
	unknown[0].Files[2].Secrets[0].Known = false
	tests := []struct {
		name, want string
		sets       []artifact.Set
	}{
		{"path out of the node", `"../x" is not a path`, []artifact.Set{escape}},
		{"MANIFEST", `"MANIFEST" is not a path`, []artifact.Set{{Site: "s", Node: "n", Files: []artifact.File{{Path: "MANIFEST"}}}}},
		{"node out of the directory", `"../n": not a name`, []artifact.Set{{Site: "s", Node: "../n"}}},
		{"node with a slash", `"a/b": not a name`, []artifact.Set{{Site: "s", Node: "a/b"}}},
		{"node like the stage", `".lbgen-stage": not a name`, []artifact.Set{{Site: "s", Node: ".lbgen-stage"}}},
		{"no node", `"": not a name`, []artifact.Set{{Site: "s"}}},
		{"two sites, one node", "n: site s and site r both have a node of this name",
			[]artifact.Set{{Site: "s", Node: "n"}, {Site: "r", Node: "n"}}},
		{"unknown secret", "lb1: secrets are missing: vrrp[0].auth_pass", unknown},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "out")
			_, err := emit.Write(context.Background(), dir, tt.sets, emit.Options{})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
				t.Error("the directory was made")
			}
		})
	}
}

func TestDirectoryMayBeALink(t *testing.T) {
	dir := t.TempDir()
	os.Mkdir(filepath.Join(dir, "real"), 0o755)
	os.Symlink("real", filepath.Join(dir, "out"))
	mustWrite(t, filepath.Join(dir, "out"), pair(t, "v1"), emit.Options{})
	assertHolds(t, filepath.Join(dir, "real"), pair(t, "v1"))
}

func TestDirectoryIsAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	os.WriteFile(dir, nil, 0o644)
	_, err := emit.Write(context.Background(), dir, pair(t, "v1"), emit.Options{})
	if err == nil || !strings.Contains(err.Error(), "not a directory") {
		t.Error(err)
	}
}
