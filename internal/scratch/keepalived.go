package scratch

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// Programs returns the programs that a keepalived.conf runs, each once.
func Programs(conf []byte) []string {
	all := keepalived.Programs(keepalived.Read([]keepalived.Source{{Data: conf}}, keepalived.Options{}))
	return slices.DeleteFunc(all, func(p string) bool { return !filepath.IsAbs(p) })
}

// Scripts sees to the programs that Keepalived runs, such as killall, and
// stands in for those that neither the set nor the machine has: Keepalived
// refuses a script that is not there.
func (r *Root) Scripts(conf []byte) error {
	for _, program := range Programs(conf) {
		if r.Has(program) {
			continue
		}
		have, err := r.Offer(program)
		if err == nil && have {
			err = r.own(program)
		}
		if err == nil && !have {
			r.note("program %s %s: replaced by a stub", program, r.missing())
			err = r.Put(program, "#!/bin/sh\nexit 0\n", 0o755)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// own has folders of the root lead to a program of the machine, as on the node:
// since 2.4 Keepalived refuses a script below a link. Where the machine's files
// are Foreign, the program is its own as well.
func (r *Root) own(program string) error {
	if !r.opts.Foreign {
		if dir := filepath.Dir(program); !r.Has(dir) {
			_, err := r.Bring(dir)
			return err
		}
		return nil
	}
	data, err := os.ReadFile(filepath.Join("/", program))
	if err != nil {
		return err
	}
	return r.Put(program, string(data), 0o755)
}
