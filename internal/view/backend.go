package view

import (
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Backend is one backend.
type Backend struct {
	Section
	Name, Balance string
	Check         *HTTPCheck // nil: a TCP connection
	Health        string     // the server options that all servers share
	HealthOrigin  string
	// Servers are "NAME ADDRESS", each led by its mark. They are one string and
	// not fields, because what costs a template is the printing of each, and a
	// large site has 100,000 servers.
	Servers []string
	Sorry   *Sorry
	Rules   Rules
}

// HTTPCheck is the request of a health check.
type HTTPCheck struct {
	Method, URI string
	Expect      string // statuses and ranges of them, with commas
	Origin      string
}

// Sorry is the page of last resort.
type Sorry struct {
	File   string // an absolute path on the node
	Status int
	Origin string
}

func resolveBackend(site *model.Site, b model.Backend, origin string) Backend {
	t := b.Timeouts
	back := Backend{
		Section: Section{Origin: Mark(origin), Retries: b.Retries, Timeouts: written(origin,
			timeout{"queue", "queue", t.Queue},
			timeout{"connect", "connect", t.Connect},
			timeout{"server", "server", t.Server},
			timeout{"check", "check", t.Check},
		)},
		Name: b.Name, Balance: b.Balance.Algorithm, HealthOrigin: Mark(origin + ".health"),
		Health:  resolveHealth(b.Health),
		Servers: resolveServers(b.Servers, origin+".servers"),
		Rules:   backendRules(site, &b, origin),
	}
	if back.Balance == "" {
		back.Balance = Balance
	}
	if h := b.Health.HTTP; h != nil {
		back.Check = &HTTPCheck{Method: h.Method, URI: h.URI, Expect: statuses(h.Expect), Origin: Mark(origin + ".health.http")}
		if back.Check.Method == "" {
			back.Check.Method = CheckMethod
		}
	}
	if b.Sorry != nil {
		back.Sorry = &Sorry{pagePath(site, b.Sorry.Page), number(b.Sorry.Status, SorryStatus), Mark(origin + ".sorry")}
	}
	return back
}

func resolveServers(servers []model.Server, origin string) []string {
	lines := make([]string, 0, len(servers))
	var b []byte
	for i, s := range servers {
		b = append(append(append(b[:0], OriginMark), origin...), '[')
		b = append(strconv.AppendInt(b, int64(i), 10), ']', OriginMark)
		b = append(append(b, s.Name...), ' ')
		b = append(b, s.Address.String()...)
		lines = append(lines, string(b))
	}
	return lines
}

func resolveHealth(h model.Health) string {
	return "inter " + duration(h.Inter, Inter) +
		" rise " + strconv.Itoa(number(h.Rise, Rise)) +
		" fall " + strconv.Itoa(number(h.Fall, Fall))
}

func statuses(list model.StatusList) string {
	if len(list) == 0 {
		return strconv.Itoa(CheckExpect)
	}
	var all []string
	for _, r := range list {
		all = append(all, r.String())
	}
	return strings.Join(all, ",")
}
