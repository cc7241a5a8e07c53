package route

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// text is the value of a header that a rule writes.
type text struct {
	value  string
	sample string // where HAProxy alone knows it
	secret bool
}

func known(value string) text { return text{value: value} }

// shown is the text for people.
func (t text) shown() string {
	switch {
	case t.secret:
		return "(a secret)"
	case t.sample != "":
		return "(" + t.sample + ")"
	default:
		return t.value
	}
}

// unsure says why nobody knows the value, "" where it is known.
func (t text) unsure(name string) string {
	switch {
	case t.secret:
		return "the header " + name + " is a secret, which is not read here"
	case t.sample != "":
		return "the header " + name + " has what HAProxy alone knows: " + t.sample
	default:
		return ""
	}
}

// value is what a header gets.
func (w *walk) value(h *model.Header) text {
	switch {
	case h.Sample != "":
		return w.sample(h.Sample)
	case h.Value.File != "" || h.Value.Env != "":
		return text{secret: true}
	default:
		return known(h.Value.Literal)
	}
}

// sample computes one of HAProxy's samples where the request tells it.
func (w *walk) sample(name string) text {
	switch name {
	case "src":
		if w.req.From.IsValid() {
			return known(w.req.From.String())
		}
	case "dst":
		if w.req.Address.IsValid() {
			return known(w.req.Address.String())
		}
	case "dst_port":
		return known(strconv.Itoa(w.req.Port))
	case "method":
		return known(w.req.Method)
	case "path":
		if w.unsurePath == "" && w.hasPath {
			return known(w.path)
		}
	case "query":
		return known(strings.TrimPrefix(w.query, "?"))
	case "ssl_fc":
		return known(choose(w.tls, "1", "0"))
	case "ssl_fc_sni":
		if w.tls {
			return known(w.req.ServerName())
		}
	}
	if inner, ok := strings.CutPrefix(name, "req.hdr("); ok {
		if header, ok := strings.CutSuffix(inner, ")"); ok && !strings.ContainsAny(header, ",()") && w.isSure(header) {
			return known(w.last(header))
		}
	}
	return text{sample: name}
}

// isSure says whether the values of a header are known.
func (w *walk) isSure(name string) bool {
	_, unsure := w.unsure[lower(name)]
	return !unsure && !slices.ContainsFunc(w.headers, func(f field) bool { return f.unsure != "" && isName(f.name, name) })
}

func (w *walk) has(name string) bool {
	return slices.ContainsFunc(w.headers, func(f field) bool { return isName(f.name, name) })
}

// set puts a header in place of what there is, add beside it.
func (w *walk) set(by diag.Path, name string, v text) {
	w.remove(name)
	w.put(by, "set", name, v)
}

func (w *walk) add(by diag.Path, name string, v text) { w.put(by, "add", name, v) }

func (w *walk) put(by diag.Path, do, name string, v text) {
	w.headers = append(w.headers, field{name, v.value, v.unsure(name)})
	w.hasHosts = false
	w.answer.Request = append(w.answer.Request, Change{by, do, name, v.value, choose(v.secret, "(a secret)", v.sample), true})
}

func (w *walk) remove(name string) {
	w.headers = slices.DeleteFunc(w.headers, func(f field) bool { return isName(f.name, name) })
	delete(w.unsure, lower(name))
	w.hasHosts = false
}

// blur remembers that nobody knows a header from here on.
func (w *walk) blur(name, why string) {
	if w.unsure == nil {
		w.unsure = map[string]string{}
	}
	w.unsure[lower(name)] = why
}

// remember finds out what a response rule needs of the request.
func (w *walk) remember(r *rule, i int, kept *[]late) {
	l := late{}
	if h := responseHeader(r); h != nil && h.Sample != "" && ofRequest(h.Sample) {
		v := w.sample(h.Sample)
		l.value, l.known = v.value, v.sample == "" && (h.Sample != "method" || isUsual(w.req.Method))
	}
	if !r.asAnswered {
		l.holds = w.holds(r)
	}
	for len(*kept) <= i {
		*kept = append(*kept, late{known: true})
	}
	(*kept)[i] = l
}

// isUsual says whether a method is one of those that HAProxy keeps in a variable as they
// are; of another one it keeps OPTIONS (2.6).
func isUsual(method string) bool {
	return slices.Contains([]string{"OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE", "TRACE", "CONNECT"}, method)
}

func responseHeader(r *rule) *model.Header {
	if r.SetResponseHeader != nil {
		return r.SetResponseHeader
	}
	return r.AddResponseHeader
}

// ofRequest says whether a sample is a part of the request, which is gone when the
// answer comes: see internal/render/haproxy.
func ofRequest(sample string) bool {
	name, _, _ := strings.Cut(sample, "(")
	name, _, _ = strings.Cut(name, ",")
	return strings.HasPrefix(name, "req.") || slices.Contains([]string{
		"base", "base32", "cook", "hdr", "hdr_beg", "hdr_dir", "hdr_dom", "hdr_end", "hdr_reg", "hdr_sub", "method", "path",
		"pathq", "query", "url", "url_param", "urlp", "url_ip", "url_port",
	}, name)
}

// respond changes the headers of the answer: the backend's rules come first, then the
// frontend's.
func (w *walk) respond() {
	if w.answer.Kind == Unknown || w.answer.Kind == Closed {
		return
	}
	if w.back != nil {
		w.answerRules(&w.back.section, w.lateB)
	}
	f := w.front
	if f.HSTS != nil && w.tls {
		w.answer.Response = append(w.answer.Response, Change{Path: f.Path().Key("hsts"), Do: "set", Name: "Strict-Transport-Security",
			Value: hsts(f.HSTS), Sure: true})
	}
	w.answerRules(&f.section, w.later)
}

func hsts(h *model.HSTS) string {
	return "max-age=" + strconv.FormatInt(h.MaxAge.Seconds(), 10) + choose(h.IncludeSubdomains, "; includeSubDomains", "") +
		choose(h.Preload, "; preload", "")
}

func (w *walk) answerRules(s *section, kept []late) {
	for i := range s.rules {
		r := &s.rules[i]
		if !r.OnResponse() {
			continue
		}
		l := late{known: true}
		if i < len(kept) {
			l = kept[i]
		}
		holds := l.holds
		if r.asAnswered {
			holds = w.holds(r)
		}
		if holds == No {
			continue
		}
		c := Change{Path: r.path, Do: "del", Name: r.DelResponseHeader, Sure: holds == Yes}
		if h := responseHeader(r); h != nil {
			c.Name, c.Do = h.Name, choose(r.SetResponseHeader != nil, "set", "add")
			w.fill(&c, h, l)
		}
		if holds == Yes {
			w.did(r, c.Name+choose(c.Do == "del", "", ": "+c.Value))
		} else {
			w.note(r.path, w.why)
		}
		w.answer.Response = append(w.answer.Response, c)
	}
}

// fill puts the value into a change of the answer.
func (w *walk) fill(c *Change, h *model.Header, l late) {
	v := text{}
	switch {
	case h.Sample == "" || !ofRequest(h.Sample):
		v = w.value(h)
	case l.known:
		v.value = l.value
	default:
		v.sample = h.Sample
	}
	c.Value, c.Sample = v.value, choose(v.secret, "(a secret)", v.sample)
}
