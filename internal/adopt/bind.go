package adopt

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/pair"
)

// listener is one bind line's address and port with all options.
type listener struct {
	host    string
	ports   []string
	options *node
	nic     string
	vip     string // of a whole instance
}

// binds groups what a frontend listens on: lines with one address and options become
// one item.
func (h *sections) binds(f *node, lines []*haproxy.Directive) {
	var all []*listener
	for _, d := range lines {
		if d.Word(0) != "bind" {
			continue
		}
		options, ok := h.bindOptions(d.Words()[min(2, len(d.Tokens)):], f.get("mode"))
		for _, b := range pair.Binds(&haproxy.Section{Lines: []*haproxy.Directive{d}}) {
			one := &listener{host: b.Host, ports: []string{b.Port}, options: options}
			if last := len(all) - 1; last >= 0 && all[last].host == one.host && all[last].options.flow() == options.flow() {
				all[last].ports = append(all[last].ports, b.Port)
			} else {
				all = append(all, one)
			}
		}
		if ok && strings.Contains(d.Word(1), ":") && !strings.HasPrefix(d.Word(1), "/") && !strings.Contains(d.Word(1), "@") {
			h.field(d)
		} else if !strings.Contains(d.Word(1), ":") || strings.Contains(d.Word(1), "@") {
			f.raw(h.lineText(d.Range))
			h.becomes(d.Range, Raw, "")
		}
	}
	all = slices.DeleteFunc(slices.Clone(all), func(l *listener) bool {
		return isAddress(l.host) && !strings.Contains(l.host, ":") && slices.ContainsFunc(all, func(o *listener) bool {
			return o.host == "*" && slices.Equal(o.ports, l.ports) && o.options.flow() == l.options.flow()
		})
	})
	for _, l := range h.onVIPs(h.onNICs(all)) {
		f.add("binds", h.bind(l))
	}
}

// onVIPs puts the binds of all virtual IPs of an instance, on the same ports, into one.
func (h *sections) onVIPs(all []*listener) []*listener {
	var kept []*listener
	for i := 0; i < len(all); i++ {
		name, count := h.wholeInstance(all[i:])
		if name == "" {
			kept = append(kept, all[i])
			continue
		}
		one := &listener{vip: name, options: all[i].options}
		for _, l := range all[i : i+count] {
			for _, p := range l.ports {
				if !slices.Contains(one.ports, p) {
					one.ports = append(one.ports, p)
				}
			}
		}
		kept = append(kept, one)
		i += count - 1
	}
	return kept
}

// wholeInstance returns the instance all of whose virtual IPs the first listeners are,
// and how many these are; "" where they are not.
func (h *sections) wholeInstance(all []*listener) (string, int) {
	instance := h.ofInstance[h.vips[all[0].host]]
	if instance == "" {
		return "", 0
	}
	total := 0
	for _, name := range h.vips {
		if h.ofInstance[name] == instance {
			total++
		}
	}
	seen, count := map[string]int{}, 0
	for _, l := range all {
		if h.ofInstance[h.vips[l.host]] != instance || l.options.flow() != all[0].options.flow() {
			break
		}
		for _, p := range l.ports {
			seen[p]++
		}
		count++
	}
	for _, n := range seen {
		if n != total {
			return "", 0
		}
	}
	return instance, count
}

// onNICs puts the binds of all nodes' own addresses on one NIC into one.
func (h *sections) onNICs(all []*listener) []*listener {
	var kept []*listener
	for i := 0; i < len(all); i++ {
		role, last := h.ownNIC(all[i:])
		if role == "" {
			kept = append(kept, all[i])
			continue
		}
		one := &listener{nic: role, options: all[i].options}
		for _, l := range all[i : i+last] {
			for _, p := range l.ports {
				if !slices.Contains(one.ports, p) {
					one.ports = append(one.ports, p)
				}
			}
		}
		kept = append(kept, one)
		i += last - 1
	}
	return kept
}

// ownNIC returns the role on which the first listeners are all nodes' own addresses,
// and how many they are; "" where they are not.
func (h *sections) ownNIC(all []*listener) (string, int) {
	for _, role := range h.roles.order {
		owned := map[string]bool{}
		total := 0
		for _, n := range h.nodes {
			for _, p := range h.roles.own[n.Name][role] {
				owned[p.Addr().String()] = true
				total++
			}
		}
		seen := map[string]int{}
		count := 0
		for _, l := range all {
			if !owned[l.host] || l.options.flow() != all[0].options.flow() {
				break
			}
			for _, p := range l.ports {
				seen[p]++
			}
			count++
		}
		whole := count > 0
		for _, n := range seen {
			whole = whole && n == total
		}
		if whole {
			return role, count
		}
	}
	return "", 0
}

// bind is one item of binds.
func (h *sections) bind(l *listener) *node {
	b := mapping()
	switch {
	case l.nic != "":
		b.set("nic", l.nic)
	case l.vip != "":
		b.set("vip", l.vip)
	case h.vips[l.host] != "":
		b.set("vip", h.vips[l.host])
	default:
		b.set("address", l.host)
	}
	var ports []*node
	for _, p := range l.ports {
		if p == "0" || p == "" {
			continue
		}
		ports = append(ports, of(word(p)))
	}
	if len(ports) == 1 && !strings.Contains(ports[0].text, "-") {
		b.put("port", ports[0])
	} else {
		b.put("ports", &node{list: ports})
	}
	for _, k := range l.options.keys {
		b.put(k, l.options.under[k])
	}
	return b
}

// bindOptions are the words behind an address; ok is true where fields or raw words say
// them all.
func (h *sections) bindOptions(words []string, mode string) (*node, bool) {
	words = h.bases.whole(words)
	o, tls := mapping(), mapping()
	var rest []string
	ssl := slices.Contains(words, "ssl")
	if mode == "" {
		mode = h.mode()
	}
	usual, offered := h.profile.alpn && mode == "http", false
	for i := 0; i < len(words); i++ {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		takes := map[string]string{"crt": "certificate", "ssl-min-ver": "min_version", "ciphers": "ciphers", "ciphersuites": "ciphersuites",
			"ca-file": "client_ca", "verify": "client_verify"}[words[i]]
		switch {
		case words[i] == "ssl":
		case words[i] == "accept-proxy":
			o.set("accept_proxy", true)
		case words[i] == "strict-sni" && ssl:
			tls.set("strict_sni", true)
		case words[i] == "alpn" && ssl:
			offered = true
			if value != "h2,http/1.1" || !usual {
				tls.set("alpn", strings.Split(value, ","))
			}
			i++
		case takes != "" && ssl && tls.get(takes) == "" && (takes != "client_verify" || value != "none"):
			if takes != "client_verify" || value != "required" {
				tls.set(takes, value)
			}
			i++
		case words[i] == "proto":
			o.set("proto", value)
			i++
		default:
			rest = append(rest, words[i])
		}
	}
	if ssl && usual && !offered {
		tls.set("alpn", []string{"none"})
	}
	if ssl {
		o.put("tls", tls)
	}
	o.set("raw", strings.Join(rest, " "))
	return o, true
}

func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}
