package haproxy

import (
	"time"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// persistence says how a client comes back to the same server.
func (p *printer) persistence(w *site.Persist, from diag.Path) []conf.Line {
	switch {
	case w == nil:
		return nil
	case w.Cookie != nil:
		return []conf.Line{cookie(w.Cookie, from.Key("cookie"))}
	default:
		return p.stickTable(w.Table, from.Key("table"))
	}
}

func cookie(k *site.Cookie, from diag.Path) conf.Line {
	w := words{conf.Text(k.Name), conf.Text(k.Mode)}
	w = w.key(k.Indirect, "indirect").key(k.NoCache, "nocache").key(k.PostOnly, "postonly").key(k.Preserve, "preserve")
	w = w.key(k.HTTPOnly, "httponly").key(k.Secure, "secure").key(!k.DynamicKey.IsZero(), "dynamic").text("domain", k.Domain)
	// A bare number would be seconds here, and milliseconds elsewhere.
	w = append(w, conf.When(k.MaxIdle != 0, conf.Key("maxidle"), conf.Seconds(time.Duration(k.MaxIdle))))
	w = append(w, conf.When(k.MaxLife != 0, conf.Key("maxlife"), conf.Seconds(time.Duration(k.MaxLife))))
	if k.SameSite != "" {
		w = append(w, conf.Key("attr"), conf.Text("SameSite="+k.SameSite))
	}
	return conf.NewLine(from, "cookie", w...)
}

// dynamicKey is what the values of the cookie are computed with, where not each
// server has its own.
func (p *printer) dynamicKey(w *site.Persist, from diag.Path) []conf.Line {
	if w == nil || w.Cookie == nil || w.Cookie.DynamicKey.IsZero() {
		return nil
	}
	s := p.secret(w.Cookie.DynamicKey, from, placeholder)
	return []conf.Line{conf.NewLine(from, "dynamic-cookie-key", conf.Secret(s.value, s.path, s.known))}
}

// stickTable remembers clients: by an address of either family, which is what
// HAProxy keeps in a table of type ipv6, or by a text.
func (p *printer) stickTable(t *site.StickTable, from diag.Path) []conf.Line {
	kind := conf.Phrase(conf.Key("string len"), conf.Int(site.StickLength))
	var stick lines
	switch {
	case t.Cookie != "":
		stick.add(from, "stick store-response", conf.Call("res.cook", t.Cookie))
		stick.add(from, "stick match", conf.Call("req.cook", t.Cookie))
	case t.Header != "":
		stick.add(from, "stick on", conf.Call("req.hdr", t.Header))
	case t.On == "rdp_cookie":
		// The cookie comes with the client's first bytes, which must be waited for.
		stick.add(from, "tcp-request inspect-delay", conf.Time(site.InspectDelay))
		stick.add(from, "tcp-request content accept if { req.rdp_cookie_cnt(mstshash) gt 0 }")
		stick.add(from, "stick on req.rdp_cookie(mstshash)")
	default:
		kind = conf.Key("ipv6")
		stick.add(from, "stick on src")
	}
	table := conf.NewLine(from, "stick-table type", kind, conf.Key("size"), conf.Int(t.Size), conf.Key("expire"), conf.Time(t.Expire),
		p.shared())
	return append(lines{table}, stick...)
}
