// Package scratch makes scratch roots: the files of one node where they belong,
// the machine's programs and libraries around them, and nothing else of the
// machine. What the node has and the machine lacks is replaced by a stub, and said.
// A scratch root is made of files alone; what is bound into it, and how one gets in, is
// the business of whoever uses it.
package scratch

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
)

// Options says what a scratch root is made of. Dir and Set are needed.
type Options struct {
	Dir string // where it is made: Dir/root is / in it
	Set artifact.Set
	// About are the files whose users and groups are replaced by a stub.
	About []artifact.File
	// Note is told in a sentence of each stub, each once.
	Note func(sentence string)
	// Separate keeps the machine's own certificates, keys, pages and lists out,
	// for what must not depend on the machine: what haproxy.cfg opens and the set
	// lacks is replaced by a stub, whether the machine has it or not, and whoever asks
	// for the authorities that a system trusts is shown Certificate's.
	Separate bool
	// Certificate returns the PEM that stands in for a certificate file. kind is
	// the word of haproxy.cfg that names it: crt for one with its key, ca-file or
	// ca-verify-file for authorities. nil: each is self-signed.
	Certificate func(kind, path string) ([]byte, error)
	// OneUser is for a user namespace with one user: there are no accounts but
	// root's, and those that the files name are root by another name. To become
	// anybody else fails in there.
	OneUser bool
	// Foreign is for a user namespace too, where what belongs to the machine's
	// root belongs to nobody: programs that Keepalived runs are copied into the
	// root, as it refuses what others than root may change.
	Foreign bool
}

// Root is a scratch root: the set's files where they belong, the machine's
// programs and libraries, an empty /var, /run and /tmp, and nothing else of the
// machine. It is complete once Mounts has been called and bound.
type Root struct {
	Dir  string // the folder that is / in it
	opts Options
	// brought are files and folders of the machine, at the same place in here.
	brought []string
	placed  []Mount // programs of the machine at places of their own
	linked  bool
	said    []string // what Note was told
}

// New makes a scratch root and puts all files of the set into it, the folders of the
// state that they name, and the users and groups that are named in About.
func New(opts Options) (*Root, error) {
	r := &Root{Dir: filepath.Join(opts.Dir, "root"), opts: opts}
	for _, d := range folders {
		if err := makeDirs(r.At(d)); err != nil {
			return nil, err
		}
	}
	if err := Stage(r.Dir, opts.Set.Files); err != nil {
		return nil, err
	}
	if err := r.states(opts.Set.Files); err != nil {
		return nil, err
	}
	return r, r.accounts()
}

// note tells of a stub.
func (r *Root) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if r.opts.Note == nil || slices.Contains(r.said, s) {
		return
	}
	r.said = append(r.said, s)
	r.opts.Note(s)
}

// missing says why something is replaced by a stub.
func (r *Root) missing() string {
	if r.opts.Separate {
		return "is not among the rendered files"
	}
	return "is not on this machine"
}

// Stage writes the files below root with their modes, but for those that are absent.
func Stage(root string, files []artifact.File) error {
	for _, f := range files {
		if f.Absent() {
			continue
		}
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

// At returns where a path of the root lies. Paths come from the files that are
// put into it: /../../etc of the root is its own /etc.
func (r *Root) At(path string) string {
	return filepath.Join(r.Dir, filepath.Join("/", path))
}

// Put writes a file of the root.
func (r *Root) Put(path string, data string, mode fs.FileMode) error {
	return write(r.At(path), []byte(data), mode)
}

// Has says whether the root has a file or folder of its own at the path.
func (r *Root) Has(path string) bool {
	_, err := os.Stat(r.At(path))
	return err == nil
}

// states makes the folders of all state files that the set names, as the node
// has them after tmpfiles and the packages have done their part, and the log
// files as empty ones.
func (r *Root) states(files []artifact.File) error {
	// Where services keep their state, and log files anywhere.
	named := regexp.MustCompile(`/(?:var|run)/[\w.+@/-]+|/[\w.+@/-]+\.log\b`)
	done := map[string]bool{}
	for _, f := range files {
		if !strings.HasPrefix(f.Path, "etc/") && f.Path != r.opts.Set.Host.ConfigFile() {
			continue
		}
		for _, path := range named.FindAllString(string(f.Data), -1) {
			if done[path] {
				continue
			}
			done[path] = true
			if err := r.state(path); err != nil {
				return err
			}
		}
	}
	if c := r.opts.Set.Host.Chroot; c != "" {
		return makeDirs(r.At(c))
	}
	return nil
}

func (r *Root) state(path string) error {
	if r.Has(path) {
		return nil
	}
	if strings.HasSuffix(path, ".log") {
		return r.Put(path, "", 0o644)
	}
	return makeDirs(r.At(filepath.Dir(path)))
}
