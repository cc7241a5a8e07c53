package lab

import (
	"net/netip"
	"time"
)

// Visit is a request, or a connection, to a node that stands alone, as it is sent word
// for word.
type Visit struct {
	To   netip.AddrPort
	From netip.Addr
	// Proxy: the connection begins with a PROXY header that tells From; it comes from
	// somewhere else itself.
	Proxy       bool
	TLS         bool
	SNI         string
	Certificate bool // shown by the client
	HTTP2       bool
	Method      string
	Scheme      string
	Host        string
	Target      string
	Header      [][2]string // names and values, in order
	// Stream: it is no request. The client says something, and waits for a word.
	Stream bool
	Times  int
	// Keep: the connections stay open until another visit, which does not say so, has its answer.
	Keep bool
	Wait time.Duration // for each answer
}

// What became of a visit that nobody has answered.
const (
	Refused = "refused" // nothing listens there
	Late    = "no answer in time"
)
