package emit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/emit"
	"github.com/lbgen/lbgen/internal/testenv"
)

// The test binary runs itself again where a fault needs a process of its own:
// to be killed, to have another uid, or to have its own small file systems.
const (
	childTest = "EMIT_CHILD_TEST" // which test is to run its other half
	childDir  = "EMIT_CHILD_DIR"
	childStep = "EMIT_CHILD_STEP" // the step to die at; -1: none
)

// child returns the command that runs the other half of the test.
func child(t *testing.T, dir string, step int) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^"+t.Name()+"$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), childTest+"="+t.Name(), childDir+"="+dir, childStep+"="+strconv.Itoa(step))
	return cmd
}

func isChild(t *testing.T) bool { return os.Getenv(childTest) == t.Name() }

// absent skips the test, or fails it where everything has to be there.
func absent(t *testing.T, why string, args ...any) {
	t.Helper()
	testenv.Lacks(t, why, args...)
}

// runChild runs the other half of the test in a mount namespace of its own,
// where it may mount what it likes.
func runChild(t *testing.T) {
	t.Helper()
	cmd := child(t, t.TempDir(), -1)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	switch {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EINVAL), bytes.Contains(out, []byte(cannotMount)):
		absent(t, "no mount namespace here: %v %s", err, out)
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	}
}

const cannotMount = "cannot mount"

