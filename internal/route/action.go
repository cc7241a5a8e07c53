package route

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// act does what a rule does; it says whether that is the end of the way.
func (w *walk) act(s *section, r *rule) (done bool) {
	switch r.Action {
	case "deny":
		w.did(r, fmt.Sprint("refused with ", r.Deny))
		w.failed(r.path, r.Deny)
	case "reject", "silent_drop":
		w.did(r, "the connection ends")
		w.close(r.path, choose(r.Reject, "rejected", "dropped without a word"))
	case "redirect":
		return w.redirect(s, r)
	case "return":
		w.did(r, fmt.Sprint("answered with ", r.Return.Status))
		w.byHAProxy(r.path, r.Return.Status)
		w.answer.Page, w.answer.Text, w.answer.ContentType = r.Return.Page, r.Return.Text, ""
		if r.Return.Page != "" || r.Return.Text != "" {
			w.answer.ContentType = r.Return.ContentType
		}
	case "auth":
		return w.authenticate(r)
	default:
		w.change(r)
		return false
	}
	return true
}

// change is what a rule changes of the request.
func (w *walk) change(r *rule) {
	switch r.Action {
	case "set_header", "add_header":
		h := header(r)
		v := w.value(h)
		w.did(r, h.Name+": "+v.shown())
		at := r.path.Key(r.Action)
		if r.Action == "set_header" || strings.EqualFold(h.Name, "X-Forwarded-Proto") { // see internal/render/haproxy
			w.set(at, h.Name, v)
		} else {
			w.add(at, h.Name, v)
		}
	case "del_header":
		w.did(r, r.DelHeader)
		w.remove(r.DelHeader)
		w.answer.Request = append(w.answer.Request, Change{Path: r.path, Do: "del", Name: r.DelHeader, Sure: true})
	case "set_path":
		w.did(r, r.SetPath)
		w.setPath(r.SetPath)
	case "strip_prefix":
		w.strip(r)
	}
}

func (w *walk) setPath(path string) {
	w.path, w.hasPath, w.unsurePath = path, true, ""
	w.answer.Target = w.path + w.query
}

// strip takes folders off the beginning of the path: with /api, /api/x becomes /x.
func (w *walk) strip(r *rule) {
	prefix := strings.TrimRight(r.StripPrefix, "/")
	rest, ok := strings.CutPrefix(w.path, prefix)
	if w.unsurePath != "" || !ok || rest != "" && rest[0] != '/' {
		w.did(r, w.path+" stays")
		return
	}
	w.setPath("/" + strings.TrimPrefix(rest, "/"))
	w.did(r, w.path)
}

// redirect sends the client elsewhere.
func (w *walk) redirect(s *section, r *rule) (done bool) {
	d := r.Redirect
	if d.Scheme != "" && s.front != nil && s.front.EndsTLS() && !asksForTLS(r) && w.tls == (d.Scheme == HTTPS) {
		if w.trace {
			w.step(r, No, -1).Why = "it came by " + d.Scheme
		}
		return false
	}
	to, why := w.location(r)
	if why != "" {
		w.note(r.path, why)
	}
	w.did(r, fmt.Sprint(d.Code, " ", to))
	w.answer.Kind, w.answer.By, w.answer.Status, w.answer.Location = Redirect, r.path, d.Code, to
	return true
}

func asksForTLS(r *rule) bool {
	for i := range r.When {
		if r.When[i].TLS != nil {
			return true
		}
	}
	return false
}

// location is where a redirect leads; why is not empty where that is undecided.
func (w *walk) location(r *rule) (to, why string) {
	d := r.Redirect
	if d.Location != "" {
		return d.Location, ""
	}
	if w.unsurePath != "" {
		return "", w.unsurePath
	}
	path := choose(w.hasPath, w.path, "")
	pathq := path + choose(d.DropQuery || path == "", "", w.query)
	if d.Prefix != "" {
		return strings.TrimRight(d.Prefix, "/") + pathq, ""
	}
	if doubt, unsure := w.unsure["host"]; unsure {
		return "", doubt
	}
	if d.Port.Number == 0 {
		return d.Scheme + "://" + w.first("Host") + choose(pathq == "", "/", pathq), ""
	}
	host := regexp.MustCompile(`:[0-9]+$`).ReplaceAllString(w.last("Host"), "")
	port := fmt.Sprint(":", d.Port.Number)
	if d.Port.Number == defaultPort(d.Scheme) {
		port = ""
	}
	return d.Scheme + "://" + host + port + pathq, ""
}

// first and last are values of a header; commas part them.
func (w *walk) first(name string) string {
	for i := range w.headers {
		if isName(w.headers[i].name, name) {
			for v := range values(w.headers[i].value) {
				return v
			}
		}
	}
	return ""
}

func (w *walk) last(name string) (last string) {
	for i := range w.headers {
		if isName(w.headers[i].name, name) {
			for v := range values(w.headers[i].value) {
				last = v
			}
		}
	}
	return last
}

// failed is an answer with one of HAProxy's own pages, or with what the site has in its
// place: a page, or where a backend sends clients whose servers are down. That is for
// every 503 of the backend, a refusal, too (errorloc).
func (w *walk) failed(by diag.Path, status int) {
	if b := w.back; b != nil && b.Sorry != nil && b.Sorry.Redirect != "" && status == site.SorryStatus {
		w.byHAProxy(by, 302)
		w.answer.Kind, w.answer.Location = Redirect, b.Sorry.Redirect
		return
	}
	w.byHAProxy(by, status)
	w.answer.Page = w.page(status)
	if w.answer.Page != "" {
		w.answer.ContentType = "text/html"
	}
}

// authenticate lets those pass who have shown a password.
func (w *walk) authenticate(r *rule) (done bool) {
	a := r.Auth
	list := w.site.Userlist(a.Userlist)
	user := userOf(list, w.req.User)
	switch {
	case user != nil && mayPass(user, a.Groups):
		if w.trace {
			w.step(r, No, -1).Why = "the password of " + w.req.User + " is right"
		}
		return false
	case w.req.User == "" && w.req.Incomplete:
		w.doubt(r.path, "it is not known whether the request had a password")
		return true
	case w.req.User == "" && w.has("Authorization"):
		w.doubt(r.path, "the password in the header Authorization is not looked at: say whose it is")
		return true
	}
	w.did(r, "asked for a password")
	w.failed(r.path, 401)
	return true
}

func userOf(list *model.Userlist, name string) *model.User {
	if list == nil || name == "" {
		return nil
	}
	for i := range list.Users {
		if list.Users[i].Name == name {
			return &list.Users[i]
		}
	}
	return nil
}

func mayPass(u *model.User, groups []string) bool {
	if len(groups) == 0 {
		return true
	}
	for _, g := range groups {
		for _, own := range u.Groups {
			if g == own {
				return true
			}
		}
	}
	return false
}
