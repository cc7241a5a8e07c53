package adopt

import (
	"strconv"
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

func (im *importer) globalDef(l *keepalived.Node, k, part *node) {
	field := true
	switch l.Keyword() {
	case "router_id":
	case "enable_script_security":
	case "script_user":
		if l.Value() != "root" {
			k.set("script_user", l.Value())
		}
	case "vrrp_startup_delay", "vrrp_garp_interval", "vrrp_gna_interval":
		k.set(l.Keyword(), duration(pair.Seconds(l.Value(), 0)))
	case "vrrp_skip_check_adv_addr":
		k.set("vrrp_skip_check_adv_addr", l.Value() != "false")
	case "max_auto_priority":
		n, _ := strconv.Atoi(l.Value())
		k.set("max_auto_priority", n)
	case "notification_email":
		if l0 := im.nodes[0].Global("notification_email_from"); l0 == nil || len(l.Lines) == 0 {
			return
		}
		var to []string
		for _, v := range l.Lines {
			to = append(to, v.Keyword())
			im.becomes(v.Range, Field, "")
		}
		part.at("notifications").at("email").set("to", to)
	case "notification_email_from":
		if to := im.nodes[0].Global("notification_email"); to == nil || len(to.Lines) == 0 {
			im.becomes(l.Range, NoEffect, "nobody gets mails")
			return
		}
		part.at("notifications").at("email").set("from", l.Value())
	case "smtp_server", "smtp_connect_timeout":
		mails := im.nodes[0].Global("notification_email") != nil && im.nodes[0].Global("notification_email_from") != nil
		if !mails {
			im.becomes(l.Range, NoEffect, "nobody gets mails")
			return
		}
		if l.Keyword() == "smtp_connect_timeout" {
			if d := pair.Seconds(l.Value(), 0); d != 30*time.Second {
				part.at("notifications").at("email").set("smtp_connect_timeout", duration(d))
			}
			break
		}
		if l.Value() != "localhost" {
			part.at("notifications").at("email").set("smtp_server", l.Value())
		}
	default:
		field = false
	}
	switch {
	case field:
		im.becomes(l.Range, Field, "")
	case l.Known && !l.Block:
		k.raw(im.lineText(l.Range))
		im.becomes(l.Range, Raw, "")
	}
}
