package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/recording"
	"github.com/lbgen/lbgen/internal/scratch"
)

// node is what the agent of a node does: it has the node's files in their
// places, runs its daemons, and tells what it sees of them.
type node struct {
	args    nodeArgs
	events  *sink
	ca      *authority
	notes   []string
	table   *processes
	daemons map[string]command
}

// nodeArgs are the node, and how much of it can be real.
type nodeArgs struct {
	Node     Node
	Alone    bool // see Plan
	OneUser  bool // there are no other users than root
	Foreign  bool // files of the machine's root look like somebody else's
	CA       authorityPEM
	Programs Programs
}

// becomeNode makes the agent's namespaces those of the node. The agent goes on
// within the node's own root.
func (a *agent) becomeNode(args nodeArgs) (any, error) {
	ca, err := args.CA.open()
	if err != nil {
		return nil, err
	}
	n := &node{args: args, events: a.events, ca: ca}
	for _, step := range []func() error{n.network, n.root, n.syslog, n.limits, n.watch} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	n.table = newProcesses(a.events)
	a.node = n
	return n.notes, nil
}

func (n *node) note(sentence string) {
	if !slices.Contains(n.notes, sentence) {
		n.notes = append(n.notes, sentence)
	}
}

// network applies the node's own sysctl settings, then brings up its NICs.
func (n *node) network() error {
	for _, f := range n.args.Node.Set.Files {
		if ok, _ := filepath.Match("etc/sysctl.d/*.conf", f.Path); ok {
			if err := n.sysctl(string(f.Data)); err != nil {
				return err
			}
		}
	}
	if n.args.Alone {
		return everyAddress()
	}
	for _, link := range n.args.Node.Links {
		if err := setUp(link); err != nil {
			return err
		}
	}
	return nil
}

// sysctl applies what belongs to the network namespace. The rest belongs to
// the machine, and a rehearsal leaves that alone.
func (n *node) sysctl(text string) error {
	for line := range strings.Lines(text) {
		key, value, found := strings.Cut(line, "=")
		key = strings.TrimLeft(strings.TrimSpace(key), "-")
		if !found || strings.HasPrefix(key, "#") || strings.HasPrefix(key, ";") {
			continue
		}
		file := "/proc/sys/" + strings.ReplaceAll(key, ".", "/")
		if _, err := os.Stat(file); err != nil || !strings.HasPrefix(key, "net.") {
			n.note(fmt.Sprintf("sysctl %s belongs to the whole machine: left as it is", key))
			continue
		}
		if err := os.WriteFile(file, []byte(strings.TrimSpace(value)), 0); err != nil {
			n.note(fmt.Sprintf("sysctl %s cannot be set in here: left as it is", key))
		}
	}
	return nil
}

// findDaemons has the programs in the node's root, and says how each is started.
func (n *node) findDaemons(r *scratch.Root) error {
	set := n.args.Node.Set
	// -db keeps HAProxy in the foreground whatever haproxy.cfg says, as -Ws of its unit does.
	args := map[string][]string{HAProxy: {
		"-W", "-db", "-f", "/" + set.Host.ConfigFile(), "-p", "/run/haproxy.pid", "-L", set.Node, "-S", masterSocket,
	}}
	if _, ok := set.File(keepalivedConf); ok && !n.args.Alone {
		args[Keepalived] = append([]string{"-n", "-f", "/" + keepalivedConf}, keepalivedOptions(set)...)
	}
	n.daemons = map[string]command{}
	for name, words := range args {
		program, ok := n.args.Programs[name]
		if !ok {
			return fmt.Errorf("%s is not on this machine", name)
		}
		at, err := r.Daemon(name, program)
		if err != nil {
			return err
		}
		n.daemons[name] = command{path: at, args: words}
	}
	return nil
}

// masterSocket is that of HAProxy's master process, by which its worker can be asked
// where haproxy.cfg has no socket of its own.
const masterSocket = "/run/haproxy-lab.sock"

const keepalivedConf = "etc/keepalived/keepalived.conf"

// root makes the node's root in memory, and enters it.
func (n *node) root() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("mounts of its own: %w", err)
	}
	// Every machine has /sys, and nobody keeps programs there; here it is the
	// node's alone, and gone with it.
	const dir = "/sys"
	if err := syscall.Mount("lbgen", dir, "tmpfs", syscall.MS_NOSUID|syscall.MS_NODEV, "mode=0755"); err != nil {
		return fmt.Errorf("a file system in memory: %w", err)
	}
	r, err := n.stage(dir)
	if err != nil {
		return err
	}
	if err := n.mount(r); err != nil {
		return err
	}
	if err := syscall.Chroot(r.Dir); err != nil {
		return err
	}
	return os.Chdir("/")
}

