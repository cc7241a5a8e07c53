package adopt

import (
	"maps"
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

// test is a sample with its flags and the values that it is compared with.
type test struct {
	sample string
	kind   string // of -m: str, beg, end, reg; "" where nothing is said
	fold   bool   // -i
	values []string
}

// readTest reads the words of a condition; ok is false where they have a flag that no
// criterion says.
func readTest(words []string) (t test, ok bool) {
	if len(words) == 0 {
		return t, false
	}
	t.sample = words[0]
	i := 1
	for ; i < len(words) && strings.HasPrefix(words[i], "-"); i++ {
		switch words[i] {
		case "-i":
			t.fold = true
		case "-m":
			if i++; i < len(words) {
				t.kind = words[i]
			}
		case "--":
		default:
			return t, false
		}
	}
	t.values = words[i:]
	return t, true
}

// match is a sample with its flags and values as a match; nil where no criterion says
// it.
func (h *sections) match(words []string) *node {
	t, ok := readTest(words)
	if !ok {
		return nil
	}
	m := mapping()
	switch {
	case t.sample == "dst_port" && len(t.values) == 1 && t.kind == "":
		m.put("port", of(word(t.values[0])))
	case t.sample == "ssl_fc" && len(t.values) == 0:
		m.put("tls", of(true))
	case strings.HasPrefix(t.sample, "nbsrv(") && strings.Join(t.values, " ") == "eq 0":
		m.set("down", h.names["backend "+strings.TrimSuffix(strings.TrimPrefix(t.sample, "nbsrv("), ")")])
	default:
		key := t.criterion()
		undotted := func(v string) bool { return !strings.HasPrefix(v, ".") }
		if key == "" || len(t.values) == 0 || key == "host_end" && slices.ContainsFunc(t.values, undotted) {
			return nil
		}
		m.put(key, oneOrList(t.values))
		m.set("ignore_case", t.fold && !strings.HasPrefix(key, "host") && !strings.HasPrefix(key, "sni"))
	}
	return m
}

// criterion is the criterion that compares the sample in this way; "" where none does.
func (t test) criterion() string {
	switch t.sample {
	case "hdr(host)", "req.hdr(host)", "hdr(Host)", "req.hdr(Host)", "req.hdr(host),field(1,:)", "hdr(host),field(1,:)":
		return map[string]string{"": "host", "str": "host", "end": "host_end", "reg": "host_regex"}[t.kind]
	case "path":
		return map[string]string{"": "path", "str": "path", "beg": "path_beg", "end": "path_end", "reg": "path_regex"}[t.kind]
	case "req.ssl_sni", "req_ssl_sni", "ssl_fc_sni":
		return map[string]string{"": "sni", "end": "sni_end"}[t.kind]
	}
	bySample := map[string]string{"hdr_end(host)": "host_end", "hdr_reg(host)": "host_regex", "ssl_fc_sni_end": "sni_end"}
	if t.kind == "" {
		maps.Copy(bySample, map[string]string{"path_beg": "path_beg", "path_end": "path_end", "path_reg": "path_regex",
			"method": "method", "src": "src"})
	}
	return bySample[t.sample]
}
