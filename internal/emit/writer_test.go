//go:build unix

package emit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/emit"
)

// pairs returns pairs with names of their own.
func pairs(t testing.TB, n int) [][]artifact.Set {
	t.Helper()
	var all [][]artifact.Set
	for i := range n {
		site := "s" + string(rune('a'+i))
		var sets []artifact.Set
		for _, node := range []string{"lb1", "lb2"} {
			sets = append(sets, set(t, site, site+node, files(map[string]string{"etc/a": site, "etc/b/c": node})))
		}
		all = append(all, sets)
	}
	return all
}

// Sets that are staged one after the other, in any order, are written as if
// they had come at once.
func TestWriterIsWrite(t *testing.T) {
	dir := t.TempDir()
	all := pairs(t, 9)
	var together []artifact.Set
	for _, sets := range all {
		together = append(together, sets...)
	}
	want := mustWrite(t, filepath.Join(dir, "write"), together, emit.Options{AllNodes: true})

	w := emit.NewWriter(filepath.Join(dir, "writer"), emit.Options{AllNodes: true})
	defer w.Close()
	var running sync.WaitGroup
	for i := len(all) - 1; i >= 0; i-- {
		running.Go(func() { w.Stage(context.Background(), i, all[i]) })
	}
	running.Wait()
	if entries, _ := os.ReadDir(filepath.Join(dir, "writer")); len(entries) != 1 {
		t.Errorf("before the commit there is the stage alone, not %v", entries)
	}
	got, err := w.Commit(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if a, b := strings.Join(got.Written, "\n"), strings.Join(want.Written, "\n"); a != b {
		t.Errorf("written:\n%s\nat once:\n%s", a, b)
	}
	w.Close()
	if again := mustWrite(t, filepath.Join(dir, "writer"), together, emit.Options{AllNodes: true}); len(again.Written)+len(again.Removed) > 0 {
		t.Errorf("not the same: %+v", again)
	}
}

// What is wrong with any of the sets keeps all of them from being written, and
// is told in the order of their numbers.
func TestWriterIsAllOrNothing(t *testing.T) {
	dir := t.TempDir()
	all := pairs(t, 4)
	out := filepath.Join(dir, "out")
	for _, node := range []string{"sblb1", "salb2"} {
		if err := os.MkdirAll(filepath.Join(out, node, "etc/a"), 0o755); err != nil { // a directory where a file belongs
			t.Fatal(err)
		}
	}
	before := tree(t, out)
	w := emit.NewWriter(out, emit.Options{})
	for i := len(all) - 1; i >= 0; i-- {
		w.Stage(context.Background(), i, all[i])
	}
	_, err := w.Commit(context.Background())
	w.Close()
	var where *emit.Error
	if !errors.As(err, &where) {
		t.Fatalf("error %v", err)
	}
	if first, second := strings.Index(err.Error(), "salb2"), strings.Index(err.Error(), "sblb1"); first < 0 || second < first {
		t.Errorf("not both in their order: %v", err)
	}
	if d := cmp.Diff(before, tree(t, out)); d != "" {
		t.Error(d)
	}
}

// A node that two sites have is refused whoever comes first, and a directory
// that was made for it is gone again.
func TestWriterRefusesTwins(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	w := emit.NewWriter(out, emit.Options{})
	w.Stage(context.Background(), 0, pairs(t, 1)[0])
	w.Stage(context.Background(), 1, []artifact.Set{set(t, "other", "salb1", files(map[string]string{"etc/a": "1"}))})
	_, err := w.Commit(context.Background())
	w.Close()
	if err == nil || !strings.Contains(err.Error(), "both have a node of this name") {
		t.Errorf("error %v", err)
	}
	if _, err := os.Stat(out); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is still there: %v", err)
	}
}
