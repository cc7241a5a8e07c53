package lab

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"sync"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// sink is where an agent's events go: a pipe that all agents of a lab share. A
// line that is shorter than the pipe's own unit (4,096 bytes) is never mixed
// with another one's.
type sink struct {
	mu   sync.Mutex
	host string
	f    *os.File
}

func (s *sink) emit(e recording.Event) {
	if e.At == 0 {
		e.At = now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	e.Host = s.host
	data, err := json.Marshal(e)
	if err != nil {
		return
	}
	// Nobody reads any more where this fails: the lab is being taken down.
	_, _ = s.f.Write(append(data, '\n'))
}

// record is all that happened in a lab, and whom to tell of more.
type record struct {
	mu     sync.Mutex
	epoch  time.Duration
	events []recording.Event
	more   chan struct{} // closed and made anew with each event
	ended  bool
}

func newRecord(epoch time.Duration) *record {
	return &record{epoch: epoch, more: make(chan struct{})}
}

// read takes events from the pipe until its last writer is gone.
func (r *record) read(pipe *os.File) {
	defer pipe.Close()
	lines := bufio.NewScanner(pipe)
	for lines.Scan() {
		var e recording.Event
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			e.At -= r.epoch
			r.add(e)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	close(r.more)
}

func (r *record) add(e recording.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return
	}
	r.events = append(r.events, e)
	close(r.more)
	r.more = make(chan struct{})
}

// since returns the events from the n-th on, and a channel that is closed when
// there are more.
func (r *record) since(n int) ([]recording.Event, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events[n:len(r.events):len(r.events)], r.more
}

// Tell adds an event of the drill itself.
func (l *Lab) Tell(e recording.Event) { l.record.add(e) }

// Events returns what has happened so far, in the order in which it was told.
func (l *Lab) Events() []recording.Event {
	events, _ := l.record.since(0)
	return events
}

// Await waits until what has happened so far satisfies done. It returns false
// when the time is over or the lab has ended before.
func (l *Lab) Await(ctx context.Context, most time.Duration, done func([]recording.Event) bool) bool {
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for {
		events, more := l.record.since(0)
		if done(events) {
			return true
		}
		select {
		case <-more:
		case <-ctx.Done():
			return false
		case <-l.gone:
			return false
		}
	}
}
