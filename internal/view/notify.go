package view

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// NotifyScript is where the script lies that Keepalived calls on a change of
// state: the folder that SELinux's policy has for Keepalived's scripts.
const NotifyScript = "/usr/libexec/keepalived/lbgen-notify"

// Notify is that script: mails, lines for syslog, and the user's own script.
type Notify struct {
	Mails                bool // whether any instance is mailed about
	FromHeader, ToHeader string
	Instances            []Notified
}

// Notified is what is told of one instance.
type Notified struct {
	Name, Origin string
	VIPs, Nodes  string // for the reader of a mail
	Mail, Syslog string // the states, in capitals, with blanks between them
	Script       string // the user's own; "" for none
}

// resolveNotify returns nil where no instance needs the script. One that has
// nothing but a script of its own is called by Keepalived itself.
func resolveNotify(site *model.Site) *Notify {
	n := &Notify{}
	if e := site.Notifications.Email; e != nil {
		n.FromHeader, n.ToHeader = "From: "+e.From, "To: "+strings.Join(e.To, ", ")
	}
	for i, v := range site.VRRP {
		if !needsScript(v) {
			continue
		}
		n.Mails = n.Mails || len(v.Notify.Mail) > 0
		n.Instances = append(n.Instances, Notified{
			Name: instancesOf(v)[0].name, Origin: Mark(at("vrrp", i) + ".notify"),
			VIPs: vipList(v), Nodes: nodeList(site, v),
			Mail: states(v.Notify.Mail), Syslog: states(v.Notify.Syslog), Script: v.Notify.Script,
		})
	}
	if len(n.Instances) == 0 {
		return nil
	}
	return n
}

func needsScript(v model.VRRP) bool { return len(v.Notify.Mail)+len(v.Notify.Syslog) > 0 }

// notifyLine is what Keepalived calls on each change of state.
func notifyLine(v model.VRRP, path string) *Setting {
	switch {
	case needsScript(v):
		return &Setting{"notify", NotifyScript, Mark(path + ".notify")}
	case v.Notify.Script != "":
		return &Setting{"notify", v.Notify.Script, Mark(path + ".notify.script")}
	default:
		return nil
	}
}

func states(words []string) string { return strings.ToUpper(strings.Join(words, " ")) }

func vipList(v model.VRRP) string {
	var all []string
	for _, vip := range v.VIPs {
		all = append(all, vip.Address.Addr.String())
	}
	return strings.Join(all, ", ")
}

// nodeList names the nodes with their priorities, the preferred one first.
func nodeList(site *model.Site, v model.VRRP) string {
	nodes := slices.Clone(site.Nodes)
	slices.SortStableFunc(nodes, func(a, b model.Node) int { return cmp.Compare(v.Priority(b), v.Priority(a)) })
	var all []string
	for _, n := range nodes {
		all = append(all, fmt.Sprintf("%s (priority %d)", n.Name, v.Priority(n)))
	}
	return strings.Join(all, ", ")
}
