package view

import (
	"strconv"

	"github.com/lbgen/lbgen/internal/model"
)

// sorryBackends returns the backends that have a sorry server on another
// machine, each with the name of the backend that stands in for it. Wherever a
// frontend uses such a backend, it uses the other one while the first has no
// server left.
func sorryBackends(site *model.Site) map[string]string {
	instead := map[string]string{}
	for i := range site.Backends {
		if b := &site.Backends[i]; b.Sorry != nil && b.Sorry.Remote != nil {
			instead[b.Name] = model.SorryName(b.Name)
		}
	}
	return instead
}

// resolveSorry is what HAProxy itself answers when no server is left. What
// stands for its own 503 also covers the seconds before the last server is
// marked down.
func resolveSorry(site *model.Site, s *model.Sorry, origin string) []Rule {
	switch {
	case s == nil || s.Remote != nil:
		return nil
	case s.Redirect != "":
		return []Rule{{Origin: Mark(origin + ".redirect"), Verb: "errorloc302 503", Words: []string{s.Redirect}}}
	}
	page := []string{pagePath(site, s.Page)}
	lines := []Rule{{Origin: Mark(origin), Verb: "http-error status 503 content-type text/html file", Words: page}}
	if status := number(s.Status, SorryStatus); status != SorryStatus {
		lines = append(lines, Rule{Mark(origin + ".status"), "http-request return status " + strconv.Itoa(status) + " content-type text/html file", page, noneLeft("nbsrv")})
	}
	return lines
}

// noneLeft are the conditions under which a backend has no server left. A process
// that ends, as the old one does with each reload, counts none of its servers
// while it answers the last requests: those are for the servers still (seen in
// rehearsals: up to two requests of a hundred a second got the sorry page).
func noneLeft(nbsrv string) []Condition {
	return []Condition{{Fetch: nbsrv + " eq", Values: []string{"0"}}, {Not: true, Fetch: "stopping"}}
}

// Remote is the backend of a sorry server on another machine.
type Remote struct {
	Name, Of, Origin string
	Mode             []Rule
	Rules            []Rule
	Server           string // ADDRESS OPTIONS
}

// resolveRemote has the browser's address stay and everything else replaced: a
// GET for the one page, whatever was asked for and whatever the browser has in
// its cache of it.
func resolveRemote(site *model.Site, b *model.Backend, origin string) *Remote {
	if b.Sorry == nil || b.Sorry.Remote == nil {
		return nil
	}
	r, mark := b.Sorry.Remote, Mark(origin)
	remote := &Remote{
		Name: model.SorryName(b.Name), Of: b.Name, Origin: mark, Mode: modeLine(b.Mode, origin),
		Rules: []Rule{
			{mark, "http-request set-method", []string{"GET"}, []Condition{{Not: true, Fetch: "method", Values: []string{"HEAD"}}}},
			{Mark(origin + ".path"), "http-request set-uri", []string{logFormat(r.Path)}, nil},
			{mark, "http-request del-header", []string{"If-Modified-Since"}, nil},
			{mark, "http-request del-header", []string{"If-None-Match"}, nil},
		},
	}
	if r.Address.Host != "" {
		remote.Rules = append(remote.Rules, Rule{mark, "http-request set-header Host", []string{r.Address.Host}, nil})
	}
	if status := number(b.Sorry.Status, SorryStatus); status == SorryStatus {
		remote.Rules = append(remote.Rules, Rule{mark, "http-response set-status", []string{strconv.Itoa(status)}, []Condition{{Fetch: "status", Values: []string{"200"}}}})
	}
	p := newServerPrinter(site, &model.Backend{Health: model.Health{Off: true}}, origin)
	remote.Server = string(p.own([]byte(Mark(origin+".address")+r.Address.String()), &model.ServerOptions{TLS: r.TLS}, r.Address.Host))
	return remote
}
