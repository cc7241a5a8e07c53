package route

import "github.com/lbgen/lbgen/internal/diag"

// Kind is what becomes of a request.
type Kind string

// What becomes of a request.
const (
	ToBackend Kind = "backend"   // one of Servers answers
	Redirect  Kind = "redirect"  // the client is sent to Location
	ByHAProxy Kind = "answer"    // HAProxy answers itself: Status, and maybe a page or a text
	Closed    Kind = "closed"    // the connection ends without an answer
	NotHeard  Kind = "not heard" // nothing listens there
	Unknown   Kind = "undecided" // see Undecided
)

// Answer is what becomes of a request, and why.
type Answer struct {
	Kind Kind
	// Frontend is the name of the one that takes the request, "" where none does. That
	// of the statistics page and the one that Keepalived asks have their own names.
	Frontend string
	Bind     diag.Path // that takes the connection, "" for lbgen's own

	// Steps are the routes and rules in the order in which HAProxy looks at them, up to
	// the one that decides: of Route those that matched, of Trace all.
	Steps []Step
	// By is what decides: a route, frontends[0].default_backend, a backend's sorry.
	By diag.Path

	// Backend has the request in the end, "" where it never gets to one. That may be
	// the one of a remote sorry server, whose name is in no site file.
	Backend string
	// Servers could answer, by name. Those that a name server tells are
	// one, such as web1-8.
	Servers []string
	// Why says what narrows Servers down, such as a cookie; "" where all are equal.
	Why string

	Status      int    // of a redirect or an answer by HAProxy itself; 0: the server's
	Location    string // of a redirect
	Page        string // file of the site that HAProxy answers with, "" for its own short page or a text
	Text        string // that HAProxy answers with
	ContentType string // of Page or Text

	// Target is the path and query that the server gets.
	Target string
	// Request and Response are the headers that are changed on the way to the server,
	// and to the client, in order.
	Request, Response []Change

	// Undecided says what the site file does not decide. Kind is Unknown where the way
	// of the request hangs on it; else only headers or the choice of a server do.
	Undecided []Doubt
}

// Step is a route or rule that was looked at.
type Step struct {
	Path    diag.Path
	Action  string // key of what it does, such as backend
	Matched Truth
	// Failed is the match that did not hold, or could not be decided, "" where there is
	// none; Why says what the request has instead.
	Failed diag.Path
	Why    string
	// Did says what it did where it matched, such as "X-Test: 1".
	Did string
}

// Truth is whether something holds.
type Truth int8

// Whether something holds.
const (
	No Truth = iota
	Yes
	Maybe // the site file does not decide it
)

func (t Truth) String() string { return [...]string{"no", "yes", "undecided"}[t] }

// Change is one header that is changed.
type Change struct {
	Path  diag.Path
	Do    string // set, add or del
	Name  string
	Value string // "" where Sample says it
	// Sample is what HAProxy alone knows, such as ssl_c_s_dn(cn).
	Sample string
	// Sure is false where it is undecided whether the change is made.
	Sure bool
}

// Doubt is something that the site file does not decide.
type Doubt struct {
	Path diag.Path
	Why  string
}

// IsDecided says whether the way of the request is known.
func (a *Answer) IsDecided() bool { return a.Kind != Unknown }
