//go:build unix

package emit_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/emit"
)

// TestFailureAtEachStep lets each step of a write fail in turn, one that does
// all there is to do, and wants everything back as it was.
func TestFailureAtEachStep(t *testing.T) {
	fault := errors.New("injected")
	for n, done := 0, false; !done; n++ {
		dir := t.TempDir()
		mustWrite(t, dir, append(pair(t, "v1"), set(t, "prslb", "lb9", files(map[string]string{"etc/a": "1"}))), emit.Options{})
		os.Chmod(filepath.Join(dir, "lb1/install.sh"), 0o600)
		before := tree(t, dir)
		fresh := set(t, "prslb", "lb3", files(map[string]string{"etc/a": "1"}))
		left := n
		_, err := emit.Write(context.Background(), dir, append(pair(t, "v2"), fresh), emit.Options{AllNodes: true}.WithStep(func(string) error {
			if left--; left < 0 {
				return fault
			}
			return nil
		}))
		done = left >= 0
		switch {
		case done && err != nil:
			t.Fatal(err)
		case done:
			assertHolds(t, dir, append(pair(t, "v2"), fresh))
		case !errors.Is(err, fault):
			t.Fatalf("step %d: %v", n, err)
		}
		if d := cmp.Diff(before, tree(t, dir)); !done && d != "" {
			t.Fatalf("step %d left (-before +after):\n%s", n, d)
		}
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := filepath.Join(t.TempDir(), "out")
	if _, err := emit.Write(ctx, dir, pair(t, "v1"), emit.Options{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := os.Lstat(dir); err == nil {
		t.Error("the directory was made")
	}
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	ctx, cancel = context.WithCancel(context.Background())
	_, err := emit.Write(ctx, dir, pair(t, "v2"), emit.Options{}.WithStep(func(string) error { cancel(); return nil }))
	if err != nil {
		t.Errorf("cancelled during the commit, which finishes: %v", err)
	}
	assertHolds(t, dir, pair(t, "v2"))
}

// TestCancelledAtAnyTime cancels a write after ever more of the time that it
// takes, until it is quicker: it is all or nothing each time.
func TestCancelledAtAnyTime(t *testing.T) {
	const parts = 60
	old, sets := fleet(t, 5), fleet(t, 40)
	dir, other := t.TempDir(), t.TempDir()
	mustWrite(t, dir, old, emit.Options{})
	before := tree(t, dir)
	mustWrite(t, other, old, emit.Options{})
	begin := time.Now()
	mustWrite(t, other, sets, emit.Options{})
	step := time.Since(begin) / parts
	for wait := time.Duration(0); ; wait += step {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		_, err := emit.Write(ctx, dir, sets, emit.Options{})
		cancel()
		if err == nil {
			assertHolds(t, dir, sets)
			return
		}
		if d := cmp.Diff(before, tree(t, dir)); !errors.Is(err, context.DeadlineExceeded) || d != "" {
			t.Fatalf("cancelled after %v: %v\n%s", wait, err, d)
		}
	}
}

func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	begun, goOn := make(chan bool), make(chan bool)
	first := make(chan error)
	go func() {
		hold := true
		_, err := emit.Write(context.Background(), dir, pair(t, "v2"), emit.Options{}.WithStep(func(string) error {
			if hold {
				hold = false
				begun <- true
				<-goOn
			}
			return nil
		}))
		first <- err
	}()
	<-begun
	_, err := emit.Write(context.Background(), dir, pair(t, "v3"), emit.Options{Wait: 30 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "another lbgen is writing here") {
		t.Errorf("second writer: %v", err)
	}
	second := make(chan error)
	go func() {
		_, err := emit.Write(context.Background(), dir, pair(t, "v3"), emit.Options{Wait: time.Minute})
		second <- err
	}()
	close(goOn)
	if err := errors.Join(<-first, <-second); err != nil {
		t.Error(err)
	}
	assertHolds(t, dir, pair(t, "v3"))
}
