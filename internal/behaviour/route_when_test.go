//go:build linux

package behaviour_test

import (
	"fmt"
	"strings"
)

// when makes the conditions of a route. One that answers must have some, so that the
// routes below it are reached.
func (g *maker) when(action, kind string) string {
	n := one(g, 0, 1, 1, 1, 2, 2, 3)
	if kind == "some" || kind == "tls" || strings.HasPrefix(action, "redirect") {
		n = max(n, 1)
	}
	if kind == "many" {
		n = max(n, 2)
	}
	var all []string
	scheme := strings.HasPrefix(action, "redirect: {scheme: https")
	for range n {
		m := g.match()
		if scheme && (strings.Contains(m, "tls:") || strings.Contains(m, "header:")) {
			m = "path_beg: /a" // sent round for ever, which lbgen refuses
		}
		all = append(all, "{"+m+"}")
	}
	if len(all) == 0 {
		return ""
	}
	return "when: [" + strings.Join(all, ", ") + "], "
}

// match makes one criterion.
func (g *maker) match() string {
	m := g.criterion()
	if g.chance(20) {
		m += ", not: true"
	}
	return m
}

func (g *maker) criterion() string {
	if g.mode == "tcp" || g.chance(30) {
		return g.ofConnection()
	}
	fold := choose(g.chance(25), ", ignore_case: true", "")
	switch g.IntN(14) {
	case 0:
		return "host: " + list(g.some(hostWords()))
	case 1:
		return "host_end: " + list(g.some([]string{".example.com", ".EXAMPLE.org", ".net", ".y.example.org"}))
	case 2:
		return "host_regex: " + list(g.some(regexWords()))
	case 3:
		return "path: " + list(g.manyPaths()) + fold
	case 4, 5:
		return "path_beg: " + list(g.some(pathWords()[1:])) + fold
	case 6:
		return "path_end: " + list(g.some([]string{".png", "/b", "b", ".PNG", "%61", "/"})) + fold
	case 7:
		return "path_regex: " + list(g.some(regexWords())) + fold
	case 8:
		return "method: " + list(g.some(methodWords()))
	case 9, 10:
		return g.named("header", one(g, headerWords()...)) + fold
	case 11:
		return g.named("url_param", one(g, paramWords()...)) + fold
	case 12:
		return g.named("cookie", one(g, cookieWords()...)) + fold
	default:
		return "acme: true"
	}
}

// manyPaths is now and then too long for one line of HAProxy's.
func (g *maker) manyPaths() []string {
	all := g.some(pathWords())
	if g.chance(5) {
		for i := range 50 {
			all = append(all, fmt.Sprint("/many/", i))
		}
	}
	return all
}

func (g *maker) named(key, name string) string {
	way := ""
	switch g.IntN(6) {
	case 0:
		way = ", value: " + list(g.some(valueWords()))
	case 1:
		way = ", beg: " + list(g.some([]string{"o", "One", "a", "x}", `"`}))
	case 2:
		way = ", end: " + list(g.some([]string{"e", "two", "b", "y", "%"}))
	case 3:
		way = ", contains: " + list(g.some([]string{"n", ",", " ", "ONE", "=", "}" + "y"}))
	case 4:
		way = ", regex: " + list(g.some(regexWords()))
	}
	return fmt.Sprintf("%s: {name: %s%s}", key, name, way)
}

func (g *maker) ofConnection() string {
	for {
		switch g.IntN(7) {
		case 0, 1:
			return "src: " + list(g.some(sourceWords()))
		case 2:
			return fmt.Sprint("port: [", one(g, 8000, 8001, 8440, 9440, 9540, 8100), "]")
		case 3:
			if g.front && (g.mode == "tcp" || g.tls) {
				return "sni: " + list(g.some(hostWords()))
			}
		case 4:
			if g.front && (g.mode == "tcp" || g.tls) {
				return "sni_end: " + list(g.some([]string{".example.com", ".org", ".EXAMPLE.net"}))
			}
		case 5:
			if g.asks {
				return one(g, "client_certificate: true", "client_certificate: false")
			}
			if g.tls {
				return one(g, "tls: true", "tls: false")
			}
		default:
			return "down: " + one(g, append(g.backends, g.tcp...)...)
		}
	}
}
