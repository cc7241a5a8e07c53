package view

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Rule is one line of a section: words of HAProxy's own, then words that the
// template quotes, then what must hold.
type Rule struct {
	Origin string
	Verb   string
	Words  []string
	If     []Condition
}

// Condition is one thing that must hold: an ACL by its name, or a fetch with
// its flags and the values, of which one is enough.
type Condition struct {
	Not    bool
	ACL    string
	Fetch  string
	Values []string
}

// Table is a stick table that is a proxy of its own.
type Table struct {
	Name, Store, Expire string
	Size                int
	Peers               string // with whom it is shared, "" for nobody
	Origin              string
}

// Rules are the routes of one section, by the stage in which HAProxy looks at
// them: its order, whatever order they are written in.
type Rules struct {
	ACLs     []Rule // conditions that are too long for one line
	TCP      []Rule // when a connection comes, before anything else
	Request  []Rule
	Response []Rule
	Use      []Rule // use_backend
	Tables   []Table
}

// section is the proxy whose routes are being resolved.
type section struct {
	site    *model.Site
	sorry   map[string]string // backend: the one in its place while it has no server left
	name    string
	origin  string // of its routes, such as frontends[0].routes
	mode    string
	front   *model.Frontend // nil: a backend
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
func backendRules(site *model.Site, b *model.Backend, origin string) Rules {
	s := &section{site: site, name: b.Name, origin: origin + ".rules", mode: site.BackendMode(*b), counter: model.StickyCounters - 1, step: -1}
	return s.resolve(b.Rules)
}

// maxWords is how many words a line may have; HAProxy's own limit is 64
// (MAX_LINE_ARGS).
const maxWords = 56

// maxValues is how many values one ACL line lists, for readers and for maxWords.
const maxValues = 40

// resolve turns the routes into rules. HAProxy looks at all http-request rules
// before it looks at use_backend, so that a route to a backend that has other
// routes below it ends the rules by an allow in its own place.
func (s *section) resolve(routes []model.Route) Rules {
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

func (s *section) route(r *model.Route, i int) {
	origin := at(s.origin, i)
	conditions := s.conditions(r.When, origin, i)
	switch {
	case r.Backend != "":
		s.toBackend(r.Backend, i, origin, conditions)
	case r.RateLimit != nil:
		s.rateLimit(r.RateLimit, i, origin+".rate_limit", conditions)
	case r.OnResponse():
		s.response(r, i, origin, conditions)
	case r.Allow:
		s.allow(origin, conditions, s.waits)
	default:
		verb, words, more := s.action(r)
		s.request(Rule{Mark(origin), verb, words, append(conditions, more...)})
	}
}

// request adds a rule that is looked at in the order of the routes.
func (s *section) request(r Rule) {
	if s.mode == model.ModeTCP {
		r.Verb = "tcp-request content " + r.Verb
		s.rules.TCP = append(s.rules.TCP, r)
		return
	}
	r.Verb = "http-request " + r.Verb
	s.rules.Request = append(s.rules.Request, r)
}

// allow ends the rules. Where a backend is chosen by the name in the TLS hello,
// it waits for that first: a client that does not speak TLS gets on after
// inspect_delay by the second line.
func (s *section) allow(origin string, conditions []Condition, wait bool) {
	verb := "allow"
	if s.mode == model.ModeTCP {
		verb = "accept"
	}
	if wait {
		s.request(Rule{Mark(origin), verb, nil, append(conditions[:len(conditions):len(conditions)], hello())})
	}
	s.request(Rule{Mark(origin), verb, nil, conditions})
	s.left = true
}

func hello() Condition { return Condition{Fetch: "req.ssl_hello_type", Values: []string{"1"}} }

func (s *section) toBackend(backend string, i int, origin string, conditions []Condition) {
	if i < s.last {
		if i < s.rewrites && len(conditions) > 0 {
			conditions = s.remember("txn.to."+strconv.Itoa(i), origin, conditions)
		}
		s.allow(origin, conditions, false)
	}
	s.left = true
	origin = Mark(origin + ".backend")
	if sorry, ok := s.sorry[backend]; ok {
		s.rules.Use = append(s.rules.Use, Rule{origin, "use_backend", []string{sorry}, append(conditions[:len(conditions):len(conditions)], noneLeft("nbsrv("+backend+")")...)})
	}
	s.rules.Use = append(s.rules.Use, Rule{origin, "use_backend", []string{backend}, conditions})
}

func down(backend string) Condition {
	return Condition{Fetch: "nbsrv(" + backend + ") eq", Values: []string{"0"}}
}

// action returns the words of a rule that is looked at once a request.
func (s *section) action(r *model.Route) (verb string, words []string, more []Condition) {
	switch r.Action() {
	case "deny":
		return "deny deny_status", []string{strconv.Itoa(r.Deny)}, nil
	case "silent_drop":
		return "silent-drop", nil, nil
	case "redirect":
		return s.redirect(r)
	case "return":
		verb, words = returns(s.site, r.Return)
		return verb, words, nil
	case "auth":
		return auth(r.Auth)
	case "set_header":
		return "set-header", header(r.SetHeader), nil
	case "add_header":
		return "add-header", header(r.AddHeader), nil
	case "del_header":
		return "del-header", []string{r.DelHeader}, nil
	case "set_path":
		return "set-path", []string{logFormat(r.SetPath)}, nil
	case "strip_prefix":
		return "replace-path", []string{"^" + regexp.QuoteMeta(strings.TrimRight(r.StripPrefix, "/")) + "(/(.*))?$", `/\2`}, nil
	default:
		return "reject", nil, nil
	}
}

func header(h *model.Header) []string {
	if h.Sample != "" {
		return []string{h.Name, "%[" + h.Sample + "]"}
	}
	return []string{h.Name, logFormat(h.Value)}
}

// redirect never sends a client where it is already: by another scheme only
// those that did not come by it.
func (s *section) redirect(r *model.Route) (verb string, words []string, more []Condition) {
	d := r.Redirect
	code := RedirectCode
	switch {
	case d.Scheme != "":
		verb, words, code = "redirect scheme", []string{d.Scheme}, RedirectSchemeCode
		if s.front != nil && s.front.EndsTLS() && !asksForTLS(r) {
			more = []Condition{{Not: d.Scheme == "https", Fetch: "ssl_fc"}}
		}
	case d.Prefix != "":
		verb, words = "redirect prefix", []string{logFormat(strings.TrimRight(d.Prefix, "/"))}
	default:
		verb, words = "redirect location", []string{logFormat(d.Location)}
	}
	words = append(words, "code", strconv.Itoa(number(d.Code, code)))
	if d.DropQuery {
		words = append(words, "drop-query")
	}
	return verb, words, more
}

func asksForTLS(r *model.Route) bool {
	for i := range r.When {
		if r.When[i].TLS != nil {
			return true
		}
	}
	return false
}

func returns(site *model.Site, r *model.Return) (verb string, words []string) {
	words = []string{strconv.Itoa(number(r.Status, ReturnStatus))}
	kind, from, what := "text/plain", "string", r.Text
	if r.Page != "" {
		kind, from, what = "text/html", "file", pagePath(site, r.Page)
	}
	if r.ContentType != "" {
		kind = r.ContentType
	}
	if what != "" {
		words = append(words, "content-type", kind, from, what)
	}
	return "return status", words
}

func auth(a *model.Auth) (verb string, words []string, more []Condition) {
	good := Condition{Not: true, Fetch: "http_auth(" + a.Userlist + ")"}
	if len(a.Groups) > 0 {
		good.Fetch, good.Values = "http_auth_group("+a.Userlist+")", a.Groups
	}
	if a.Realm != "" {
		words = []string{"realm", a.Realm}
	}
	return "auth", words, []Condition{good}
}

// answerHeader is a header of the answer. A sample of the request is gone by
// then, so that it is kept in a variable, such as the Origin that CORS repeats.
func (s *section) answerHeader(h *model.Header, i int, origin string) []string {
	if !ofRequest(h.Sample) {
		return header(h)
	}
	name := "txn.value." + strconv.Itoa(i)
	if s.front == nil {
		name = "txn.value.rule." + strconv.Itoa(i)
	}
	s.request(Rule{Mark(origin), "set-var(" + name + ") " + h.Sample, nil, nil})
	return []string{h.Name, "%[var(" + name + ")]"}
}

// ofRequest says whether a sample is a part of the request (configuration.txt
// 7.3.6, "Fetching HTTP samples"), and not of the connection or the answer.
func ofRequest(sample string) bool {
	name, _, _ := strings.Cut(sample, "(")
	name, _, _ = strings.Cut(name, ",")
	return strings.HasPrefix(name, "req.") || slices.Contains([]string{
		"base", "base32", "cook", "hdr", "hdr_beg", "hdr_dir", "hdr_dom", "hdr_end", "hdr_reg", "hdr_sub", "method", "path", "pathq", "query", "url", "url_param", "urlp", "url_ip", "url_port",
	}, name)
}

// response adds a rule for the answer. What is known of the request only is
// found out while that is there, and so is whether it came this far.
func (s *section) response(r *model.Route, i int, origin string, conditions []Condition) {
	rule := Rule{Origin: Mark(origin), If: conditions}
	switch {
	case r.SetResponseHeader != nil:
		rule.Verb, rule.Words = "http-after-response set-header", s.answerHeader(r.SetResponseHeader, i, origin)
	case r.AddResponseHeader != nil:
		rule.Verb, rule.Words = "http-after-response add-header", s.answerHeader(r.AddResponseHeader, i, origin)
	default:
		rule.Verb, rule.Words = "http-after-response del-header", []string{r.DelResponseHeader}
	}
	if s.left || !ofConnection(r.When) {
		name := "txn.route." + strconv.Itoa(i)
		if s.front == nil {
			name = "txn.rule." + strconv.Itoa(i)
		}
		rule.If = s.remember(name, origin, conditions)
	}
	s.rules.Response = append(s.rules.Response, rule)
}

func ofConnection(when []model.Match) bool {
	for i := range when {
		if !when[i].OfConnection() {
			return false
		}
	}
	return true
}

// remember keeps in a variable whether the conditions hold at this place, and
// returns the condition that asks for it later.
func (s *section) remember(name, origin string, conditions []Condition) []Condition {
	s.request(Rule{Mark(origin), "set-var(" + name + ") bool(true)", nil, conditions})
	return []Condition{{Fetch: "var(" + name + ") -m bool"}}
}

// rateLimit counts clients in a table of the route's own. A client is an IPv4
// address or an IPv6 network of 64 bits, all of which one client has.
func (s *section) rateLimit(l *model.RateLimit, i int, origin string, conditions []Condition) {
	mark := Mark(origin)
	period := duration(l.Period, RatePeriod)
	table := Table{Name: model.RateTable(s.name, i), Origin: mark, Size: number(l.Size, RateSize), Expire: period}
	counter := "sc" + strconv.Itoa(s.counter)
	s.counter += s.step
	fetch, limit := "", 0
	switch {
	case l.Requests != 0:
		table.Store, fetch, limit = "http_req_rate("+period+")", "http_req_rate", l.Requests
	case l.Connections != 0:
		table.Store, fetch, limit = "conn_rate("+period+")", "conn_rate", l.Connections
	default:
		table.Store, fetch, limit = "conn_cur", "conn_cur", l.Concurrent
	}
	if l.Concurrent == 0 { // each node has connections of its own
		table.Peers = peersName(s.site)
	}
	s.rules.Tables = append(s.rules.Tables, table)
	client := "src"
	if l.Header != "" {
		client = "req.hdr_ip(" + l.Header + ",-1)"
	}
	track := Rule{mark, "track-" + counter + " " + client + ",ipmask(32,64) table " + table.Name, nil, conditions}
	tooMany := Condition{Fetch: counter + "_" + fetch + " gt", Values: []string{strconv.Itoa(limit)}}
	if s.mode == model.ModeTCP {
		s.request(track)
		s.request(Rule{mark, "reject", nil, []Condition{tooMany}})
		return
	}
	refuse := Rule{mark, "deny deny_status", []string{strconv.Itoa(number(l.Status, RateStatus))}, []Condition{tooMany}}
	if l.Requests != 0 {
		s.request(track)
	} else {
		s.trackConnection(track)
		refuse.If = append(conditions[:len(conditions):len(conditions)], tooMany)
	}
	s.request(refuse)
}

// trackConnection counts each connection once, as soon as the client's address
// is known: behind a proxy that tells it, when that has spoken.
func (s *section) trackConnection(track Rule) {
	when := "tcp-request connection "
	if s.front != nil {
		for _, b := range s.front.Binds {
			if b.AcceptProxy {
				when = "tcp-request session "
			}
		}
	}
	track.Verb, track.If = when+track.Verb, nil
	s.rules.TCP = append(s.rules.TCP, track)
}
