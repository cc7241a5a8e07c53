package haproxy

import (
	"strconv"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// rateLimit counts clients in a table of the route's own. A client is an IPv4
// address or an IPv6 network of 64 bits, all of which one client has.
func (s *section) rateLimit(l *site.RateLimit, i int, from diag.Path, conditions []conf.Condition) {
	counter := conf.Concat(conf.Key("sc"), conf.Int(s.counter))
	s.counter += s.step
	store, rate, limit := conf.Key("conn_cur"), conf.Key("_conn_cur gt"), l.Concurrent
	period := conf.Time(l.Period).Text()
	switch {
	case l.Requests != 0:
		store, rate, limit = conf.Call("http_req_rate", period), conf.Key("_http_req_rate gt"), l.Requests
	case l.Connections != 0:
		store, rate, limit = conf.Call("conn_rate", period), conf.Key("_conn_rate gt"), l.Connections
	}
	name := model.RateTable(s.name, i)
	s.table(name, store, l, from)
	track := conf.Phrase(conf.Concat(conf.Key("track-"), counter), client(l), conf.Key("table"), conf.Text(name))
	tooMany := conf.Condition{Sample: conf.Concat(counter, rate), Values: []string{strconv.Itoa(limit)}}
	if s.mode == model.ModeTCP {
		s.request(from, conditions, track)
		s.request(from, []conf.Condition{tooMany}, conf.Key("reject"))
		return
	}
	refuse := []conf.Condition{tooMany}
	if l.Requests != 0 {
		s.request(from, conditions, track)
	} else {
		s.trackConnection(from, track)
		refuse = and(conditions, tooMany)
	}
	s.request(from, refuse, conf.Key("deny deny_status"), conf.Int(l.Status))
}

// table adds a stick table that is a proxy of its own. Of connections that are
// open each node has its own, so that the nodes do not share how many there are.
func (s *section) table(name string, store conf.Word, l *site.RateLimit, from diag.Path) {
	shared := conf.Word{}
	if l.Concurrent == 0 {
		shared = s.shared()
	}
	s.tables = append(s.tables, Section{conf.NewLine(from, "backend", conf.Text(name)), []conf.Line{
		conf.NewLine(from, "stick-table type ipv6 size", conf.Int(l.Size), conf.Key("expire"), conf.Time(l.Period), conf.Key("store"), store,
			shared),
	}})
}

// client is who is counted.
func client(l *site.RateLimit) conf.Word {
	if l.Header != "" {
		return conf.Concat(conf.Call("req.hdr_ip", l.Header, "-1"), conf.Key(",ipmask(32,64)"))
	}
	return conf.Key("src,ipmask(32,64)")
}

// trackConnection counts each connection once, as soon as the client's address
// is known: behind a proxy that tells it, when that has spoken.
func (s *section) trackConnection(from diag.Path, track conf.Word) {
	line := conf.NewLine(from, "tcp-request connection", track)
	if s.front != nil {
		for i := range s.front.Binds {
			if s.front.Binds[i].AcceptProxy {
				line = conf.NewLine(from, "tcp-request session", track)
			}
		}
	}
	s.rules.TCP = append(s.rules.TCP, line)
}
