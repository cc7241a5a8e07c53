package cli

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/proc"
)

// daemonFlags name the HAProxy and the Keepalived to ask; "": those of PATH.
type daemonFlags struct{ haproxy, keepalived string }

func (d *daemonFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&d.haproxy, "haproxy", "", "the HAProxy to run (default: that of PATH)")
	c.Flags().StringVar(&d.keepalived, "keepalived", "", "the Keepalived to run (default: that of PATH)")
}

// flags are those that were given.
func (d *daemonFlags) flags() []string {
	var all []string
	if d.haproxy != "" {
		all = append(all, "--haproxy")
	}
	if d.keepalived != "" {
		all = append(all, "--keepalived")
	}
	return all
}

// programs returns the absolute path of each program that was named, by its daemon.
func (d *daemonFlags) programs() (map[string]string, error) {
	all := map[string]string{}
	for name, file := range map[string]string{"haproxy": d.haproxy, "keepalived": d.keepalived} {
		if file == "" {
			continue
		}
		whole, err := filepath.Abs(file)
		if err == nil {
			whole, err = proc.Look(whole)
		}
		if err != nil {
			return nil, usagef("--%s %s is no program: %w", name, file, err)
		}
		all[name] = whole
	}
	return all, nil
}

// daemonJSON is one of the daemons that were asked.
type daemonJSON struct {
	Name    string `json:"name"`
	Program string `json:"program"`
	Version string `json:"version,omitempty"`
}

func daemonsJSON(daemons []check.Daemon) []daemonJSON {
	all := []daemonJSON{}
	for _, d := range daemons {
		all = append(all, daemonJSON(d))
	}
	return all
}

// asked names a checker's daemon as a rehearsal does; "" for another checker.
func asked(daemons []check.Daemon, checker string) string {
	for _, d := range daemons {
		if d.Name == checker {
			return judge.Daemon(d).String()
		}
	}
	return ""
}
