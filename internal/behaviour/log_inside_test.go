//go:build linux

package behaviour_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testenv"
)

// TestLogInside is what TestLogOfHAProxy starts, in namespaces; by itself it does nothing.
func TestLogInside(t *testing.T) {
	dir := os.Getenv(logInto)
	if dir == "" {
		return
	}
	m := newMachine(t, os.Getenv(insideTree))
	m.put("/etc/haproxy/site.pem", m.ca.file(m.ca.issue("example.com")))
	for i := range 10 {
		m.web(fmt.Sprint("b", i), fmt.Sprintf("198.18.0.%d:18000", i+1))
	}
	m.web("only", "198.18.0.100:18000")
	m.tcp("198.18.0.101:19000", func(conn net.Conn) {
		_, _ = io.ReadFull(conn, make([]byte, len("hello\n")))
		_, _ = io.WriteString(conn, "stream\n")
	})
	file, err := os.Create(filepath.Join(dir, "haproxy.log"))
	m.must(err)
	defer file.Close()
	l := &logFile{file: file}
	l.listen(m, "127.0.0.1:514")
	m.start()
	v := &visiting{machine: m, log: l, many: testenv.Number(t, logMany, 0)}
	v.all()
	m.until("the log is whole", func() bool { return int(l.requests.Load()) == v.many })
	data, err := json.Marshal(v.seen)
	m.must(err)
	m.must(os.WriteFile(filepath.Join(dir, "seen.json"), data, 0o600))
}

// logFile writes what HAProxy logs by UDP, as rsyslog does.
type logFile struct {
	file     *os.File
	requests atomic.Int64 // lines of facility local0 and level info
}

func (l *logFile) listen(m *machine, addr string) {
	m.Helper()
	conn, err := (&net.ListenConfig{}).ListenPacket(m.Context(), "udp", addr)
	m.must(err)
	m.Cleanup(func() { _ = conn.Close() })
	go func() {
		buf := make([]byte, 65536)
		for {
			n, _, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			const info = "<134>" // RFC 5424 6.2.1: facility 16 times eight, plus severity 6
			line := string(buf[:n])
			if len(line) < len(info) || line[:len(info)] != info {
				continue
			}
			const stamp = len("Nov 30 20:00:00 ")
			line = line[len(info):]
			if _, err := fmt.Fprintf(l.file, "%slb1 %s\n", line[:stamp], strings.TrimSuffix(line[stamp:], "\n")); err != nil {
				return
			}
			l.requests.Add(1)
		}
	}()
}

// visiting is clients that send requests.
type visiting struct {
	*machine
	log  *logFile
	many int
	sent atomic.Int64

	mu   sync.Mutex
	seen []int // numbers of the requests that were answered by what is changed later
}

// all sends all requests, many at the same time, from eight addresses.
func (v *visiting) all() {
	var busy sync.WaitGroup
	const clients = 16
	for k := range clients {
		busy.Go(func() {
			g := rand.New(rand.NewPCG(uint64(k), 60)) //nolint:gosec // the same requests each time
			client := v.client(fmt.Sprintf("10.%d.0.1", k%8))
			for n := k; n < v.many; n += clients {
				for v.sent.Load()-v.log.requests.Load() > 200 { // what comes by UDP may be lost
					time.Sleep(time.Millisecond)
				}
				v.sent.Add(1)
				if n%50 == 49 {
					v.stream()
				} else {
					v.one(g, client, n)
				}
			}
		})
	}
	busy.Wait()
}

// client keeps its connections.
func (v *visiting) client(from string) *http.Client {
	return &http.Client{
		Timeout:       20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // the certificate is not what is tested
			DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				return dial(ctx, network, addr, from)
			},
		},
	}
}

// one sends the request with the number n.
func (v *visiting) one(g *rand.Rand, client *http.Client, n int) {
	hosts := []string{"plain.example.com", "only.example.com", "api.example.com", "x.cdn.example.com", "other.example.com", "H2.Example.com"}
	paths := []string{"/", "/only", "/strip/p3/x", "/v1/x", "/robots.txt", "/img/12.png", "/img/x.png", "/a.php", "/x/only", "/p3",
		"/strip/only"}
	host, path := hosts[g.IntN(len(hosts))], paths[g.IntN(len(paths))]
	if g.IntN(2) == 0 {
		host = fmt.Sprintf("h%d.example.com", g.IntN(55))
	}
	if g.IntN(2) == 0 {
		path = fmt.Sprintf("/p%d/x", g.IntN(55))
	}
	method := []string{"GET", "GET", "GET", "POST", "HEAD", "PURGE", "DELETE"}[g.IntN(7)]
	scheme := []string{"http", "https"}[g.IntN(2)]
	// One connection for all names: HAProxy has no room for many that are idle.
	request, err := http.NewRequestWithContext(v.Context(), method, fmt.Sprintf("%s://192.0.2.1%s?n=%d", scheme, path, n), http.NoBody)
	if err != nil {
		v.Error(err)
		return
	}
	request.Host = host
	request.Header.Set("Idempotency-Key", "1") // on a connection that HAProxy has just closed it is sent again
	answer, err := client.Do(request)
	if err != nil {
		v.Error(err)
		return
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		v.Error(err)
	}
	if answer.Header.Get("Served-By") == "only" || answer.StatusCode == http.StatusGone {
		v.mu.Lock()
		v.seen = append(v.seen, n)
		v.mu.Unlock()
	}
}

// stream makes a connection that is not one of HTTP.
func (v *visiting) stream() {
	conn, err := dial(v.Context(), "tcp", "192.0.2.1:6443", "10.0.0.1")
	if err != nil {
		v.Error(err)
		return
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "hello\n"); err != nil { // one that says nothing is not logged
		v.Error(err)
	}
	if said, err := io.ReadAll(conn); string(said) != "stream\n" {
		v.Errorf("the server said %q: %v", said, err)
	}
}
