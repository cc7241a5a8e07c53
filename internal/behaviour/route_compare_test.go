//go:build linux

package behaviour_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// comparison holds one answer against what HAProxy did.
type comparison struct {
	*testing.T
	asker *asker
	site  *site.Site
	pages map[string][]byte
	trial *trial
	tally *tally

	answer route.Answer
	seen   seen
	wrong  []string
}

// compare says whether both have answered alike.
func (c *comparison) compare(e *route.Evaluator) bool {
	c.Helper()
	t := c.trial
	r := t.Request
	if !t.password {
		r.Headers = c.asker.headers(t)
	}
	c.answer = e.Trace(r)
	c.tally.Requests++
	if !c.answer.IsDecided() {
		c.tally.Undecided++
		return true
	}
	c.count()
	c.servers("maint")
	got, err := c.asker.play(t, c.answer.Kind == route.Closed, c.holds())
	c.servers("ready")
	if errors.Is(err, errNotSent) {
		c.tally.NotSent++
		return true
	}
	if err != nil {
		c.Errorf("%s: %v", r.String(), err)
		return false
	}
	c.seen = got
	c.judge()
	if len(c.wrong) == 0 {
		return true
	}
	steps := ""
	for _, s := range c.answer.Steps {
		steps += fmt.Sprintf("    %s %s: %s %s %s %s\n", s.Path, s.Action, s.Matched, s.Failed, s.Why, s.Did)
	}
	c.answer.Steps, got.header, got.request = nil, nil, nil
	c.Errorf("%s, HTTP %s, %+v\n%sforeseen: %+v\nseen:     %+v\nDIFFERS:\n%s", r.String(), t.version, *t, steps, c.answer, got,
		strings.Join(c.wrong, "\n"))
	return false
}

// holds says whether connections have to stay open to be counted.
func (c *comparison) holds() bool {
	for i := range c.site.Frontends {
		for _, all := range [][]site.Route{c.site.Frontends[i].Routes} {
			if slices.ContainsFunc(all, func(r site.Route) bool { return r.RateLimit != nil && r.RateLimit.Concurrent > 0 }) &&
				c.site.Frontends[i].Name == c.answer.Frontend {
				return true
			}
		}
	}
	b := c.site.Backend(c.answer.Backend)
	return b != nil && slices.ContainsFunc(b.Rules, func(r site.Route) bool { return r.RateLimit != nil && r.RateLimit.Concurrent > 0 })
}

// servers takes those that are down in this trial out of service, and puts them back.
func (c *comparison) servers(state string) {
	c.Helper()
	for _, down := range c.trial.Down {
		name, server, one := strings.Cut(down, "/")
		b := c.site.Backend(name)
		for i := range b.Servers {
			s := &b.Servers[i]
			if one && s.Name != server || b.Disabled(&s.ServerOptions) {
				continue
			}
			c.asker.m.tell(fmt.Sprintf("set server %s/%s state %s", name, s.Name, state))
		}
	}
}

// count notes what was looked at on the way.
func (c *comparison) count() {
	rules := map[diag.Path]*site.Route{}
	for i := range c.site.Frontends {
		for j := range c.site.Frontends[i].Routes {
			rules[c.site.Frontends[i].Path().Key("routes").Index(j)] = &c.site.Frontends[i].Routes[j]
		}
	}
	for i := range c.site.Backends {
		for j := range c.site.Backends[i].Rules {
			rules[c.site.Backends[i].Path().Key("rules").Index(j)] = &c.site.Backends[i].Rules[j]
		}
	}
	note := func(key string, held bool) {
		c.tally.Looked[key]++
		if held {
			c.tally.Held[key]++
		}
	}
	for _, s := range c.answer.Steps {
		r := rules[s.Path]
		note(r.Action, s.Matched == route.Yes)
		for i := range r.When {
			m := &r.When[i]
			failed := s.Failed == s.Path.Key("when").Index(i)
			note(m.Criterion(), !failed)
			if m.Not {
				note("not", !failed)
			}
			if m.IgnoreCase {
				note("ignore_case", !failed)
			}
			if failed {
				break
			}
		}
	}
}

func (c *comparison) want(what string, got, want any) {
	if fmt.Sprint(got) != fmt.Sprint(want) {
		c.wrong = append(c.wrong, fmt.Sprintf("%s: %v, foreseen %v", what, got, want))
	}
}

// judge compares all that the answer says.
func (c *comparison) judge() {
	a, s := &c.answer, &c.seen
	c.want("refused", s.refused, a.Kind == route.NotHeard)
	c.want("closed", s.closed, a.Kind == route.Closed)
	c.want("reached a server", s.server != "", a.Kind == route.ToBackend)
	if s.refused || s.closed || len(c.wrong) > 0 {
		return
	}
	if s.server != "" {
		c.judgeServer()
	} else {
		c.judgeOwn()
	}
	if c.trial.Scheme != route.TCP {
		c.judgeHeaders()
	}
}

