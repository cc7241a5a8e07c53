// Package keepalived makes the lines of keepalived.conf from a site: one file a
// concern. The template puts them in order. Nothing here can fail for a user's
// reason; the model has refused that before.
package keepalived

import (
	"time"

	conf "github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// Config is keepalived.conf of one node, and the script that it calls.
type Config struct {
	Global    Global
	Scripts   []Block
	Processes []Block
	Groups    []Group
	Instances []Instance
	Notify    *Notify // nil: no script is needed
}

// Block is one block: its first line, and those between its braces.
type Block struct {
	Head  conf.Line
	Lines []conf.Line
}

// printer makes the lines of one node.
type printer struct {
	*site.Site
	in    model.Inputs
	node  *site.Node
	watch watch
}

// New returns the configuration of a node; nil where the site has no VRRP.
func New(s *site.Site, n *site.Node, in model.Inputs) *Config {
	if len(s.VRRP) == 0 {
		return nil
	}
	p := &printer{Site: s, in: in, node: n}
	c := &Config{Global: p.global(), Notify: p.notify()}
	for i := range s.VRRP {
		c.Instances = append(c.Instances, p.instances(&s.VRRP[i])...)
	}
	c.Scripts, c.Processes = p.watch.blocks()
	for _, g := range s.SyncGroups {
		c.Groups = append(c.Groups, p.group(g))
	}
	return c
}

// lines collects the lines of what the site file has.
type lines []conf.Line

func (l *lines) add(from diag.Path, key conf.Keyword, words ...conf.Word) {
	*l = append(*l, conf.NewLine(from, key, words...))
}

func (l *lines) number(from diag.Path, key conf.Keyword, n int) {
	if n != 0 {
		l.add(from, key, conf.Int(n))
	}
}

func (l *lines) seconds(from diag.Path, key conf.Keyword, d model.Duration) {
	if d != 0 {
		l.add(from, key, conf.Seconds(time.Duration(d)))
	}
}

// value is a line of a list.
func (l *lines) value(from diag.Path, words ...conf.Word) {
	*l = append(*l, conf.NewValue(from, words...))
}

// raw are lines of the user's own.
func raw(from diag.Path, field model.Raw) []conf.Raw {
	var all []conf.Raw
	in := model.RawField{Path: from, Keepalived: true, Raw: field}
	for _, line := range field.Lines() {
		all = append(all, conf.NewRaw(from, line, in.Secrets(line)))
	}
	return all
}
