package adopt

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// AddTests puts tests at the end of the site file.
func (d *Draft) AddTests(tests []model.Test) {
	if len(tests) == 0 {
		return
	}
	all := &node{}
	for i := range tests {
		all.list = append(all.list, testNode(&tests[i]))
	}
	var b strings.Builder
	b.Write(d.Text)
	b.WriteString("\n# What becomes of requests, as it was with the files that this site was made of: lbgen test.\n")
	writeEntry(&b, 0, "tests", all, true)
	d.Text = []byte(b.String())
}

func testNode(t *model.Test) *node {
	n := mapping()
	n.set("request", t.Request.Text)
	unquoted := regexp.MustCompile(`^([A-Z]+ https?://[\w./?=&%~-]+(:\d+)?[\w./?=&%~-]*|tcp [\d.]+:\d+)$`)
	if unquoted.MatchString(t.Request.Text) {
		n.set("request", word(t.Request.Text))
	}
	for _, address := range []struct {
		key string
		of  model.HostAddress
	}{{"to", t.To}, {"from", t.From}} {
		if address.of.IsValid() {
			n.set(address.key, address.of.String())
		}
	}
	headers, cookies := mapping(), mapping()
	for _, name := range slices.Sorted(maps.Keys(t.Headers)) {
		headers.set(name, oneOrList(t.Headers[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(t.Cookies)) {
		cookies.set(name, t.Cookies[name])
	}
	n.set("headers", headers)
	n.set("cookies", cookies)
	n.set("sni", t.SNI)
	n.set("client_certificate", t.ClientCertificate)
	n.set("user", t.User)
	n.set("down", []string(t.Down))
	n.set("times", t.Times)
	n.set("backend", t.Backend)
	n.set("redirect", t.Redirect)
	n.set("code", t.Code)
	n.set("status", t.Status)
	n.set("page", t.Page)
	n.set("closed", t.Closed)
	return n
}
