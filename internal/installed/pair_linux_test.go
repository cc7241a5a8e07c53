package installed_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/booted"
	"github.com/lbgen/lbgen/internal/testbox"
)

const vip = "172.16.110.70"

// pair is two booted nodes, with servers behind them and a client in front.
type pair struct {
	*booted.Cluster
	dir    string // of the site file and the trees
	lbgen  string
	client *client
}

func prefixes(all ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, a := range all {
		out = append(out, netip.MustParsePrefix(a))
	}
	return out
}

func node(name, last string) booted.Node {
	return booted.Node{Name: name, NICs: []booted.NIC{
		{Network: "management", Device: "ens192", Addresses: prefixes("172.16.10." + last + "/24")},
		{Network: "client", Device: "ens224", Addresses: prefixes("172.16.110." + last + "/24")},
		{Network: "web", Device: "ens256", Addresses: prefixes("192.168.50." + last + "/24")},
	}}
}

// newPair boots a pair without firewalld, and stands up its servers.
func newPair(t *testing.T) *pair {
	t.Helper()
	p := bootPair(t, false)
	p.withoutFirewalld(t)
	return p
}

// bootPair boots the pair, and stands up its servers. A node may have another root than
// this machine's.
func bootPair(t *testing.T, firewalld bool, roots ...string) *pair {
	t.Helper()
	p := &pair{dir: t.TempDir()}
	nodes := []booted.Node{node("prslb01", "71"), node("prslb02", "72")}
	for i := range nodes {
		nodes[i].Firewalld = firewalld
	}
	for i, root := range roots {
		nodes[i].Root = root
	}
	p.Cluster = testbox.Boot(t, booted.Options{
		Nodes: nodes,
		Here: []booted.NIC{
			{Network: "management", Addresses: prefixes("172.16.10.9/24")},
			{Network: "client", Addresses: prefixes("172.16.110.9/24")},
			{Network: "web", Addresses: prefixes("192.168.50.61/24", "192.168.50.62/24", "192.168.50.63/24")},
		},
	})
	for _, n := range p.Nodes() {
		if len(n.Failed()) > 0 {
			t.Errorf("%s: units have failed before anything was installed: %v", n.Name, n.Failed())
		}
	}
	for _, last := range []string{"61", "62", "63"} {
		p.serve(t, "192.168.50."+last+":80")
	}
	p.lbgen = filepath.Join(p.dir, "lbgen")
	command(t, ".", 0, "go", "build", "-o", p.lbgen, "../../cmd/lbgen")
	p.client = p.asks(t)
	return p
}

// withoutFirewalld takes the firewall's programs away: Debian has none unless somebody
// installs it.
func (p *pair) withoutFirewalld(t *testing.T) {
	t.Helper()
	both(func(node string) {
		p.must(t, node, "rm -f /usr/bin/firewall-cmd /usr/bin/firewall-offline-cmd /usr/sbin/firewalld")
	})
}

func (p *pair) serve(t *testing.T, address string) {
	t.Helper()
	l, err := p.Listen(context.Background(), address)
	if err != nil {
		t.Fatal(err)
	}
	s := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, address)
	})}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
}

// command runs a program here and returns what it has printed.
func command(t *testing.T, dir string, code int, program string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.WaitDelay = dir, 10*time.Second
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("%s %q: exit code %d, want %d\n%s", program, args, got, code, out)
	}
	return string(out)
}

// prslb is examples/prslb.yaml for Debian 12, with changes: old text, new text …
func prslb(t *testing.T, changes ...string) string {
	t.Helper()
	text, err := os.ReadFile("../../examples/prslb.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changes = append([]string{"platform: rocky9", "platform: debian12"}, changes...)
	site := string(text)
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(site, changes[i]) {
			t.Fatalf("the example has no %q", changes[i])
		}
		site = strings.Replace(site, changes[i], changes[i+1], 1)
	}
	return site
}

