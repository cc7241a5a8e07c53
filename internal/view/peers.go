package view

import (
	"net/netip"

	"github.com/lbgen/lbgen/internal/model"
)

// Peers is the section by which the nodes share their stick tables.
type Peers struct {
	Name, Origin string
	Peers        []Peer
}

// Peer is one node in it.
type Peer struct{ Name, Address, Origin string }

func resolvePeers(site *model.Site) *Peers {
	if site.Peers == nil {
		return nil
	}
	peers := &Peers{Name: model.PeersName, Origin: Mark("peers")}
	for i, n := range site.Nodes {
		address := netip.AddrPortFrom(site.PeerAddress(n), uint16(site.Peers.PortOrDefault()))
		peers.Peers = append(peers.Peers, Peer{n.Name, address.String(), Mark(at("nodes", i) + ".addresses")})
	}
	return peers
}

// peersName is what a stick table says to be shared between the nodes; "" where
// it is not.
func peersName(site *model.Site) string {
	if site.Peers == nil {
		return ""
	}
	return model.PeersName
}
