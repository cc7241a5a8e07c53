// Package recording is what is known of a rehearsal's drill: every event in the
// order in which it was told, and a file that keeps them. A verdict is a function
// of the forecast and of these events, and of nothing else (internal/judge).
package recording

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"time"
)

// Event is one thing that happened in a lab, or that a drill did there.
type Event struct {
	At   time.Duration // since the lab began
	Host string        // where; "" for the drill itself
	Kind Kind
	// What it happened to: a VIP, a program, a server, a request's name.
	What string
	// Text is the line of a log, the new state of a server, how a program ended.
	Text   string
	Answer *Answer // of a request, which began at At
	Plan   json.RawMessage
}

// Kind is what kind of event it is.
type Kind string

// What is seen in a lab.
const (
	HasVIP     Kind = "has"     // the node has been given the VIP What
	Drops      Kind = "drops"   // it has no longer
	Said       Kind = "said"    // the program What has said Text
	Started    Kind = "started" // the program What has been started
	Ended      Kind = "ended"   // the program What has ended, with Text
	SeesServer Kind = "server"  // HAProxy of the node sees the server What in state Text
	Late       Kind = "late"    // the host was woken up later than it asked for, by Text
	Probe      Kind = "probe"   // the client has asked What, as it does all the time
)

// What a drill does.
const (
	Plan     Kind = "plan"     // the drill What of the site Text is compared with Plan
	Watches  Kind = "watches"  // from now on What is asked again and again; it goes to the address and port Text
	Step     Kind = "step"     // the step What was done at At
	Rest     Kind = "rest"     // the step has been watched for as long as it takes
	Asked    Kind = "asked"    // the client has asked What once
	Stuck    Kind = "stuck"    // the drill cannot go on, for the reason What of the constants below
	Pressure Kind = "pressure" // tasks have waited for a processor for Text since the machine was started
)

// Why a drill is stuck.
const (
	NotInPlace  = "not in place" // the virtual IPs do not come to where they belong at first
	NotStarted  = "not started"  // the daemon Text of Host has ended, or does not answer; "" is HAProxy
	NotReached  = "not reached"  // no request of the client reaches a server of the drill's backend
	NotPossible = "not possible" // Text says why
)

// Answer is what came of a request.
type Answer struct {
	Status   int               `json:"status,omitempty"`
	Server   string            `json:"server,omitempty"` // which stub answered; "" where HAProxy itself did
	Cookies  map[string]string `json:"cookies,omitempty"`
	Location string            `json:"location,omitempty"`
	Body     string            `json:"body,omitempty"`    // the first 64 KiB; not kept in a recording
	Digest   string            `json:"digest,omitempty"`  // of the body, where no stub answered
	Problem  string            `json:"problem,omitempty"` // why there was no answer
	Took     time.Duration     `json:"took"`
}

// OK says whether one of the stub servers has answered well.
func (a Answer) OK() bool { return a.Problem == "" && a.Server != "" && a.Status < 400 }

// line is an event in a file. Times are seconds, to the microsecond.
type line struct {
	At     float64         `json:"at"`
	Host   string          `json:"host,omitempty"`
	Kind   Kind            `json:"kind"`
	What   string          `json:"what,omitempty"`
	Text   string          `json:"text,omitempty"`
	Answer *answerLine     `json:"answer,omitempty"`
	Plan   json.RawMessage `json:"plan,omitempty"`
}

type answerLine struct {
	Answer
	Took float64 `json:"took"`
}

// MarshalJSON is the line of the event in a file.
func (e Event) MarshalJSON() ([]byte, error) {
	l := line{At: seconds(e.At), Host: e.Host, Kind: e.Kind, What: e.What, Text: e.Text, Plan: e.Plan}
	if e.Answer != nil {
		l.Answer = &answerLine{Answer: *e.Answer, Took: seconds(e.Answer.Took)}
	}
	return json.Marshal(l)
}

// UnmarshalJSON reads a line of a file.
func (e *Event) UnmarshalJSON(data []byte) error {
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		return err
	}
	*e = Event{At: duration(l.At), Host: l.Host, Kind: l.Kind, What: l.What, Text: l.Text, Plan: l.Plan}
	if l.Answer != nil {
		a := l.Answer.Answer
		a.Took = duration(l.Answer.Took)
		e.Answer = &a
	}
	return nil
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(time.Microsecond)) / float64(time.Second)
}

func duration(seconds float64) time.Duration {
	return time.Duration(math.Round(seconds*1e6)) * time.Microsecond
}

// Write writes the events, a line of JSON each. Bodies are left out: a page may
// be long, and its digest says which one it was.
func Write(w io.Writer, events []Event) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	for _, event := range events {
		if event.Answer != nil && event.Answer.Body != "" {
			a := *event.Answer
			a.Body, event.Answer = "", &a
		}
		if err := e.Encode(event); err != nil {
			return err
		}
	}
	return out.Flush()
}

// Read reads what Write has written.
func Read(r io.Reader) ([]Event, error) {
	var events []Event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var e Event
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
		events = append(events, e)
	}
	return events, lines.Err()
}
