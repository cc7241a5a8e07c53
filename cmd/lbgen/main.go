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

// gcPercent lets the heap grow to four times what lives before it is collected,
// unless GOGC says otherwise. A run is over in a moment; a collector that works
// beside it takes one of two cores from the YAML parser.
const gcPercent = 400

func main() {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	// Exit ends the watch over signals; stopping it before costs a tenth of a
	// small render.
	ctx, _ := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	os.Exit(cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.LookupEnv}))
}
