package check

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/proc"
)

// isolation is how a checker gets namespaces of its own.
type isolation struct {
	args []string // of unshare, before the program
	// mapped is true in a user namespace: files of root look foreign there, and
	// there is one user only.
	mapped bool
	err    error // why there is no way
}

// findIsolation tries what this user may do on this kernel: plain namespaces
// as root, a user namespace otherwise.
func findIsolation(ctx context.Context) isolation {
	unshare, err := proc.Look("unshare")
	if err != nil {
		return isolation{err: errors.New("unshare is not on this machine: install util-linux")}
	}
	// A process namespace ends with its first process, and everything with it.
	args := []string{"--mount", "--propagation", "private", "--pid", "--fork", "--kill-child"}
	if os.Geteuid() == 0 && try(ctx, unshare, args) == nil {
		return isolation{args: args}
	}
	args = append([]string{"--user", "--map-root-user"}, args...)
	err = try(ctx, unshare, args)
	if ctx.Err() != nil {
		return isolation{err: context.Cause(ctx)} // it was not the kernel
	}
	if err != nil {
		return isolation{err: fmt.Errorf("it needs root, or a kernel that gives user namespaces to others: %w", err)}
	}
	return isolation{args: args, mapped: true}
}

func try(ctx context.Context, unshare string, args []string) error {
	_, err := proc.Run(ctx, proc.Cmd{Path: unshare, Args: append(slices.Clone(args), "--net", "true")})
	return err
}

//go:embed enter.sh
var enterScript []byte

// room is a scratch root for one checker: the set's files where they belong,
// the machine's programs and libraries read-only, an empty /var, /run and /tmp,
// and nothing else of the machine.
type room struct {
	job  *job
	dir  string // of the room's own files, beside the root
	root string
	// brought are files and folders of the machine, at the same place in here.
	brought []string
	linked  bool
	// shared is true where the room is in the machine's network.
	shared bool
}

// base are the parts of the machine that programs need to start at all. Those
// in /etc say how to load libraries and look up names, nothing of a service.
var (
	trees   = []string{"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt", "nix"}
	devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
	basics  = []string{
		"ld.so.cache", "ld.so.conf", "nsswitch.conf", "services", "protocols", "localtime", "alternatives",
		"ssl", "pki", "crypto-policies", "logrotate.conf", "login.defs", "os-release", "machine-id",
	}
	folders = []string{
		"dev", "proc", "etc", "run", "tmp", "machine", "var/cache", "var/lib/logrotate", "var/lib/rsyslog",
		"var/log", "var/spool/rsyslog", "var/tmp",
	}
)

// newRoom makes the room of a job and puts all files of the set into it, and
// the users and groups that the job's own files name.
func newRoom(j *job) (*room, error) {
	if err := j.isolation().err; err != nil {
		return nil, err
	}
	r := &room{job: j, dir: j.scratch, root: filepath.Join(j.scratch, "root")}
	for _, d := range folders {
		if err := makeDirs(filepath.Join(r.root, d)); err != nil {
			return nil, err
		}
	}
	if err := stage(r.root, j.set.Files); err != nil {
		return nil, err
	}
	if err := r.folders(j.set.Files); err != nil {
		return nil, err
	}
	return r, r.accounts()
}

// stage writes the files below root with their modes.
func stage(root string, files []artifact.File) error {
	for _, f := range files {
		if err := write(filepath.Join(root, f.Path), f.Data, f.Mode.Perm()); err != nil {
			return err
		}
	}
	return nil
}

// write makes the file and the folders above it, with the mode whatever the umask.
func write(name string, data []byte, mode fs.FileMode) error {
	if err := makeDirs(filepath.Dir(name)); err != nil {
		return err
	}
	if err := os.WriteFile(name, data, 0o600); err != nil {
		return err
	}
	return os.Chmod(name, mode)
}

// makeDirs is os.MkdirAll with mode 0755 whatever the umask: a daemon that
// becomes another user must get through.
func makeDirs(dir string) error {
	if _, err := os.Stat(dir); err == nil {
		return nil
	}
	if err := makeDirs(filepath.Dir(dir)); err != nil {
		return err
	}
	return errors.Join(os.Mkdir(dir, 0o755), os.Chmod(dir, 0o755))
}

// at returns where a path of the room lies. Paths come from the files that are
// checked: /../../etc of the room is its own /etc.
func (r *room) at(path string) string {
	return filepath.Join(r.root, filepath.Join("/", path))
}

// put writes a file of the room.
func (r *room) put(path string, data string, mode fs.FileMode) error {
	return write(r.at(path), []byte(data), mode)
}

// has says whether the room has a file or folder of its own at the path.
func (r *room) has(path string) bool {
	_, err := os.Stat(r.at(path))
	return err == nil
}

// bring has a readable file or folder of the machine appear at its own place in
// the room, and says whether the machine has it.
func (r *room) bring(path string) (bool, error) {
	path = filepath.Join("/", path)
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() && !info.Mode().IsRegular() { // opening a pipe would wait
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, nil // not ours to read: as good as not there
	}
	_ = f.Close()
	if info.IsDir() {
		err = makeDirs(r.at(path))
	} else {
		err = r.put(path, "", 0o644)
	}
	r.brought = append(r.brought, path)
	return true, err
}

