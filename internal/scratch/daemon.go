package scratch

import (
	"bytes"
	"debug/elf"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// keepalivedOptions is a file of Debian's package since 13: a list of words for
// `keepalived -v` to print. Without it Keepalived ends at once.
const keepalivedOptions = "/etc/keepalived/keepalived.config-opts"

// Daemon has a program of the machine in the root under the name of its daemon,
// by which killall and pidof know it, and returns its path there. It may be
// anywhere on the machine: what it is loaded with comes along. A script stays
// where it is.
func (r *Root) Daemon(name, program string) (string, error) {
	if name == "keepalived" && !r.Has(keepalivedOptions) {
		if err := r.Put(keepalivedOptions, "--sysconfdir=/etc\n", 0o644); err != nil {
			return "", err
		}
	}
	if inTrees(program) && filepath.Base(program) == name {
		return program, nil
	}
	at := Mount{From: program, To: filepath.Join("/usr/sbin", name)}
	if slices.Contains(r.placed, at) {
		return at.To, nil
	}
	with, script := loads(program)
	for _, path := range with {
		if inTrees(path) || slices.Contains(r.brought, path) {
			continue
		}
		if _, err := r.Bring(path); err != nil {
			return "", err
		}
	}
	if script { // it may well start the one in /usr/sbin
		return program, nil
	}
	r.placed = append(r.placed, at)
	return at.To, r.Put(at.To, "", 0o755)
}

// inTrees says whether a path is in one of the trees that a root has anyway.
func inTrees(path string) bool {
	top, _, _ := strings.Cut(filepath.Join("/", path)[1:], "/")
	return slices.Contains(trees, top)
}

// loads returns what the kernel and the loader look into to start a program: its
// interpreter and the folders of libraries that it names itself. A script may
// want anything in its own folder.
func loads(program string) (all []string, script bool) {
	data, err := os.ReadFile(program)
	if err != nil {
		return nil, false // whoever starts it says so
	}
	here := filepath.Dir(program)
	if bytes.HasPrefix(data, []byte("#!")) {
		return []string{here}, true
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, false
	}
	if s := f.Section(".interp"); s != nil {
		if name, err := s.Data(); err == nil {
			all = append(all, string(bytes.TrimRight(name, "\x00")))
		}
	}
	for _, tag := range []elf.DynTag{elf.DT_RPATH, elf.DT_RUNPATH} {
		lists, _ := f.DynString(tag) // a static program has none
		for _, list := range lists {
			for _, dir := range strings.Split(list, ":") {
				dir = strings.NewReplacer("$ORIGIN", here, "${ORIGIN}", here).Replace(dir)
				if filepath.IsAbs(dir) {
					all = append(all, dir)
				}
			}
		}
	}
	return all, false
}
