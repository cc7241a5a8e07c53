package model

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// SorryName is the name of the backend that stands in for another one while
// that has no server left.
func SorryName(backend string) string { return backend + "_sorry" }

// backends looks at what each backend says, beside its name.
func (c *cross) backends(names unique) {
	for i, b := range c.site.Backends {
		at := diag.Path("backends").Index(i)
		c.httpOnly(at, b)
		c.balance(at, b)
		c.persist(at.Key("persist"), b.Persist)
		c.health(at, b)
		c.servers(at, b)
		c.sorry(at, b)
		if b.Sorry != nil && b.Sorry.Remote != nil && b.Name != "" {
			names.claim(c, SorryName(b.Name), place{at, noIndex, "sorry.remote"}, "proxy")
		}
	}
}

// oneOfThese wants at most one of the fields below path, and at least one
// where need says so.
func (c *cross) oneOfThese(path diag.Path, what string, need bool, choices ...written) {
	all := make([]string, len(choices))
	for i, ch := range choices {
		all[i] = ch.key
	}
	switch names := keys(choices); {
	case len(names) > 1:
		c.add(path.Key(names[1]), "bad-value", fmt.Sprintf("%s and %s exclude each other", names[0], names[1]), what+": keep one of them",
			c.elsewhere("the other is here", path.Key(names[0])))
	case len(names) == 0 && need && !c.hasFailedBelow(path):
		c.add(path, "missing-field", what, "write one of: "+strings.Join(all, ", "))
	}
}

// useless refuses fields below path that have no effect there.
func (c *cross) useless(path diag.Path, why, remedy string, choices ...written) {
	for _, name := range keys(choices) {
		c.add(path.Key(name), "bad-value", fmt.Sprintf("%s has no effect %s", name, why), remedy)
	}
}

// httpOnly refuses in mode tcp what looks into HTTP.
func (c *cross) httpOnly(at diag.Path, b Backend) {
	if c.site.backendMode(b) == ModeHTTP {
		return
	}
	cookie := b.Persist != nil && b.Persist.Cookie != nil
	table := b.Persist != nil && b.Persist.Table != nil
	c.inMode(at, ModeTCP, []written{
		{"http_connection", b.HTTPConnection != ""},
		{"http_reuse", b.HTTPReuse != ""},
		{"http_pretend_keepalive", b.PretendKeepalive},
		{"forwardfor", b.ForwardFor != nil},
		{"compression", b.Compression != nil},
		{"error_pages", len(b.ErrorPages) > 0},
		{"balance", b.Balance.readsHTTP()},
		{"persist.cookie", cookie},
		{"persist.table.cookie", table && b.Persist.Table.Cookie != ""},
		{"persist.table.header", table && b.Persist.Table.Header != ""},
	})
	if b.Sorry != nil {
		c.add(at.Key("sorry"), "bad-value", "there is no sorry page in mode tcp",
			"HAProxy cannot answer for a TCP server: write a server with backup: true, or mode: http")
	}
}

func (b Balance) readsHTTP() bool {
	return b.Algorithm == "uri" || b.URI != nil || b.URLParam != "" || b.Hdr != ""
}

// isHash says whether the server follows from a value that is the same each
// time.
func (b Balance) isHash() bool { return b.Algorithm == "source" || b.readsHTTP() }

func (c *cross) balance(at diag.Path, b Backend) {
	path := at + ".balance"
	c.oneOfThese(path, "servers are chosen in one way", false,
		written{"url_param", b.Balance.URLParam != ""}, written{"hdr", b.Balance.Hdr != ""}, written{"uri", b.Balance.URI != nil})
	if b.HashConsistent && !b.Balance.isHash() {
		c.add(at.Key("hash_consistent"), "bad-value", "hash_consistent has no effect here",
			"it is for balance source, uri, url_param and hdr: take it out, or choose one of these")
	}
	if b.Balance.Algorithm == "first" {
		c.first(at, b)
	}
}

// first wants a limit on each server but the last: the next one gets a
// connection only when the first has no room left.
func (c *cross) first(at diag.Path, b Backend) {
	for i, s := range b.Servers {
		if i < len(b.Servers)-1 && s.Maxconn == 0 && b.ServerDefaults.Maxconn == 0 {
			c.add(at.Key("servers").Index(i), "missing-field", fmt.Sprintf("server %q has no maxconn", s.Name),
				"balance first fills one server after the other: without a limit the next never gets anything")
			return
		}
	}
}

// persist looks at how a client comes back to its server.
func (c *cross) persist(path diag.Path, p *Persist) {
	if p == nil {
		return
	}
	c.oneOfThese(path, "a client comes back by cookie or by table", true, written{"cookie", p.Cookie != nil}, written{"table", p.Table != nil})
	if p.Cookie != nil {
		c.cookie(path.Key("cookie"), *p.Cookie)
	}
	if t := p.Table; t != nil {
		c.oneOfThese(path.Key("table"), "a client is known by one thing", false,
			written{"on", t.On != ""}, written{"cookie", t.Cookie != ""}, written{"header", t.Header != ""})
	}
}

func (c *cross) cookie(path diag.Path, k Cookie) {
	if k.Mode == "rewrite" || k.Mode == "prefix" {
		c.useless(path, "on a cookie that the server makes", "it is for a cookie that HAProxy makes: take it out, or write mode: insert",
			written{"indirect", k.Indirect}, written{"nocache", k.NoCache}, written{"postonly", k.PostOnly}, written{"preserve", k.Preserve},
			written{"httponly", k.HTTPOnly}, written{"secure", k.Secure}, written{"domain", k.Domain != ""},
			written{"maxidle", k.MaxIdle != 0}, written{"maxlife", k.MaxLife != 0}, written{"samesite", k.SameSite != ""})
		return
	}
	for _, d := range []struct {
		name string
		Duration
	}{{"maxidle", k.MaxIdle}, {"maxlife", k.MaxLife}} {
		if !d.wholeSeconds() {
			c.add(path.Key(d.name), "bad-value", fmt.Sprintf("bad value %q for %s", d.Duration, d.name),
				"a cookie counts whole seconds, such as 30m")
		}
	}
	if k.SameSite == "None" && !k.Secure {
		c.add(path.Key("samesite"), "bad-value", "browsers drop a cookie that is SameSite=None and not secure", "add secure: true")
	}
}

// sorry wants one answer for when no server is left.
func (c *cross) sorry(at diag.Path, b Backend) {
	s, path := b.Sorry, at.Key("sorry")
	if s == nil || c.site.backendMode(b) == ModeTCP {
		return
	}
	c.oneOfThese(path, "clients get exactly one answer when no server is left", true,
		written{"page", s.Page != ""}, written{"remote", s.Remote != nil}, written{"redirect", s.Redirect != ""})
	if s.Redirect != "" && s.Status != 0 {
		c.add(path.Key("status"), "bad-value", "status has no effect on a redirect", "a redirect is always sent with 302: take it out")
	}
	if _, ok := b.ErrorPages["503"]; ok && s.Remote == nil {
		c.add(at.Key("error_pages").Entry("503"), "duplicate", "there are two answers for status 503",
			"the sorry page is one already: take one of them out",
			c.elsewhere("the other is here", path))
	}
	if s.Remote != nil {
		c.remoteTLS(path.Key("remote").Key("tls"), s.Remote)
	}
}
