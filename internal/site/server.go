package site

import (
	"cmp"
	"time"

	"github.com/lbgen/lbgen/internal/model"
)

// What one server is: what it says itself, then what server_defaults say, then
// the backend's health or a default. It is worked out when it is asked for: a
// site may have 100,000 servers.

// Check is how a server is checked.
type Check struct {
	Inter, FastInter, DownInter time.Duration
	Rise, Fall                  int
	Port                        int // 0: the server's own
}

// Checked says whether the server is checked at all.
func (b *Backend) Checked(o *model.ServerOptions) bool {
	check := cmp.Or(o.Check, b.ServerDefaults.Check)
	return !b.Health.Off && o.Track == "" && (check == nil || !check.Off)
}

// Check returns how a server is checked.
func (b *Backend) Check(o *model.ServerOptions) Check {
	// What is written for a later one of these stands over what the earlier say.
	fast := b.Health.Health.FastInter
	if fast == 0 && b.Health.FastInter != b.Health.Inter {
		fast = model.Duration(b.Health.FastInter) // the default-server line has it
	}
	k := model.ServerCheck{Port: b.Health.Port, Inter: b.Health.Health.Inter, FastInter: fast,
		DownInter: b.Health.Health.DownInter,
		Rise:      b.Health.Rise, Fall: b.Health.Fall}
	for _, over := range []*model.ServerCheck{b.ServerDefaults.Check, o.Check} {
		if over != nil {
			k.Port, k.Inter, k.FastInter = cmp.Or(over.Port, k.Port), cmp.Or(over.Inter, k.Inter), cmp.Or(over.FastInter, k.FastInter)
			k.DownInter, k.Rise, k.Fall = cmp.Or(over.DownInter, k.DownInter), cmp.Or(over.Rise, k.Rise), cmp.Or(over.Fall, k.Fall)
		}
	}
	inter := either(k.Inter, b.Health.Inter)
	return Check{Inter: inter, FastInter: either(k.FastInter, inter), DownInter: either(k.DownInter, inter), Rise: k.Rise, Fall: k.Fall,
		Port: k.Port}
}

// TLS returns how TLS is spoken to a server; Off is true where it is not.
func (b *Backend) TLS(o *model.ServerOptions) model.ServerTLS {
	t := o.TLS.Over(b.ServerDefaults.TLS)
	if !t.Off {
		t.Verify = cmp.Or(t.Verify, Verify)
	}
	if t.Verify == Verify {
		t.CAFile = cmp.Or(t.CAFile, b.caBundle)
	}
	return t
}

// Weight returns the server's share of the requests (0-256).
func (b *Backend) Weight(o *model.ServerOptions) int {
	return pointed(cmp.Or(o.Weight, b.ServerDefaults.Weight), Weight)
}

// Backup says whether the server serves only when the others are down.
func (b *Backend) Backup(o *model.ServerOptions) bool {
	return pointed(cmp.Or(o.Backup, b.ServerDefaults.Backup), false)
}

// Disabled says whether the server is out of service until somebody switches it
// on.
func (b *Backend) Disabled(o *model.ServerOptions) bool {
	return pointed(cmp.Or(o.Disabled, b.ServerDefaults.Disabled), false)
}
