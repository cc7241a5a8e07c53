package rehearse

import (
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/model"
)

// serverDrills are those of each backend: one server fails in each way that its
// checks can see, then all do.
func serverDrills(site *model.Site) []Drill {
	var all []Drill
	for _, b := range site.Backends {
		if len(b.Servers) == 0 {
			continue
		}
		all = append(all, backendDrills(site, b)...)
	}
	return all
}

func backendDrills(site *model.Site, b model.Backend) []Drill {
	if why := unseen(site, b); why != "" {
		return []Drill{{Name: "all-servers-down-" + b.Name, Title: "every server of " + b.Name + " fails", Must: "clients are told", Unable: why, backend: b.Name}}
	}
	victims := inTurn(site, b)
	var all []Drill
	if len(victims) > 1 {
		all = append(all, failing(site, b, victims[0], "server-refuses-", "refuses connections", failover.Refuses, lab.Behaviour{Refuses: true}))
		if b.Health.HTTP != nil {
			all = append(all, failing(site, b, victims[0], "server-hangs-", "accepts and does not answer", failover.Slow, lab.Behaviour{Delay: time.Hour}))
			all = append(all, failing(site, b, victims[0], "server-503-", "answers with status 503", failover.Refuses, lab.Behaviour{Status: 503}))
		}
	}
	return append(all, allDown(site, b))
}

// unseen says why the failure of a backend's servers cannot be tried.
func unseen(site *model.Site, b model.Backend) string {
	h := b.Health
	switch {
	case len(checked(site, b)) == 0:
		return "its servers are not checked: they count as well whatever they do"
	case speaksMore(h):
		return "its checks speak a protocol that the stand-in servers do not"
	default:
		return ""
	}
}

// speaksMore says whether the checks need an answer that is neither HTTP's nor TLS's.
func speaksMore(h model.Health) bool {
	return len(h.TCP) > 0 || h.MySQL != nil || h.PgSQL != nil || h.Redis != nil || h.SMTP != "" || h.LDAP ||
		h.HTTP != nil && h.HTTP.BodyRegex != ""
}

// checked are the servers of a backend whose failure HAProxy looks for.
func checked(site *model.Site, b model.Backend) []model.Server {
	return slices.DeleteFunc(slices.Clone(b.Servers), func(s model.Server) bool {
		_, is := checkOf(site, b, s)
		return !is || isDisabled(b, s)
	})
}

// inTurn are those that serve while all is well.
func inTurn(site *model.Site, b model.Backend) []model.Server {
	return slices.DeleteFunc(checked(site, b), func(s model.Server) bool { return !getsRequests(b, s) })
}

// failing is the drill of one server that fails in one way.
func failing(site *model.Site, b model.Backend, s model.Server, name, how string, lapse failover.Lapse, as lab.Behaviour) Drill {
	c, _ := checkOf(site, b, s)
	full := serverName(b, s)
	gone, back := c.Detection(lapse), c.Return()
	return Drill{
		Name: name + b.Name, Title: fmt.Sprintf("server %s %s, and is well again", full, how),
		Must: "HAProxy takes it out of rotation in time, the others serve, and it comes back", backend: b.Name,
		acts: []act{
			servers(full+" "+how, as, "DOWN", gone, servedAgain, full),
			servers(full+" is well again", lab.Behaviour{}, "UP", back, servedAgain, full),
		},
	}
}

// servers is the act of making servers behave so, until every node's HAProxy
// sees each of them in the state.
func servers(title string, as lab.Behaviour, state string, w failover.Window, after func(*play) string, all ...string) act {
	return act{
		title: title, window: &w, after: after,
		do: func(p *play) (time.Duration, error) {
			at := p.lab.Now()
			for _, name := range all {
				if _, err := p.lab.Behave(name, as); err != nil {
					return at, err
				}
			}
			return at, nil
		},
		seen: func(p *play, events []lab.Event) (time.Duration, bool) { return p.allSee(events, all, state) },
	}
}

