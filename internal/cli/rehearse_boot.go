package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/compare"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/plan"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
)

// bootFlags say that the nodes boot, and of what.
type bootFlags struct {
	boot  bool
	roots []string
}

func (f *bootFlags) addTo(c *cobra.Command) {
	c.Flags().BoolVar(&f.boot, "boot", false, "boot the nodes with a systemd of their own, and install the site with its install.sh")
	c.Flags().StringArrayVar(&f.roots, "root", nil, "with --boot, `NAME=DIR|TAR`: the root of a node's system, in place of this machine's")
}

// defaultBootJobs is for nodes that boot, and then do more than wait.
const defaultBootJobs = 2

// wrong says which flags do not go together with --boot.
func (f *bootFlags) wrong(c *cobra.Command, args []string, o *rehearseOptions) error {
	switch {
	case !f.boot && len(f.roots) > 0:
		return usagef("--root is of use with --boot only: the root of nodes that boot")
	case !f.boot:
		return nil
	case o.clean:
		return usagef("--boot leaves nothing that --clean could end: it goes without")
	case len(args) == 1 && isPair(args[0]):
		return usagef("--boot takes a site file: a pair that runs already has no install.sh")
	case len(o.daemons.flags()) > 0:
		return usagef("%s goes without --boot: nodes that boot run what their root has installed, and --root names another one",
			strings.Join(o.daemons.flags(), " and "))
	}
	if !c.Flags().Changed("jobs") {
		o.jobs = defaultBootJobs
	}
	return nil
}

// booting is how the nodes of a site boot; nil without --boot.
func (f *bootFlags) booting(l *loaded) (*rehearse.Booting, error) {
	if !f.boot {
		return nil, nil //nolint:nilnil // no booting is a value of its own
	}
	b := &rehearse.Booting{Roots: map[string]string{}}
	for _, word := range f.roots {
		name, path, ok := strings.Cut(word, "=")
		if !ok || path == "" {
			return nil, usagef("--root %s: write NAME=DIR|TAR, a node and the root of its system", word)
		}
		if !slices.ContainsFunc(l.sets, func(s artifact.Set) bool { return s.Node == name }) {
			return nil, usagef("--root %s: the site has no node %s", word, name)
		}
		path, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		b.Roots[name] = path
	}
	groups := failover.Groups(l.site)
	b.First = order(plan.Input{New: groups, Nodes: compare.Sets(nil, l.sets).Nodes})
	changed, what := withChange(l)
	if what == "" {
		return b, nil
	}
	var err error
	if b.Changed, err = render.New().Sets(site.Resolve(changed), l.in); err != nil {
		return nil, err
	}
	b.Change, b.Rolling = what, order(plan.Input{Old: groups, New: groups, Nodes: compare.Sets(l.sets, b.Changed).Nodes})
	return b, nil
}

// order are the nodes in that of a plan.
func order(in plan.Input) []string {
	var all []string
	for _, s := range plan.Make(in).Steps {
		all = append(all, s.Node)
	}
	return all
}

// withChange is the site with another weight of one server, and the change in words; ""
// where it has none.
func withChange(l *loaded) (*model.Site, string) {
	changed := *l.written
	changed.Backends = slices.Clone(changed.Backends)
	for i := range changed.Backends {
		b := &changed.Backends[i]
		if len(b.Servers) == 0 {
			continue
		}
		b.Servers = slices.Clone(b.Servers)
		s, was := &b.Servers[0], 1
		if s.Weight != nil {
			was = *s.Weight
		}
		is := was + 1
		if is > maxWeight {
			is = was - 1
		}
		s.Weight = &is
		return &changed, fmt.Sprintf("server %s of %s gets weight %d", s.Name, b.Name, is)
	}
	return nil, ""
}

// maxWeight is the greatest that a server can have.
const maxWeight = 256

// bootable says why the nodes of a site cannot boot here.
func bootable(ctx context.Context, l *loaded, b *rehearse.Booting) error {
	if missing := booted.Missing(); len(missing) > 0 {
		return fmt.Errorf("nodes cannot boot here: %s", strings.Join(missing, "; "))
	}
	for i := range l.site.VRRP {
		v := &l.site.VRRP[i]
		if h := v.Track.HAProxy; h != nil && h.Method == "process" {
			return fmt.Errorf("the nodes cannot boot: Keepalived of %s listens to the kernel's process events (track.haproxy.method: process), "+
				"which are not told in a container, and would be in FAULT for ever; rehearse without --boot", v.Name)
		}
	}
	var bad []error
	for _, set := range l.sets {
		bad = append(bad, fits(ctx, set, b.Roots[set.Node]))
	}
	return errors.Join(bad...)
}

// fits says why a node cannot boot from a root: it is another platform's.
func fits(ctx context.Context, set artifact.Set, root string) error {
	id, version, err := booted.Release(ctx, root)
	if err != nil {
		return fmt.Errorf("--root %s=%s: %w", set.Node, root, err)
	}
	is := model.PlatformOf(id, version)
	if id == "" || is == set.Host.Platform {
		return nil
	}
	const own = "boots it with the root of its own system (one of debootstrap, an exported container image)"
	what, remedy := "this machine", fmt.Sprintf("--root %s=DIR|TAR %s", set.Node, own)
	if root != "" {
		what, remedy = root, "name the root of its own system"
	}
	return fmt.Errorf("%s is for %s, and %s is %s %s: %s, or platform: %s in the site file changes the site",
		set.Node, set.Host.Platform, what, id, version, remedy, is)
}
