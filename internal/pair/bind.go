package pair

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
)

// Bind is one address and port that a section listens on. Host is * where it is all
// of IPv4.
type Bind struct {
	Host, Port string
	At         diag.Range
	Line       *haproxy.Directive
}

// Binds are the addresses that a section listens on. Sockets that are files are none.
func Binds(s *haproxy.Section) []Bind {
	var all []Bind
	for _, d := range s.Lines {
		if d.Word(0) != "bind" || len(d.Tokens) < 2 {
			continue
		}
		for one := range strings.SplitSeq(d.Word(1), ",") {
			i := strings.LastIndex(one, ":")
			if i < 0 || strings.HasPrefix(one, "/") || strings.Contains(one, "@") {
				continue
			}
			host := strings.Trim(one[:i], "[]")
			if host == "" || host == "0.0.0.0" {
				host = "*"
			}
			all = append(all, Bind{host, one[i+1:], d.Tokens[1].Range, d})
		}
	}
	return all
}

// Hears says whether a frontend of the node listens on the address, or may: a bind
// that names a variable or a name is not looked up.
func (n *Node) Hears(address string) bool {
	for _, s := range n.HAProxy.Sections {
		for _, b := range Binds(s) {
			if b.Host == address || b.Host == "*" || b.Host == "::" {
				return true
			}
		}
		if slices.ContainsFunc(s.Lines, func(d *haproxy.Directive) bool {
			return d.Word(0) == "bind" && (strings.ContainsAny(d.Word(1), "$@") || slices.ContainsFunc(d.Tokens,
				func(t haproxy.Token) bool { return t.Env }))
		}) {
			return true
		}
	}
	return false
}

// HasLVS says whether Keepalived balances by itself, without HAProxy.
func (n *Node) HasLVS() bool {
	return n.Keepalived != nil && slices.ContainsFunc(n.Keepalived.Lines,
		func(b *keepalived.Node) bool { return strings.HasPrefix(b.Keyword(), "virtual_server") })
}
