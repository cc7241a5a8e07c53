package route

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// server is one server as the choice among them sees it.
type server struct {
	name, cookie             string
	backup, disabled, weight bool // weight: it has one above 0
	track                    string
}

// choice is the servers that could answer.
type choice struct {
	servers []string
	why     string // what narrows them down
	unsure  string // why nobody knows whether there is one
}

// ready makes the servers of a backend ready, once.
func (b *back) ready() {
	b.once.Do(func() {
		b.servers = make([]server, 0, len(b.Servers))
		for i := range b.Servers {
			s := &b.Servers[i]
			cookie := ""
			if b.Persist != nil && b.Persist.Cookie != nil {
				cookie = b.Persist.Cookie.Value(s)
			}
			b.servers = append(b.servers, b.server(s.Name, cookie, &s.ServerOptions))
		}
		for i := range b.ServerTemplates {
			t := &b.ServerTemplates[i]
			for n := range t.Count {
				b.servers = append(b.servers, b.server(t.Prefix+strconv.Itoa(n+1), "", &t.ServerOptions))
			}
		}
		b.usual = b.balance(func(*server) bool { return !b.raw.servers })
	})
}

func (b *back) server(name, cookie string, o *model.ServerOptions) server {
	return server{name: name, cookie: cookie, backup: b.Backup(o), disabled: b.Disabled(o), weight: b.Weight(o) > 0, track: o.Track}
}

// balance is what the servers that are up share: those that are no backups, or where
// none of these is left the first backup, or all.
func (b *back) balance(up func(*server) bool) choice {
	var active, backups []string
	for i := range b.servers {
		s := &b.servers[i]
		if s.disabled || !s.weight || !up(s) {
			continue
		}
		if s.backup {
			backups = append(backups, s.name)
		} else {
			active = append(active, s.name)
		}
	}
	switch {
	case len(active) > 0 || len(backups) == 0:
		return choice{servers: active}
	case b.AllBackups:
		return choice{servers: backups, why: "only backup servers are left"}
	default:
		return choice{servers: backups[:1], why: "only backup servers are left"}
	}
}

// choose returns the servers that could answer this request.
func (w *walk) choose(b *back) choice {
	b.ready()
	if b.raw.servers {
		w.note(b.raw.path, "raw lines may add servers or choose among them")
	}
	if c, ok := w.sticks(b); ok {
		return c
	}
	if w.down == nil {
		return b.usual
	}
	return w.left(b)
}

// left is what is left of a backend while something is down.
func (w *walk) left(b *back) choice {
	c := b.balance(func(s *server) bool { return w.isUp(b, s) })
	if len(c.servers) == 0 && b.raw.servers {
		c.unsure = "raw lines may add servers"
	}
	return c
}

func (w *walk) isUp(b *back, s *server) bool {
	if w.down == nil {
		return true
	}
	if w.down[b.Name] || w.down[b.Name+"/"+s.name] {
		return false
	}
	for track, hops := s.track, 0; track != "" && hops < 100; hops++ { // a server may track one that tracks another
		name, _, _ := strings.Cut(track, "/")
		if w.down[track] || w.down[name] {
			return false
		}
		track = w.tracks(track)
	}
	return true
}

// tracks is what a server, given as BACKEND/SERVER, tracks itself.
func (w *walk) tracks(name string) string {
	in, server, _ := strings.Cut(name, "/")
	n := w.number(in)
	if n < 0 {
		return ""
	}
	b := &w.backs[n]
	b.ready()
	for i := range b.servers {
		if b.servers[i].name == server {
			return b.servers[i].track
		}
	}
	return ""
}

// isDown says whether a backend has no server left.
func (w *walk) isDown(number int) Truth {
	b := &w.backs[number]
	b.ready()
	if w.down == nil {
		return truth(len(b.usual.servers) == 0)
	}
	c := w.left(b)
	if c.unsure != "" {
		return w.maybe(c.unsure)
	}
	return truth(len(c.servers) == 0)
}

// sticks finds the server that a cookie names. Of several cookies the first that names
// one that is up counts (measured with 2.6).
func (w *walk) sticks(b *back) (choice, bool) {
	if b.Persist == nil {
		return choice{}, false
	}
	if b.Persist.Table != nil {
		w.note(b.Path().Key("persist"), "a client that has been here before gets the server that it had")
		return choice{}, false
	}
	k := b.Persist.Cookie
	for v := range w.cookies(k.Name) {
		if !k.DynamicKey.IsZero() || k.MaxIdle != 0 || k.MaxLife != 0 {
			w.note(b.Path().Key("persist"), "HAProxy alone knows whether the cookie "+k.Name+" names a server still")
			return choice{}, false
		}
		if k.Mode == "prefix" {
			v, _, _ = strings.Cut(v, "~")
		}
		for i := range b.servers {
			s := &b.servers[i]
			if s.cookie == v && !s.disabled && w.isUp(b, s) {
				return choice{servers: []string{s.name}, why: "the cookie " + k.Name + " names it"}, true
			}
		}
	}
	return choice{}, false
}

