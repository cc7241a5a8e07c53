package proc

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func sh(script string) Cmd { return Cmd{Path: "sh", Args: []string{"-c", script}} }

func TestRunCapturesBothStreams(t *testing.T) {
	out, err := Run(context.Background(), sh("echo out; echo err >&2; echo $LC_ALL"))
	if err != nil || string(out.Stdout) != "out\nC\n" || string(out.Stderr) != "err\n" || out.ExitCode != 0 {
		t.Fatalf("got %+v, %v", out, err)
	}
}

func TestErrorPrintsAsCommandToPaste(t *testing.T) {
	c := sh("echo first >&2; echo 'last one' >&2; exit 3")
	out, err := Run(context.Background(), c)
	want := `sh -c 'echo first >&2; echo '\''last one'\'' >&2; exit 3': exit status 3: last one`
	if err == nil || err.Error() != want || out.ExitCode != 3 || !Exited(err) {
		t.Fatalf("got %v (exit %d)\nwant %s", err, out.ExitCode, want)
	}
}

func TestMissingProgram(t *testing.T) {
	_, err := Run(context.Background(), Cmd{Path: "lbgen-no-such-program"})
	if !errors.Is(err, exec.ErrNotFound) || Exited(err) {
		t.Fatalf("got %v", err)
	}
}

func TestTimeoutKillsTheGroup(t *testing.T) {
	alive := filepath.Join(t.TempDir(), "alive")
	c := sh(`(sleep 0.6; : > "$1") & sleep 60`)
	c.Args = append(c.Args, "sh", alive)
	c.Timeout = 100 * time.Millisecond
	_, err := Run(context.Background(), c)
	if !errors.Is(err, context.DeadlineExceeded) || Exited(err) {
		t.Fatalf("got %v", err)
	}
	if !strings.HasSuffix(err.Error(), ": did not end within 100ms") {
		t.Errorf("got %v", err)
	}
	time.Sleep(800 * time.Millisecond)
	if _, err := os.Stat(alive); err == nil {
		t.Error("a child of the killed program went on")
	}
}

func TestCancelEndsTheProgram(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := Run(ctx, sh("sleep 60")); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
}

func TestOutputIsBounded(t *testing.T) {
	out, err := Run(context.Background(), sh("head -c 6000000 /dev/zero"))
	if err != nil || len(out.Stdout) != MaxOutput || !out.Truncated {
		t.Fatalf("%d bytes, truncated %v, %v", len(out.Stdout), out.Truncated, err)
	}
}

func TestBareEnvironment(t *testing.T) {
	t.Setenv("LBGEN_TEST", "leaked")
	c := Cmd{Path: "/usr/bin/env", Bare: true, Env: []string{"A=b"}}
	out, err := Run(context.Background(), c)
	if err != nil || string(out.Stdout) != "LC_ALL=C\nA=b\n" {
		t.Fatalf("got %q, %v", out.Stdout, err)
	}
}

func TestLook(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := Look("lbgen-no-such-program"); !errors.Is(err, exec.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	got, err := Look("chroot") // in /usr/sbin or /sbin everywhere
	if err != nil || !strings.HasSuffix(got, "sbin/chroot") {
		t.Errorf("Look(chroot) = %q, %v", got, err)
	}
}

func TestQuote(t *testing.T) {
	for word, want := range map[string]string{"": "''", "a b": "'a b'", "/etc/x.cfg": "/etc/x.cfg", "it's": `'it'\''s'`} {
		if got := Quote(word); got != want {
			t.Errorf("Quote(%q) = %s, want %s", word, got, want)
		}
	}
}
