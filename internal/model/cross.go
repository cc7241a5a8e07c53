package model

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
)

// crossCheck finds what no single field can show: references to nothing, the
// same thing twice, addresses outside their network. It passes over what could
// not be read. Its time is linear in the size of the site, as long as there are
// no more nodes and VIPs than a site may have.
func (d *decoder) crossCheck(s *Site) {
	if d.full() || d.tooMany {
		return
	}
	c := &cross{decoder: d, site: s, noted: map[string]int{}, owners: map[netip.Addr]place{}, shared: map[netip.Addr]bool{}}
	c.roles = known{what: "NIC", list: "nics", names: keySet(s.NICs)}
	c.nics()
	c.nodes()
	c.vrrp()
	c.proxies()
	c.stats()
	c.userlists()
	c.peers()
	c.resolvers()
	c.pages()
	c.certificates()
	c.firewall()
	c.notifications()
	c.target()
	c.host()
	c.raws()
	c.tests()
	c.secrets()
}

type cross struct {
	*decoder
	site   *Site
	roles  known
	owners map[netip.Addr]place // whose each address is
	shared map[netip.Addr]bool  // addresses that are reported to be several things
	noted  map[string]int       // findings that several places may cause, by what they say
}

// place is a path that is put together only when it is shown.
type place struct {
	list diag.Path
	i    int
	rest diag.Path // of the item's value, from the item on; "" for the item itself
}

// noIndex is the index of a place that is no list's item.
const noIndex = -1

func (p place) path() diag.Path {
	path := p.list
	if p.i != noIndex {
		path = path.Index(p.i)
	}
	if p.rest == "" {
		return path
	}
	return path.Key(string(p.rest))
}

func (c *cross) add(path diag.Path, code, summary, detail string, related ...diag.Related) {
	if c.failed[path] {
		return
	}
	c.decoder.add(diag.Diagnostic{Code: code, Path: path, Summary: summary, Detail: detail, Related: related})
}

// addOnce reports what several places cause as one finding, with the first few
// of them.
func (c *cross) addOnce(path diag.Path, code, summary, detail string, related diag.Related) {
	key := code + summary
	i, ok := c.noted[key]
	if !ok {
		c.noted[key] = len(c.found)
		c.add(path, code, summary, detail, related)
		return
	}
	c.relate(i, related)
}

// elsewhere points at a second place that a finding is about.
func (c *cross) elsewhere(message string, path diag.Path) diag.Related {
	return diag.Related{Message: message, Range: c.src.Range(path)}
}

// unique remembers names and reports the second of two equal ones.
type unique map[string]place

func (u unique) claim(c *cross, name string, at place, what string) {
	if name == "" {
		return
	}
	if first, ok := u[name]; ok {
		c.add(at.path(), "duplicate", fmt.Sprintf("%s %q is defined twice", what, name), "give one of them another name",
			c.elsewhere("it is defined here already", first.path()))
		return
	}
	u[name] = at
}

// known is what a reference may name.
type known struct {
	what  string
	list  diag.Path // the path of where it is defined
	names map[string]bool
}

func keySet[V any](m map[string]V) map[string]bool {
	set := make(map[string]bool, len(m))
	for k := range m {
		set[k] = true
	}
	return set
}

// maxListed is how many names a message lists.
const maxListed = 12

// refer reports a reference to nothing, once for each name. Where the list of
// what is there could not be read, it has its own finding.
func (c *cross) refer(path diag.Path, name string, to known) bool {
	if name == "" || to.names[name] {
		return name != ""
	}
	isKey := strings.HasSuffix(string(path), "["+name+"]")
	if c.failed[to.list] || c.failed[path] && !isKey || c.failed[keyOf(path)] {
		return false
	}
	defer func() { c.failed[path] = true }()
	if i, ok := c.noted[to.what+name]; ok {
		c.relate(i, diag.Related{Message: "it is named here too", Range: c.nameRange(path, name)})
		return false
	}
	c.noted[to.what+name] = len(c.found)
	c.decoder.add(diag.Diagnostic{
		Code: "unknown-reference", Path: path, Summary: fmt.Sprintf("there is no %s %q", to.what, name),
		Detail: to.suggest(name), Subject: c.nameRange(path, name),
	})
	return false
}

// nameRange is where a name stands that is a value or, at the end of a path
// like nodes[0].addresses[client], a key.
func (c *cross) nameRange(path diag.Path, name string) diag.Range {
	if strings.HasSuffix(string(path), "["+name+"]") {
		return c.src.KeyRange(path)
	}
	return c.src.Range(path)
}

// relate adds a further place to a finding, up to a handful.
func (c *cross) relate(i int, r diag.Related) {
	if i < len(c.found) && len(c.found[i].Related) < 5 {
		c.found[i].Related = append(c.found[i].Related, r)
	}
}

func (k known) suggest(name string) string {
	if len(k.names) == 0 {
		return fmt.Sprintf("there is no %s yet: add it under %s", k.what, k.list)
	}
	all := sortedKeys(k.names)
	detail := "there are: " + strings.Join(all[:min(len(all), maxListed)], ", ")
	if len(all) > maxListed {
		detail += fmt.Sprintf(" and %d more", len(all)-maxListed)
	}
	if near := Nearest(name, all); near != "" {
		detail = fmt.Sprintf("did you mean %q? %s", near, detail)
	}
	return detail
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func (c *cross) notifications() {
	if e := c.site.Notifications.Email; e != nil {
		c.wholeSeconds("notifications.email.smtp_connect_timeout", e.SMTPConnectTimeout)
	}
}

// maxKeepalived is the longest time that Keepalived takes: 32 bits of
// microseconds (UINT_MAX / TIMER_HZ).
const maxKeepalived = 4294 * time.Second

// wholeSeconds refuses parts of a second where Keepalived would cut them.
func (c *cross) wholeSeconds(path diag.Path, d Duration) {
	switch {
	case d == 0:
	case !d.wholeSeconds():
		c.add(path, "bad-value", fmt.Sprintf("bad value %q", d), "Keepalived counts whole seconds here, such as 2s")
	case time.Duration(d) > maxKeepalived:
		c.add(path, "bad-value", fmt.Sprintf("bad value %q", d), "Keepalived counts 4294s at most")
	}
}