// render renders the site, and returns the folder with its trees.
func (p *pair) render(t *testing.T, name, site string) string {
	t.Helper()
	dir := filepath.Join(p.dir, name)
	testbox.Write(t, filepath.Join(dir, "prslb.yaml"), site, 0o644)
	command(t, ".", 0, "cp", "-r", "../../examples/prslb.secrets", "../../examples/sorry.html", dir)
	command(t, dir, 0, p.lbgen, "render", "prslb.yaml", "-o", "out")
	return filepath.Join(dir, "out")
}

// ssh runs a shell's text on the node, as an admin does.
func (p *pair) ssh(t *testing.T, code int, node, text string) string {
	t.Helper()
	return command(t, p.dir, code, "ssh", "-F", p.SSHConfig(), node, text)
}

// install copies the node's tree and installs it, as docs/install.md says.
func (p *pair) install(t *testing.T, code int, out, node string, args ...string) string {
	t.Helper()
	p.copy(t, out, node)
	return p.ssh(t, code, node, "sh "+node+"/install.sh "+strings.Join(args, " "))
}

func (p *pair) copy(t *testing.T, out, node string) {
	t.Helper()
	p.ssh(t, 0, node, "rm -rf "+node)
	command(t, p.dir, 0, "scp", "-q", "-r", "-F", p.SSHConfig(), filepath.Join(out, node), node+":")
}

// must runs a shell's text in the node, whatever its network is like.
func (p *pair) must(t *testing.T, node, text string) string {
	t.Helper()
	r, err := p.Node(node).Run(context.Background(), "sh", "-c", text)
	if err != nil || r.Code != 0 {
		t.Fatalf("%s: %s: %v, %s", node, text, err, r)
	}
	return r.Out
}

// entry is a line of MANIFEST.
type entry struct{ mode, owner, action, path string }

func manifest(t *testing.T, tree string) []entry {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(tree, "MANIFEST"))
	if err != nil {
		t.Fatal(err)
	}
	var all []entry
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line)
		if strings.HasPrefix(line, "#") || f[2] == "tool" || f[2] == "firewall" {
			continue
		}
		all = append(all, entry{f[0], f[1], f[2], f[4]})
	}
	return all
}

// files are the sum, mode and owner of each of the tree's files, as they should be.
func files(t *testing.T, tree string) string {
	t.Helper()
	var all []string
	for _, e := range manifest(t, tree) {
		data, err := os.ReadFile(filepath.Join(tree, e.path))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%x %s %s /%s\n", sha256.Sum256(data), strings.TrimPrefix(e.mode, "0"), e.owner, e.path))
	}
	return strings.Join(all, "")
}

// filesOn are the same of the node.
func (p *pair) filesOn(t *testing.T, tree, node string) string {
	t.Helper()
	var text strings.Builder
	text.WriteString(`look() {
		if [ -e "$1" ]; then echo "$(sha256sum <"$1" | cut -d" " -f1) $(stat -c "%a %U:%G" "$1") $1"; else echo "none $1"; fi
	}
	`)
	for _, e := range manifest(t, tree) {
		fmt.Fprintf(&text, "look /%s\n", e.path)
	}
	return p.must(t, node, text.String())
}

// well says whether the node is as its tree says: files byte by byte, units, sockets.
func (p *pair) well(t *testing.T, out, node string) {
	t.Helper()
	tree := filepath.Join(out, node)
	if want, got := files(t, tree), p.filesOn(t, tree, node); got != want {
		t.Errorf("%s: files are\n%s\nwant\n%s", node, got, want)
	}
	left := p.must(t, node, `find /etc -name '*.lbgen-new'; ls /var/lib/lbgen/applying 2>/dev/null || :
		systemctl --failed --plain --no-legend`)
	if left != "" {
		t.Errorf("%s: left over, or failed: %s", node, left)
	}
	for _, unit := range []string{"haproxy", "keepalived", "rsyslog"} {
		// A reload that nobody waits for any more may go on: install.sh was killed.
		got := p.must(t, node, `for i in $(seq 100); do
				[ "$(systemctl is-active `+unit+`)" = reloading ] || break
				sleep 0.1
			done
			systemctl is-active `+unit+`; systemctl is-enabled `+unit)
		if got != "active\nenabled\n" {
			t.Errorf("%s: %s is %q", node, unit, got)
		}
	}
	last := node[len(node)-1:]
	sockets := p.must(t, node, `ss -ltnH | awk '{print $4}'`)
	for _, want := range []string{vip + ":80", vip + ":443", "172.16.110.7" + last + ":80", "172.16.10.7" + last + ":8404"} {
		if !slices.Contains(strings.Fields(sockets), want) {
			t.Errorf("%s: nobody listens at %s: %s", node, want, sockets)
		}
	}
}

