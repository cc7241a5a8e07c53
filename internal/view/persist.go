package view

import (
	"cmp"
	"strconv"

	"github.com/lbgen/lbgen/internal/model"
)

// persistence says how a client comes back to the same server.
func persistence(site *model.Site, b *model.Backend, origin string) []Rule {
	switch {
	case b.Persist == nil:
		return nil
	case b.Persist.Cookie != nil:
		return []Rule{{Origin: Mark(origin + ".cookie"), Verb: cookie(b.Persist.Cookie)}}
	default:
		return stickTable(site, b.Persist.Table, origin+".table")
	}
}

// cookie returns the line of a cookie. All of its words have strict shapes.
func cookie(k *model.Cookie) string {
	line := "cookie " + k.Name + " " + cmp.Or(k.Mode, CookieMode)
	for _, o := range []struct {
		on   bool
		word string
	}{
		{k.Indirect, "indirect"}, {k.NoCache, "nocache"}, {k.PostOnly, "postonly"}, {k.Preserve, "preserve"},
		{k.HTTPOnly, "httponly"}, {k.Secure, "secure"}, {!k.DynamicKey.IsZero(), "dynamic"},
		{k.Domain != "", "domain " + k.Domain}, {k.MaxIdle != 0, "maxidle " + strconv.Itoa(k.MaxIdle.Seconds()) + "s"}, {k.MaxLife != 0, "maxlife " + strconv.Itoa(k.MaxLife.Seconds()) + "s"},
		{k.SameSite != "", "attr SameSite=" + k.SameSite},
	} {
		if o.on {
			line += " " + o.word
		}
	}
	return line
}

// stickTable remembers clients: by an address of either family, which is what
// HAProxy keeps in a table of type ipv6, or by a text.
func stickTable(site *model.Site, t *model.StickTable, origin string) []Rule {
	kind, stick := "string len "+strconv.Itoa(StickLength), []string{"stick on " + StickOn}
	switch {
	case t.Cookie != "":
		stick = []string{"stick store-response res.cook(" + t.Cookie + ")", "stick match req.cook(" + t.Cookie + ")"}
	case t.Header != "":
		stick = []string{"stick on req.hdr(" + t.Header + ")"}
	case t.On == "rdp_cookie":
		// The cookie comes with the client's first bytes, which must be waited for.
		delay := duration(0, InspectDelay)
		stick = []string{"tcp-request inspect-delay " + delay, "tcp-request content accept if { req.rdp_cookie_cnt(mstshash) gt 0 }", "stick on req.rdp_cookie(mstshash)"}
	default:
		kind = "ipv6"
	}
	line := "stick-table type " + kind + " size " + strconv.Itoa(number(t.Size, StickSize)) + " expire " + duration(t.Expire, StickExpire)
	if site.Peers != nil {
		line += " peers " + model.PeersName
	}
	rules := []Rule{{Origin: Mark(origin), Verb: line}}
	for _, s := range stick {
		rules = append(rules, Rule{Origin: Mark(origin), Verb: s})
	}
	return rules
}
