package haproxy

import (
	"maps"
	"path"
	"slices"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// page is the absolute path on the node of a page that the site file names.
func (p *printer) page(name string) conf.Word {
	return conf.Text(path.Join(p.Machine.Pages(), model.PageName(name)))
}

// errorPages are the pages that HAProxy sends instead of its own short ones, by
// status.
func (p *printer) errorPages(pages map[string]string, from diag.Path) []conf.Line {
	var l lines
	for _, status := range slices.Sorted(maps.Keys(pages)) {
		l.add(from.Key("error_pages").Entry(status), "http-error status", conf.Text(status), conf.Key("content-type text/html file"),
			p.page(pages[status]))
	}
	return l
}

// compression is what is made smaller on its way, and how.
func compression(c *site.Compression, from diag.Path) []conf.Line {
	var l lines
	if c != nil {
		l.add(from.Key("compression"), "compression algo", conf.Texts(c.Algorithms))
		l.add(from.Key("compression"), "compression type", conf.Texts(c.Types))
	}
	return l
}
