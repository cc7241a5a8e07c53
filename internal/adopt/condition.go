package adopt

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// conditions are the matches of each alternative; one without any where nothing must
// hold.
func (h *sections) conditions(words []string, acls map[string][]*haproxy.Directive) ([][]*node, bool) {
	if len(words) == 0 {
		return [][]*node{nil}, true
	}
	unless := words[0] == "unless"
	all := [][]*node{nil}
	for i := 1; i < len(words); {
		if words[i] == "or" || words[i] == "||" {
			all = append(all, nil)
			i++
			continue
		}
		not := unless
		name := words[i]
		if name == "!" {
			not, i = !not, i+1
			if i >= len(words) {
				return nil, false
			}
			name = words[i]
		} else if strings.HasPrefix(name, "!") {
			not, name = !not, name[1:]
		}
		var m *node
		if name == "{" {
			closing := slices.Index(words[i:], "}")
			if closing < 0 {
				return nil, false
			}
			m = h.match(words[i+1 : i+closing])
			i += closing + 1
		} else {
			m = h.named(acls[name])
			i++
		}
		if m == nil {
			return nil, false
		}
		if m = negated(m, not); m == nil {
			return nil, false
		}
		last := len(all) - 1
		all[last] = append(all[last], m)
	}
	if unless && (len(all) > 1 || len(all[0]) > 1) {
		return nil, false // not (a and b): no list of matches
	}
	return all, true
}

func negated(m *node, not bool) *node {
	if !not {
		return m
	}
	c := mapping()
	for _, k := range m.keys {
		c.put(k, m.under[k])
	}
	if t := c.under["tls"]; t != nil {
		c.put("tls", of(t.text != "true"))
		return c
	}
	c.set("not", true)
	return c
}

// named is what the lines of a named condition say together: one of their values is
// enough.
func (h *sections) named(lines []*haproxy.Directive) *node {
	if len(lines) == 0 {
		return nil
	}
	first := h.match(lines[0].Words()[2:])
	for _, d := range lines[1:] {
		m := h.match(d.Words()[2:])
		if first == nil || m == nil || len(m.keys) != 1 || len(first.keys) != 1 || m.keys[0] != first.keys[0] {
			return nil
		}
		k := m.keys[0]
		if m.under[k].list == nil && m.under[k].under != nil {
			return nil
		}
		joined := &node{list: slices.Concat(values(first.under[k]), values(m.under[k]))}
		first = mapping()
		first.put(k, joined)
	}
	return first
}

func values(n *node) []*node {
	if n.list != nil {
		return n.list
	}
	return []*node{n}
}

// match is a sample with its flags and values as a match; nil where no criterion says
// it.
func (h *sections) match(words []string) *node {
	if len(words) == 0 {
		return nil
	}
	sample, fold, kind := words[0], false, ""
	i := 1
	for ; i < len(words) && strings.HasPrefix(words[i], "-"); i++ {
		switch words[i] {
		case "-i":
			fold = true
		case "-m":
			if i++; i < len(words) {
				kind = words[i]
			}
		case "--":
		default:
			return nil
		}
	}
	values := words[i:]
	m := mapping()
	criterion := func(key string) *node {
		if len(values) == 0 {
			return nil
		}
		m.put(key, oneOrList(values))
		if fold && !strings.HasPrefix(key, "host") && !strings.HasPrefix(key, "sni") {
			m.set("ignore_case", true)
		}
		return m
	}
	host := slices.Contains([]string{"hdr(host)", "req.hdr(host)", "hdr(Host)", "req.hdr(Host)", "req.hdr(host),field(1,:)",
		"hdr(host),field(1,:)"}, sample)
	switch {
	case host && kind == "end", sample == "hdr_end(host)":
		return criterion("host_end")
	case host && kind == "reg", sample == "hdr_reg(host)":
		return criterion("host_regex")
	case host && (kind == "" || kind == "str"):
		return criterion("host")
	case sample == "path_beg" && kind == "", sample == "path" && kind == "beg":
		return criterion("path_beg")
	case sample == "path_end" && kind == "", sample == "path" && kind == "end":
		return criterion("path_end")
	case sample == "path_reg" && kind == "", sample == "path" && kind == "reg":
		return criterion("path_regex")
	case sample == "path" && (kind == "" || kind == "str"):
		return criterion("path")
	case sample == "method" && kind == "":
		return criterion("method")
	case sample == "src" && kind == "":
		return criterion("src")
	case sample == "dst_port" && len(values) == 1 && kind == "":
		m.put("port", of(word(values[0])))
		return m
	case (sample == "req.ssl_sni" || sample == "req_ssl_sni" || sample == "ssl_fc_sni") && kind == "":
		return criterion("sni")
	case (sample == "req.ssl_sni" || sample == "req_ssl_sni" || sample == "ssl_fc_sni") && kind == "end", sample == "ssl_fc_sni_end":
		return criterion("sni_end")
	case sample == "ssl_fc" && len(values) == 0:
		m.put("tls", of(true))
		return m
	case strings.HasPrefix(sample, "nbsrv(") && strings.Join(values, " ") == "eq 0":
		m.set("down", h.names["backend "+strings.TrimSuffix(strings.TrimPrefix(sample, "nbsrv("), ")")])
		return m
	}
	return nil
}
