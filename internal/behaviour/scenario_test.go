//go:build linux

package behaviour_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/cli"
	"github.com/lbgen/lbgen/internal/testenv"
)

// scenario is one site and what is seen of it from outside.
type scenario struct {
	name  string
	site  string            // relative to this folder
	env   map[string]string // secrets of the site
	since float64           // version of HAProxy that the site is for, where not every one will do
	steps func(*machine)
}

const examples = "../../examples/"

func scenarios() []scenario {
	return slices.Concat(exampleScenarios(), routeScenarios(), frontendScenarios(), backendScenarios(), statsScenarios())
}

// The test binary starts itself again, inside namespaces, with these.
const (
	insideName = "LBGEN_BEHAVIOUR"      // name of the scenario
	insideTree = "LBGEN_BEHAVIOUR_TREE" // the node's rendered tree
)

// deadline is for one scenario. The slowest wait for servers to go down several
// times, which is some six seconds each.
const deadline = 90 * time.Second

// TestMain lets many scenarios run at the same time: they wait for HAProxy's
// health checks far more than they compute.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

func TestBehaviour(t *testing.T) {
	enter := namespaces(t)
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			if has := version(t); has < s.since {
				t.Skipf("HAProxy is %v here, and the site is for %v", has, s.since)
			}
			runInside(t, enter, s.name, firstNode(t, s))
		})
	}
}

// TestInside is what TestBehaviour starts, in namespaces; by itself it does nothing.
func TestInside(t *testing.T) {
	name := os.Getenv(insideName)
	if name == "" {
		return
	}
	i := slices.IndexFunc(scenarios(), func(s scenario) bool { return s.name == name })
	if i < 0 {
		t.Fatalf("there is no scenario %q", name)
	}
	m := newMachine(t, os.Getenv(insideTree))
	scenarios()[i].steps(m)
}

// firstNode renders the site and returns the folder of its first node.
func firstNode(t *testing.T, s scenario) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	var talk bytes.Buffer
	code := cli.Run(t.Context(), []string{"render", s.site, "-o", dir}, cli.Streams{
		In: strings.NewReader(""), Out: &talk, Err: &talk,
		Getenv: func(name string) (string, bool) { v, ok := s.env[name]; return v, ok },
	})
	nodes, err := filepath.Glob(filepath.Join(dir, "*", "MANIFEST"))
	if code != cli.ExitOK || err != nil || len(nodes) == 0 {
		t.Fatalf("lbgen render %s: exit code %d, %d nodes\n%s", s.site, code, len(nodes), talk.String())
	}
	return filepath.Dir(nodes[0])
}

// namespaces returns how a program is started in namespaces of its own: plain
// ones as root, a user namespace otherwise.
func namespaces(t *testing.T) []string {
	t.Helper()
	testenv.Programs(t, "haproxy", "unshare", "ip")
	enter := []string{"unshare", "--net", "--uts", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"}
	if os.Geteuid() != 0 {
		enter = append(enter, "--user", "--map-root-user")
	}
	try := exec.CommandContext(t.Context(), enter[0], append(enter[1:], "true")...)
	if out, err := try.CombinedOutput(); err != nil {
		skip(t, "there are no namespaces to be had: %v\n%s", err, out)
	}
	return enter
}

// version returns that of HAProxy, such as 2.6.
func version(t *testing.T) float64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "haproxy", "-v").Output()
	var v float64
	if _, e := fmt.Sscanf(string(out), "HAProxy version %3f", &v); err != nil || e != nil {
		t.Fatalf("what version is this? %v, %v\n%s", err, e, out)
	}
	return v
}

// skip skips the test; where REQUIRE_DAEMONS is set, as in CI, it fails.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	testenv.Lacks(t, format, args...)
}

func runInside(t *testing.T, enter []string, name, tree string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), deadline)
	defer cancel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	args := append(slices.Clone(enter[1:]), self, "-test.run", "^TestInside$", "-test.timeout", deadline.String())
	cmd := exec.CommandContext(ctx, enter[0], args...)
	cmd.Env = append(os.Environ(), insideName+"="+name, insideTree+"="+tree)
	cmd.WaitDelay = 5 * time.Second
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
