package adopt

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/pair"
)

// track is what an instance watches.
func (im *importer) track(m *pair.Member) *node {
	t := mapping()
	var nics, scripts []*node
	watched := false
	for _, one := range m.Tracks {
		switch {
		case one.Missing:
			im.becomes(one.At, NoEffect, "nothing has that name: nothing is watched")
		case one.Kind == failover.NIC:
			nics = append(nics, im.trackedNIC(m, one))
		case one.Script.Keyword() == "vrrp_track_process":
			im.block(one.Script)
			if one.Kind == failover.HAProxy {
				h := mapping()
				h.set("method", "process")
				h.set("weight", one.Weight)
				t.set("haproxy", h)
				watched = true
			}
		case im.ownCheck(one) != nil && !watched:
			t.put("haproxy", im.ownCheck(one))
			watched = true
			im.block(one.Script)
		default:
			if s := im.script(one); s != nil {
				scripts = append(scripts, s)
				im.block(one.Script)
			}
		}
	}
	t.set("nics", nics)
	if !watched {
		t.put("haproxy", of(false))
	} else if t.under["haproxy"].empty() {
		t.drop("haproxy")
	}
	t.set("scripts", scripts)
	return t
}

func (im *importer) trackedNIC(m *pair.Member, t pair.Track) *node {
	role := cmp.Or(im.roles.of(m.Node.Name, t.Name), t.Name)
	if t.Weight == 0 {
		return of(role)
	}
	n := mapping()
	n.set("nic", role)
	n.set("weight", t.Weight)
	return n
}

// usualTrackRuns is how many checks in a row count where a site file says nothing.
const usualTrackRuns = 2

// times puts what a check says that is not lbgen's default. Keepalived's own are
// written out.
func (im *importer) times(t pair.Track, n *node) {
	if t.Interval != im.profile.track {
		n.set("interval", duration(t.Interval))
	}
	timeout := pair.Seconds(t.Script.Of("timeout"), t.Interval)
	if timeout != im.profile.track {
		n.set("timeout", duration(timeout))
	}
	if t.Rise != usualTrackRuns {
		n.set("rise", t.Rise)
	}
	if t.Fall != usualTrackRuns {
		n.set("fall", t.Fall)
	}
	n.set("weight", t.Weight)
}

// ownCheck is the script as track.haproxy, where it is one that lbgen itself writes;
// nil otherwise.
func (im *importer) ownCheck(t pair.Track) *node {
	words := keepalived.Command(t.Script.Of("script"))
	h := mapping()
	switch {
	case len(words) == 3 && path.Base(words[0]) == "killall" && words[1] == "-0" && words[2] == "haproxy":
	case len(words) == 7 && slices.Equal(words[:5], []string{"/usr/bin/curl", "-sf", "-o", "/dev/null", "--max-time"}) &&
		strings.HasPrefix(words[6], "http://127.0.0.1:"):
		port, uri, _ := strings.Cut(strings.TrimPrefix(words[6], "http://127.0.0.1:"), "/")
		http := mapping()
		if uri != "alive" {
			http.set("uri", "/"+uri)
		}
		if n, err := strconv.Atoi(port); err == nil && n != 8405 {
			http.set("port", n)
		}
		h.put("http", http)
		if http.empty() {
			h.put("http", of(word("{}")))
		}
		im.becomes(t.Script.Line("script").Range, Field, "")
	default:
		return nil
	}
	im.times(t, h)
	return h
}

// script is a check of the admin's own; nil where no field says it.
func (im *importer) script(t pair.Track) *node {
	l := t.Script.Line("script")
	if l == nil {
		return nil
	}
	words := keepalived.Command(l.Value())
	if len(words) == 0 {
		return nil
	}
	if rest, old := strings.CutPrefix(words[0], "/bin/"); old { // a link to /usr/bin wherever lbgen's platforms are
		words = append([]string{"/usr/bin/" + rest}, words[1:]...)
	}
	if !strings.HasPrefix(words[0], "/") {
		if full := "/usr/bin/" + words[0]; slices.Contains([]string{"killall", "pidof", "pgrep", "curl", "systemctl", "nc", "sh", "bash"},
			words[0]) {
			words = append([]string{full}, words[1:]...)
			im.asked("%s: the program %s is named without its path: %s is taken", l.Range, path.Base(full), full)
		} else {
			return nil
		}
	}
	s := mapping()
	s.set("name", safeName(t.Script.Value()))
	s.set("command", words)
	if t.Kind == failover.HAProxy {
		s.set("watches", "haproxy")
	}
	im.times(t, s)
	s.set("user", t.Script.Of("user"))
	return s
}
