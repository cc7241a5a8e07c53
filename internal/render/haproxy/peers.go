package haproxy

import (
	"net/netip"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// peers is the section by which the nodes share their stick tables.
func (p *printer) peers() []Section {
	if p.Peers == nil {
		return nil
	}
	var l lines
	for i := range p.Nodes {
		n := &p.Nodes[i]
		l.add(n.Path().Key("addresses"), "peer", conf.Text(n.Name), conf.AddrPort(netip.AddrPortFrom(p.Peers.Addresses[i], uint16(p.Peers.Port))))
	}
	return []Section{{conf.NewLine(diag.Path("peers"), "peers", conf.Text(model.PeersName)), l}}
}

// shared are the words of a stick table that the nodes share.
func (p *printer) shared() conf.Word {
	return conf.When(p.Peers != nil, conf.Key("peers"), conf.Text(model.PeersName))
}
