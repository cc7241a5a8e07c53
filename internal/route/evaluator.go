package route

import (
	"net/netip"
	"sync"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Evaluator computes the ways of requests through one site. It is made once, changes no
// more, and may be used by many at a time.
type Evaluator struct {
	site   *site.Site
	fronts []front
	backs  []back
	binds  map[int][]bindAt // by port
	byName map[string]int   // the frontends
	// byFrontend: see site.Site.ForwardForByFrontend.
	byFrontend bool
}

// front is a frontend with its routes made ready.
type front struct {
	*site.Frontend
	section
	fallback diag.Path // of default_backend
	to       int       // number of the default backend, -1 for none
	raw      rawLines
	binds    []bindAt
}

// back is a backend with its rules made ready.
type back struct {
	*site.Backend
	section
	raw rawLines

	once    sync.Once
	servers []server // made ready when the backend is first asked for
	usual   choice   // while nothing is down
}

// New makes a site ready. The site must be one that the model has found no error in.
func New(s *site.Site) *Evaluator {
	e := &Evaluator{site: s, fronts: make([]front, len(s.Frontends)), backs: make([]back, len(s.Backends)), binds: map[int][]bindAt{},
		byName:     map[string]int{},
		byFrontend: s.ForwardForByFrontend}
	for i := range s.Backends {
		b := &s.Backends[i]
		e.backs[i].Backend, e.backs[i].raw = b, rawOf(b.Path(), b.Raw)
		e.backs[i].section = e.section(b.Rules, b.Path().Key("rules"), b.Mode, nil)
	}
	for i := range s.Frontends {
		f := &s.Frontends[i]
		e.fronts[i] = front{Frontend: f, section: e.section(f.Routes, f.Path().Key("routes"), f.Mode, f),
			fallback: f.Path().Key("default_backend"), to: e.number(f.DefaultBackend), raw: rawOf(f.Path(), f.Raw)}
		e.byName[f.Name] = i
		e.listen(i, f)
	}
	return e
}

// number is the index of a backend, -1 where there is none.
func (e *Evaluator) number(name string) int {
	if b := e.site.Backend(name); b != nil {
		return b.Index
	}
	return -1
}

// Route returns what becomes of a request. Steps has the routes that matched.
func (e *Evaluator) Route(r Request) Answer { return e.walk(&r, false) }

// Trace is Route, and Steps has every route that was looked at, and why it did not match.
func (e *Evaluator) Trace(r Request) Answer { return e.walk(&r, true) }

// field is a header as HAProxy has it at a moment.
type field struct {
	name, value string
	unsure      string // why the value is not known, "" where it is
}

// walk is one request on its way.
type walk struct {
	*Evaluator
	req   *Request
	trace bool
	front *front // nil: of lbgen's own
	tls   bool

	path, query string // the query with its question mark
	hasPath     bool
	unsurePath  string // why the path is not known, "" where it is
	headers     []field
	unsure      map[string]string // headers that may have been changed, in lower case, and why

	hosts    []hostName // of the header Host, once they are looked for
	hasHosts bool

	down   map[string]bool // backends, and servers as BACKEND/SERVER
	why    string          // of the last criterion that was undecided
	chosen bits            // routes to backends whose conditions held in their place
	tried  bits            // those whose conditions did not
	answer Answer
	later  []late // what response rules of the frontend found out in their place
	back   *back  // once the request is there
	lateB  []late // the same of the backend
}

// late is what a response rule has kept for the answer.
type late struct {
	holds Truth
	value string
	known bool
}

// bits is a set of small numbers.
type bits []uint64

func (b *bits) add(i int) {
	for len(*b) <= i/64 {
		*b = append(*b, 0)
	}
	(*b)[i/64] |= 1 << (i % 64)
}

func (b bits) has(i int) bool { return i/64 < len(b) && b[i/64]&(1<<(i%64)) != 0 }

func (e *Evaluator) walk(r *Request, trace bool) Answer {
	w := &walk{Evaluator: e, req: r, trace: trace, answer: Answer{Target: r.Target}}
	for _, d := range r.Down {
		if w.down == nil {
			w.down = map[string]bool{}
		}
		w.down[d] = true
	}
	at := w.find()
	if at == nil {
		return w.answer
	}
	w.front = &e.fronts[at.front]
	w.answer.Frontend, w.answer.Bind = w.front.Name, at.path
	if !w.connect(at) {
		return w.answer
	}
	if w.front.Mode == model.ModeTCP {
		w.connection()
	} else {
		w.request()
	}
	return w.answer
}

// doubt says what is undecided, and that the way of the request hangs on it.
func (w *walk) doubt(path diag.Path, why string) {
	w.answer.Kind, w.answer.By = Unknown, path
	w.note(path, why)
}

// note says what is undecided beside the way of the request.
func (w *walk) note(path diag.Path, why string) {
	w.answer.Undecided = append(w.answer.Undecided, Doubt{path, why})
}

// isFrom says whether the client's address is in one of the networks.
func (w *walk) isFrom(networks []netip.Prefix) Truth {
	from := w.req.From
	if !from.IsValid() {
		return w.maybe("it depends on the client's address: say where it comes from")
	}
	return truth(inNetworks(from, networks))
}

func (w *walk) maybe(why string) Truth {
	w.why = why
	return Maybe
}

func truth(is bool) Truth {
	if is {
		return Yes
	}
	return No
}
