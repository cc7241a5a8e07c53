package view

import (
	"net/netip"

	"github.com/lbgen/lbgen/internal/model"
)

// Stats is the frontend of the statistics page.
type Stats struct {
	Name, URI, Refresh string // Refresh: "" for none
	Mode               []Rule // where the defaults say another
	Binds              []Bind
	Allow              []string
	Users              []StatsUser
	Realm, Desc        string // "": nothing is said
	Prometheus         string // path of the metrics; "" for none
	Admin              bool
	HideVersion        bool
	ShowNode           bool
	ShowLegends        bool
}

// StatsUser is a user of the statistics page.
type StatsUser struct {
	Name, Origin string
	Password     *Secret
}

func resolveStats(site *model.Site, in model.Inputs) *Stats {
	s := site.Stats
	if s == nil {
		return nil
	}
	stats := &Stats{
		Name: model.StatsName, URI: s.URIOrDefault(),
		Binds: resolveBinds(addressesOn(site, s.NIC), []int{s.PortOrDefault()}, bindOptions(model.Bind{TLS: s.TLS}, model.ModeHTTP), "stats"),
		Realm: s.Realm, Desc: s.Desc, Prometheus: s.Prometheus, Admin: s.Admin,
		HideVersion: s.HideVersion, ShowNode: s.ShowNode, ShowLegends: s.ShowLegends,
	}
	if site.DefaultMode() != model.ModeHTTP {
		stats.Mode = append(modeLine(model.ModeHTTP, "stats"), logLines(site, model.ModeHTTP, "", "stats")...)
	}
	if s.Refresh != 0 {
		stats.Refresh = s.Refresh.String()
	}
	for _, n := range s.Allow {
		stats.Allow = append(stats.Allow, netip.Prefix(n).String())
	}
	for i, u := range s.Users {
		path := at("stats.users", i)
		stats.Users = append(stats.Users, StatsUser{u.Name, Mark(path), resolveSecret(u.Password, path+".password", in)})
	}
	return stats
}
