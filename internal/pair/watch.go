package pair

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/failover"
)

// Track is one thing that an instance watches.
type Track struct {
	Kind     failover.Kind
	Name     string
	At       diag.Range       // of the line that names it
	Script   *keepalived.Node // vrrp_script or vrrp_track_process; nil of an interface, or where there is none
	Missing  bool             // nothing has that name
	Weight   int
	Interval time.Duration
	Rise     int
	Fall     int
}

// tracks are what an instance watches, and what its sync group does.
func (n *Node) tracks(m *Member) []Track {
	blocks := []*keepalived.Node{m.Block}
	if g := n.Keepalived.Block("vrrp_sync_group", m.SyncGroup); g != nil && m.SyncGroup != "" {
		blocks = append(blocks, g)
	}
	var all []Track
	for _, b := range blocks {
		for _, l := range b.Listed("track_interface") {
			if l.Keyword() != m.Interface || weightOf(l, 0) != 0 {
				all = append(all, Track{Kind: failover.NIC, Name: l.Keyword(), At: l.Range, Weight: weightOf(l, 0)})
			}
		}
		for _, l := range b.Listed("track_script") {
			all = append(all, n.script(l))
		}
		for _, l := range b.Listed("track_process") {
			all = append(all, n.process(l))
		}
	}
	return all
}

// script is a line of track_script. Interval, rise and fall are those of
// vrrp_track.c of 2.2.7 where nothing is written: 1 s, 1 and 1.
func (n *Node) script(l *keepalived.Node) Track {
	s := n.Keepalived.Block("vrrp_script", l.Keyword())
	t := Track{Kind: failover.Script, Name: l.Keyword(), At: l.Range, Script: s, Missing: s == nil}
	if s == nil {
		return t
	}
	t.Weight = weightOf(l, number(s.Of("weight"), 0))
	t.Interval, t.Rise, t.Fall = Seconds(s.Of("interval"), time.Second), number(s.Of("rise"), 1), number(s.Of("fall"), 1)
	if n.AsksHAProxy(s) {
		t.Kind, t.Name = failover.HAProxy, ""
	}
	return t
}

func (n *Node) process(l *keepalived.Node) Track {
	s := n.Keepalived.Block("vrrp_track_process", l.Keyword())
	t := Track{Kind: failover.Script, Name: l.Keyword(), At: l.Range, Script: s, Missing: s == nil, Rise: 1, Fall: 1}
	if s == nil {
		return t
	}
	t.Weight = weightOf(l, number(s.Of("weight"), 0))
	if strings.Contains(path.Base(s.Of("process")), "haproxy") {
		t.Kind, t.Name = failover.HAProxy, ""
	}
	return t
}

// weightOf is the number behind the word weight of a line, such as that of
// track_interface.
func weightOf(l *keepalived.Node, otherwise int) int {
	values := l.Values()
	for i, w := range values {
		if w == "weight" && i+1 < len(values) {
			return number(values[i+1], otherwise)
		}
	}
	return otherwise
}

// AsksHAProxy says whether a script finds out that HAProxy does not run: by its
// process, its unit, its socket, its pid file or one of its ports. Of a script of
// the admin's own, what stands in its file counts, or its name where the tree has
// no such file.
func (n *Node) AsksHAProxy(script *keepalived.Node) bool {
	line := script.Of("script")
	run := keepalived.Command(line)
	if len(run) == 0 {
		run = strings.Fields(line)
	}
	if len(run) == 0 {
		return false
	}
	if len(run) > 1 && slices.Contains([]string{"sh", "bash", "dash"}, path.Base(run[0])) && strings.HasPrefix(run[1], "/") {
		run = run[1:]
	}
	data, err := n.File(run[0])
	if err != nil || !path.IsAbs(run[0]) {
		return keepalived.NamesHAProxy(run) || keepalived.AsksPort(strings.Join(run, " "), n.ports()...)
	}
	return keepalived.NamesHAProxy(append([]string{""}, run[1:]...)) || strings.Contains(string(data), "haproxy") ||
		keepalived.AsksPort(string(data), n.ports()...)
}

// ports are those that HAProxy listens on.
func (n *Node) ports() []int {
	var all []int
	if n.HAProxy == nil {
		return nil
	}
	for _, s := range n.HAProxy.Sections {
		for _, b := range Binds(s) {
			if port := number(b.Port, 0); port > 0 {
				all = append(all, port)
			}
		}
	}
	return all
}
