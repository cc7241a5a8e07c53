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
// One behind the section's name, as HAProxy 1.4 had it, counts, too.
func Binds(s *haproxy.Section) []Bind {
	var all []Bind
	if s.Head != nil && len(s.Head.Tokens) > 2 && strings.Contains(s.Head.Word(2), ":") {
		all = listeners(all, s.Head.Word(2), s.Head.Tokens[2].Range, s.Head)
	}
	for _, d := range s.Lines {
		if d.Word(0) == "bind" && len(d.Tokens) > 1 {
			all = listeners(all, d.Word(1), d.Tokens[1].Range, d)
		}
	}
	return all
}

func listeners(all []Bind, text string, at diag.Range, d *haproxy.Directive) []Bind {
	for one := range strings.SplitSeq(text, ",") {
		i := strings.LastIndex(one, ":")
		if i < 0 || strings.HasPrefix(one, "/") || strings.Contains(one, "@") {
			continue
		}
		host := strings.Trim(one[:i], "[]")
		if host == "" || host == "0.0.0.0" {
			host = "*"
		}
		all = append(all, Bind{host, one[i+1:], at, d})
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
