package site

import (
	"net/netip"

	"github.com/lbgen/lbgen/internal/model"
)

// Stats is HAProxy's statistics page.
type Stats struct {
	*model.Stats
	Port      int
	URI       string
	Addresses []netip.Addr // of all nodes
	Log       bool         // also of those that it answers
	TLS       *BindTLS
}

func (s *Site) stats() *Stats {
	w := s.Written.Stats
	if w == nil {
		return nil
	}
	return &Stats{
		Stats: w, Port: w.PortOrDefault(), URI: w.URIOrDefault(), Addresses: s.Written.BindAddresses(model.Bind{NIC: w.NIC}),
		Log: pointed(w.Log, s.profile.logStats), TLS: s.bindTLS(w.TLS, model.ModeHTTP),
	}
}

// Peers is the channel by which the nodes share their stick tables.
type Peers struct {
	*model.Peers
	Port      int
	Addresses []netip.Addr // one of each node, all of one family
}

func (s *Site) peers() *Peers {
	w := s.Written.Peers
	if w == nil {
		return nil
	}
	p := &Peers{Peers: w, Port: w.PortOrDefault()}
	for i := range s.Nodes {
		p.Addresses = append(p.Addresses, s.Written.PeerAddress(*s.Nodes[i].Node))
	}
	return p
}