// small mounts a tmpfs with the options and returns its directory.
func small(t *testing.T, options string) string {
	t.Helper()
	dir := os.Getenv(childDir)
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		t.Fatal(cannotMount, err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		t.Fatal(cannotMount, err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	return dir
}

// TestFullDisk writes to disks that hold ever more files, or ever more pages,
// until one is large enough, and wants nothing changed on those that are not.
func TestFullDisk(t *testing.T) {
	if !isChild(t) {
		runChild(t)
		return
	}
	for _, limit := range []string{"nr_inodes=%d", "size=%d"} {
		failed, done := 0, false
		for n := 1; !done; n++ {
			failed++
			done = writeToSmall(t, limit, n)
		}
		if failed < 10 {
			t.Errorf("%s: only %d sizes were too small", limit, failed)
		}
	}
}

// writeToSmall writes v1 to a disk that is large enough, makes it as small as
// n inodes or pages more than it then has in use, and writes v2.
func writeToSmall(t *testing.T, limit string, n int) (done bool) {
	dir := small(t, "size=10m")
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	out := filepath.Join(dir, "out")
	mustWrite(t, out, pair(t, "v1"), emit.Options{})
	before := tree(t, dir)
	var st syscall.Statfs_t
	syscall.Statfs(dir, &st)
	size := int(st.Files-st.Ffree) + n
	if strings.HasPrefix(limit, "size") {
		size = (int(st.Blocks-st.Bfree) + n) * int(st.Bsize)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf(limit, size)); err != nil {
		t.Fatal(cannotMount, err)
	}
	_, err := emit.Write(context.Background(), out, pair(t, "v2"), emit.Options{})
	if err == nil {
		assertHolds(t, out, pair(t, "v2"))
		return true
	}
	if d := cmp.Diff(before, tree(t, dir)); !errors.Is(err, syscall.ENOSPC) || d != "" {
		t.Fatalf(limit+": %v\n%s", size, err, d)
	}
	return false
}

func TestReadOnlyDisk(t *testing.T) {
	if !isChild(t) {
		runChild(t)
		return
	}
	dir := small(t, "size=10m")
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Fatal(cannotMount, err)
	}
	before := tree(t, dir)
	mustWrite(t, dir, pair(t, "v1"), emit.Options{}) // there is nothing to write
	for _, out := range []string{dir, filepath.Join(dir, "new")} {
		_, err := emit.Write(context.Background(), out, pair(t, "v2"), emit.Options{})
		if err == nil || !strings.Contains(err.Error(), "read-only file system (") {
			t.Error(err)
		}
	}
	if d := cmp.Diff(before, tree(t, dir)); d != "" {
		t.Error(d)
	}
}

// TestNoRight writes as somebody who may not, at one place after the other.
func TestNoRight(t *testing.T) {
	if isChild(t) {
		_, err := emit.Write(context.Background(), os.Getenv(childDir), pair(t, "v2"), emit.Options{})
		fmt.Println("error:", err)
		return
	}
	if os.Getuid() != 0 {
		absent(t, "only root can play another user")
	}
	for _, foreign := range []string{".", "lb2", "lb2/etc", "lb2/etc/haproxy", "lb2/etc/only/v1", "lb2/etc/keepalived/keepalived.conf"} {
		t.Run(foreign, func(t *testing.T) {
			dir := t.TempDir()
			before := writtenBy(t, dir, nobody, foreign)
			out := asUser(t, dir, nobody)
			if !strings.Contains(out, "error: "+dir) || !strings.Contains(out, "permission denied") && !strings.Contains(out, "not permitted") {
				t.Errorf("said %s", out)
			}
			if d := cmp.Diff(before, tree(t, dir)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestFileOfAnotherUser replaces a file that the writer may read and not link
// to, as fs.protected_hardlinks has it, in a directory of the writer's.
func TestFileOfAnotherUser(t *testing.T) {
	if isChild(t) {
		for _, fail := range []error{errors.New("injected"), nil} {
			_, err := emit.Write(context.Background(), os.Getenv(childDir), pair(t, "v2"), emit.Options{}.WithStep(func(name string) error {
				if name == "remove lb2/"+artifact.UnfinishedName {
					return fail // the last step
				}
				return nil
			}))
			fmt.Println("error:", err)
		}
		return
	}
	if os.Getuid() != 0 {
		absent(t, "only root can play another user")
	}
	dir := t.TempDir()
	writtenBy(t, dir, nobody, "lb2/etc/haproxy/haproxy.cfg")
	out := asUser(t, dir, nobody)
	if !strings.Contains(out, "injected (everything was put back as it was)\nerror: <nil>") {
		t.Errorf("said %s", out)
	}
	assertHolds(t, dir, pair(t, "v2"))
}

const nobody = 65534 // a uid and gid

// writtenBy writes v1 as if the user had, but for one file or directory that
// is root's, and returns the tree.
func writtenBy(t *testing.T, dir string, uid int, roots string) map[string]file {
	t.Helper()
	for _, d := range []string{dir, filepath.Dir(dir)} { // both are the test's own
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	mustWrite(t, dir, pair(t, "v1"), emit.Options{})
	chownAll(t, dir, uid)
	if err := os.Chown(filepath.Join(dir, roots), 0, 0); err != nil {
		t.Fatal(err)
	}
	return tree(t, dir)
}

func chownAll(t *testing.T, dir string, uid int) {
	for p := range tree(t, dir) {
		if err := os.Chown(filepath.Join(dir, p), uid, uid); err != nil {
			t.Fatal(err)
		}
	}
}

// asUser runs the other half of the test as the user and returns what it said.
// The test binary may stand where the user cannot reach it: it comes as a file
// that is open already.
func asUser(t *testing.T, dir string, uid uint32) string {
	t.Helper()
	self, err := os.Open(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	defer self.Close()
	parent, _, _ := strings.Cut(t.Name(), "/")
	cmd := exec.Command("/proc/self/fd/3", "-test.run=^"+parent+"$", "-test.v")
	cmd.ExtraFiles = []*os.File{self}
	cmd.Dir = "/"
	cmd.Env = append(os.Environ(), childTest+"="+parent, childDir+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

// stopped returns the nodes that a killed writer was to make.
func stopped(t *testing.T) []artifact.Set {
	return append(pair(t, "v2"), set(t, "prslb", "lb3", files(map[string]string{"etc/a": "1"})))
}

// killed writes v2 over v1 in a process that is killed at the step, or after
// the time if step is negative. It says whether the process came to its end.
func killed(t *testing.T, dir string, step int, after time.Duration) (done bool) {
	cmd := child(t, dir, step)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if step < 0 {
		time.Sleep(after)
		cmd.Process.Kill()
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL) {
		t.Fatal(err)
	}
	return err == nil
}

// die writes v2 and is killed on the way.
func die(t *testing.T) {
	left, _ := strconv.Atoi(os.Getenv(childStep))
	never := left < 0
	_, err := emit.Write(context.Background(), os.Getenv(childDir), stopped(t), emit.Options{AllNodes: true}.WithStep(func(string) error {
		if left--; left < 0 && !never {
			syscall.Kill(os.Getpid(), syscall.SIGKILL)
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
}

// TestKilledAtEachStep kills a writer at each of its steps. No file is ever
// half, a node with files of both versions has no MANIFEST or a marker, and
// the next write, of the same or of another version, mends it.
func TestKilledAtEachStep(t *testing.T) {
	if isChild(t) {
		die(t)
		return
	}
	testenv.Machine(t)
	for n, done := 0, false; !done; n++ {
		for _, next := range []string{"v2", "v3"} {
			dir := beforeKill(t)
			done = killed(t, dir, n, 0)
			assertMendable(t, dir, next)
		}
		if t.Failed() {
			t.Fatalf("killed at step %d", n)
		}
	}
}

func TestKilledAtAnyTime(t *testing.T) {
	if isChild(t) {
		die(t)
		return
	}
	testenv.Machine(t)
	for range 60 {
		dir := beforeKill(t)
		after := time.Duration(rand.IntN(12_000)) * time.Microsecond
		killed(t, dir, -1, after)
		assertMendable(t, dir, "v3")
		if t.Failed() {
			t.Fatalf("killed after %v", after)
		}
	}
}

func beforeKill(t *testing.T) string {
	dir := t.TempDir()
	mustWrite(t, dir, append(pair(t, "v1"), set(t, "prslb", "lb9", files(map[string]string{"etc/a": "1"}))), emit.Options{})
	if err := os.WriteFile(filepath.Join(dir, "lb1/etc/mine"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

func assertMendable(t *testing.T, dir, next string) {
	t.Helper()
	now := tree(t, dir)
	marked := 0
	for i, node := range []string{"lb1", "lb2"} {
		if _, is := now[node+"/"+artifact.UnfinishedName]; is {
			marked++
		} else if v1, v2 := matches(now, pair(t, "v1")[i]), matches(now, pair(t, "v2")[i]); !v1 && !v2 {
			t.Errorf("%s is mixed and not marked", node)
		}
		assertWhole(t, now, pair(t, "v1")[i], pair(t, "v2")[i])
	}
	if marked == 0 && matches(now, pair(t, "v1")[0]) != matches(now, pair(t, "v1")[1]) {
		t.Error("one node is old, one is new, and neither is marked")
	}
	sets := append(pair(t, next), stopped(t)[2])
	mustWrite(t, dir, sets, emit.Options{AllNodes: true})
	assertHolds(t, dir, sets, "lb1/etc/mine")
}

// matches says whether the node's files are those of the set, MANIFEST included.
func matches(now map[string]file, s artifact.Set) bool {
	ok := now[s.Node+"/MANIFEST"].Data == string(s.Manifest())
	for _, f := range s.Files {
		ok = ok && now[s.Node+"/"+f.Path].Data == string(f.Data)
	}
	return ok
}

func assertWhole(t *testing.T, now map[string]file, old, new artifact.Set) {
	t.Helper()
	for _, s := range []artifact.Set{old, new} {
		for _, f := range s.Files {
			is, there := now[s.Node+"/"+f.Path]
			o, _ := old.File(f.Path)
			n, _ := new.File(f.Path)
			if there && is.Data != string(o.Data) && is.Data != string(n.Data) {
				t.Errorf("%s/%s holds %q", s.Node, f.Path, is.Data)
			}
		}
	}
}
