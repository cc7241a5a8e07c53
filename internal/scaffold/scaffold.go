// Package scaffold writes the first site file of a new site from a few answers: a
// file that lint has nothing to say about, with comments that tell what to change.
package scaffold

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"github.com/lbgen/lbgen/internal/model"
)

// Kind is a kind of site to begin with.
type Kind struct {
	Name, Title string
	port        string // of a server that names none
}

// Kinds returns all kinds, the usual one first.
func Kinds() []Kind {
	return []Kind{
		{"web", "HTTP, and HTTPS where a certificate is named; the servers are asked for a page", "8080"},
		{"tcp", "any protocol over TCP; a server is up when it takes connections", ""},
		{"k8s-api", "the API servers of a Kubernetes cluster; each is asked whether it is ready", "6443"},
		{"database", "MySQL, PostgreSQL with Patroni, or Redis by the port; one server takes the writes", ""},
	}
}

// Answers are what a site is made from. The addresses are checked by Write, what
// the model knows better by whoever reads the file.
type Answers struct {
	Kind     string // a name of Kinds
	Site     string // its name
	Platform string // "debian12"
	Nodes    []Node // in the order of preference, at least one
	VIP      netip.Addr
	NICs     []NIC // the first is that of the VIP; Write adds those that are missing
	Backends []Backend
	// Certificate is the path on the nodes of a certificate with its key, or of a
	// folder of them; "" for no TLS.
	Certificate string
	Health      string // the page that web servers are asked for
}

// Node is a node and its addresses, the one in the VIP's network first.
type Node struct {
	Name      string
	Addresses []netip.Addr
}

// NIC is an interface of the nodes and its network.
type NIC struct {
	Device string // "" is not known
	Subnet netip.Prefix
}

// Backend is a name and its servers as HOST:PORT.
type Backend struct {
	Name    string
	Servers []string
}

//go:embed site.yaml.tmpl
var text string

// Write returns the site file. An error is about an answer, and names it.
func Write(a Answers) ([]byte, error) {
	s, err := resolve(a)
	if err != nil {
		return nil, err
	}
	t, err := template.New("site.yaml").Funcs(template.FuncMap{"flow": flow}).Parse(text)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, s); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// flow writes a text so that YAML reads it as one, also between braces.
func flow(text string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/-"
	host, port, _ := strings.Cut(text, ":") // HOST:PORT needs no quotes
	_, number := strconv.ParseFloat(text, 64)
	_, digits := strconv.Atoi(cmp.Or(port, "0"))
	words := []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
	if host == "" || strings.Trim(host, safe) != "" || host[0] == '-' || host[0] == '.' || number == nil || digits != nil ||
		slices.Contains(words, strings.ToLower(text)) || strings.HasSuffix(text, ":") {
		return strconv.Quote(text)
	}
	return text
}

// nic is a NIC with its name in the site file.
type nic struct {
	Role, Device, Zone string
	Subnet             netip.Prefix
	Guessed            bool // the device
	Assumed            bool // the network
}

type node struct {
	Name      string
	Priority  int
	Addresses []address
}

type address struct {
	Role string
	Addr netip.Addr
}

type server struct {
	Name, Address string
	Backup        bool
}

type backend struct {
	Name    string
	Engine  string // mysql, postgres, redis or "": of a database
	Port    string // that clients connect to: of tcp and database
	Servers []server
}

// site is what the template sees.
type site struct {
	Answers
	NICs     []nic
	Nodes    []node
	RouterID int
	Backends []backend
}

