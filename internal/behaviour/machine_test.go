//go:build linux

package behaviour_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// machine is a node in a network of its own, with HAProxy as its site has it.
type machine struct {
	*testing.T
	cfg  string // text of haproxy.cfg as it runs
	path string // of haproxy.cfg
	to   string // address that requests go to where they name a host
	ca   *authority
	// servers are those that answer over HTTP, by name.
	servers map[string]*webServer
	log     string // file of what HAProxy said
	// ended is closed when HAProxy has ended.
	ended chan struct{}
}

// replaced returns the folders that are empty but for what the tree has and the
// test puts there: nothing of the machine itself is changed or read.
func replaced(files map[string][]byte) []string {
	folders := []string{"/etc", "/run", "/var"}
	for name := range files {
		first, _, _ := strings.Cut(name, "/")
		folders = append(folders, "/"+first)
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// newMachine puts a node's tree where it belongs. It must run in namespaces of
// its own.
func newMachine(t *testing.T, tree string) *machine {
	t.Helper()
	m := &machine{T: t, ca: newAuthority(t), servers: map[string]*webServer{}}
	files := m.read(tree)
	m.must(syscall.Sethostname([]byte(filepath.Base(tree))))
	for _, dir := range replaced(files) {
		m.must(syscall.Mount("behaviour", dir, "tmpfs", 0, "mode=0755"))
	}
	for name, data := range files {
		m.put("/"+name, data)
		if filepath.Base(name) == "haproxy.cfg" {
			m.path, m.cfg = "/"+name, string(data)
		}
	}
	m.surroundings()
	m.network()
	return m
}

// read returns the files of the tree that HAProxy may read: not those that are
// for the tree itself, and no programs.
func (m *machine) read(tree string) map[string][]byte {
	m.Helper()
	files := map[string][]byte{}
	m.must(filepath.WalkDir(tree, func(name string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(tree, name)
		first, _, deep := strings.Cut(rel, "/")
		if err != nil || d.IsDir() || !deep || first == "usr" {
			return err
		}
		files[rel], err = os.ReadFile(name)
		return err
	}))
	return files
}

// put writes a file of the node.
func (m *machine) put(name string, data []byte) {
	m.Helper()
	m.must(os.MkdirAll(filepath.Dir(name), 0o755))
	m.must(os.WriteFile(name, data, 0o600))
}

// secret returns one of an example's, of which there are samples.
func (m *machine) secret(name string) string {
	m.Helper()
	data, err := os.ReadFile(examples + name)
	m.must(err)
	return strings.TrimSpace(string(data))
}

func (m *machine) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// surroundings makes what the node has beside lbgen's files: the accounts and
// folders that haproxy.cfg names, and the system's list of authorities, which
// holds the test's own.
func (m *machine) surroundings() {
	m.Helper()
	id := 901
	if uids, err := os.ReadFile("/proc/self/uid_map"); err != nil || !strings.Contains(string(uids), "4294967295") {
		id = 0 // in a user namespace there is one user only
	}
	passwd, group := "root:x:0:0::/:/bin/sh\n", "root:x:0:\n"
	for _, name := range m.words(`user`) {
		passwd += fmt.Sprintf("%s:x:%d:%d::/:/bin/false\n", name, id, id)
	}
	for _, name := range append(m.words(`group`), m.words(`stats socket .* group`)...) {
		group += fmt.Sprintf("%s:x:%d:\n", name, id)
	}
	m.put("/etc/passwd", []byte(passwd))
	m.put("/etc/group", []byte(group))
	m.put("/etc/hosts", []byte("127.0.0.1 localhost\n"))
	for _, file := range []string{"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"} {
		m.put(file, m.ca.pem())
	}
	for _, dir := range m.words(`chroot`) {
		m.must(os.MkdirAll(dir, 0o755))
	}
	m.must(os.MkdirAll(filepath.Dir(m.socket()), 0o755))
}

// words returns what follows the word at the beginning of a line of the global
// section.
func (m *machine) words(word string) []string {
	global, _, _ := strings.Cut(m.cfg, "\ndefaults")
	var found []string
	for _, match := range regexp.MustCompile(`(?m)^\s+`+word+` +(\S+)`).FindAllStringSubmatch(global, -1) {
		found = append(found, match[1])
	}
	return found
}

// socket returns the place of HAProxy's runtime socket.
func (m *machine) socket() string {
	m.Helper()
	found := m.words(`stats socket`)
	if len(found) == 0 {
		m.Fatal("haproxy.cfg has no stats socket")
	}
	return found[0]
}

// network makes every address one of this machine's own: HAProxy, servers and
// clients take the ones that the site gives them.
func (m *machine) network() {
	m.Helper()
	for _, args := range []string{"link set lo up", "-4 route add local default dev lo", "-6 route add local default dev lo"} {
		if out, err := exec.CommandContext(m.Context(), "ip", strings.Fields(args)...).CombinedOutput(); err != nil {
			m.Fatalf("ip %s: %v\n%s", args, err, out)
		}
	}
	m.must(os.WriteFile("/proc/sys/net/ipv6/ip_nonlocal_bind", []byte("1"), 0))
}

// start starts HAProxy and waits until it listens.
func (m *machine) start(args ...string) {
	m.Helper()
	// RHEL's OpenSSL alone knows this list of ciphers. It is the one word that
	// is not run as rendered.
	m.put(m.path, []byte(strings.ReplaceAll(m.cfg, "PROFILE=SYSTEM", "DEFAULT")))
	args = slices.Concat([]string{"-db", "-f", m.path}, m.openFiles(), args)
	haproxy := exec.CommandContext(m.Context(), "haproxy", args...)
	m.log = filepath.Join(m.TempDir(), "log")
	log, err := os.Create(m.log)
	m.must(err)
	haproxy.Stderr, haproxy.Stdout = log, log
	m.must(haproxy.Start())
	m.ended = make(chan struct{})
	go func() { defer close(m.ended); _ = haproxy.Wait() }()
	m.Cleanup(func() {
		_ = haproxy.Process.Kill()
		<-m.ended
		if m.Failed() {
			m.Logf("%s\nHAProxy said:\n%s", m.cfg, m.said())
		}
	})
	m.until("HAProxy listens", func() bool {
		_, err := m.command("show version")
		return err == nil
	})
	for line := range strings.Lines(m.said()) {
		// How many processors this machine has (3.0, 3.2), and how fast they are (3.4), is none of the site's.
		slow := strings.Contains(line, " a total of ") || strings.Contains(line, "hash algorithm used for this password takes")
		if strings.Contains(line, "[WARNING]") && strings.Contains(line, ": config :") && !slow {
			m.Errorf("HAProxy warns: %s", line)
		}
	}
}

// said returns what HAProxy has said.
func (m *machine) said() string {
	data, err := os.ReadFile(m.log)
	m.must(err)
	return string(data)
}

// openFiles allows as many open files as the site's maxconn needs; on a node
// the unit does it. Where this machine has not so many to give, as a container
// may not, HAProxy is told to take fewer connections: no test needs them all.
func (m *machine) openFiles() (args []string) {
	m.Helper()
	var maxconn uint64
	for _, word := range m.words(`maxconn`) {
		_, err := fmt.Sscan(word, &maxconn)
		m.must(err)
	}
	need := 2*maxconn + 1000
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: need, Max: need}) == nil {
		return nil
	}
	var limit syscall.Rlimit
	m.must(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit))
	limit.Cur = limit.Max
	m.must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit))
	return []string{"-n", fmt.Sprint(min(maxconn, limit.Max/4))}
}

