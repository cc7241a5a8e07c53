//go:build linux

package behaviour_test

import (
	"fmt"
	"net"
	"strings"
	"sync"
)

// syslog collects what HAProxy logs by UDP.
type syslog struct {
	mu    sync.Mutex
	lines map[string]string // by facility
}

func newSyslog(m *machine, addr string) *syslog {
	m.Helper()
	s := &syslog{lines: map[string]string{}}
	conn, err := (&net.ListenConfig{}).ListenPacket(m.Context(), "udp", addr)
	m.must(err)
	m.Cleanup(func() { _ = conn.Close() })
	go s.serve(conn)
	return s
}

func (s *syslog) serve(conn net.PacketConn) {
	buf := make([]byte, 65536)
	for {
		n, _, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		var priority int
		_, _ = fmt.Sscanf(string(buf[:n]), "<%d>", &priority)
		const local0 = 16 // RFC 5424 6.2.1: facility times eight, plus severity
		s.mu.Lock()
		s.lines[fmt.Sprintf("local%d", priority/8-local0)] += string(buf[:n]) + "\n"
		s.mu.Unlock()
	}
}

// has says whether the text was logged to the facility.
func (s *syslog) has(facility, text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.lines[facility], text)
}