func (c *comparison) judgeServer() {
	a, s := &c.answer, &c.seen
	backend, name := c.serverAt(s.server)
	c.want("backend", backend, a.Backend)
	if !slices.Contains(a.Servers, name) {
		c.wrong = append(c.wrong, fmt.Sprintf("server %s, foreseen one of %v", name, a.Servers))
	}
	if c.trial.Scheme == route.TCP {
		return
	}
	target := s.target
	if rest, ok := strings.CutPrefix(target, c.trial.Scheme+"://"); ok { // as the client wrote it
		target = rest[strings.IndexAny(rest+"/", "/?"):]
	}
	if a.Target != "" { // it is undecided
		c.want("target", target, a.Target)
	}
	sent := make([]route.Header, 0, len(c.trial.Headers)+1)
	if a.Backend == "" || !strings.HasSuffix(a.Backend, "_sorry") {
		sent = append(sent, c.trial.Headers...)
	}
	want, known := applied(sent, a.Request)
	for _, name := range known {
		if strings.HasPrefix(name, "x-") && !strings.HasSuffix(a.Backend, "_sorry") {
			c.want("request header "+name, valuesOf(s.request, name), valuesOf(want, name))
		}
	}
}

// serverAt is the backend and server of an address.
func (c *comparison) serverAt(addr string) (backend, server string) {
	for i := range c.site.Backends {
		b := &c.site.Backends[i]
		for j := range b.Servers {
			if b.Servers[j].Address.Addr().String() == addr {
				return b.Name, b.Servers[j].Name
			}
		}
		if b.Sorry != nil && b.Sorry.Backend != "" && addr == "198.18.9.9" && c.answer.Backend == b.Sorry.Backend {
			return b.Sorry.Backend, "sorry"
		}
	}
	return "none", addr
}

func (c *comparison) judgeOwn() {
	a, s := &c.answer, &c.seen
	c.want("status", s.status, a.Status)
	if a.Location != "" || len(a.Undecided) == 0 { // where to may be what is undecided
		c.want("location", s.location, a.Location)
	}
	if a.Kind != route.ByHAProxy || c.trial.Method == http.MethodHead || a.Frontend == model.StatsName {
		return
	}
	switch {
	case a.Page != "":
		c.want("page", s.body, string(c.pages[a.Page]))
	case a.Text != "":
		c.want("text", s.body, a.Text)
	case strings.Contains(s.body, "this is"):
		c.wrong = append(c.wrong, "a page of the site, foreseen none: "+s.body)
	}
	if a.ContentType != "" {
		c.want("content type", s.header.Get("Content-Type"), a.ContentType)
	}
}

// judgeHeaders compares the headers of the answer.
func (c *comparison) judgeHeaders() {
	var own []route.Header
	if c.seen.server != "" {
		own = []route.Header{{Name: "X-A", Value: "server"}, {Name: "X-B", Value: "server"}, {Name: "X-B", Value: "again"}}
	}
	want, known := applied(own, c.answer.Response)
	got := []route.Header{}
	for name, values := range c.seen.header {
		for _, v := range values {
			got = append(got, route.Header{Name: name, Value: v})
		}
	}
	for _, name := range append(known, "strict-transport-security") {
		c.want("header of the answer "+name, valuesOf(got, name), valuesOf(want, name))
	}
}

// applied changes headers as the answer says; known are the names of those whose values
// are told.
func applied(headers []route.Header, changes []route.Change) (all []route.Header, known []string) {
	all = slices.Clone(headers)
	names := map[string]bool{"x-a": true, "x-b": true, "x-c": true, "x-real-ip": true, "x-forwarded-for": true, "x-client": true,
		"x-forwarded-proto": true}
	for _, ch := range changes {
		name := strings.ToLower(ch.Name)
		if ch.Sample != "" || !ch.Sure {
			names[name] = false
		}
		if ch.Do != "add" {
			all = slices.DeleteFunc(all, func(h route.Header) bool { return strings.EqualFold(h.Name, ch.Name) })
		}
		if ch.Do != "del" {
			all = append(all, route.Header{Name: ch.Name, Value: ch.Value})
		}
	}
	for name, is := range names {
		if is {
			known = append(known, name)
		}
	}
	return all, known
}

func valuesOf(headers []route.Header, name string) []string {
	var all []string
	for _, h := range headers {
		if strings.EqualFold(h.Name, name) {
			all = append(all, strings.Trim(h.Value, " \t"))
		}
	}
	return all
}