// command asks HAProxy by its runtime socket.
func (m *machine) command(text string) (string, error) {
	conn, err := net.DialTimeout("unix", m.socket(), time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, text); err != nil {
		return "", err
	}
	var answer bytes.Buffer
	_, err = answer.ReadFrom(conn)
	return answer.String(), err
}

// tell changes something by the runtime socket, which says nothing if it could.
func (m *machine) tell(command string) {
	m.Helper()
	if answer, err := m.command(command); err != nil || strings.TrimSpace(answer) != "" {
		m.Fatalf("%s: %s (%v)", command, answer, err)
	}
}

// until waits for something that takes HAProxy a while, such as fall times
// inter for a server.
func (m *machine) until(what string, is func() bool) {
	m.Helper()
	late := time.After(25 * time.Second)
	for !is() {
		select {
		case <-late:
			m.Fatalf("it never came true that %s", what)
		case <-m.ended:
			m.Fatal("HAProxy has ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// up and down wait until HAProxy has found out what became of the servers,
// given as backend/server.
func (m *machine) up(servers ...string)   { m.Helper(); m.state("UP", servers) }
func (m *machine) down(servers ...string) { m.Helper(); m.state("DOWN", servers) }

func (m *machine) state(want string, servers []string) {
	m.Helper()
	for _, server := range servers {
		m.until(server+" is "+want, func() bool { return m.status(server) == want })
	}
}

// status returns UP or DOWN, or what else HAProxy has in the column "status"
// of its statistics. On the way up or down that is a longer word.
func (m *machine) status(server string) string {
	m.Helper()
	return m.column(server, 17)
}

// queued returns how many requests wait for a server, or for BACKEND, any of it.
func (m *machine) queued(server string) string {
	m.Helper()
	return m.column(server, 2)
}

// current returns how many connections a server has.
func (m *machine) current(server string) string {
	m.Helper()
	return m.column(server, 4)
}

// timesDown returns how often a server went from UP to DOWN.
func (m *machine) timesDown(server string) string {
	m.Helper()
	return m.column(server, 22)
}

// column returns what HAProxy's statistics say of a server, given as
// backend/server, in a column counted from 0.
func (m *machine) column(server string, n int) string {
	m.Helper()
	table, err := m.command("show stat")
	m.must(err)
	backend, name, _ := strings.Cut(server, "/")
	for line := range strings.Lines(table) {
		if columns := strings.Split(line, ","); len(columns) > n && columns[0] == backend && columns[1] == name {
			return columns[n]
		}
	}
	m.Fatalf("HAProxy has no server %s", server)
	return ""
}
