package adopt

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/pair"
)

// mails says whether Keepalived of a node sends mails: since 2.0 it does where a
// smtp_alert asks for them, and not for addresses alone. Those of LVS are not looked
// into.
func mails(n *pair.Node) bool {
	to := n.Global("notification_email")
	if to == nil || len(to.Lines) == 0 {
		return false
	}
	asked := false
	n.Keepalived.Walk(func(l *keepalived.Node, _ []*keepalived.Node) {
		switch on := !slices.Contains([]string{"false", "no", "off"}, l.Value()); {
		case strings.HasPrefix(l.Keyword(), "virtual_server"):
			asked = true
		case strings.HasPrefix(l.Keyword(), "smtp_alert") && on:
			asked = true
		}
	})
	return asked
}

// ofMails says whether a line of global_defs is about mails alone.
func ofMails(keyword string) bool {
	all := []string{"notification_email", "notification_email_from", "smtp_server", "smtp_connect_timeout", "smtp_helo_name"}
	return slices.Contains(all, keyword)
}

// noPause says whether a line is the pause between gratuitous ARPs that is none, as
// Debian's and RHEL's example has it: 2.2 calls 0 invalid and goes on without one.
func noPause(l *keepalived.Node) bool {
	return (l.Keyword() == "vrrp_garp_interval" || l.Keyword() == "vrrp_gna_interval") && pair.Seconds(l.Value(), 0) == 0
}

// idle says whether a line of global_defs does nothing, and notes that.
func (im *importer) idle(l *keepalived.Node) bool {
	switch {
	case noPause(l):
		im.becomes(l.Range, NoEffect, "no pause is what Keepalived has anyhow")
	case ofMails(l.Keyword()) && !slices.ContainsFunc(im.nodes, mails):
		im.becomes(l.Range, NoEffect, "nobody gets mails")
		for _, v := range l.Lines {
			im.becomes(v.Range, NoEffect, "nobody gets mails")
		}
	default:
		return false
	}
	return true
}