// masters are the nodes that have the virtual IP.
func (p *pair) masters() string {
	var all []string
	for _, n := range p.Nodes() {
		r, err := n.Run(context.Background(), "ip", "-o", "-4", "addr", "show", "to", vip)
		if err == nil && r.Out != "" {
			all = append(all, n.Name)
		}
	}
	return strings.Join(all, " ")
}

// becomes waits until node alone has the virtual IP.
func (p *pair) becomes(t *testing.T, node string) {
	t.Helper()
	for range 150 {
		if p.masters() == node {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("%q has the virtual IP, want %s", p.masters(), node)
}

// stays says whether node alone has the virtual IP, and has it for a while.
func (p *pair) stays(t *testing.T, node string) {
	t.Helper()
	for range 10 {
		if got := p.masters(); got != node {
			t.Errorf("%q has the virtual IP, want %s", got, node)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// client asks the virtual IP all the time, each time over a new connection.
type client struct {
	mu     sync.Mutex
	asked  int
	lost   []string      // why
	served time.Time     // the last time
	gap    time.Duration // the longest one without an answer
}

func (p *pair) asks(t *testing.T) *client {
	c := &client{served: time.Now()}
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	h := &http.Client{Timeout: time.Second, Transport: &http.Transport{DialContext: p.Dial, DisableKeepAlives: true}}
	go func() {
		for ; ctx.Err() == nil; time.Sleep(50 * time.Millisecond) {
			c.note(ask(ctx, h))
		}
	}()
	return c
}

func ask(ctx context.Context, h *http.Client) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+vip+"/", nil)
	if err != nil {
		return err
	}
	r, err := h.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = r.Body.Close() }()
	body, err := io.ReadAll(r.Body)
	if err == nil && (r.StatusCode != http.StatusOK || !bytes.HasPrefix(body, []byte("192.168.50."))) {
		err = fmt.Errorf("status %d: %.80q", r.StatusCode, body)
	}
	return err
}

func (c *client) note(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked++
	if err != nil {
		c.lost = append(c.lost, err.Error())
		c.gap = max(c.gap, time.Since(c.served))
		return
	}
	c.gap = max(c.gap, time.Since(c.served))
	c.served = time.Now()
}

// since runs do, and says what the client has met meanwhile.
func (c *client) since(do func()) (asked, lost int, gap time.Duration, why []string) {
	c.mu.Lock()
	c.asked, c.lost, c.gap = 0, nil, 0
	c.mu.Unlock()
	do()
	time.Sleep(100 * time.Millisecond)
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked, len(c.lost), c.gap.Round(10 * time.Millisecond), slices.Clone(c.lost)
}

// loses runs do, and fails where the client loses more requests than most.
func (c *client) loses(t *testing.T, most int, do func()) {
	t.Helper()
	asked, lost, gap, why := c.since(do)
	t.Logf("%d of %d requests lost, the longest time without an answer %s", lost, asked, gap)
	if lost > most || asked == 0 {
		t.Errorf("%d of %d requests lost, at most %d are foreseen: %s", lost, asked, most, strings.Join(why, "\n"))
	}
}

// served waits until the client is.
func (c *client) isServed(t *testing.T) {
	t.Helper()
	for range 300 {
		c.mu.Lock()
		since := time.Since(c.served)
		c.mu.Unlock()
		if since < 100*time.Millisecond {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the client is not served")
}
