package adopt

import (
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

func (h *sections) cookie(b *node, d *haproxy.Directive) bool {
	c, words := mapping(), d.Words()
	c.set("name", d.Word(1))
	flags := map[string]string{"indirect": "indirect", "nocache": "nocache", "postonly": "postonly", "preserve": "preserve",
		"httponly": "httponly", "secure": "secure"}
	for i := 2; i < len(words); i++ {
		switch {
		case words[i] == "insert":
		case words[i] == "rewrite" || words[i] == "prefix":
			c.set("mode", words[i])
		case flags[words[i]] != "":
			c.set(flags[words[i]], true)
		case words[i] == "domain":
			c.set("domain", d.Word(i+1))
			i++
		case words[i] == "maxidle" || words[i] == "maxlife":
			t := d.Word(i + 1)
			if _, err := strconv.Atoi(t); err == nil {
				t += "s" // a bare number is seconds here
			}
			c.set(words[i], when(t))
			i++
		case words[i] == "attr" && strings.HasPrefix(d.Word(i+1), "SameSite="):
			c.set("samesite", strings.TrimPrefix(d.Word(i+1), "SameSite="))
			i++
		default:
			return false
		}
	}
	if !slices.ContainsFunc(words, func(w string) bool { return w == "insert" || w == "rewrite" || w == "prefix" }) {
		return false
	}
	b.at("persist").put("cookie", c)
	return true
}
