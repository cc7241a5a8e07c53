package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/scaffold"
)

// initOptions are the flags of init.
type initOptions struct {
	kind, site, platform, vip, tls, health string
	nodes, backends, nics                  []string
	list                                   bool
}

func (a *app) initSite() *cobra.Command {
	var o initOptions
	c := &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write the first site file of a new pair",
		Long: `init writes a commented site file that lint has nothing to say about: from flags,
or from answers to a few questions where it is run on a terminal. What this machine
knows, its distribution, interfaces and networks, is offered as the answer. FILE is
site.yaml where none is named, - is standard output; a file that is there is never
overwritten.

Nodes are named in the order of preference. One with addresses in several networks
has them all: --node lb1=192.0.2.11,10.0.0.11. Networks are taken for /24, or /64,
where neither --nic nor this machine says otherwise.`,
		Example: `  lbgen init
  lbgen init --node lb1=10.0.0.11 --node lb2=10.0.0.12 --vip 10.0.0.10 \
      --backend app=10.0.1.21:8080,10.0.1.22:8080 --platform debian12
  lbgen init --kind database --node db1=10.0.0.11 --node db2=10.0.0.12 --vip 10.0.0.10 \
      --backend galera=10.0.0.31:3306,10.0.0.32:3306 galera.yaml`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("init writes one file, and %d are named", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if o.list {
				return a.listKinds()
			}
			file := "site.yaml"
			if len(args) == 1 {
				file = args[0]
			}
			return a.runInit(c.Context(), file, o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.kind, "kind", "web", "what is balanced; --list has the kinds")
	f.StringVar(&o.site, "site", "", "the site's name (default the first backend's)")
	f.StringVar(&o.platform, "platform", "", "what the nodes run: "+strings.Join(model.PlatformNames(), ", ")+" (default this machine's)")
	f.StringArrayVar(&o.nodes, "node", nil, "`NAME=ADDRESS`[,ADDRESS...] of a node; the preferred master first")
	f.StringVar(&o.vip, "vip", "", "the virtual IP")
	f.StringArrayVar(&o.nics, "nic", nil, "`DEVICE=SUBNET` of the nodes, such as eth0=10.0.0.0/24")
	f.StringArrayVar(&o.backends, "backend", nil, "`NAME=HOST:PORT`[,HOST:PORT...]: a backend and its servers; the first is the default")
	f.StringVar(&o.tls, "tls", "", "certificate with its key, or a folder of them: a path on the nodes")
	f.StringVar(&o.health, "health", "/", "the page that web servers are asked for")
	f.BoolVar(&o.list, "list", false, "list the kinds")
	return c
}

func (a *app) listKinds() error {
	tab := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	for _, k := range scaffold.Kinds() {
		fmt.Fprintf(tab, "%s\t%s\n", k.Name, k.Title)
	}
	return tab.Flush()
}

func (a *app) runInit(ctx context.Context, file string, o initOptions) error {
	if _, err := os.Lstat(file); file != "-" && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, fmt.Errorf("%s is there already: name another file", file))
	}
	here := thisMachine(ctx)
	if missing := o.missing(); len(missing) > 0 {
		if !a.asksBack() {
			return usagef("init needs %s, or a terminal to ask on", strings.Join(missing, ", "))
		}
		if err := a.ask(&o, here); err != nil {
			return err
		}
	}
	answers, err := o.answers(here)
	if err != nil {
		return usageError{err}
	}
	text, err := scaffold.Write(answers)
	if err != nil {
		return usageError{err}
	}
	// What the model says of an answer is worth more than a file that has to be mended.
	if _, src, found := model.Load(file, text); found.HasErrors() {
		src.Locate(found)
		return usagef("%s: %s", flagOf(string(found[0].Path)), strings.TrimSuffix(found[0].Summary+": "+found[0].Detail, ": "))
	}
	return a.writeNew(file, text)
}

// flagOf returns the flag that a value of the site file comes from.
func flagOf(path string) string {
	for _, of := range [][2]string{{"site", "--site"}, {"platform", "--platform"}, {"nics", "--nic"}, {"nodes", "--node"}, {"vrrp", "--vip"},
		{"frontends[0].binds", "--tls"}, {"backends[0].health", "--health"}, {"backends", "--backend"}} {
		if strings.HasPrefix(path, of[0]) {
			return of[1]
		}
	}
	return path
}

// writeNew writes a file that is not there.
func (a *app) writeNew(file string, text []byte) error {
	if file == "-" {
		_, err := a.Out.Write(text)
		return err
	}
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(file))
	}
	fmt.Fprintf(a.Err, "%s written. Next: lbgen lint %s, lbgen render %s -o out/\n", file, file, file)
	return nil
}

