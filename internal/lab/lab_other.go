//go:build !linux

package lab

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/recording"
)

// A rehearsal needs Linux: its namespaces, and Keepalived.

var errNoLinux = errors.New("a rehearsal needs Linux: its namespaces, and Keepalived")

// Lab is a site that has been stood up.
type Lab struct {
	record *record
	gone   chan struct{}
}

// Up returns an error.
func Up(context.Context, Plan, Options) (*Lab, error) { return nil, errNoLinux }

// Agent returns an error.
func Agent([]string) error { return errNoLinux }

// Clean returns an error.
func Clean(string) (int, error) { return 0, errNoLinux }

// Missing says that Linux is missing.
func Missing([]artifact.Set, Programs) []string { return []string{errNoLinux.Error()} }

// The rest is never reached: there is no Lab.

func (l *Lab) Down()                                               {}
func (l *Lab) Stubs() []string                                     { return nil }
func (l *Lab) Now() time.Duration                                  { return 0 }
func (l *Lab) Start(string, string) error                          { return errNoLinux }
func (l *Lab) Stop(string, string) (time.Duration, error)          { return 0, errNoLinux }
func (l *Lab) Kill(string, string) (time.Duration, error)          { return 0, errNoLinux }
func (l *Lab) Reload(string, string) (time.Duration, error)        { return 0, errNoLinux }
func (l *Lab) Lose(string) (time.Duration, error)                  { return 0, errNoLinux }
func (l *Lab) PowerOn(string) error                                { return errNoLinux }
func (l *Lab) Carrier(string, string, bool) (time.Duration, error) { return 0, errNoLinux }
func (l *Lab) Isolate(string, bool) (time.Duration, error)         { return 0, errNoLinux }
func (l *Lab) Deafen(string, string, bool) (time.Duration, error)  { return 0, errNoLinux }
func (l *Lab) Behave(string, Behaviour) (time.Duration, error)     { return 0, errNoLinux }
func (l *Lab) Request(Request) (recording.Answer, error)           { return recording.Answer{}, errNoLinux }
func (l *Lab) Exchange([]Request, int) ([]Exchange, error)         { return nil, errNoLinux }
func (l *Lab) Visit(Visit) (Exchange, error)                       { return Exchange{}, errNoLinux }
func (l *Lab) Probe(time.Duration, ...Request) error               { return errNoLinux }
func (l *Lab) Rest() error                                         { return errNoLinux }
func (l *Lab) AskHAProxy(string, string) (string, error)           { return "", errNoLinux }

func (l *Lab) Uplink(string, func(int, string) error) error   { return errNoLinux }
func (l *Lab) Observed(string, io.Reader, func())             {}
func (l *Lab) Since(time.Duration) time.Duration              { return 0 }
func (l *Lab) StandIns(artifact.Set) ([]artifact.File, error) { return nil, errNoLinux }

// Observer returns an error.
func (o Options) Observer(Node) ([]string, []byte, error) { return nil, nil, errNoLinux }

// Pressure says that the kernel does not tell.
func Pressure() (time.Duration, bool) { return 0, false }

func now() time.Duration { return 0 }
