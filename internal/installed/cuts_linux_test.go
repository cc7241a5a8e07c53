package installed_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/testenv"
)

// cut is an installation that is interrupted.
type cut struct {
	node     string
	from, to string // trees
	fault    string
	begun    bool // it is interrupted after it has begun to save and to change
	after    time.Duration
	back     bool // the next run undoes, where there is something to undo
}

func (c cut) String() string {
	when := "began"
	if c.begun {
		when = "saved its first file"
	}
	return fmt.Sprintf("%s: from %s to %s, %s %s after it %s", c.node, filepath.Base(filepath.Dir(c.from)),
		filepath.Base(filepath.Dir(c.to)), c.fault, c.after.Round(time.Millisecond), when)
}

// The faults.
const (
	killed   = "killed"
	powerCut = "power cut"
	fullDisk = "full disk"
)

// interrupted interrupts BOOT_CUTS installations at random. Whatever happens every file
// is the old one or the new one, the virtual IP is served, and the next run leads to one
// of the two trees.
func (w *way) interrupted(t *testing.T) {
	seed := testenv.Number(t, "BOOT_SEED", 1)
	random := rand.New(rand.NewPCG(uint64(seed), 0)) //nolint:gosec // a test that can be repeated
	third := w.render(t, "third", prslb(t, "refresh: 10s", "refresh: 20s", "to: [root@localhost]", "to: [admin@localhost]",
		"    sorry: {page: sorry.html, status: 200}", "",
		"  - {request: GET http://www.example.com/, down: app_backend, status: 200, page: sorry.html}", ""))
	trees := []string{w.first, w.second, third}
	has := map[string]string{"prslb01": w.first, "prslb02": w.first}
	faults := []string{killed, powerCut, fullDisk}
	foreseen := w.foreseen(t, "prslb01 is lost")
	for i := range testenv.Number(t, "BOOT_CUTS", 3) {
		c := cut{node: fmt.Sprintf("prslb0%d", 1+random.IntN(2)), fault: faults[i%len(faults)],
			begun: random.IntN(3) > 0, back: random.IntN(2) == 0}
		c.from = has[c.node]
		others := slices.DeleteFunc(slices.Clone(trees), func(tree string) bool { return tree == c.from })
		c.to = others[random.IntN(len(others))]
		c.after = time.Duration(random.Int64N(int64(4 * time.Second)))
		if c.begun {
			c.after /= 4
		}
		w.within(t, foreseen, func() {
			has[c.node] = w.cut(t, c)
			w.client.isServed(t)
		})
		if t.Failed() {
			t.Fatalf("%d: %s (BOOT_SEED=%d)", i, c, seed)
		}
	}
}

// cut interrupts one installation, and returns the tree that the node has in the end.
func (w *way) cut(t *testing.T, c cut) string {
	t.Helper()
	ctx := context.Background()
	node := w.Node(c.node)
	w.copy(t, c.to, c.node)
	run := make(chan booted.Result, 1)
	go func() {
		r, err := node.Run(ctx, "sh", "/root/"+c.node+"/install.sh")
		if err != nil && !errors.Is(err, booted.ErrDown) {
			r.Err += err.Error()
		}
		run <- r
	}()
	if c.begun {
		w.must(t, c.node, `until [ -e /var/lib/lbgen/backup/.new ] || [ -e /var/lib/lbgen/applying ]; do sleep 0.01; done`)
	}
	time.Sleep(c.after)
	switch c.fault {
	case killed:
		w.must(t, c.node, `pkill -KILL -f "sh /root/$(hostname)/install.s[h]" || :`)
	case powerCut:
		ok(t, node.Cut(ctx))
	case fullDisk:
		ok(t, node.Fill(ctx))
	}
	r := <-run
	t.Logf("%s: install.sh ended with %d", c, r.Code)
	switch c.fault {
	case powerCut:
		ok(t, node.Boot(ctx))
	case fullDisk:
		ok(t, node.Free(ctx))
	}
	w.oldOrNew(t, c, r)
	return w.nextRun(t, c)
}

// oldOrNew says whether each file of both trees is as one of them has it.
func (w *way) oldOrNew(t *testing.T, c cut, r booted.Result) {
	t.Helper()
	old, now := filepath.Join(c.from, c.node), filepath.Join(c.to, c.node)
	want := map[string]bool{}
	for _, tree := range []string{old, now} {
		for l := range strings.Lines(files(t, tree)) {
			want[l] = true
		}
	}
	for _, pairOf := range [][2]string{{old, now}, {now, old}} {
		for _, e := range manifest(t, pairOf[0]) {
			if !slices.ContainsFunc(manifest(t, pairOf[1]), func(o entry) bool { return o.path == e.path }) {
				want["none /"+e.path+"\n"] = true
			}
		}
	}
	for _, tree := range []string{old, now} {
		for l := range strings.Lines(w.filesOn(t, tree, c.node)) {
			if !want[l] {
				t.Errorf("%s: neither old nor new: %s\n%s", c.node, l, r)
			}
		}
	}
}

// nextRun finishes or undoes, and returns the tree that the node has then.
func (w *way) nextRun(t *testing.T, c cut) string {
	t.Helper()
	tree, arguments := c.to, ""
	if c.back && strings.Contains(w.must(t, c.node, "ls /var/lib/lbgen"), "applying") {
		tree, arguments = c.from, "--undo"
	}
	w.ssh(t, 0, c.node, "sh "+c.node+"/install.sh "+arguments)
	w.well(t, tree, c.node)
	return tree
}
