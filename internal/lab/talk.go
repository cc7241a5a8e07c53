package lab

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"time"
)

// Talk is what HAProxy and a server say to each other in one connection of a
// check that is not HTTP.
type Talk []Turn

// Turn is one thing that is heard, or one that is said.
type Turn struct {
	// Hear is what HAProxy says; what is not known before is left out, and Any says so.
	Hear []byte `json:",omitempty"`
	Any  bool   `json:",omitempty"`
	// Say is what the server answers, and Otherwise what it answers where it is a
	// member of a cluster and not its primary; nil: the same.
	Say       []byte `json:",omitempty"`
	Otherwise []byte `json:",omitempty"`
}

// hears says whether HAProxy speaks in the turn.
func (t Turn) hears() bool { return t.Any || len(t.Hear) > 0 }

// speaksFirst is how long a stub waits for the first byte before it speaks
// itself: whoever means to speak first has begun by then.
const speaksFirst = 30 * time.Millisecond

// greeting returns the talk in which the server speaks first.
func (h Health) greeting() Talk {
	i := slices.IndexFunc(h.Talks, func(t Talk) bool { return len(t) > 0 && !t[0].hears() })
	if i < 0 {
		return nil
	}
	return h.Talks[i]
}

// answering returns the talk that begins with what has come in. A talk that may
// begin with anything is no HTTP.
func (h Health) answering(in *bufio.Reader) Talk {
	var open Talk
	for _, t := range h.Talks {
		if len(t) == 0 || !t[0].hears() {
			continue
		}
		if t[0].Any && len(t[0].Hear) == 0 {
			open = t
			continue
		}
		if head, _ := in.Peek(min(len(t[0].Hear), in.Buffered())); len(head) > 0 && bytes.HasPrefix(t[0].Hear, head) {
			return t
		}
	}
	if open != nil && !speaksHTTP(in) {
		return open
	}
	return nil
}

// speaksHTTP says whether a request of the lab's own client has come in.
func speaksHTTP(in *bufio.Reader) bool {
	head, _ := in.Peek(min(8, in.Buffered()))
	return slices.ContainsFunc([]string{"GET ", "HEAD ", "POST ", "PUT ", "DELETE ", "OPTIONS ", "PRI * "}, func(m string) bool {
		return strings.HasPrefix(string(head), m)
	})
}

// converse plays the server's part.
func (t Talk) converse(conn net.Conn, in *bufio.Reader, primary bool) {
	_ = conn.SetDeadline(time.Now().Add(time.Minute)) // or HAProxy's end
	for _, turn := range t {
		if turn.hears() {
			if !heard(in, turn) {
				return
			}
			continue
		}
		said := turn.Say
		if turn.Otherwise != nil && !primary {
			said = turn.Otherwise
		}
		if _, err := conn.Write(said); err != nil {
			return
		}
	}
	_, _ = io.Copy(io.Discard, in) // HAProxy closes
}

// heard reads what HAProxy says in a turn.
func heard(in *bufio.Reader, turn Turn) bool {
	if turn.Any {
		if _, err := in.Peek(1); err != nil {
			return false
		}
		_, err := in.Discard(in.Buffered())
		return err == nil
	}
	_, err := io.CopyN(io.Discard, in, int64(len(turn.Hear)))
	return err == nil
}
