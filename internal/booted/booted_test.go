package booted_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/testbox"
	"github.com/lbgen/lbgen/internal/testenv"
)

func nic(network, device, address string) booted.NIC {
	return booted.NIC{Network: network, Device: device, Addresses: []netip.Prefix{netip.MustParsePrefix(address)}}
}

// run runs a program in a node, where it has to succeed.
func run(t *testing.T, n *booted.Machine, argv ...string) string {
	t.Helper()
	r, err := n.Run(context.Background(), argv...)
	if err != nil || r.Code != 0 {
		t.Fatalf("%s: %q: %v, %s", n.Name, argv, err, r)
	}
	return r.Out
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestNodesBoot does with two nodes what tests do with them.
func TestNodesBoot(t *testing.T) {
	c := testbox.Boot(t, booted.Options{
		Nodes: []booted.Node{
			{Name: "lb1", NICs: []booted.NIC{nic("front", "ens224", "172.16.110.71/24"), nic("back", "ens192", "fd00::1/64")}},
			{Name: "lb2", NICs: []booted.NIC{nic("front", "ens224", "172.16.110.72/24"), nic("back", "ens192", "fd00::2/64")}},
		},
		Here: []booted.NIC{nic("front", "", "172.16.110.9/24"), nic("back", "", "fd00::9/64")},
	})
	ctx := context.Background()
	lb1, lb2 := c.Node("lb1"), c.Node("lb2")
	if failed := slices.Concat(lb1.Failed(), lb2.Failed()); len(failed) > 0 {
		t.Errorf("units have failed: %v", failed)
	}
	if got := run(t, lb1, "cat", "/proc/1/comm", "/etc/hostname"); got != "systemd\nlb1\n" {
		t.Errorf("its first process and name: %q", got)
	}
	before := run(t, lb1, "cat", "/sys/class/net/ens224/address", "/etc/machine-id")

	t.Run("network", func(t *testing.T) {
		run(t, lb1, "ping", "-c1", "-W2", "172.16.110.72")
		run(t, lb1, "ping", "-c1", "-W2", "fd00::9")
		l, err := c.Listen(ctx, "172.16.110.9:8080")
		must(t, err)
		defer l.Close()
		go func() {
			if conn, err := l.Accept(); err == nil {
				_, _ = io.WriteString(conn, conn.RemoteAddr().String())
				_ = conn.Close()
			}
		}()
		if got := run(t, lb1, "bash", "-c", "exec 3<>/dev/tcp/172.16.110.9/8080; cat <&3"); !strings.HasPrefix(got, "172.16.110.71:") {
			t.Errorf("the server sees %s", got)
		}
		conn, err := c.Dial(ctx, "tcp", "172.16.110.72:22")
		must(t, err)
		_ = conn.Close()
		must(t, lb1.Plug(ctx, "ens224", false))
		if got := run(t, lb1, "cat", "/sys/class/net/ens224/carrier"); got != "0\n" {
			t.Errorf("carrier: %s", got)
		}
		must(t, lb1.Plug(ctx, "ens224", true))
	})
	t.Run("ssh", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		testbox.Write(t, file, "over scp\n", 0o644)
		must(t, c.Copy(ctx, file, "lb2", "/root/copied"))
		out, err := exec.CommandContext(ctx, "ssh", "-F", c.SSHConfig(), "lb2", "cat copied; hostname").Output()
		if string(out) != "over scp\nlb2\n" || err != nil {
			t.Errorf("%q, %v", out, err)
		}
	})
	t.Run("full disk", func(t *testing.T) {
		must(t, lb1.Fill(ctx))
		if r, err := lb1.Run(ctx, "sh", "-c", "seq 100000 >/root/much"); err != nil || r.Code == 0 {
			t.Errorf("a full disk takes more: %v", err)
		}
		must(t, lb1.Free(ctx))
		run(t, lb1, "sh", "-c", "seq 100000 >/root/much")
	})
	t.Run("reboot and power cut", func(t *testing.T) {
		run(t, lb1, "touch", "/root/kept", "/run/lost")
		must(t, lb1.Reboot(ctx))
		run(t, lb1, "sh", "-c", "[ -e /root/kept ] && [ ! -e /run/lost ]")
		must(t, lb1.Cut(ctx))
		if _, err := lb1.Run(ctx, "true"); !errors.Is(err, booted.ErrDown) {
			t.Errorf("it runs without power: %v", err)
		}
		must(t, lb1.Boot(ctx))
		if after := run(t, lb1, "cat", "/sys/class/net/ens224/address", "/etc/machine-id"); after != before {
			t.Errorf("another machine: %s, was %s", after, before)
		}
		must(t, lb2.Off(ctx))
	})
	t.Run("what follows a node ends with it", func(t *testing.T) {
		var inside, beside bytes.Buffer
		var both sync.WaitGroup
		both.Go(func() { _ = lb1.Follow(ctx, &inside, "sh", "-c", "hostname; sleep 1000") })
		both.Go(func() {
			const look = `read -r what; pwd; cat etc/hostname; ip -o addr show dev ens224; echo "$what"; sleep 1000`
			_ = lb1.Beside(ctx, strings.NewReader("read\n"), &beside, "sh", "-c", look)
		})
		time.Sleep(time.Second)
		must(t, lb1.Off(ctx))
		both.Wait()
		if inside.String() != "lb1\n" {
			t.Errorf("in the node: %q", inside.String())
		}
		for _, want := range []string{"lb1\n", "172.16.110.71/24", "read\n"} {
			if !strings.Contains(beside.String(), want) {
				t.Errorf("beside the node there is no %q:\n%s", want, beside.String())
			}
		}
	})
}

