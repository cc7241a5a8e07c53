// Command lbgen turns one site file into everything that a pair of HAProxy and
// Keepalived nodes needs, and checks it before it ships.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/lbgen/lbgen/internal/cli"
)

// gcPercent lets the heap grow to eight times what lives before it is collected,
// unless GOGC says otherwise. A run is over in a moment and asks for 3 KB a
// server in all, most of which lives until its end: there is little to collect.
const gcPercent = 800

// heapLimit is the size in bytes from which on the heap is collected more often,
// unless GOMEMLIMIT says otherwise: what a fleet of some thousand sites leaves
// behind is not to fill the machine.
const heapLimit = 500 << 20

func main() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		debug.SetMemoryLimit(heapLimit)
	}
	os.Exit(cli.Run(context.Background(), os.Args[1:], cli.Streams{
		In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.LookupEnv, Watch: watch,
	}))
}

// watch ends the context at Ctrl-C and at a polite kill. It lasts until the
// process exits.
func watch(ctx context.Context) context.Context {
	ctx, _ = signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	return ctx
}
