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
// refuses a script that is not there. The stand-ins come first: they would be out
// of sight below a folder of the machine.
func (r *Root) Scripts(conf []byte) error {
	asks := asksHAProxy(conf)
	var here []string
	for _, program := range Programs(conf) {
		if r.Has(program) {
			continue
		}
		if !manager(program) {
			if have, err := r.Offer(program); err != nil {
				return err
			} else if have {
				here = append(here, program)
				continue
			}
		}
		if err := r.standIn(program, asks[program]); err != nil {
			return err
		}
	}
	for _, program := range here {
		if err := r.own(program); err != nil {
			return err
		}
	}
	return nil
}

// standIn puts a stub where Keepalived looks for a program.
func (r *Root) standIn(program string, asksHAProxy bool) error {
	stub := "#!/bin/sh\nexit 0\n"
	if asksHAProxy {
		stub = lookForHAProxy
	}
	if manager(program) {
		r.note("program %s asks systemd, which does not run: replaced by a stub that looks for HAProxy's process", program)
		stub = lookForHAProxy
	} else {
		r.note("program %s %s: replaced by a stub", program, r.missing())
	}
	return r.Put(program, stub, 0o755)
}

// own has folders of the root lead to a program of the machine, as on the node:
// since 2.4 Keepalived refuses a script below a link, and one that is a link. Where
// the machine's files are Foreign, the program is its own as well.
func (r *Root) own(program string) error {
	if r.Has(program) {
		return nil
	}
	if !r.opts.Foreign {
		path := filepath.Dir(program)
		if r.Has(path) {
			path = program
		}
		_, err := r.Bring(path)
		return err
	}
	data, err := os.ReadFile(filepath.Join("/", program))
	if err != nil {
		return err
	}
	return r.Put(program, string(data), 0o755)
}

// lookForHAProxy is a stub for a script that fails when HAProxy does not run.
const lookForHAProxy = `#!/bin/sh
for name in /proc/[0-9]*/comm; do
    read -r comm <"$name" && [ "$comm" = haproxy ] && exit 0
done 2>/dev/null
exit 1
`

// manager says whether a program asks systemd, which runs in no scratch root.
func manager(program string) bool {
	return slices.Contains([]string{"systemctl", "service"}, filepath.Base(program))
}

// asksHAProxy returns the programs that are run with HAProxy's name, or are named
// after it.
func asksHAProxy(conf []byte) map[string]bool {
	all := map[string]bool{}
	for _, b := range keepalived.Read([]keepalived.Source{{Data: conf}}, keepalived.Options{}).Lines {
		if b.Keyword() != "vrrp_script" {
			continue
		}
		run := keepalived.Command(b.Of("script"))
		if keepalived.NamesHAProxy(run) {
			all[run[0]] = true
		}
	}
	return all
}
