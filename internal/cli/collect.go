package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/proc"
)

// collectOptions are the flags of collect.
type collectOptions struct {
	remote
	out   string
	print bool
}

func (a *app) collect() *cobra.Command {
	var o collectOptions
	c := &cobra.Command{
		Use:   "collect HOST...",
		Short: "Fetch the configuration of nodes that run already, over ssh",
		Long: `collect writes a tar file for each node: what HAProxy, Keepalived, their units and
options, sysctl, rsyslog, logrotate and firewalld have on it. All commands that take a
pair read such files. HOST is what ssh takes, or NAME=HOST for another name of the node.

It only reads, and runs the system's ssh with its configuration, agent, known hosts and
jump hosts. Private keys (*.pem, *.key) stay on the node. keepalived.conf holds the
VRRP password: the files are for their owner alone.

--print prints the commands to run by hand instead.`,
		Example: "  lbgen collect root@prslb01 root@prslb02 -o pair/\n  lbgen lint pair/\n" +
			"  lbgen collect --print root@prslb01",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("name the nodes, as ssh takes them")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return a.runCollect(a.watch(c.Context()), args, o) },
	}
	f := c.Flags()
	f.StringVarP(&o.out, "output", "o", "pair", "the folder that the tar files go into")
	f.StringVar(&o.config, "ssh-config", "", "the configuration of ssh (ssh -F)")
	f.BoolVar(&o.print, "print", false, "print the commands and run none")
	f.BoolVar(&o.sudo, "sudo", false, "read with sudo -n on the node, for who cannot log in as root")
	f.DurationVar(&o.timeout, "timeout", time.Minute, "how long one node may take")
	return c
}

// host is one node to collect from.
type host struct{ name, destination string }

// hostOf reads [NAME=][USER@]HOST.
func hostOf(word string) (host, error) {
	name, destination, named := strings.Cut(word, "=")
	if !named {
		destination = word
		_, name, _ = strings.Cut("@"+word, "@")
		if at := strings.LastIndexByte(name, '@'); at >= 0 {
			name = name[at+1:]
		}
		name = strings.TrimPrefix(name, "ssh://")
		if !strings.Contains(name, ":") && strings.Trim(name, "0123456789.") != "" {
			name, _, _ = strings.Cut(name, ".") // without the domain
		}
	}
	switch {
	case name == "" || strings.ContainsAny(name, "/\\") || name[0] == '.' || name[0] == '-':
		return host{}, usagef("%q has no name that a file may have: write NAME=%s", word, destination)
	case destination == "" || destination[0] == '-':
		return host{}, usagef("%q is no host", word)
	}
	return host{name, destination}, nil
}

func (a *app) runCollect(ctx context.Context, args []string, o collectOptions) error {
	var hosts []host
	for _, word := range args {
		h, err := hostOf(word)
		if err != nil {
			return err
		}
		for _, other := range hosts {
			if other.name == h.name {
				return usagef("%s and %s would both be %s.tar: write NAME=HOST", other.destination, h.destination, h.name)
			}
		}
		hosts = append(hosts, h)
	}
	if o.print {
		fmt.Fprintf(a.Out, "umask 077; mkdir -p %s\n", proc.Quote(o.out))
		for _, h := range hosts {
			fmt.Fprintf(a.Out, "%s >%s\n", o.command("ssh", h.destination, pair.CollectCommand()), proc.Quote(filepath.Join(o.out, h.name+".tar")))
		}
		return nil
	}
	ssh, err := proc.Look("ssh")
	if err != nil {
		return errors.New("ssh is not on this machine: install it, or see --print for what to run on the nodes")
	}
	if err := os.MkdirAll(o.out, 0o700); err != nil {
		return err
	}
	var failed []error
	for _, h := range hosts {
		a.progress("reading " + h.destination)
		if err := a.collectOne(ctx, o.command(ssh, h.destination, pair.CollectCommand()), h, o); err != nil {
			failed = append(failed, fmt.Errorf("%s: %w", h.name, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// collectOne writes the file of a node. It has its name when it is whole and has been
// read as a pair's.
func (a *app) collectOne(ctx context.Context, cmd proc.Cmd, h host, o collectOptions) (err error) {
	name := filepath.Join(o.out, h.name+".tar")
	f, err := os.CreateTemp(o.out, "."+h.name+".*.tar") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	cmd.Stdout = f
	if _, err := proc.Run(ctx, cmd); err != nil {
		return errors.Join(sshError(err), f.Close())
	}
	if err := f.Close(); err != nil {
		return err
	}
	p := pair.Read(h.name, []pair.Input{{Name: h.name, Paths: []string{f.Name()}}})
	if p.Found.HasErrors() {
		return fmt.Errorf("%s: %s", p.Found[0].Summary, p.Found[0].Detail)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	n := p.Nodes[0]
	fmt.Fprintf(a.Err, "%s: %s of HAProxy, %s of Keepalived\n", name, count(len(n.HAProxyFiles), "file"),
		count(len(n.KeepalivedFiles), "file"))
	return nil
}