// allSee says when the last node has seen the last of the servers in the state.
func (p *play) allSee(events []lab.Event, all []string, state string) (time.Duration, bool) {
	var last time.Duration
	for _, node := range names(p.site) {
		for _, server := range all {
			i := slices.IndexFunc(events, func(e lab.Event) bool {
				return e.Kind == lab.SeesServer && e.Host == node && e.What == server && e.Text == state
			})
			if i < 0 {
				return 0, false
			}
			last = max(last, events[i].At)
		}
	}
	return last, true
}

// servedAgain says what is wrong where clients should be served by a server.
func servedAgain(p *play) string {
	if !p.allServed(p.lab.Events(), 0, 5) {
		return "clients are not served although a server could"
	}
	return ""
}

// allDown is the drill in which no server is left: backup servers first, then
// what the site has to say.
func allDown(site *model.Site, b model.Backend) Drill {
	d := Drill{
		Name: "all-servers-down-" + b.Name, Title: "every server of " + b.Name + " refuses connections, and all are well again",
		Must: "backup servers serve when the others are down; with none left clients get what sorry says, or status 503", backend: b.Name,
	}
	var main, backup, all []string
	var gone, back failover.Window
	for _, s := range checked(site, b) {
		c, _ := checkOf(site, b, s)
		gone, back = longer(gone, c.Detection(failover.Refuses)), longer(back, c.Return())
		all = append(all, serverName(b, s))
		if isBackup(b, s) {
			backup = append(backup, serverName(b, s))
		} else {
			main = append(main, serverName(b, s))
		}
	}
	refuse := lab.Behaviour{Refuses: true}
	if len(main) > 0 && len(backup) > 0 {
		d.acts = append(d.acts, servers("the servers of "+b.Name+" refuse, but for the backup", refuse, "DOWN", gone, servedAgain, main...))
		main = backup
	} else {
		main = all
	}
	d.acts = append(d.acts,
		servers("every server of "+b.Name+" refuses", refuse, "DOWN", gone, func(p *play) string { return p.saysSorry(b) }, main...),
		servers("every server of "+b.Name+" is well again", lab.Behaviour{}, "UP", back, servedAgain, all...))
	return d
}

// longer joins the windows of two servers: the last of both is waited for.
func longer(a, b failover.Window) failover.Window {
	if a.Terms == nil || b.Worst > a.Worst {
		if a.Terms != nil {
			b.Best = max(a.Best, b.Best)
		}
		return b
	}
	a.Best = max(a.Best, b.Best)
	return a
}

// saysSorry says what is wrong with what clients get when no server is left.
func (p *play) saysSorry(b model.Backend) string {
	a, err := p.lab.Request(p.probes[0].Request)
	if err != nil {
		return err.Error()
	}
	got := fmt.Sprintf("clients get status %d", a.Status)
	if a.Problem != "" {
		got = "clients get: " + a.Problem
	}
	switch s := b.Sorry; {
	case p.site.BackendMode(b) == model.ModeTCP:
		if a.Problem == "" {
			return got + ", and there is no server left"
		}
	case s == nil:
		if a.Status != 503 {
			return got + ", and should get 503"
		}
	case s.Remote != nil:
		if a.Server != sorryServer(b) {
			return got + ", and not the page of " + s.Remote.Address.String()
		}
	case s.Redirect != "":
		if a.Location != s.Redirect {
			return got + ", and are not sent to " + s.Redirect
		}
	default:
		return p.showsPage(s, a, got)
	}
	return ""
}

func (p *play) showsPage(s *model.Sorry, a lab.Answer, got string) string {
	status := s.Status
	if status == 0 {
		status = 503
	}
	for _, f := range p.plan.Nodes[0].Set.Files {
		if path.Base(f.Path) == model.PageName(s.Page) && a.Body == string(f.Data) && a.Status == status {
			return ""
		}
	}
	return fmt.Sprintf("%s, and should get %s with status %d", got, s.Page, status)
}