// CheckDown says what is wrong with a name in Request.Down.
func (e *Evaluator) CheckDown(name string) error {
	in, server, one := strings.Cut(name, "/")
	n := e.number(in)
	if n < 0 {
		return fmt.Errorf("there is no backend %q%s", in, near(in, e.site))
	}
	if !one {
		return nil
	}
	b := &e.backs[n]
	b.ready()
	for i := range b.servers {
		if b.servers[i].name == server {
			return nil
		}
	}
	return fmt.Errorf("backend %q has no server %q", in, server)
}

func near(name string, s *site.Site) string {
	names := make([]string, 0, len(s.Backends))
	for i := range s.Backends {
		names = append(names, s.Backends[i].Name)
	}
	if n := model.Nearest(name, names); n != "" {
		return fmt.Sprintf(": did you mean %q?", n)
	}
	return ""
}

// rawLines is what raw lines of a section may decide.
type rawLines struct {
	path    diag.Path
	binds   bool // they listen somewhere
	decides bool // they may answer, or choose otherwise
	chooses bool // they choose a backend
	servers bool // they add servers, or choose among them
	blurs   []string
}

func rawOf(section diag.Path, raw model.Raw) rawLines {
	r := rawLines{path: section.Key("raw")}
	for _, line := range raw.Lines() {
		r.line(strings.Fields(line))
	}
	return r
}

// line looks at the words of one line. What is not known to be harmless decides.
func (r *rawLines) line(words []string) {
	if words[0] == "no" && len(words) > 1 {
		words = words[1:]
	}
	switch words[0] {
	case "bind":
		r.binds = true
	case "use_backend":
		r.chooses = true
	case "server", "server-template", "use-server", "balance", "default-server", "stick", "stick-table", "cookie", "persist",
		"force-persist", "ignore-persist", "dispatch", "hash-type", "hash-balance-factor":
		r.servers = true
	case "http-request":
		r.rule(words[1:])
	case "acl", "option", "timeout", "log", "log-format", "log-tag", "log-format-sd", "error-log-format", "capture", "declare", "compression",
		"maxconn", "fullconn", "backlog", "description", "unique-id-format", "unique-id-header", "http-response", "http-after-response",
		"tcp-response", "http-check", "tcp-check", "external-check", "retries", "retry-on", "email-alert", "http-reuse", "max-keep-alive-queue",
		"source", "errorfile", "errorloc", "errorloc302", "errorloc303", "http-error", "errorfiles", "id", "load-server-state-from-file",
		"server-state-file-name", "max-session-srv-conns", "clitcpka-cnt", "clitcpka-idle", "clitcpka-intvl", "srvtcpka-cnt",
		"srvtcpka-idle", "srvtcpka-intvl", "transparent", "rate-limit":
	default:
		r.decides = r.decides || !strings.HasPrefix(words[0], "#")
	}
}

// rule looks at a line of http-request.
func (r *rawLines) rule(words []string) {
	if len(words) == 0 {
		return
	}
	action, _, _ := strings.Cut(words[0], "(")
	switch action {
	case "set-header", "add-header", "del-header", "replace-header", "replace-value":
		if len(words) > 1 {
			r.blurs = append(r.blurs, words[1])
		}
	case "capture", "set-log-level", "set-nice", "set-tos", "set-mark", "set-var", "set-var-fmt", "unset-var", "sc-inc-gpc0", "sc-inc-gpc1",
		"sc-set-gpt0", "track-sc0", "track-sc1", "track-sc2", "set-timeout", "early-hint", "set-priority-class", "set-priority-offset",
		"wait-for-body", "disable-l7-retry", "cache-use", "do-resolve", "set-map", "del-map", "add-acl", "del-acl", "send-spoe-group":
	default:
		r.decides = true
	}
}

// rawRules says whether the request gets past raw lines; they are looked at before the
// routes of a frontend, and after the rules of a backend.
func (w *walk) rawRules(r *rawLines, of bool) bool {
	if r.decides {
		w.doubt(r.path, choose(of, "raw lines of the backend may decide", "raw lines may decide before the routes"))
		return false
	}
	for _, name := range r.blurs {
		w.blur(name, "a raw line changes the header "+name)
		w.answer.Request = append(w.answer.Request, Change{Path: r.path, Do: "set", Name: name, Sample: "(a raw line)"})
	}
	return true
}
