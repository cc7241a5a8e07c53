package lab

import "strings"

// Exchange is what came of a request, seen from both ends.
type Exchange struct {
	Problem     string // why there was no answer
	Status      int
	Proto       string   // of the answer
	Header      []string // of the answer, sorted; without those that a stub adds for the lab
	Body        string   // the first 64 KiB
	Certificate string   // the name on the one that was shown
	Server      string   // which stub answered; "" where HAProxy itself did
	Received    *Received
}

// Value is that of a header of the answer, the first one of several.
func (x *Exchange) Value(name string) string {
	for _, line := range x.Header {
		if n, value, _ := strings.Cut(line, ": "); strings.EqualFold(n, name) {
			return value
		}
	}
	return ""
}

// Received is a request as a server got it.
type Received struct {
	At         string // the server's address and port
	Proto      string
	Method     string
	URI        string
	Host       string
	Header     []string // sorted
	TLS        bool
	ServerName string // that TLS asked for
	Proxy      string // what a PROXY header before it said, but for the client's port
}

// ReceivedHeader is the one in which a stub that echoes says what it got.
const ReceivedHeader = "Lbgen-Received"
