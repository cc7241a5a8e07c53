package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// answersItself says whether a raw line of a backend answers every request, or has servers.
func answersItself(raw Raw) bool {
	for _, line := range raw.Lines() {
		words := strings.Fields(line)
		ends := words[0] == "http-request" && len(words) > 1 && slices.Contains([]string{"deny", "return", "redirect", "tarpit"}, words[1]) ||
			words[0] == "redirect"
		always := !slices.Contains(words, "if") && !slices.Contains(words, "unless")
		if ends && always || words[0] == "server" || words[0] == "server-template" || words[0] == "dispatch" {
			return true
		}
	}
	return false
}

// servers looks at the servers of one backend.
func (c *cross) servers(at diag.Path, b Backend) {
	if len(b.Servers) == 0 && len(b.ServerTemplates) == 0 && !c.hasFailedBelow(at) && !answersItself(b.Raw) {
		c.add(at.Key("servers"), "missing-field", fmt.Sprintf("backend %q has no server", b.Name), "add servers or server_templates")
	}
	s := &serverCheck{cross: c, backend: &b, at: at, mode: c.site.backendMode(b)}
	s.options(at.Key("server_defaults"), &b.ServerDefaults)
	s.names()
	for i := range b.Servers {
		s.server(i, &b.Servers[i])
	}
	for i := range b.ServerTemplates {
		s.template(at.Key("server_templates").Index(i), b.ServerTemplates[i])
	}
	s.cookies()
	s.backups()
}

// serverCheck looks at the servers of one backend.
type serverCheck struct {
	*cross
	backend *Backend
	at      diag.Path
	mode    string
	unnamed bool // it has been said that server_defaults.tls names nobody
}

// names wants each name once; a template makes many.
func (s *serverCheck) names() {
	b, names, list := s.backend, make(unique, len(s.backend.Servers)), s.at.Key("servers")
	for i := range b.Servers {
		name, at := b.Servers[i].Name, place{list, i, "name"}
		names.claim(s.cross, name, at, "server")
		for j, t := range b.ServerTemplates {
			if t.makes(name) {
				s.clash(at, name, j)
			}
		}
	}
	for i, t := range b.ServerTemplates {
		for j, first := range b.ServerTemplates[:i] {
			if t.Prefix == first.Prefix || first.makes(t.Prefix+"1") || t.makes(first.Prefix+"1") {
				s.clash(place{s.at.Key("server_templates"), i, "prefix"}, t.Prefix+"1", j)
				break
			}
		}
	}
}

func (s *serverCheck) clash(at place, name string, template int) {
	s.add(at.path(), "duplicate", fmt.Sprintf("server %q is defined twice", name),
		"a template makes a server of this name too: give one of them another",
		s.elsewhere("the template is here", s.at.Key("server_templates").Index(template)))
}

// makes says whether the template has a server of the name.
func (t ServerTemplate) makes(name string) bool {
	digits, ok := strings.CutPrefix(name, t.Prefix)
	n, err := strconv.Atoi(digits)
	return ok && err == nil && t.Prefix != "" && n >= 1 && n <= t.Count && strconv.Itoa(n) == digits
}

func (s *serverCheck) server(i int, v *Server) {
	plain := v.ServerOptions == ServerOptions{}
	s.port(i, v)
	if plain && s.backend.ServerDefaults.TLS == nil {
		return
	}
	path := s.at.Key("servers").Index(i)
	s.named(path, v.TLS, v.Address.Endpoint)
	if plain {
		return
	}
	s.options(path, &v.ServerOptions)
	if v.Resolvers != "" && v.Address.Host == "" {
		s.add(path.Key("resolvers"), "bad-value", "resolvers has no effect on an address",
			"only names are looked up: take it out, or write the server's name")
	}
}

func (s *serverCheck) template(path diag.Path, t ServerTemplate) {
	s.options(path, &t.ServerOptions)
	s.named(path, t.TLS, t.Address.Endpoint)
	if t.Address.Host == "" && t.Address.IsValid() {
		s.add(path.Key("address"), "bad-value", fmt.Sprintf("a template of %s would be the same server again and again", t.Address),
			"write a name that has several addresses, or servers")
	} else if cmp.Or(t.Resolvers, s.backend.ServerDefaults.Resolvers) == "" && !s.failed[path.Key("resolvers")] {
		s.add(path, "missing-field", fmt.Sprintf("nobody looks up the addresses of %s", t.Address.Host),
			"add resolvers: a template's servers get their addresses from a name server while HAProxy runs")
	}
	if k := s.backend.Persist; k != nil && k.Cookie != nil && k.Cookie.DynamicKey.IsZero() &&
		!s.hasFailedBelow(s.at.Key("persist").Key("cookie")) {
		s.add(path, "bad-value", "all servers of a template would have the same cookie",
			"add persist.cookie.dynamic_key: each gets a value of its own then",
			s.elsewhere("the cookie is here", s.at.Key("persist").Key("cookie")))
	}
}

