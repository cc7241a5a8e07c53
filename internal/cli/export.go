package cli

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/fleet"
)

func (a *app) export() *cobra.Command {
	c := &cobra.Command{
		Use:   "export",
		Short: "Write what other tools install sites with",
		Args:  nothing,
		RunE:  func(*cobra.Command, []string) error { return usagef("export ansible is the only one") },
	}
	c.AddCommand(a.exportAnsible())
	return c
}

func (a *app) exportAnsible() *cobra.Command {
	var dir string
	c := &cobra.Command{
		Use:   "ansible SITE... -o DIR",
		Short: "Write an inventory and a playbook that install sites on many nodes",
		Long: `export ansible writes the tree of every node as a tar file, an inventory and a playbook around
them. The playbook has every node say what it would do, then runs install.sh in the
order of lbgen plan, one node of each site at a time, and stops at the first failure.
It needs ansible-core alone, and is not to be edited: addresses and users go into
host_vars/ and group_vars/ in DIR.

secrets.txt names the trees that hold a secret, for ansible-vault to encrypt. docs/fleet.md
says more.`,
		Example: "  lbgen export ansible sites/*.yaml -o fleet/\n  cd fleet && xargs ansible-vault encrypt <secrets.txt\n" +
			"  ansible-playbook -i inventory.yml site.yml --check --ask-vault-pass",
		Args: sites,
		RunE: func(_ *cobra.Command, args []string) error {
			if dir == "" {
				return usagef("name the directory to write to: -o DIR")
			}
			return a.runExportAnsible(args, dir)
		},
	}
	c.Flags().StringVarP(&dir, "output", "o", "", "directory for the inventory, the playbook and the trees")
	return c
}

func (a *app) runExportAnsible(args []string, dir string) error {
	all, err := a.make(args, secretsRequired)
	if err != nil {
		return err
	}
	var exported []fleet.Site
	var sets []artifact.Set
	for _, l := range all {
		exported = append(exported, fleet.Order(l.site.Name, l.sets, failover.Groups(l.site)))
		sets = append(sets, l.sets...)
		l.claim()
	}
	if err := a.together(all, args); err != nil {
		return err
	}
	secrets := fleet.Secrets(sets)
	files, err := fleet.Files(exported, secrets)
	if err != nil {
		return err
	}
	for _, folder := range []string{dir, filepath.Join(dir, "trees"), filepath.Join(dir, "tasks")} {
		if err := os.MkdirAll(folder, 0o755); err != nil { //nolint:gosec // what holds a secret is 0600 itself
			return err
		}
	}
	if err := writeTrees(dir, sets, secrets); err != nil {
		return err
	}
	for _, f := range files {
		if err := replaceFile(filepath.Join(dir, f.Path), f.Data, 0o644); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.Err, "%s: %s of %s\n", dir, count(len(sets), "node"), count(len(all), "site"))
	if len(secrets) > 0 {
		fmt.Fprintf(a.Err, "%s of them hold secrets in plain text: cd %s && xargs ansible-vault encrypt <secrets.txt\n",
			count(len(secrets), "tree"), dir)
	}
	return nil
}

func writeTrees(dir string, sets []artifact.Set, secrets []string) error {
	for _, s := range sets {
		data, err := tarOf(s)
		if err != nil {
			return err
		}
		name, mode := fleet.Tree(s.Node), fs.FileMode(0o644)
		if slices.Contains(secrets, name) {
			mode = 0o600
		}
		if err := replaceFile(filepath.Join(dir, name), data, mode); err != nil {
			return err
		}
	}
	return nil
}
