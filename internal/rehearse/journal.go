package rehearse

import (
	"bufio"
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/recording"
)

// logged is what counts here of an entry of the journal (systemd.journal-fields(7)).
type logged struct {
	At       string          `json:"__MONOTONIC_TIMESTAMP"`
	Program  string          `json:"SYSLOG_IDENTIFIER"`
	Priority string          `json:"PRIORITY"`
	Message  json.RawMessage `json:"MESSAGE"` // numbers where it is no text
	ID       string          `json:"MESSAGE_ID"`
	Unit     string          `json:"UNIT"` // that systemd speaks of
	Code     string          `json:"EXIT_CODE"`
	Status   string          `json:"EXIT_STATUS"`
	Result   string          `json:"JOB_RESULT"`
}

// What systemd says of a unit (sd-messages.h).
const (
	unitStarted   = "39f53479d3a045ac8e11786248231fbf"
	unitStopping  = "de5b426a63be47a7b6ac3eaac82e2f6f"
	processExited = "98e322203f7a4ed290d09fe03c09fe15"
)

// journal tells of what the journal has of the daemons.
func (l *look) journal(from *os.File) {
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e logged
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		if event, ok := l.event(e); ok {
			l.m.Tell(event)
		}
	}
}

// event is what an entry comes to, if it is of a daemon.
func (l *look) event(e logged) (recording.Event, bool) {
	us, err := strconv.ParseInt(e.At, 10, 64)
	at := l.m.Since(time.Duration(us) * time.Microsecond)
	if err != nil {
		return recording.Event{}, false
	}
	daemon := strings.TrimSuffix(e.Unit, ".service")
	if daemon == lab.HAProxy || daemon == lab.Keepalived {
		return l.unit(e, daemon, at)
	}
	const info = "6"
	program := strings.ToLower(e.Program)
	if !strings.HasPrefix(program, lab.Keepalived) && (program != lab.HAProxy || e.Priority >= info) {
		return recording.Event{}, false
	}
	return recording.Event{At: at, Host: l.host, Kind: recording.Said, What: e.Program, Text: e.text()}, true
}

// unit is what systemd says of a daemon's unit.
func (l *look) unit(e logged, daemon string, at time.Duration) (recording.Event, bool) {
	event := recording.Event{At: at, Host: l.host, Kind: recording.Said, What: "systemd", Text: e.text()}
	switch {
	case e.ID == unitStarted && e.Result == "done":
		event.Kind, event.What = recording.Started, daemon
	case e.ID == processExited:
		event.Kind, event.What, event.Text = recording.Ended, daemon, "exit status "+e.Status
		if e.Code != "exited" {
			event.Text = "signal: " + e.Status
		}
	case e.ID == unitStopping && daemon == lab.Keepalived:
		l.mu.Lock()
		l.told = append(l.told, at)
		l.mu.Unlock()
	}
	return event, true
}

// text is the message, in a form that fits into a recording.
func (e logged) text() string {
	var text string
	if json.Unmarshal(e.Message, &text) != nil {
		return ""
	}
	const most = 1500
	text = strings.ToValidUTF8(text, "?")
	return text[:min(len(text), most)]
}
