package adopt

import (
	"time"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/pair"
)

// globalDefs is Keepalived's global_defs, and notifications.
func (im *importer) globalDefs(part *node) *node {
	k := mapping()
	for i, n := range im.nodes {
		if n.Keepalived == nil {
			continue
		}
		for _, b := range n.Keepalived.Lines {
			if b.Keyword() != "global_defs" {
				continue
			}
			im.becomes(b.Range, Field, "")
			for _, l := range b.Lines {
				switch {
				case im.idle(l):
				case i == 0:
					im.globalDef(l, k, part)
				}
			}
		}
	}
	return k
}

// globalDef puts one line of global_defs into its field, or keeps it raw.
func (im *importer) globalDef(l *keepalived.Node, k, part *node) {
	switch l.Keyword() {
	case "router_id", "enable_script_security": // lbgen's own
	case "script_user":
		if l.Value() != "root" {
			k.set("script_user", l.Value())
		}
	case "vrrp_startup_delay", "vrrp_garp_interval", "vrrp_gna_interval":
		k.set(l.Keyword(), duration(pair.Seconds(l.Value(), 0)))
	case "vrrp_skip_check_adv_addr":
		k.set("vrrp_skip_check_adv_addr", l.Value() != "false")
	case "max_auto_priority":
		k.set("max_auto_priority", number(l.Value()))
	case "notification_email", "notification_email_from", "smtp_server", "smtp_connect_timeout":
		im.mailDef(l, part)
		return
	default:
		if l.Known && !l.Block {
			k.raw(im.lineText(l.Range))
			im.becomes(l.Range, Raw, "")
		}
		return
	}
	im.becomes(l.Range, Field, "")
}

// mailDef puts a line on mails into notifications. Keepalived sends some only where it
// knows from whom and to whom.
func (im *importer) mailDef(l *keepalived.Node, part *node) {
	to, from := im.nodes[0].Global("notification_email"), im.nodes[0].Global("notification_email_from")
	email := func() *node { return part.at("notifications").at("email") }
	switch l.Keyword() {
	case "notification_email":
		if from == nil || len(l.Lines) == 0 {
			return
		}
		email().set("to", im.addressees(l))
	case "notification_email_from":
		if to == nil || len(to.Lines) == 0 {
			im.becomes(l.Range, NoEffect, "nobody gets mails")
			return
		}
		email().set("from", l.Value())
	default:
		if to == nil || from == nil {
			im.becomes(l.Range, NoEffect, "nobody gets mails")
			return
		}
		smtpDef(l, email)
	}
	im.becomes(l.Range, Field, "")
}

// addressees are those of notification_email.
func (im *importer) addressees(l *keepalived.Node) []string {
	var all []string
	for _, v := range l.Lines {
		all = append(all, v.Keyword())
		im.becomes(v.Range, Field, "")
	}
	return all
}

// smtpDef is the server that takes mails, and how long it may take, where they are not
// the usual ones.
func smtpDef(l *keepalived.Node, email func() *node) {
	switch l.Keyword() {
	case "smtp_server":
		if l.Value() != "localhost" {
			email().set("smtp_server", l.Value())
		}
	case "smtp_connect_timeout":
		if d := pair.Seconds(l.Value(), 0); d != 30*time.Second {
			email().set("smtp_connect_timeout", duration(d))
		}
	}
}
