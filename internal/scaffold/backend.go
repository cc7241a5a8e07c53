package scaffold

import (
	"fmt"
	"net"
	"slices"
	"strings"
)

// backends names the servers and finds out which port clients connect to.
func (s *site) backends(a Answers) error {
	ports := map[string]string{} // backend by port
	for _, b := range a.Backends {
		if len(b.Servers) == 0 {
			return fmt.Errorf("backend %s has no server", b.Name)
		}
		made := backend{Name: b.Name}
		for i, address := range b.Servers {
			address, port, err := s.address(b, address)
			if err != nil {
				return err
			}
			if made.Port == "" {
				made.Port = port
			}
			made.Servers = append(made.Servers, server{Name: fmt.Sprintf("%s%d", b.Name, i+1), Address: address})
		}
		made.Engine = engine(a.Kind, made.Port)
		for i := range made.Servers {
			made.Servers[i].Backup = made.Engine == "mysql" && i > 0
		}
		if other, taken := ports[made.Port]; taken && a.Kind != "web" {
			return fmt.Errorf("backends %s and %s have servers of the same port %s, which is the one that clients connect to: begin with one of "+
				"them",
				other, b.Name, made.Port)
		}
		ports[made.Port] = b.Name
		s.Backends = append(s.Backends, made)
	}
	return nil
}

// engine is the database of a port (IANA's names of these ports).
func engine(kind, port string) string {
	if kind != "database" {
		return ""
	}
	return map[string]string{"3306": "mysql", "5432": "postgres", "6379": "redis"}[port]
}

// address returns a server's address with its port; IPv6 needs brackets.
func (s *site) address(b Backend, text string) (address, port string, err error) {
	host, port, err := net.SplitHostPort(text)
	if err == nil {
		return net.JoinHostPort(host, port), port, nil
	}
	kinds := Kinds()
	kind := kinds[slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == s.Kind })]
	if kind.port == "" {
		return "", "", fmt.Errorf("server %q of backend %s has no port: write ADDRESS:PORT", text, b.Name)
	}
	return net.JoinHostPort(strings.Trim(text, "[]"), kind.port), kind.port, nil
}