// often is the time between two requests while HAProxy is reloaded.
const often = 10 * time.Millisecond

func reloadDrills(site *model.Site) []Drill {
	nodes := masters(site)
	if len(nodes) == 0 {
		nodes = []int{0}
	}
	name := site.Nodes[nodes[0]].Name
	return []Drill{{
		Name: "haproxy-reloaded", Title: fmt.Sprintf("HAProxy on %s reads its configuration again while a hundred requests a second come", name),
		Must: "no request fails", every: often,
		acts: []act{{
			title: "HAProxy on " + name + " is reloaded", served: true,
			do: func(p *play) (time.Duration, error) {
				var err error
				if p.worker, err = p.worksAs(name); err != nil {
					return 0, err
				}
				at, err := p.lab.Reload(name, lab.HAProxy)
				if err != nil {
					return at, err
				}
				return at, p.untilReplaced(name)
			},
		}},
	}}
}

// untilReplaced waits until another process serves than before the reload.
func (p *play) untilReplaced(node string) error {
	late := &trouble{why: "HAProxy on " + node + " has not taken the configuration again: no new process has come"}
	return p.poll(late, func() (bool, error) {
		now, err := p.worksAs(node)
		return err == nil && now != p.worker, nil // while it changes hands, nobody answers
	})
}

// stickyDrills are for backends whose clients come back to the same server.
func stickyDrills(site *model.Site) []Drill {
	var all []Drill
	for _, b := range site.Backends {
		if b.Persist == nil || b.Persist.Cookie == nil || b.Persist.Cookie.PostOnly || len(inTurn(site, b)) < 2 || unseen(site, b) != "" {
			continue
		}
		all = append(all, cookieKept(site, b))
	}
	return all
}

// cookieKept shows that a cookie leads to the same server whatever node it
// comes to.
func cookieKept(site *model.Site, b model.Backend) Drill {
	name := b.Persist.Cookie.Name
	get := act{
		title: "a client is given the cookie " + name,
		do:    nothing,
		after: func(p *play) string { return p.getCookie(name) },
	}
	move := act{title: "HAProxy on " + site.Nodes[0].Name + " is reloaded", do: func(p *play) (time.Duration, error) { return p.lab.Reload(site.Nodes[0].Name, lab.HAProxy) }}
	if owners := masters(site); len(owners) > 0 && len(site.Nodes) > 1 {
		move = stop(site, owners[0], lab.Keepalived, failover.Keepalived)
	}
	move.after = func(p *play) string { return p.cookieLeadsBack(name) }
	return Drill{
		Name: "cookie-kept-" + b.Name, Title: "a client with the cookie " + name + " comes back after " + move.title,
		Must: "it is served by the same server as before", backend: b.Name,
		acts: []act{get, move},
	}
}

func (p *play) getCookie(name string) string {
	a, err := p.lab.Request(p.probes[0].Request)
	if err != nil {
		return err.Error()
	}
	value, ok := a.Cookies[name]
	if !ok || !a.OK() {
		return "the answer to a new client sets no cookie " + name
	}
	p.cookie, p.server = name+"="+value, a.Server
	return ""
}

// cookieLeadsBack asks several times: by chance a client would be on the same
// server now and then.
func (p *play) cookieLeadsBack(name string) string {
	r := p.probes[0].Request
	r.Header = map[string]string{"Cookie": p.cookie}
	for range 8 {
		a, err := p.lab.Request(r)
		if err != nil {
			return err.Error()
		}
		if a.Server != p.server {
			return fmt.Sprintf("with the cookie %s a client of %s comes to %s", name, p.server, orNobody(a.Server))
		}
	}
	return ""
}

func orNobody(server string) string {
	if server == "" {
		return "no server"
	}
	return server
}
