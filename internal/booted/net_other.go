//go:build !linux

package booted

import (
	"context"
	"errors"
	"net"
)

var errNoLinux = errors.New("nodes boot on Linux only")

// Dial returns an error.
func (c *Cluster) Dial(context.Context, string, string) (net.Conn, error) { return nil, errNoLinux }

// DialFrom returns an error.
func (c *Cluster) DialFrom(context.Context, net.Addr, string, string) (net.Conn, error) {
	return nil, errNoLinux
}

// Listen returns an error.
func (c *Cluster) Listen(context.Context, string) (net.Listener, error) { return nil, errNoLinux }

// Join returns an error.
func (c *Cluster) Join(context.Context, string, int, string) error { return errNoLinux }
