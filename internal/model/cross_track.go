package model

import (
	"fmt"
	"net/netip"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// TrackedHAProxy is the name of the check of HAProxy. Those that check
// differently have the instance's name behind it.
const TrackedHAProxy = "chk_haproxy"

// AliveName is the name of the frontend where Keepalived asks HAProxy itself.
const AliveName = "alive"

// DefaultAlivePort is the port of that frontend: the one behind the statistics
// page's.
const DefaultAlivePort = 8405

// MethodOrDefault returns how HAProxy is watched: killall, process or http.
func (h *TrackHAProxy) MethodOrDefault() string {
	switch {
	case h != nil && h.Method != "":
		return h.Method
	case h != nil && h.HTTP != nil:
		return "http"
	default:
		return "killall"
	}
}

// IsOff says whether HAProxy is not watched at all.
func (h *TrackHAProxy) IsOff() bool { return h != nil && h.Off }

// OrDefault returns the page with what it leaves out. h may be nil.
func (h *TrackHTTP) OrDefault() TrackHTTP {
	page := TrackHTTP{URI: "/alive", Port: DefaultAlivePort}
	if h != nil && h.URI != "" {
		page.URI = h.URI
	}
	if h != nil && h.Port != 0 {
		page.Port = h.Port
	}
	return page
}

// Alive returns the page where Keepalived asks HAProxy, and the model path that
// it comes from; "" where nothing asks.
func (s *Site) Alive() (TrackHTTP, diag.Path) {
	for i, v := range s.VRRP {
		if h := v.Track.HAProxy; !h.IsOff() && h.MethodOrDefault() == "http" {
			return h.HTTP.OrDefault(), diag.Path("vrrp").Index(i).Key("track").Key("haproxy")
		}
	}
	return TrackHTTP{}, ""
}

// Listener is where the page is served: on loopback, since only the node itself asks.
func (h TrackHTTP) Listener() netip.AddrPort {
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(h.Port))
}

func (c *cross) tracks() {
	scripts := map[string]place{}
	for i, v := range c.site.VRRP {
		at := diag.Path("vrrp").Index(i).Key("track")
		c.trackedNICs(at.Key("nics"), v)
		c.trackedHAProxy(at.Key("haproxy"), v.Track.HAProxy)
		seen := unique{}
		for j, s := range v.Track.Scripts {
			where := place{at + ".scripts", j, ""}
			seen.claim(c, s.Name, place{at + ".scripts", j, "name"}, "script")
			c.trackedScript(where, s, scripts)
		}
	}
}

func (c *cross) trackedNICs(nics diag.Path, v VRRP) {
	seen := unique{}
	for i, nic := range v.Track.NICs {
		at, role := nics.Index(i), nic.NIC
		seen.claim(c, role, place{nics, i, "nic"}, "NIC")
		if !c.refer(at.Key("nic"), role, c.roles) {
			continue
		}
		if c.sameInterface(role, v.NIC) {
			c.add(at, "bad-value", fmt.Sprintf("NIC %q is the instance's own", role), "it is always watched: take it out of the list")
		}
		for j, other := range v.Track.NICs[:i] {
			if other.NIC != role && c.sameInterface(role, other.NIC) {
				c.add(at, "duplicate", fmt.Sprintf("NICs %q and %q are one interface", other.NIC, role), "watch it once: take one of them out",
					c.elsewhere("the other is here", nics.Index(j)))
			}
		}
	}
}

// sameInterface says whether two roles are one interface on some node.
func (c *cross) sameInterface(a, b string) bool {
	return a == b || slices.ContainsFunc(c.site.Nodes, func(n Node) bool {
		return c.site.Device(n, a) != "" && c.site.Device(n, a) == c.site.Device(n, b)
	})
}

func (c *cross) trackedHAProxy(at diag.Path, h *TrackHAProxy) {
	if h == nil || h.Off {
		return
	}
	c.wholeSeconds(at.Key("interval"), h.Interval)
	c.wholeSeconds(at.Key("timeout"), h.Timeout)
	method := h.MethodOrDefault()
	if h.HTTP != nil && method != "http" {
		c.add(at.Key("http"), "bad-value", "http has no effect with method "+method, "write method: http, or take one of them out",
			c.elsewhere("the method is here", at.Key("method")))
	}
	if h.HTTP != nil && strings.ContainsAny(h.HTTP.URI, "'$?") {
		c.add(at.Key("http").Key("uri"), "bad-value", fmt.Sprintf("bad value %q for uri", h.HTTP.URI), "write a plain path, such as /alive")
	}
	page, first := c.site.Alive()
	if method == "http" && h.HTTP.OrDefault() != page {
		c.add(at.Key("http"), "bad-value", "two pages to ask HAProxy on", "HAProxy has one for all instances: write the same uri and port",
			c.elsewhere("the other is here", first))
	}
	if method != "process" {
		return
	}
	for _, f := range []struct {
		name    string
		written bool
	}{{"interval", h.Interval != 0}, {"timeout", h.Timeout != 0}, {"rise", h.Rise != 0}, {"fall", h.Fall != 0}} {
		if f.written {
			c.add(at.Key(f.name), "bad-value", f.name+" has no effect with method process",
				"the kernel tells Keepalived at once when the process ends: take it out")
		}
	}
}

