package lab

import (
	"context"
	"net"
	"net/netip"
)

// Serve answers checks on a port of loopback as a stub of a lab does, until ctx
// ends, and returns the port: whether a daemon is content with what a stub says
// can be asked without a lab.
func Serve(ctx context.Context, h Health) (uint16, error) {
	pem, err := newAuthority(nil)
	if err != nil {
		return 0, err
	}
	ca, err := pem.open()
	if err != nil {
		return 0, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	one := &stub{Server: Server{Name: "stub", Health: h}, tls: ca.server(), conns: map[net.Conn]bool{}}
	one.serve(l)
	context.AfterFunc(ctx, func() { _ = l.Close() })
	return netip.MustParseAddrPort(l.Addr().String()).Port(), nil
}