// TestRelease reads what roots say that they are.
func TestRelease(t *testing.T) {
	root := t.TempDir()
	must(t, os.MkdirAll(filepath.Join(root, "usr/lib"), 0o755))
	testbox.Write(t, filepath.Join(root, "usr/lib/os-release"), "NAME=x\nID=\"rocky\"\nVERSION_ID='9.5'\n", 0o644)
	archive := filepath.Join(t.TempDir(), "root.tar")
	if out, err := exec.CommandContext(t.Context(), "tar", "-cf", archive, "-C", root, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, from := range []string{root, archive} {
		if id, version, err := booted.Release(t.Context(), from); id != "rocky" || version != "9.5" || err != nil {
			t.Errorf("%s: %q %q %v", from, id, version, err)
		}
	}
	if id, _, err := booted.Release(t.Context(), t.TempDir()); id != "" || err != nil {
		t.Errorf("an empty folder: %q, %v", id, err)
	}
	if _, _, err := booted.Release(t.Context(), filepath.Join(root, "none")); err == nil {
		t.Error("what is not there is something")
	}
}

// TestNothingIsLeft kills a process that has nodes, in the middle of their life.
func TestNothingIsLeft(t *testing.T) {
	if name := os.Getenv("LBGEN_BOOT_AND_WAIT"); name != "" {
		testbox.Boot(t, booted.Options{Nodes: []booted.Node{{Name: name, NICs: []booted.NIC{nic("front", "ens224", "172.16.110.71/24")}}}})
		_, _ = io.WriteString(os.Stdout, "booted\n")
		select {}
	}
	testenv.Root(t)
	for _, missing := range booted.Missing() {
		testenv.Lacks(t, "nodes cannot boot here: %s", missing)
	}
	name := "left" + strconv.Itoa(os.Getpid())
	leftovers := func() string {
		out, err := exec.CommandContext(context.Background(), "sh", "-c",
			`find /sys/fs/cgroup -maxdepth 4 -name "$1"; pgrep -fa -- "--machine=$1" || :; ls -d /run/systemd/nspawn/*/"$1" 2>/dev/null || :`,
			"sh", name).Output()
		must(t, err)
		return string(out)
	}
	cmd := exec.CommandContext(context.Background(), os.Args[0], "-test.run=TestNothingIsLeft$")
	cmd.Env = append(os.Environ(), "LBGEN_BOOT_AND_WAIT="+name)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if _, err := io.ReadFull(out, make([]byte, len("booted\n"))); err != nil {
		t.Fatal(err)
	}
	if during := leftovers(); !strings.Contains(during, "--machine=") || !strings.Contains(during, "/lbgen-nodes-") {
		t.Errorf("the look for leftovers does not see a node that runs:\n%s", during)
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	after := leftovers()
	for range 200 {
		if after == "" {
			return
		}
		time.Sleep(50 * time.Millisecond)
		after = leftovers()
	}
	t.Errorf("left behind:\n%s", after)
}

func TestScriptsAreClean(t *testing.T) {
	testenv.Programs(t, "shellcheck")
	out, err := exec.CommandContext(context.Background(), "shellcheck", "-s", "sh", "keeper.sh", "box.sh", "node.sh").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
