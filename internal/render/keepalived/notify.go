package keepalived

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	conf "github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/site"
)

// NotifyScript is where the script lies that Keepalived calls on a change of
// state: the folder that SELinux's policy has for Keepalived's scripts.
const NotifyScript = "/usr/libexec/keepalived/lbgen-notify"

// Notify is that script: mails, lines for syslog, and the user's own script.
type Notify struct {
	Mails                bool // whether any instance is mailed about
	FromHeader, ToHeader string
	From                 string
	To                   []string
	Relay                string // the mail server, "" for the node's own
	Instances            []Notified
}

// Notified is what is told of one instance.
type Notified struct {
	From         diag.Path
	Name         string
	VIPs, Nodes  string // for the reader of a mail
	Mail, Syslog string // the states, in capitals, with blanks between them
	Script       string // the user's own; "" for none
}

// notify returns nil where no instance needs the script. One that has nothing but
// a script of its own is called by Keepalived itself.
func (p *printer) notify() *Notify {
	n := &Notify{}
	if e := p.Email; e != nil {
		n.FromHeader, n.ToHeader = "From: "+e.From, "To: "+strings.Join(e.To, ", ")
		n.From, n.To, n.Relay = e.From, e.To, relay(e.SMTPServer)
	}
	for i := range p.VRRP {
		v := &p.VRRP[i]
		if !needsScript(v) {
			continue
		}
		n.Mails = n.Mails || len(v.Notify.Mail) > 0
		n.Instances = append(n.Instances, Notified{
			From: v.Path().Key("notify"), Name: v.Instances[0].Name, VIPs: vipList(v), Nodes: p.nodeList(v),
			Mail: states(v.Notify.Mail), Syslog: states(v.Notify.Syslog), Script: v.Notify.Script,
		})
	}
	if len(n.Instances) == 0 {
		return nil
	}
	return n
}

// relay is the mail server where that is another machine: the node's own takes mails
// from its sendmail.
func relay(server string) string {
	if a, err := netip.ParseAddr(server); server == "localhost" || err == nil && a.IsLoopback() {
		return ""
	}
	return server
}

func needsScript(v *site.VRRP) bool { return len(v.Notify.Mail)+len(v.Notify.Syslog) > 0 }

// notifications are what is called on each change of state, and Keepalived's own
// mails, which our script's replace.
func (p *printer) notifications(v *site.VRRP) []conf.Line {
	from := v.Path().Key("notify")
	var l lines
	switch {
	case needsScript(v):
		l.add(from, "notify", conf.Text(NotifyScript))
	case v.Notify.Script != "":
		l.add(from.Key("script"), "notify", conf.Text(v.Notify.Script))
	}
	switch {
	case v.SMTPAlert != nil && *v.SMTPAlert:
		l.add(v.Path().Key("smtp_alert"), "smtp_alert")
	case p.mailsItself(v):
		l.add("notifications.email", "smtp_alert")
	}
	return l
}

// mailsItself says whether Keepalived itself sends mails about the item.
func (p *printer) mailsItself(v *site.VRRP) bool {
	if v.SMTPAlert != nil {
		return *v.SMTPAlert
	}
	return p.Email != nil && len(v.Notify.Mail) == 0
}

func states(words []string) string { return strings.ToUpper(strings.Join(words, " ")) }

func vipList(v *site.VRRP) string {
	var all []string
	for _, vip := range v.VIPs {
		all = append(all, vip.Address.Addr().String())
	}
	return strings.Join(all, ", ")
}

// nodeList names the nodes with their priorities, the preferred one first.
func (p *printer) nodeList(v *site.VRRP) string {
	nodes := slices.Clone(p.Nodes)
	slices.SortStableFunc(nodes, func(a, b site.Node) int { return cmp.Compare(v.Members[b.Index].Priority, v.Members[a.Index].Priority) })
	var all []string
	for _, n := range nodes {
		all = append(all, fmt.Sprintf("%s (priority %d)", n.Name, v.Members[n.Index].Priority))
	}
	return strings.Join(all, ", ")
}