// stage puts the files in their places, and what they need beside them.
func (n *node) stage(dir string) (*scratch.Root, error) {
	set := n.args.Node.Set
	r, err := scratch.New(scratch.Options{
		Dir: dir, Set: set, About: set.Files, Note: n.note,
		Separate: true, Certificate: n.ca.file, OneUser: n.args.OneUser, Foreign: n.args.Foreign,
	})
	if err != nil {
		return nil, err
	}
	hosts := "127.0.0.1 localhost\n::1 localhost\n" + strings.Join(append(n.args.Node.Hosts, ""), "\n")
	if err := r.Put("/etc/hosts", hosts, 0o644); err != nil {
		return nil, err
	}
	cfg, _ := set.File(set.Host.ConfigFile())
	if err := r.HAProxy(cfg.Data); err != nil {
		return nil, err
	}
	if err := n.ciphers(r, cfg); err != nil {
		return nil, err
	}
	if err := n.findDaemons(r); err != nil {
		return nil, err
	}
	if conf, ok := set.File(keepalivedConf); ok && !n.args.Alone {
		err = n.keepalived(r, conf)
	}
	return r, err
}

// keepalived sees to what Keepalived runs. In place of the kernel's process events,
// which are told outside of namespaces only and without which the node would be in
// FAULT for ever, it looks every second whether HAProxy is there.
func (n *node) keepalived(r *scratch.Root, conf artifact.File) error {
	text, replaced := withoutProcessEvents(string(conf.Data))
	if !replaced {
		return r.Scripts(conf.Data)
	}
	n.note("Keepalived hears no process events in here: it runs killall -0 haproxy every second")
	if err := r.Scripts([]byte(text)); err != nil {
		return err
	}
	return r.Put("/"+conf.Path, text, conf.Mode.Perm())
}

// withoutProcessEvents puts a check that runs killall in place of each
// vrrp_track_process of HAProxy, and says whether there was one.
func withoutProcessEvents(conf string) (string, bool) {
	block := regexp.MustCompile(`(?m)^[ \t]*vrrp_track_process\s+(\S+)\s*\{([^{}]*)\}`)
	ofHAProxy := regexp.MustCompile(`(?m)^\s*process\s+"?(?:\S*/)?haproxy\b`)
	weight := regexp.MustCompile(`(?m)^\s*weight\s+(-?\d+)`)
	replaced := false
	text := block.ReplaceAllStringFunc(conf, func(all string) string {
		m := block.FindStringSubmatch(all)
		if !ofHAProxy.MatchString(m[2]) {
			return all
		}
		replaced = true
		script := "vrrp_script " + m[1] + " {\n    script \"/usr/bin/killall -0 haproxy\"\n    interval 1\n    timeout 1\n    rise 1\n" +
			"    fall 1\n"
		if w := weight.FindStringSubmatch(m[2]); w != nil {
			script += "    weight " + w[1] + "\n"
		}
		return script + "    user root\n}"
	})
	return regexp.MustCompile(`(?m)^(\s*)track_process\s*\{`).ReplaceAllString(text, "${1}track_script {"), replaced
}

// ciphers puts others in place of RHEL's own profile, which no other OpenSSL
// knows. It is the one line of a rendered file that may not be as on the node.
func (n *node) ciphers(r *scratch.Root, cfg artifact.File) error {
	if _, err := os.Stat("/etc/crypto-policies/back-ends/opensslcnf.config"); err == nil {
		return nil // this is RHEL, or one of its kind
	}
	text, changed := scratch.DefaultCiphers(cfg.Data)
	if !changed {
		return nil
	}
	n.note("cipher profile PROFILE=SYSTEM is RHEL's, OpenSSL here lacks it: DEFAULT is used")
	return r.Put("/"+cfg.Path, string(text), cfg.Mode.Perm())
}

// mount binds the machine's programs into the root, read-only where the kernel
// lets us, and gives it a /proc that shows the node's own processes only.
func (n *node) mount(r *scratch.Root) error {
	mounts, err := r.Mounts()
	if err != nil {
		return err
	}
	for _, m := range mounts {
		to := r.At(m.To)
		if err := syscall.Mount(m.From, to, "", syscall.MS_BIND|syscall.MS_REC, ""); err != nil {
			return fmt.Errorf("mounting %s: %w", m.From, err)
		}
		// Refused in a user namespace, where the files of root are safe anyway.
		_ = syscall.Mount("", to, "", syscall.MS_BIND|syscall.MS_REMOUNT|syscall.MS_RDONLY, "")
	}
	if err := syscall.Mount("proc", r.At("/proc"), "proc", syscall.MS_NOSUID|syscall.MS_NODEV|syscall.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("a /proc of its own: %w", err)
	}
	return nil
}

