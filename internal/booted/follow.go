package booted

import (
	"context"
	"io"
)

// Follow runs a program in the node, and hands on what it prints as it comes, until
// the program, the node or ctx ends.
func (m *Machine) Follow(ctx context.Context, out io.Writer, argv ...string) error {
	return m.watch(ctx, nil, out, append([]string{"follow"}, argv...))
}

// Beside runs a program of this machine in the network and among the processes of the
// node, whose root is its working directory, until the program, the node or ctx ends.
func (m *Machine) Beside(ctx context.Context, stdin io.Reader, out io.Writer, argv ...string) error {
	return m.watch(ctx, stdin, out, append([]string{"beside"}, argv...))
}

func (m *Machine) watch(ctx context.Context, stdin io.Reader, out io.Writer, words []string) error {
	_, err := m.box.pass(ctx, stdin, out, append([]string{"sh", "-c", nodeScript, "node", m.Name}, words...)...)
	return err
}