func resolve(a Answers) (*site, error) {
	if !slices.ContainsFunc(Kinds(), func(k Kind) bool { return k.Name == a.Kind }) {
		return nil, fmt.Errorf("there is no kind %q: lbgen init --list has them", a.Kind)
	}
	if !a.VIP.IsValid() {
		return nil, fmt.Errorf("the virtual IP is missing")
	}
	if len(a.Nodes) == 0 || len(a.Backends) == 0 {
		return nil, fmt.Errorf("a site needs a node and a backend at least")
	}
	if a.Certificate != "" && a.Kind != "web" {
		return nil, fmt.Errorf("a certificate is for kind web: with %s, TLS is passed on as it is", a.Kind)
	}
	s := &site{Answers: a, RouterID: routerID(a.VIP)}
	a.Health = cmp.Or(a.Health, "/")
	s.Health = a.Health
	if folder := strings.TrimRight(a.Certificate, "/"); folder != "" {
		s.Certificate = folder
	}
	if err := s.networks(a); err != nil {
		return nil, err
	}
	for i, n := range a.Nodes {
		made := node{Name: n.Name, Priority: max(1, 254-i)}
		for _, addr := range n.Addresses {
			made.Addresses = append(made.Addresses, address{s.roleOf(addr), addr})
		}
		s.Nodes = append(s.Nodes, made)
	}
	return s, s.backends(a)
}

// routerID is the last byte of the address: the number that is easiest to find again,
// and unlikely to be another pair's in the same network.
func routerID(vip netip.Addr) int {
	last := vip.As16()[15]
	return int(max(last, 1))
}

// networks finds the network of each address, those given first, and wants every node
// to have an address in each.
func (s *site) networks(a Answers) error {
	for _, n := range a.NICs {
		s.nic(n, false)
	}
	s.need(a.VIP)
	for _, n := range a.Nodes {
		if len(n.Addresses) == 0 {
			return fmt.Errorf("node %s has no address", n.Name)
		}
		for _, addr := range n.Addresses {
			s.need(addr)
		}
	}
	at := slices.IndexFunc(s.NICs, func(n nic) bool { return n.Subnet.Contains(a.VIP) })
	front := s.NICs[at]
	s.NICs = append([]nic{front}, slices.Delete(s.NICs, at, at+1)...)
	for i := range s.NICs {
		s.NICs[i].Role = []string{"front", "back", "third", "fourth"}[min(i, 3)]
		if s.NICs[i].Device == "" {
			s.NICs[i].Device, s.NICs[i].Guessed = "eth"+strconv.Itoa(i), true
		}
		if p, ok := model.PlatformNamed(a.Platform); ok && p.Firewalld {
			s.NICs[i].Zone = []string{"public", "internal"}[min(i, 1)]
		}
	}
	if len(s.NICs) > 4 {
		return fmt.Errorf("the addresses are in %d networks: name their networks with --nic, or begin with fewer", len(s.NICs))
	}
	return s.everyNodeInEach(a)
}

func (s *site) everyNodeInEach(a Answers) error {
	for _, n := range s.NICs {
		for _, one := range a.Nodes {
			if !slices.ContainsFunc(one.Addresses, n.Subnet.Contains) {
				return fmt.Errorf("node %s has no address in %s, where %s is: write --node %s=%s,ADDRESS, or the right prefix with --nic",
					one.Name, n.Subnet, s.example(n, a), one.Name, one.Addresses[0])
			}
		}
	}
	return nil
}

// example is an address that makes a network needed.
func (s *site) example(n nic, a Answers) string {
	if n.Subnet.Contains(a.VIP) {
		return "the virtual IP"
	}
	for _, one := range a.Nodes {
		for _, addr := range one.Addresses {
			if n.Subnet.Contains(addr) {
				return addr.String() + " of " + one.Name
			}
		}
	}
	return "another NIC"
}

func (s *site) nic(n NIC, assumed bool) {
	s.NICs = append(s.NICs, nic{Device: n.Device, Subnet: n.Subnet.Masked(), Assumed: assumed})
}

// need adds the network of an address where no NIC has it: the usual one of its
// family, /24 or /64.
func (s *site) need(addr netip.Addr) {
	if slices.ContainsFunc(s.NICs, func(n nic) bool { return n.Subnet.Contains(addr) }) {
		return
	}
	bits := 24
	if addr.Is6() {
		bits = 64
	}
	s.nic(NIC{Subnet: netip.PrefixFrom(addr, bits)}, true)
}

func (s *site) roleOf(addr netip.Addr) string {
	for _, n := range s.NICs {
		if n.Subnet.Contains(addr) {
			return n.Role
		}
	}
	return ""
}
