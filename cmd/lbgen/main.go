// Command lbgen turns one site file into everything that a pair of HAProxy and
// Keepalived nodes needs, and checks it before it ships.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/lbgen/lbgen/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := cli.Run(ctx, os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.LookupEnv})
	stop()
	os.Exit(code)
}
