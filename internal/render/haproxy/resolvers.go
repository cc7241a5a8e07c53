package haproxy

import (
	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

func (p *printer) resolvers() []RawSection {
	var all []RawSection
	for i := range p.Written.Resolvers {
		r, from := &p.Written.Resolvers[i], diag.Path("resolvers").Index(i)
		s := Section{conf.NewLine(from, "resolvers", conf.Text(r.Name)), nameservers(r, from)}
		all = append(all, RawSection{s, raw(from.Key("raw"), r.Raw)})
	}
	return all
}

func nameservers(r *model.Resolvers, from diag.Path) []conf.Line {
	var l lines
	for i, s := range r.Nameservers {
		l.add(from.Key("nameservers").Index(i), "nameserver", conf.Concat(conf.Key("ns"), conf.Int(i+1)), endpoint(s))
	}
	l.key(r.ParseResolvConf, from.Key("parse_resolv_conf"), "parse-resolv-conf")
	l.time(from.Key("timeout_resolve"), "timeout resolve", r.TimeoutResolve)
	l.time(from.Key("timeout_retry"), "timeout retry", r.TimeoutRetry)
	l.time(from.Key("hold_valid"), "hold valid", r.HoldValid)
	l.number(from.Key("resolve_retries"), "resolve_retries", r.ResolveRetries)
	l.number(from.Key("accepted_payload_size"), "accepted_payload_size", r.AcceptedPayloadSize)
	return l
}

// endpoint is an address or a name with its port.
func endpoint(e model.Endpoint) conf.Word {
	if e.Host != "" || e.Port() == 0 {
		return conf.Text(e.String())
	}
	return conf.AddrPort(e.AddrPort)
}