// limits allows as many open files as the unit's drop-in does. Where this machine
// has not so many to give, HAProxy is told to take fewer connections.
func (n *node) limits() error {
	const unit = 524288
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: unit, Max: unit}) == nil {
		return nil
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return err
	}
	limit.Cur = limit.Max
	cfg, _ := n.args.Node.Set.File(n.args.Node.Set.Host.ConfigFile())
	// Two for each connection, and some for listeners and checks.
	if most, asked := limit.Max/4, maxconn(cfg.Data); asked > most {
		haproxy := n.daemons[HAProxy]
		haproxy.args = append(haproxy.args, "-n", strconv.FormatUint(most, 10))
		n.daemons[HAProxy] = haproxy
		n.note(fmt.Sprintf("this machine lets a process open %d files: HAProxy takes %d connections and not %d", limit.Max, most, asked))
	}
	return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}

// maxconn is the one of the global section, which comes first.
func maxconn(cfg []byte) uint64 {
	m := regexp.MustCompile(`(?m)^\s+maxconn (\d+)`).FindSubmatch(cfg)
	if m == nil {
		return 0
	}
	n, _ := strconv.ParseUint(string(m[1]), 10, 64)
	return n
}

// watch tells of the VIPs that the node is given and loses, from the kernel's
// own mouth, and of what HAProxy thinks of its servers.
func (n *node) watch() error {
	updates := make(chan netlink.AddrUpdate, 64)
	if err := netlink.AddrSubscribeWithOptions(updates, nil, netlink.AddrSubscribeOptions{ListExisting: true}); err != nil {
		return err
	}
	go func() {
		for u := range updates {
			addr, _ := netip.AddrFromSlice(u.LinkAddress.IP)
			if addr = addr.Unmap(); !slices.Contains(n.args.Node.VIPs, addr) {
				continue
			}
			kind := recording.Drops
			if u.NewAddr {
				kind = recording.HasVIP
			}
			n.events.emit(recording.Event{Kind: kind, What: addr.String()})
		}
	}()
	go n.watchServers()
	return nil
}

// watchServers asks HAProxy ten times a second. Its log would tell, too, but
// not every site has one here.
func (n *node) watchServers() {
	seen := map[string]string{}
	for {
		time.Sleep(100 * time.Millisecond)
		table, err := n.ask("show stat -1 4 -1")
		if err != nil {
			clear(seen)
			continue
		}
		for _, s := range Stats(table) {
			server, state := s.Server(), settled(s.Status, s.Check)
			if state != "" && seen[server] != state {
				seen[server] = state
				n.events.emit(recording.Event{Kind: recording.SeesServer, What: server, Text: state})
			}
		}
	}
}

// settled returns UP or DOWN; "" for a server that is neither. On the way
// there the column says "UP 1/3", and the server still has its old state. One
// that has not been checked yet is UP on trust: its first bad check brings it
// down.
func settled(status, check string) string {
	word, _, _ := strings.Cut(status, " ")
	if strings.Contains(check, "INI") {
		return ""
	}
	if word == "UP" || word == "DOWN" {
		return word
	}
	return ""
}

// ask asks HAProxy by its runtime socket.
func (n *node) ask(question string) (string, error) {
	d := net.Dialer{Timeout: time.Second}
	socket := n.args.Node.StatsSocket
	if socket == "" {
		socket, question = masterSocket, "@1 "+question
	}
	conn, err := d.DialContext(context.Background(), "unix", socket)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(2 * time.Second))
	if _, err := io.WriteString(conn, question+"\n"); err != nil {
		return "", err
	}
	if half, ok := conn.(*net.UnixConn); ok && socket == masterSocket { // the master waits for more otherwise
		if err := half.CloseWrite(); err != nil {
			return "", err
		}
	}
	answer, err := io.ReadAll(conn)
	return string(answer), err
}

func (a *agent) askHAProxy(question string) (any, error) { return a.node.ask(question) }

// freezeNode stops every process where it stands.
func (a *agent) freezeNode(nothing) error {
	if err := syscall.Kill(-1, syscall.SIGSTOP); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}

// loseNode is what a power cut leaves of a node: no process has been told
// anything, and what was in memory only is gone.
func (a *agent) loseNode(nothing) error {
	n := a.node
	if err := n.table.killAll(); err != nil {
		return err
	}
	if err := n.forgetAddresses(); err != nil {
		return err
	}
	files, err := filepath.Glob("/run/*.pid")
	if err != nil {
		return err
	}
	for _, f := range files {
		err = errors.Join(err, os.Remove(f))
	}
	return err
}

// forgetAddresses takes the VIPs away: after a start a node has its own only.
func (n *node) forgetAddresses() error {
	for _, link := range n.args.Node.Links {
		nic, err := netlink.LinkByName(link.Device)
		if err != nil {
			return err
		}
		addrs, err := netlink.AddrList(nic, netlink.FAMILY_ALL)
		if err != nil {
			return err
		}
		for _, addr := range addrs {
			ip, _ := netip.AddrFromSlice(addr.IP)
			if slices.Contains(n.args.Node.VIPs, ip.Unmap()) {
				if err := netlink.AddrDel(nic, &addr); err != nil {
					return err
				}
			}
		}
	}
	return nil
}
