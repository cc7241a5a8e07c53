// Package graph is a site as a picture: clients, networks, nodes with their NICs
// and virtual IPs, frontends with their ports, routes in the order in which they
// are tried, backends, servers and what clients get when all of those are down.
//
// Of makes a Graph of a resolved site. It holds words alone, none of them a
// secret, and the same Graph becomes the same bytes in every format.
package graph

// Graph is what a picture of a site shows.
type Graph struct {
	Site      string
	Networks  []Network
	Clients   Clients
	Nodes     []Node
	Frontends []Frontend
	Backends  []Backend // those that routes lead to first, in that order
}

// Network is one that the nodes' NICs of a role, or of several, are in.
type Network struct {
	Name     string
	Subnets  []string
	VIPs     []string
	Backends []string // those with servers in it
}

// Clients are who comes in.
type Clients struct {
	Networks []string // by which they come
	// Addresses are theirs in each of these networks where that is known, as in a
	// rehearsal.
	Addresses map[string][]string
}

// Node is one machine of the site.
type Node struct {
	Name string
	VIPs []string // that it has while all is well
	NICs []NIC
}

// NIC is one of a node's, or of a node's roles.
type NIC struct {
	Network, Role, Device string
	Addresses             []string
}

// Frontend is a place where clients come in.
type Frontend struct {
	Name, Mode string
	Binds      []Bind
	Routes     []Route  // in the order in which they are tried; the last one is what becomes of the rest
	Notes      []string // what else there is to say
}

// Bind is what a frontend listens on.
type Bind struct {
	At        string // the virtual router, the NIC, or that it is every address
	Addresses []string
	Ports     string
	Notes     []string // such as TLS
}

// Route is one step of what is done with requests.
type Route struct {
	When    string // the condition in words; "" for every request
	Action  string // what is done, where that is not to hand it to a backend
	Backend string // its name; "" where the route leads to none
	Last    bool   // it is for what no other route has taken
}

// Backend is servers that answer.
type Backend struct {
	Name, Mode string
	About      []string // how they are chosen, and how a client comes back
	Rules      []Route
	Servers    []Server
	Sorry      string // what clients get when all servers are down; "" for an error
	Notes      []string
	Unused     bool // no route leads here
}

// Server is one that answers, or several of one name server.
type Server struct {
	Name, Address string
	Notes         []string // such as backup
}
