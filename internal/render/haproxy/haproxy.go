// Package haproxy makes the lines of haproxy.cfg from a site: one file a concern.
// The template puts them in order. Nothing here can fail for a user's reason;
// the model has refused that before.
package haproxy

import (
	"time"

	conf "github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Config is haproxy.cfg.
type Config struct {
	Global    Global
	Defaults  Defaults
	Peers     []Section // at most one
	Resolvers []RawSection
	Userlists []Section
	Frontends []Frontend
	Stats     []Section // at most one
	Alive     []Section // at most one
	Backends  []Backend
	Tables    []Section // of the rate limits
	// NoFile is how many file descriptors systemd must allow.
	NoFile int
}

// Section is one section: its first line, and those below it.
type Section struct {
	Head  conf.Line
	Lines []conf.Line
}

// RawSection is a section with lines of the user's own at its end.
type RawSection struct {
	Section
	Raw []conf.Raw
}

// printer makes the lines of one site.
type printer struct {
	*site.Site
	in model.Inputs
	// sharedForwardFor says whether one line in defaults tells all servers of the
	// client's address.
	sharedForwardFor bool
	abortOnClose     diag.Path // of the first backend that asks for it, "" where none does
	tables           []Section
	http2            bool               // clients may come by HTTP/2
	isSecret         map[diag.Path]bool // of what may be one or not: by its path
}

// New returns the configuration of a site.
func New(s *site.Site, in model.Inputs) *Config {
	p := &printer{Site: s, in: in, isSecret: map[diag.Path]bool{}}
	for _, ref := range s.Written.SecretRefs() {
		p.isSecret[ref.Path] = true
	}
	p.sharedForwardFor, p.abortOnClose = p.forwardForIsShared(), p.firstAbortOnClose()
	p.http2 = p.speaksHTTP2()
	c := &Config{
		Global: p.global(), Defaults: p.defaults(), Peers: p.peers(), Resolvers: p.resolvers(), Userlists: p.userlists(),
		Frontends: make([]Frontend, 0, len(s.Frontends)), Stats: p.stats(), Alive: p.alive(), Backends: make([]Backend, 0, len(s.Backends)),
	}
	for i := range s.Frontends {
		c.Frontends = append(c.Frontends, p.frontend(&s.Frontends[i]))
	}
	for i := range s.Backends {
		c.Backends = append(c.Backends, p.backend(&s.Backends[i]))
	}
	c.Tables = p.tables
	c.NoFile = p.fileLimit(c)
	return c
}

// systemdNoFile is the hard limit that systemd gives every service since
// version 240 (NEWS). HAProxy raises its own soft limit up to it.
const systemdNoFile = 524288

// fileLimit is what HAProxy needs: two descriptors a connection, one a
// listener and a server's check each, and some to spare for logs, sockets and
// a reload's old process. It never takes away what systemd grants anyhow.
func (p *printer) fileLimit(c *Config) int {
	need := 2*p.Global.Maxconn + 1000
	for i := range c.Frontends {
		need += len(c.Frontends[i].Binds)
	}
	for i := range p.Backends {
		need += len(p.Backends[i].Servers)
		for _, t := range p.Backends[i].ServerTemplates {
			need += t.Count
		}
	}
	return max(need, systemdNoFile)
}

// words are those of a line that is put together from parts that may be absent.
type words []conf.Word

func (w words) key(said bool, k conf.Keyword) words {
	if !said {
		return w
	}
	return append(w, conf.Key(k))
}

func (w words) text(k conf.Keyword, value string) words {
	if value == "" {
		return w
	}
	return append(w, conf.Key(k), conf.Text(value))
}

func (w words) number(k conf.Keyword, n int) words {
	if n == 0 {
		return w
	}
	return append(w, conf.Key(k), conf.Int(n))
}

func (w words) time(k conf.Keyword, d model.Duration) words {
	if d == 0 {
		return w
	}
	return append(w, conf.Key(k), duration(d))
}

func duration(d model.Duration) conf.Word { return conf.Time(time.Duration(d)) }

// lines collects the lines of what a site file has.
type lines []conf.Line

func (l *lines) add(from diag.Path, key conf.Keyword, words ...conf.Word) {
	*l = append(*l, conf.NewLine(from, key, words...))
}

func (l *lines) key(said bool, from diag.Path, key conf.Keyword) {
	if said {
		l.add(from, key)
	}
}

func (l *lines) text(from diag.Path, key conf.Keyword, value string) {
	if value != "" {
		l.add(from, key, conf.Text(value))
	}
}

func (l *lines) number(from diag.Path, key conf.Keyword, n int) {
	if n != 0 {
		l.add(from, key, conf.Int(n))
	}
}

func (l *lines) time(from diag.Path, key conf.Keyword, d model.Duration) {
	if d != 0 {
		l.add(from, key, duration(d))
	}
}

// timeout is one that a section says; the others come from defaults.
func (l *lines) timeout(from diag.Path, key conf.Keyword, field string, d time.Duration) {
	if d != 0 {
		l.add(from.Key("timeouts").Key(field), key, conf.Time(d))
	}
}

// raw are lines of the user's own.
func raw(from diag.Path, field model.Raw) []conf.Raw {
	var all []conf.Raw
	in := model.RawField{Path: from, Raw: field}
	for _, text := range field.Lines() {
		all = append(all, conf.NewRaw(from, text, in.Secrets(text)))
	}
	return all
}