// maxCommand is how long a script's line may be: Keepalived's buffer for a word
// is 1024 bytes (MAXBUF), and the quotes need some.
const maxCommand = 800

// trackedScript wants one meaning for each name: Keepalived takes the first
// vrrp_script of a name and drops the second.
func (c *cross) trackedScript(at place, s TrackScript, seen map[string]place) {
	where := at.path()
	c.wholeSeconds(where.Key("interval"), s.Interval)
	c.wholeSeconds(where.Key("timeout"), s.Timeout)
	if c.generated(s.Name) {
		c.add(where.Key("name"), "duplicate", fmt.Sprintf("the check of HAProxy is named %s", s.Name),
			"give the script another name, or write haproxy: false where it takes the place of lbgen's own check")
	}
	c.command(where.Key("command"), s.Command)
	first, taken := seen[s.Name]
	if !taken {
		seen[s.Name] = at
		return
	}
	if first.list != at.list && !reflect.DeepEqual(c.scriptAt(first), s) {
		c.add(where.Key("name"), "duplicate", fmt.Sprintf("script %q is defined in two ways", s.Name),
			"give one of them another name, or write the same", c.elsewhere("the other is here", first.path()))
	}
}

// generated says whether a check of HAProxy that lbgen makes may have the name.
func (c *cross) generated(name string) bool {
	return slices.ContainsFunc(c.site.VRRP, func(v VRRP) bool {
		return !v.Track.HAProxy.IsOff() && (name == TrackedHAProxy || name == TrackedHAProxy+"_"+v.Name)
	})
}

// command wants one that Keepalived can run as it stands.
func (c *cross) command(at diag.Path, words []string) {
	if len(words) > 0 {
		c.program(at.Index(0), words[0])
	}
	for i, word := range words {
		if slices.Contains(shellWords(), word) {
			c.add(at.Index(i), "bad-value", fmt.Sprintf("%q is a word of the shell's", word),
				"no shell reads the command, and the program would get it as an argument: write a script of your own and name that")
		}
	}
	if n := len(strings.Join(words, " ")); n > maxCommand {
		c.add(at, "bad-value", fmt.Sprintf("the command has %d characters", n),
			fmt.Sprintf("Keepalived's line holds %d: put the rest into a script", maxCommand))
	}
}

// shellWords are words that mean something to a shell alone: with them a check
// does what nobody meant, such as succeed always.
func shellWords() []string { return strings.Fields("| || & && ; < > >> 2>&1 >/dev/null 2>/dev/null") }

func (c *cross) scriptAt(at place) TrackScript {
	for i, v := range c.site.VRRP {
		if diag.Path("vrrp").Index(i).Key("track").Key("scripts") == at.list {
			return v.Track.Scripts[at.i]
		}
	}
	return TrackScript{}
}

// program wants a path that Keepalived runs: it takes no names, and from 2.4 on
// nothing that a symbolic link leads to, such as /bin.
func (c *cross) program(at diag.Path, file string) {
	top, rest, _ := strings.Cut(strings.TrimPrefix(file, "/"), "/")
	switch {
	case file == "":
	case !isPath(file):
		c.add(at, "bad-value", fmt.Sprintf("%q is not the path of a program", file),
			"Keepalived searches for nothing: write the absolute path, of letters, digits and _ . @ + - /, and the arguments as further items")
	case top == "bin" || top == "sbin":
		c.add(at, "bad-value", fmt.Sprintf("/%s is a symbolic link on the nodes", top),
			fmt.Sprintf("Keepalived 2.4 runs nothing behind one: write %s", path.Join("/usr", top, rest)))
	}
}

// notify wants the mails to have somewhere to go.
func (c *cross) notify(at diag.Path, v VRRP) {
	hasEmail := c.site.Notifications.Email != nil || c.hasFailedBelow("notifications")
	if len(v.Notify.Mail) > 0 && !hasEmail {
		c.add(at.Key("notify").Key("mail"), "missing-field", "nobody is named whom the mails go to",
			"add notifications: {email: {to: […], from: …}}")
	}
	if v.SMTPAlert != nil && *v.SMTPAlert && !hasEmail {
		c.add(at.Key("smtp_alert"), "missing-field", "nobody is named whom the mails go to", "add notifications: {email: {to: […], from: …}}")
	}
	c.program(at.Key("notify").Key("script"), v.Notify.Script)
}
