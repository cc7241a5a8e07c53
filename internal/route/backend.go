package route

import (
	"net/netip"
	"strconv"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// toBackend gives the request to a backend, by what has chosen it.
func (w *walk) toBackend(number int, by diag.Path) {
	b := &w.backs[number]
	w.answer.By, w.answer.Backend = by, b.Name
	if b.Sorry != nil && b.Sorry.Backend != "" && w.isDown(number) != No {
		w.toRemote(b)
		return
	}
	w.back = b
	if b.Mode == model.ModeTCP {
		w.throughTCP(b)
		return
	}
	if w.through(b) {
		w.toServer(b)
	}
	w.respond()
}

// toRemote answers with the page of another machine.
func (w *walk) toRemote(b *back) {
	if w.isDown(b.Index) == Maybe {
		w.doubt(b.Path().Key("sorry"), w.why)
		return
	}
	w.answer.Kind, w.answer.By, w.answer.Backend = ToBackend, b.Path().Key("sorry").Key("remote"), b.Sorry.Backend
	w.answer.Servers, w.answer.Target = []string{"sorry"}, b.Sorry.Remote.Path
	w.answer.Why = b.Name + " has no server left"
	if w.front.Mode == model.ModeHTTP {
		w.respond()
	}
}

// through takes the request through the rules of its backend; false where one of them
// is the end of its way.
func (w *walk) through(b *back) bool {
	if s := b.Sorry; s != nil && s.Page != "" && s.Status != site.SorryStatus {
		switch w.isDown(b.Index) {
		case Yes:
			w.byHAProxy(b.Path().Key("sorry"), s.Status)
			w.answer.Page, w.answer.ContentType = s.Page, "text/html"
			return false
		case Maybe:
			w.doubt(b.Path().Key("sorry"), w.why)
			return false
		case No:
		}
	}
	if w.tryRules(&b.section, &w.lateB) || !w.rawRules(&b.raw, true) {
		return false
	}
	w.forward(b)
	return true
}

// throughTCP is the same for a connection.
func (w *walk) throughTCP(b *back) {
	if w.tryRules(&b.section, &w.lateB) || !w.rawRules(&b.raw, true) {
		return
	}
	w.toServer(b)
}

// toServer finds the servers that could answer.
func (w *walk) toServer(b *back) {
	by := w.answer.By
	c := w.choose(b)
	switch {
	case c.unsure != "":
		w.doubt(b.Path(), c.unsure)
	case len(c.servers) > 0:
		w.answer.Kind, w.answer.Servers, w.answer.Why = ToBackend, c.servers, c.why
	case b.Mode == model.ModeTCP:
		w.close(b.Path(), "no server is left")
	default:
		if b.Sorry != nil {
			by = b.Path().Key("sorry")
			if b.Sorry.Redirect != "" {
				by = by.Key("redirect")
			}
		}
		w.failed(by, site.SorryStatus)
		w.answer.Why = "no server is left"
	}
}

// page is the file of the site that HAProxy answers a status with: the backend's, that
// of defaults where the backend has none, and the frontend's where neither has.
func (w *walk) page(status int) string {
	name := strconv.Itoa(status)
	if b := w.back; b != nil {
		if s := b.Sorry; s != nil && status == site.SorryStatus && s.Page != "" {
			return s.Page
		}
		if p := b.ErrorPages[name]; p != "" {
			return p
		}
	} else if p := w.front.ErrorPages[name]; p != "" {
		return p
	}
	if p := w.site.Defaults.ErrorPages[name]; p != "" {
		return p
	}
	return w.front.ErrorPages[name]
}

// forward tells the server the client's address, where the site says so.
func (w *walk) forward(b *back) {
	var all []*site.ForwardFor
	if w.byFrontend && w.front.ForwardFor != nil {
		all = append(all, w.front.ForwardFor)
	}
	if b.ForwardFor != nil && (!w.byFrontend || b.Backend.Backend.ForwardFor != nil) {
		all = append(all, b.ForwardFor)
	}
	if len(all) == 0 {
		return
	}
	name, ifNone := all[len(all)-1].Header, true
	for _, f := range all {
		ifNone = ifNone && f.IfNone
	}
	if ifNone && w.has(name) {
		return
	}
	from := w.req.From
	if !from.IsValid() {
		w.answer.Request = append(w.answer.Request, Change{Path: all[0].Path, Do: "add", Name: name, Sample: "src", Sure: true})
		return
	}
	for _, f := range all {
		if f.Except.Contains(from) {
			return
		}
	}
	w.add(all[0].Path, name, known(from.String()))
}

// inNetworks says whether an address is in one of the networks, as HAProxy compares them
// (pat_match_ip): an IPv4 address is its mapped one in IPv6, and an IPv6 address that
// carries an IPv4 one (mapped, compatible or 6to4) is that, too.
func inNetworks(a netip.Addr, networks []netip.Prefix) bool {
	other := otherFamily(a)
	for _, n := range networks {
		if n.Contains(a) || other.IsValid() && n.Bits() >= 0 && contains(n, other) {
			return true
		}
	}
	return false
}

// contains is Prefix.Contains for mapped addresses, too.
func contains(n netip.Prefix, a netip.Addr) bool {
	p, err := a.Prefix(n.Bits())
	return err == nil && n.Addr().BitLen() == a.BitLen() && p.Addr() == n.Addr()
}

func otherFamily(a netip.Addr) netip.Addr {
	b := a.As16()
	switch {
	case a.Is4():
		return netip.AddrFrom16(b)
	case a.Is4In6(), [12]byte(b[:12]) == [12]byte{}:
		return netip.AddrFrom4([4]byte(b[12:]))
	case b[0] == 0x20 && b[1] == 0x02:
		return netip.AddrFrom4([4]byte(b[2:6]))
	default:
		return netip.Addr{}
	}
}
