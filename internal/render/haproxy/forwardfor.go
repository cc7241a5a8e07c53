package haproxy

import (
	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Servers hear of the client's address by option forwardfor. It stands in
// defaults where every section speaks HTTP and none says otherwise. Else each
// backend has its own: in a section that speaks TCP it would draw a warning, and
// because HAProxy tells the servers where the frontend or the backend says so, a
// backend that says false needs frontends that say nothing.

func (p *printer) forwardForIsShared() bool {
	if p.Defaults.Mode != model.ModeHTTP || p.ForwardForByFrontend {
		return false
	}
	for i := range p.Frontends {
		if p.Frontends[i].Mode != model.ModeHTTP {
			return false
		}
	}
	for i := range p.Backends {
		if p.Backends[i].Mode != model.ModeHTTP || p.Backends[i].Backend.ForwardFor != nil {
			return false
		}
	}
	return true
}

func (p *printer) forwardForDefaults() []conf.Line {
	if !p.sharedForwardFor {
		return nil
	}
	return forwardFor(p.Defaults.ForwardFor)
}

// forwardForFrontend returns the option of a frontend where each has its own.
func (p *printer) forwardForFrontend(f *site.Frontend) []conf.Line {
	if !p.ForwardForByFrontend || f.Mode != model.ModeHTTP {
		return nil
	}
	return forwardFor(f.ForwardFor)
}

// forwardForBackend returns the option of a backend, unless all share one or
// each frontend has its own.
func (p *printer) forwardForBackend(b *site.Backend) []conf.Line {
	if p.sharedForwardFor || b.Mode != model.ModeHTTP || p.ForwardForByFrontend && b.Backend.ForwardFor == nil {
		return nil
	}
	return forwardFor(b.ForwardFor)
}

func forwardFor(f *site.ForwardFor) []conf.Line {
	if f == nil {
		return nil
	}
	return []conf.Line{conf.NewLine(f.Path, "option forwardfor", conf.Key("except"), conf.Prefix(f.Except),
		conf.When(f.ForwardFor.Header != "", conf.Key("header"), conf.Text(f.Header)), conf.When(f.IfNone, conf.Key("if-none")))}
}