// missing are the flags without which there is no site.
func (o initOptions) missing() []string {
	var all []string
	for _, f := range []struct {
		name    string
		missing bool
	}{{"--node", len(o.nodes) == 0}, {"--vip", o.vip == ""}, {"--backend", len(o.backends) == 0}} {
		if f.missing {
			all = append(all, f.name)
		}
	}
	return all
}

// machine is what this machine knows of itself.
type machine struct {
	platform string // "" where it is none of the model's
	nics     []scaffold.NIC
}

func thisMachine(ctx context.Context) machine {
	m := machine{}
	if id, version, err := booted.Release(ctx, ""); err == nil {
		if name := model.PlatformOf(id, version); slices.Contains(model.PlatformNames(), name) {
			m.platform = name
		}
	}
	nics, err := net.Interfaces()
	if err != nil {
		return m
	}
	for _, n := range nics {
		addrs, err := n.Addrs()
		if err != nil || n.Flags&net.FlagLoopback != 0 {
			continue
		}
		for _, addr := range addrs {
			if p, err := netip.ParsePrefix(addr.String()); err == nil && p.Addr().IsGlobalUnicast() && p.Bits() < p.Addr().BitLen() {
				m.nics = append(m.nics, scaffold.NIC{Device: n.Name, Subnet: p.Masked()})
			}
		}
	}
	return m
}

// answers parses the flags; errors name them.
func (o initOptions) answers(here machine) (scaffold.Answers, error) {
	a := scaffold.Answers{Kind: o.kind, Site: o.site, Platform: o.platform, Certificate: o.tls, Health: o.health}
	if a.Platform == "" {
		a.Platform = here.platform
	}
	if a.Platform == "" {
		return a, fmt.Errorf("this machine is none of the platforms: name the nodes' with --platform, one of %s",
			strings.Join(model.PlatformNames(), ", "))
	}
	var err error
	if a.VIP, err = addressOf("--vip", o.vip); err != nil {
		return a, err
	}
	for _, text := range o.nodes {
		n, err := nodeOf(text)
		if err != nil {
			return a, err
		}
		a.Nodes = append(a.Nodes, n)
	}
	for _, text := range o.backends {
		name, servers, ok := strings.Cut(text, "=")
		if !ok || name == "" || servers == "" {
			return a, fmt.Errorf("--backend is NAME=HOST:PORT,HOST:PORT, not %q", text)
		}
		a.Backends = append(a.Backends, scaffold.Backend{Name: name, Servers: strings.Split(servers, ",")})
	}
	for _, text := range o.nics {
		device, subnet, _ := strings.Cut(text, "=")
		p, err := netip.ParsePrefix(subnet)
		if err != nil || device == "" {
			return a, fmt.Errorf("--nic is DEVICE=SUBNET, such as eth0=10.0.0.0/24, not %q", text)
		}
		a.NICs = append(a.NICs, scaffold.NIC{Device: device, Subnet: p})
	}
	if a.Site == "" {
		a.Site = a.Backends[0].Name
	}
	a.NICs = append(a.NICs, here.of(a)...)
	return a, nil
}

// of are the machine's networks that an answer is in, and that no flag names.
func (m machine) of(a scaffold.Answers) []scaffold.NIC {
	all := []netip.Addr{a.VIP}
	for _, n := range a.Nodes {
		all = append(all, n.Addresses...)
	}
	var used []scaffold.NIC
	for _, n := range m.nics {
		taken := slices.ContainsFunc(slices.Concat(a.NICs, used), func(o scaffold.NIC) bool { return o.Subnet.Overlaps(n.Subnet) })
		if !taken && slices.ContainsFunc(all, n.Subnet.Contains) {
			used = append(used, n)
		}
	}
	return used
}

func nodeOf(text string) (scaffold.Node, error) {
	name, addresses, ok := strings.Cut(text, "=")
	if !ok || name == "" {
		return scaffold.Node{}, fmt.Errorf("--node is NAME=ADDRESS, not %q", text)
	}
	n := scaffold.Node{Name: name}
	for address := range strings.SplitSeq(addresses, ",") {
		addr, err := addressOf("--node "+name, address)
		if err != nil {
			return n, err
		}
		n.Addresses = append(n.Addresses, addr)
	}
	return n, nil
}

func addressOf(flag, text string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	switch {
	case err != nil && strings.Contains(text, "/"):
		return addr, fmt.Errorf("%s: write the address without its prefix, %q; --nic has the network", flag, text)
	case err != nil:
		return addr, fmt.Errorf("%s: %q is no IP address", flag, text)
	case !addr.IsGlobalUnicast():
		return addr, fmt.Errorf("%s: %s is not an address that a machine can have in a network", flag, addr)
	}
	return addr, nil
}
