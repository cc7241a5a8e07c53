package haproxy

import (
	"cmp"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// servers writes those of one backend.
type servers struct {
	backend *site.Backend
	from    diag.Path // of the backend
	bundle  string    // file of the authorities that the system believes
	cookie  *site.Cookie
	spell   bool // what HAProxy does by itself, too
	// shared are the options of all servers, without what each has of its own.
	shared *model.ServerOptions
	// apart has every server name the protocols of TLS itself, and default-server none.
	apart bool
}

func (p *printer) servers(b *site.Backend, from diag.Path) *servers {
	s := &servers{backend: b, from: from, bundle: p.Machine.CABundle, spell: p.Defaults.Spell, shared: &b.ServerDefaults}
	if b.Persist != nil {
		s.cookie = b.Persist.Cookie
	}
	s.apart = s.namesProtocols()
	return s
}

// defaults are the default-server lines: what all servers have.
func (s *servers) defaults() []conf.Line {
	var l lines
	if w := s.health(); len(w) > 0 {
		l.add(s.from.Key("health"), "default-server", w...)
	}
	w := checkOptions(options(nil, s.shared, &model.ServerOptions{}), s.shared.Check)
	if s.shared.TLS != nil {
		t := s.shared.TLS.Over(nil)
		if s.apart {
			t.ALPN = nil
		}
		w = s.tls(w, t, "", s.checkPort(nil))
	}
	w = w.raw(s.shared.Raw, s.from.Key("server_defaults"))
	if len(w) > 0 {
		l.add(s.from.Key("server_defaults"), "default-server", w...)
	}
	return l
}

// lines are the servers, and those that a name stands for.
func (s *servers) lines() []conf.Line {
	l := make(lines, 0, len(s.backend.Servers)+len(s.backend.ServerTemplates))
	from := s.from.Key("servers")
	var w words
	for i := range s.backend.Servers {
		server := &s.backend.Servers[i]
		w = append(w[:0], conf.Text(server.Name), endpoint(server.Address.Endpoint))
		if s.cookie != nil {
			w = w.text("cookie", s.cookie.Value(server))
		}
		w = s.own(w, &server.ServerOptions, server.Address.Host, from.Index(i))
		l.add(from.Index(i), "server", w...)
	}
	for i := range s.backend.ServerTemplates {
		t := &s.backend.ServerTemplates[i]
		w = append(w[:0], conf.Text(t.Prefix), conf.Concat(conf.Key("1-"), conf.Int(t.Count)), endpoint(t.Address.Endpoint))
		at := s.from.Key("server_templates").Index(i)
		l.add(at, "server-template", s.own(w, &t.ServerOptions, t.Address.Host, at)...)
	}
	return l
}

// own appends what one server has of its own: whether it is checked, its
// options, and what follows from its name.
func (s *servers) own(w words, o *model.ServerOptions, host string, at diag.Path) words {
	w = w.key(s.backend.Checked(o), "check")
	if host == "" && *o == (model.ServerOptions{}) && !s.apart {
		return w
	}
	w = checkOptions(options(w, o, s.shared), o.Check)
	w = s.ownTLS(w, o, host)
	return w.text("init-addr", s.lookup(o, host)).raw(o.Raw, at)
}

// lookup says where a server's address comes from when HAProxy starts: it does
// so where the name cannot be looked up, too. Servers of a template all have the
// same address until a name server has answered, which they must not where
// their cookies are computed from it.
func (s *servers) lookup(o *model.ServerOptions, host string) string {
	switch {
	case host == "":
		return ""
	case s.cookie != nil && len(s.backend.ServerTemplates) > 0 && cmp.Or(o.Resolvers, s.shared.Resolvers) != "":
		return "none"
	default:
		return "last,libc,none"
	}
}

// options appends what is written.
func options(w words, o, shared *model.ServerOptions) words {
	if o.Weight != nil {
		w = append(w, conf.Key("weight"), conf.Int(*o.Weight))
	}
	w = w.number("maxconn", o.Maxconn).number("maxqueue", o.Maxqueue)
	w = toggle(w, o.Backup, shared.Backup, "backup", "no-backup")
	w = toggle(w, o.Disabled, shared.Disabled, "disabled", "enabled")
	w = w.time("slowstart", o.Slowstart)
	w = proxyHeader(w, o.SendProxy, shared.SendProxy)
	w = w.text("on-marked-down", o.OnMarkedDown).text("on-marked-up", o.OnMarkedUp).text("resolvers", o.Resolvers)
	w = w.text("proto", o.Proto).text("track", o.Track)
	if o.Source.IsValid() {
		w = append(w, conf.Key("source"), conf.Addr(o.Source.Addr))
	}
	return w.text("observe", o.Observe).number("error-limit", o.ErrorLimit).text("on-error", o.OnError)
}

// raw are words of the user's own, behind all others.
func (w words) raw(text model.RawWords, from diag.Path) words {
	if text == "" {
		return w
	}
	line := string(text)
	return append(w, conf.RawWords(from.Key("raw"), line, model.RawField{}.Secrets(line)))
}

// toggle appends what is on, or what takes back what all servers have.
func toggle(w words, own, shared *bool, on, off conf.Keyword) words {
	switch {
	case own != nil && *own:
		return w.key(true, on)
	case own != nil && shared != nil && *shared:
		return w.key(true, off)
	default:
		return w
	}
}

// proxyHeader appends the option that sends the PROXY protocol's header. HAProxy
// sends version 2 where both are on.
func proxyHeader(w words, own, shared string) words {
	if own != "" && own != shared {
		w = w.key(shared == "v1" && own == "none", "no-send-proxy").key(shared == "v2", "no-send-proxy-v2")
	}
	return w.key(own == "v1", "send-proxy").key(own == "v2", "send-proxy-v2")
}

// checkOptions are what is particular to the checks of one server.
func checkOptions(w words, k *model.ServerCheck) words {
	if k == nil {
		return w
	}
	w = w.number("port", k.Port).time("inter", k.Inter).time("fastinter", k.FastInter).time("downinter", k.DownInter)
	return w.number("rise", k.Rise).number("fall", k.Fall)
}

// checkPort returns the port that is checked, 0 where that is the server's own.
func (s *servers) checkPort(k *model.ServerCheck) int {
	port := s.backend.Health.Port
	if s.shared.Check != nil {
		port = cmp.Or(s.shared.Check.Port, port)
	}
	if k != nil {
		port = cmp.Or(k.Port, port)
	}
	return port
}
