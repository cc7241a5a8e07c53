package view

import (
	"net/netip"

	"github.com/lbgen/lbgen/internal/model"
)

// Frontend is one frontend.
type Frontend struct {
	Section
	Name           string
	Binds          []Bind
	DefaultBackend string
	BackendOrigin  string
}

// Bind is one address:port that is listened on.
type Bind struct{ Address, Origin string }

func resolveFrontend(site *model.Site, f model.Frontend, origin string) Frontend {
	t := f.Timeouts
	front := Frontend{
		Section: Section{Origin: Mark(origin), Maxconn: f.Maxconn, Timeouts: written(origin,
			timeout{"http-request", "http_request", t.HTTPRequest},
			timeout{"client", "client", t.Client},
			timeout{"http-keep-alive", "http_keep_alive", t.HTTPKeepAlive},
		)},
		Name: f.Name, DefaultBackend: f.DefaultBackend, BackendOrigin: Mark(origin + ".default_backend"),
	}
	for i, b := range f.Binds {
		front.Binds = append(front.Binds, resolveBinds(site.BindAddresses(b), b.AllPorts(), at(origin+".binds", i))...)
	}
	return front
}

// resolveBinds orders by port first, so that what belongs together for a
// reader stands together.
func resolveBinds(addrs []netip.Addr, ports []int, origin string) []Bind {
	var binds []Bind
	mark := Mark(origin)
	for _, port := range ports {
		for _, a := range addrs {
			binds = append(binds, Bind{netip.AddrPortFrom(a, uint16(port)).String(), mark})
		}
	}
	return binds
}
