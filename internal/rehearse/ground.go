package rehearse

import (
	"context"
	"time"

	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
)

// ground is where a drill takes place: a lab, or nodes that boot with one around them.
type ground interface {
	Down()
	Stubs() []string

	Now() time.Duration
	Tell(e recording.Event)
	Events() []recording.Event
	Await(ctx context.Context, most time.Duration, done func([]recording.Event) bool) bool

	Request(r lab.Request) (recording.Answer, error)
	Probe(every time.Duration, requests ...lab.Request) error
	Rest() error
	Behave(server string, how lab.Behaviour) (time.Duration, error)

	Start(node, daemon string) error
	Stop(node, daemon string) (time.Duration, error)
	Kill(node, daemon string) (time.Duration, error)
	Reload(node, daemon string) (time.Duration, error)
	AskHAProxy(node, question string) (string, error)

	Lose(node string) (time.Duration, error)
	PowerOn(node string) error
	Carrier(node, device string, up bool) (time.Duration, error)
	Isolate(network string, on bool) (time.Duration, error)
	Deafen(node, network string, on bool) (time.Duration, error)
}

// stand makes the ground for a drill.
func (s *stage) stand(ctx context.Context, o Options) (ground, *machines, error) {
	if s.booting != nil {
		m, err := s.bootAll(ctx, o)
		return m, m, err
	}
	l, err := lab.Up(ctx, s.plan, o.Lab)
	return l, nil, err
}