// options looks at what a server may have, and server_defaults for all.
func (s *serverCheck) options(path diag.Path, o *ServerOptions) {
	b, d := s.backend, &s.backend.ServerDefaults
	if o.Slowstart != 0 && b.Balance.isStatic(b.HashConsistent) {
		s.add(path.Key("slowstart"), "bad-value", "slowstart has no effect with this balance",
			"the share of a server is fixed there: take it out, or balance by roundrobin, leastconn, random or with hash_consistent")
	}
	if o.Maxqueue != 0 && o.Maxconn == 0 && d.Maxconn == 0 && !s.failed[path.Key("maxconn")] {
		s.add(path.Key("maxqueue"), "bad-value", "maxqueue has no effect without maxconn",
			"nobody waits for a server that takes everybody: add maxconn")
	}
	if o.Check != nil {
		s.check(path.Key("check"), *o.Check)
	}
	if o.TLS.on() {
		s.tlsOptions(path.Key("tls"), o.TLS, s.mode)
	} else if o.TLS != nil && !d.TLS.on() {
		s.add(path.Key("tls"), "bad-value", "tls: false has no effect here", "nothing says that there is TLS: take it out")
	}
	s.lineOptions(path, o)
	if o.SendProxy == "none" && (d.SendProxy == "" || o == d) {
		s.add(path.Key("send_proxy"), "bad-value", "send_proxy: none has no effect here", "nothing says that it is sent: take it out")
	}
}

func (s *serverCheck) check(path diag.Path, k ServerCheck) {
	all := []written{{"port", k.Port != 0}, {"inter", k.Inter != 0}, {"fastinter", k.FastInter != 0}, {"downinter", k.DownInter != 0},
		{"rise", k.Rise != 0}, {"fall", k.Fall != 0}}
	switch {
	case s.backend.Health.Off:
		s.add(path, "bad-value", "check has no effect where the backend's checks are off", "take it out, or take health.off out",
			s.elsewhere("they are off here", s.at.Key("health").Key("off")))
	case k.Off:
		s.useless(path, "where the server is not checked", "take it out, or take off out", all...)
	}
}

// backups wants what is said of backup servers to have one.
func (s *serverCheck) backups() {
	b := s.backend
	if s.hasBackup() || s.hasFailedBelow(s.at.Key("servers")) {
		return
	}
	if b.AllBackups {
		s.add(s.at.Key("allbackups"), "bad-value", "allbackups has no effect without a backup server",
			"write backup: true at the servers that serve when the others are down, or take it out")
	}
	if b.ServerDefaults.OnMarkedUp != "" {
		s.add(s.at.Key("server_defaults").Key("on_marked_up"), "bad-value", "on_marked_up has no effect without a backup server",
			"write backup: true at the servers that serve when the others are down, or take it out")
	}
}

func (s *serverCheck) hasBackup() bool {
	is := func(b *bool) bool { return b != nil && *b }
	for i := range s.backend.Servers {
		if is(s.backend.Servers[i].Backup) {
			return true
		}
	}
	for i := range s.backend.ServerTemplates {
		if is(s.backend.ServerTemplates[i].Backup) {
			return true
		}
	}
	return is(s.backend.ServerDefaults.Backup)
}

// cookies wants each value once, and none where there is no cookie.
func (s *serverCheck) cookies() {
	b, list := s.backend, s.at.Key("servers")
	persist := b.Persist != nil && b.Persist.Cookie != nil || s.hasFailedBelow(s.at.Key("persist"))
	values := unique{}
	for i := range b.Servers {
		v := &b.Servers[i]
		at := place{list, i, "cookie"}
		switch {
		case persist && b.Persist != nil && b.Persist.Cookie != nil:
			values.claim(s.cross, b.Persist.Cookie.Value(v), at, "cookie value")
		case !persist && v.Cookie != "":
			s.add(at.path(), "bad-value", "the cookie has no effect", "nothing says how clients come back: add persist: {cookie: {name: …}} to "+
				"the backend, or take it out")
			return // one finding a backend
		}
	}
}

// Value returns the value of the cookie that names a server; "" where HAProxy
// computes it.
func (k *Cookie) Value(s *Server) string {
	if s.Cookie == "" && k.DynamicKey.IsZero() {
		return s.Name
	}
	return s.Cookie
}

// isStatic says whether weights cannot change while HAProxy runs.
func (b Balance) isStatic(consistent bool) bool {
	return b.Algorithm == "static-rr" || b.Algorithm == "first" || b.isHash() && !consistent
}
