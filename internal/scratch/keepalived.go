package scratch

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	asks := asksHAProxy(conf)
	for _, program := range Programs(conf) {
		if r.Has(program) {
			continue
		}
		if manager(program) {
			r.note("program %s asks systemd, which does not run: replaced by a stub that looks for HAProxy's process", program)
			if err := r.Put(program, lookForHAProxy, 0o755); err != nil {
				return err
			}
			continue
		}
		have, err := r.Offer(program)
		if err == nil && have {
			err = r.own(program)
		}
		if err == nil && !have {
			r.note("program %s %s: replaced by a stub", program, r.missing())
			stub := "#!/bin/sh\nexit 0\n"
			if asks[program] {
				stub = lookForHAProxy
			}
			err = r.Put(program, stub, 0o755)
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
		if len(run) > 0 && strings.Contains(strings.ToLower(filepath.Base(run[0])+" "+strings.Join(run[1:], " ")), "haproxy") {
			all[run[0]] = true
		}
	}
	return all
}
