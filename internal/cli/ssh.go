package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/deploy"
	"github.com/lbgen/lbgen/internal/proc"
)

// remote is how nodes are reached.
type remote struct {
	config  string
	sudo    bool
	timeout time.Duration
	hosts   []string // NAME=DESTINATION
}

// addRemote adds the flags of a command that reaches the nodes of a site.
func (r *remote) addRemote(c *cobra.Command) {
	f := c.Flags()
	f.StringArrayVar(&r.hosts, "ssh", nil, "`NAME=DESTINATION` of a node, as ssh takes it")
	f.StringVar(&r.config, "ssh-config", "", "the configuration of ssh (ssh -F)")
	f.BoolVar(&r.sudo, "sudo", false, "become root with sudo -n on the nodes")
}

// shell reaches nodes by ssh.
type shell struct {
	remote
	ssh          string
	destinations map[string]string
}

// shell returns the way to the nodes of these names.
func (r remote) shell() (*shell, error) {
	ssh, err := proc.Look("ssh")
	if err != nil {
		return nil, errors.New("ssh is not on this machine: install the OpenSSH client")
	}
	s := &shell{remote: r, ssh: ssh, destinations: map[string]string{}}
	for _, word := range r.hosts {
		name, destination, ok := strings.Cut(word, "=")
		if !ok || name == "" || destination == "" || destination[0] == '-' {
			return nil, usagef("--ssh is NAME=DESTINATION, not %q", word)
		}
		s.destinations[name] = destination
	}
	return s, nil
}

// Run runs a command on a node.
func (s *shell) Run(ctx context.Context, node, command string, input io.Reader, out io.Writer) error {
	destination := s.destinations[node]
	if destination == "" {
		destination = node
	}
	cmd := s.command(s.ssh, destination, command)
	cmd.Stdin, cmd.Stdout = input, out
	got, err := proc.Run(ctx, cmd)
	if err == nil {
		return nil
	}
	if proc.Exited(err) && got.ExitCode != sshFailed {
		_, _ = out.Write(got.Stderr) // talk
		return &deploy.Failed{Code: got.ExitCode}
	}
	return sshError(err)
}

// sshFailed is ssh's own exit status.
const sshFailed = 255

// command is ssh with one command for a node.
func (r remote) command(ssh, destination, script string) proc.Cmd {
	var args []string
	if r.config != "" {
		args = append(args, "-F", r.config)
	}
	if r.sudo {
		script = "sudo -n sh -c " + proc.Quote(script)
	}
	return proc.Cmd{Path: ssh, Args: append(args, "-T", "--", destination, script), Timeout: r.timeout}
}

// sshError is the last thing that ssh, or the node, said.
func sshError(err error) error {
	var failed *proc.Error
	if errors.As(err, &failed) && proc.Exited(err) {
		said := strings.TrimSpace(string(failed.Output.Stderr))
		if i := strings.LastIndexByte(said, '\n'); i >= 0 {
			said = said[i+1:]
		}
		return fmt.Errorf("ssh ended with %d: %s", failed.Output.ExitCode, strings.TrimSpace(said))
	}
	return err
}
