package haproxy

import (
	"strconv"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Rules are the routes of one section, by the stage in which HAProxy looks at
// them: its order, whatever order they are written in.
type Rules struct {
	ACLs     []conf.Line // conditions that are too long for one line
	TCP      []conf.Line // when a connection comes, before anything else
	Request  []conf.Line
	Response []conf.Line
	Use      []conf.Line // use_backend
}

// section is the proxy whose routes are being written.
type section struct {
	*printer
	name    string
	from    diag.Path // of its routes, such as frontends[0].routes
	mode    string
	front   *site.Frontend // nil: a backend
	rules   Rules
	counter int  // the next sticky counter: sc0, sc1 and sc2
	step    int  // to the counter after it
	left    bool // whether a route before this one may have ended the rules
	waits   bool // whether a route looks at the hello of TLS that does not end here
	last    int  // the last route that is not to a backend
	// rewrites is the last route that changes what conditions look at. HAProxy
	// chooses the backend when all of them are done.
	rewrites int
}

// backendRules are the rules of a backend: its routes, none of them to another.
func (p *printer) backendRules(b *site.Backend, from diag.Path) Rules {
	s := &section{printer: p, name: b.Name, from: from.Key("rules"), mode: b.Mode, counter: model.StickyCounters - 1, step: -1}
	return s.resolve(b.Rules)
}

// resolve turns the routes into rules. HAProxy looks at all http-request rules
// before it looks at use_backend, so that a route to a backend that has other
// routes below it ends the rules by an allow in its own place.
func (s *section) resolve(routes []site.Route) Rules {
	s.last, s.rewrites = -1, -1
	for i := range routes {
		if routes[i].Backend == "" {
			s.last = i
		}
		if routes[i].ChangesRequest() {
			s.rewrites = i
		}
	}
	for i := range routes {
		s.route(&routes[i], i)
	}
	return s.rules
}

func (s *section) route(r *site.Route, i int) {
	from := s.from.Index(i)
	conditions := s.conditions(r.When, from, i)
	switch {
	case r.Backend != "":
		s.toBackend(r.Backend, i, from, conditions)
	case r.RateLimit != nil:
		s.rateLimit(r.RateLimit, i, from.Key("rate_limit"), conditions)
	case r.OnResponse():
		s.response(r, i, from, conditions)
	case r.Allow:
		s.allow(from, conditions, s.waits)
	default:
		action, more := s.action(r, from)
		if r.Return != nil && s.http2 {
			s.request(from, and(conditions, more...), conf.Key("wait-for-body time 1s"))
		}
		s.request(from, append(conditions, more...), action)
	}
}

// request adds a rule that is looked at in the order of the routes.
func (s *section) request(from diag.Path, conditions []conf.Condition, action ...conf.Word) {
	line := append(action, conf.If(conditions...))
	if s.mode == model.ModeTCP {
		s.rules.TCP = append(s.rules.TCP, conf.NewLine(from, "tcp-request content", line...))
		return
	}
	s.rules.Request = append(s.rules.Request, conf.NewLine(from, "http-request", line...))
}

// allow ends the rules. Where a backend is chosen by the name in the TLS hello,
// it waits for that first: a client that does not speak TLS gets on after
// inspect_delay by the second line.
func (s *section) allow(from diag.Path, conditions []conf.Condition, wait bool) {
	verb := conf.Key("allow")
	if s.mode == model.ModeTCP {
		verb = conf.Key("accept")
	}
	if wait {
		s.request(from, and(conditions, hello()), verb)
	}
	s.request(from, conditions, verb)
	s.left = true
}

// and returns the conditions with more behind them, and leaves them as they are.
func and(conditions []conf.Condition, more ...conf.Condition) []conf.Condition {
	return append(conditions[:len(conditions):len(conditions)], more...)
}

func hello() conf.Condition {
	return conf.Condition{Sample: conf.Key("req.ssl_hello_type"), Values: []string{"1"}}
}

func (s *section) toBackend(backend string, i int, from diag.Path, conditions []conf.Condition) {
	if i < s.last {
		if i < s.rewrites && len(conditions) > 0 {
			conditions = s.remember("txn.to."+strconv.Itoa(i), from, conditions)
		}
		s.allow(from, conditions, false)
	}
	s.left = true
	from = from.Key("backend")
	if instead := s.sorryBackend(backend); instead != "" {
		s.use(from, instead, and(conditions, noneLeft(backend)...))
	}
	s.use(from, backend, conditions)
}

func (s *section) use(from diag.Path, backend string, conditions []conf.Condition) {
	s.rules.Use = append(s.rules.Use, conf.NewLine(from, "use_backend", conf.Text(backend), conf.If(conditions...)))
}

// remember keeps in a variable whether the conditions hold at this place, and
// returns the condition that asks for it later.
func (s *section) remember(name string, from diag.Path, conditions []conf.Condition) []conf.Condition {
	s.request(from, conditions, conf.Call("set-var", name), conf.Key("bool(true)"))
	return []conf.Condition{{Sample: conf.Phrase(conf.Call("var", name), conf.Key("-m bool"))}}
}