// offer is bring for what may be in one of the machine's trees, which the room
// has anyway.
func (r *room) offer(path string) (bool, error) {
	top, _, _ := strings.Cut(filepath.Join("/", path)[1:], "/")
	if slices.Contains(trees, top) {
		_, err := os.Stat(path)
		return err == nil, nil
	}
	return r.bring(path)
}

// link fills what is still missing in the room with links to the machine's
// trees, which are mounted below /machine: a folder that the room has already
// is filled entry by entry, so that /usr/libexec/keepalived/own-script and the
// programs of the machine stand side by side.
func (r *room) link(path string) error {
	inside, outside := filepath.Join(r.root, path), filepath.Join("/", path)
	info, err := os.Lstat(outside)
	if err != nil || slices.Contains(r.brought, outside) {
		return nil // this machine has no such thing, or it is mounted
	}
	if _, err := os.Lstat(inside); err != nil {
		if info.Mode()&fs.ModeSymlink != 0 && !strings.Contains(path, "/") {
			target, err := os.Readlink(outside) // /bin -> usr/bin
			return errors.Join(err, os.Symlink(target, inside))
		}
		return os.Symlink(filepath.Join("/machine", path), inside)
	}
	entries, err := os.ReadDir(outside)
	if err != nil {
		return nil // a file in both: the room's own wins
	}
	for _, e := range entries {
		if err := r.link(filepath.Join(path, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// finish makes the links and the places for the mounts, once.
func (r *room) finish() error {
	if r.linked {
		return nil
	}
	r.linked = true
	for _, d := range devices {
		if err := r.put(d, "", 0o644); err != nil {
			return err
		}
	}
	for _, t := range trees {
		if err := r.link(t); err != nil {
			return err
		}
	}
	for _, b := range basics {
		if err := r.link("etc/" + b); err != nil {
			return err
		}
	}
	return write(filepath.Join(r.dir, "enter.sh"), enterScript, 0o600)
}

// mounts returns what enter.sh binds: pairs of a place on the machine and one
// in the room.
func (r *room) mounts() ([]string, error) {
	var pairs []string
	for _, t := range append(slices.Clone(trees), "etc") {
		info, err := os.Lstat("/" + t)
		if err != nil || !info.IsDir() {
			continue // absent, or /bin -> usr/bin
		}
		if err := makeDirs(filepath.Join(r.root, "machine", t)); err != nil {
			return nil, err
		}
		pairs = append(pairs, "/"+t, "/machine/"+t)
	}
	for _, p := range slices.Concat([]string{"/proc"}, devices, r.brought) {
		pairs = append(pairs, p, p)
	}
	return pairs, nil
}

// run runs a program in the room, without the machine's network.
func (r *room) run(ctx context.Context, program string, args ...string) (proc.Output, error) {
	return r.enter(ctx, "", append([]string{program}, args...))
}

// runWithNetwork runs a program in the room, in a network of its own that the
// `ip` commands have made.
func (r *room) runWithNetwork(ctx context.Context, commands string, program string, args ...string) (proc.Output, error) {
	file := filepath.Join(r.dir, "network")
	if err := write(file, []byte(commands), 0o600); err != nil {
		return proc.Output{}, err
	}
	return r.enter(ctx, file, append([]string{program}, args...))
}

func (r *room) enter(ctx context.Context, network string, command []string) (proc.Output, error) {
	if err := r.finish(); err != nil {
		return proc.Output{}, err
	}
	mounts, err := r.mounts()
	if err != nil {
		return proc.Output{}, err
	}
	iso := r.job.isolation()
	args := slices.Clone(iso.args)
	if !r.shared {
		args = append(args, "--net")
	}
	loose := "no"
	if iso.mapped {
		loose = "yes"
	}
	args = append(args, "sh", filepath.Join(r.dir, "enter.sh"), r.root, network, loose)
	args = slices.Concat(args, mounts, []string{"--"}, command)
	unshare, err := proc.Look("unshare")
	if err != nil {
		return proc.Output{}, err
	}
	out, err := proc.Run(ctx, proc.Cmd{
		Path: unshare, Args: args, Dir: "/", Timeout: r.job.opts.Timeout, Bare: true,
		Env: []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/", "TMPDIR=/tmp"},
	})
	return out, plainly(err, out, command)
}

// entryFailed finds the words with which the programs that lead into the room,
// not the checker, say that they failed.
var entryFailed = lazy(`(?m)^(?:unshare: |mount: |chroot: |setpriv: |Command failed |\S*enter\.sh: )`)

// plainly turns the error of a whole `unshare ...` line into one that names the
// checker's own command, and a failure on the way into the room into one that
// is no exit status of the checker.
func plainly(err error, out proc.Output, command []string) error {
	var failed *proc.Error
	if !errors.As(err, &failed) {
		return err
	}
	if entryFailed().Match(out.Stderr) {
		return fmt.Errorf("no scratch root could be entered: %s", bytes.TrimSpace(out.Stderr))
	}
	failed.Cmd.Path, failed.Cmd.Args = command[0], command[1:]
	return failed
}
