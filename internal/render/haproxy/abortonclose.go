package haproxy

import (
	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// HAProxy drops a waiting request only where it notices that the client has
// gone. 2.6 and older look for that only where the frontend, too, has the option,
// and a frontend can have it from the defaults section alone. So it stands
// there as soon as one backend asks for it, and the others take it back.

// firstAbortOnClose is where the first backend asks for it, "" where none does.
func (p *printer) firstAbortOnClose() diag.Path {
	for i := range p.Backends {
		if p.Backends[i].AbortOnClose {
			return p.Backends[i].Path().Key("abortonclose")
		}
	}
	return ""
}

func (p *printer) abortOnCloseDefault() []conf.Line {
	var l lines
	l.key(p.abortOnClose != "", p.abortOnClose, "option abortonclose")
	return l
}

// abortOnCloseBackend is the line of one backend.
func (p *printer) abortOnCloseBackend(b *site.Backend, from diag.Path) []conf.Line {
	switch {
	case b.AbortOnClose:
		return []conf.Line{conf.NewLine(from.Key("abortonclose"), "option abortonclose")}
	case p.abortOnClose != "":
		return []conf.Line{conf.NewLine(from, "no option abortonclose")}
	default:
		return nil
	}
}
