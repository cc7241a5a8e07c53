//go:build linux

package behaviour_test

import (
	"encoding/binary"
	"net"
	"strings"
	"sync"
)

// names: a name server says where the servers are, and they are found again
// when they have moved.
func names(m *machine) {
	m.webs("old", "192.0.2.21:80", "new", "192.0.2.22:80", "another", "192.0.2.23:80")
	dns := newNameServer(m, "192.0.2.53:53")
	dns.set("app.example.com", "192.0.2.21")
	dns.set("many.example.com", "192.0.2.21", "192.0.2.22")
	m.put("/etc/resolv.conf", []byte("nameserver 192.0.2.53\n")) // for the first look, before HAProxy serves
	m.to = "192.0.2.5"
	m.start()
	answering := func(url string, want int) func() bool {
		return func() bool {
			all := map[string]bool{}
			for range 6 {
				all[m.get(url).server()] = true
			}
			return len(all) == want && !all[""]
		}
	}
	m.until("the name is known", answering("http://x.example/", 1))
	m.get("http://x.example/").by("old")
	m.until("both servers of the name are known", answering("http://many.example/", 2))

	dns.set("app.example.com", "192.0.2.22")
	dns.set("many.example.com", "192.0.2.21", "192.0.2.22", "192.0.2.23")
	m.until("the new address is known", func() bool { return m.get("http://x.example/").server() == "new" })
	m.until("the third server is known", answering("http://many.example/", 3))
}

// nameServer answers questions for IPv4 addresses; to others it has no answer.
type nameServer struct {
	mu    sync.Mutex
	addrs map[string][]string
}

func newNameServer(m *machine, addr string) *nameServer {
	m.Helper()
	s := &nameServer{addrs: map[string][]string{}}
	conn, err := (&net.ListenConfig{}).ListenPacket(m.Context(), "udp", addr)
	m.must(err)
	m.Cleanup(func() { _ = conn.Close() })
	go s.serve(conn)
	return s
}

// set says where a name is from now on.
func (s *nameServer) set(name string, addrs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addrs[name] = addrs
}

func (s *nameServer) serve(conn net.PacketConn) {
	buf := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		if reply := s.reply(buf[:n]); reply != nil {
			_, _ = conn.WriteTo(reply, from)
		}
	}
}

// reply answers a question as RFC 1035 4.1 has it: a head of twelve bytes, then
// the name as words with their lengths, type and class.
func (s *nameServer) reply(question []byte) []byte {
	if len(question) < 12 {
		return nil
	}
	var words []string
	at := 12
	for at < len(question) && question[at] != 0 {
		end := at + 1 + int(question[at])
		if end > len(question) {
			return nil
		}
		words = append(words, string(question[at+1:end]))
		at = end
	}
	if at+5 > len(question) {
		return nil
	}
	s.mu.Lock()
	addrs := s.addrs[strings.ToLower(strings.Join(words, "."))]
	s.mu.Unlock()
	const ipv4 = 1
	if binary.BigEndian.Uint16(question[at+1:]) != ipv4 {
		addrs = nil
	}
	reply := append([]byte{question[0], question[1], 0x84, 0, 0, 1, 0, byte(len(addrs)), 0, 0, 0, 0}, question[12:at+5]...)
	for _, addr := range addrs {
		reply = append(reply, 0xc0, 12, 0, ipv4, 0, 1, 0, 0, 0, 1, 0, 4) // the name above, one second
		reply = append(reply, net.ParseIP(addr).To4()...)
	}
	return reply
}
