package keepalived

import (
	conf "github.com/lbgen/lbgen/internal/conf/keepalived"
)

// Global are the lines of global_defs.
type Global struct {
	RouterID conf.Line
	Mails    []conf.Line // addresses that get mails
	Mail     []conf.Line // how they are sent
	Scripts  []conf.Line
	Timing   []conf.Line
	Raw      []conf.Raw
}

func (p *printer) global() Global {
	g := Global{
		RouterID: conf.NewLine(p.node.Path(), "router_id", conf.Name(p.node.RouterID)),
		Raw:      raw("keepalived.raw", p.Keepalived.Raw),
	}
	g.Mails, g.Mail = p.mail()
	g.Scripts = []conf.Line{
		conf.NewLine("keepalived", "enable_script_security"),
		conf.NewLine("keepalived.script_user", "script_user", conf.Name(p.Keepalived.ScriptUser)),
	}
	g.Timing = p.timing()
	return g
}

// mail is how Keepalived sends mail, and to whom.
func (p *printer) mail() (to, how []conf.Line) {
	mails := false // those of notify.mail are lbgen-notify's
	for i := range p.VRRP {
		mails = mails || p.mailsItself(&p.VRRP[i])
	}
	if p.Email == nil || !mails {
		return nil, nil
	}
	const from = "notifications.email"
	var addresses, l lines
	for _, a := range p.Email.To {
		addresses.value(from, conf.Name(a))
	}
	l.add(from, "notification_email_from", conf.Name(p.Email.From))
	l.add(from, "smtp_server", conf.Name(p.Email.SMTPServer))
	l.add(from, "smtp_connect_timeout", conf.Seconds(p.Email.SMTPConnectTimeout))
	return addresses, l
}

func (p *printer) timing() []conf.Line {
	g := p.Keepalived
	var l lines
	l.seconds("keepalived.vrrp_startup_delay", "vrrp_startup_delay", g.StartupDelay)
	l.seconds("keepalived.vrrp_garp_interval", "vrrp_garp_interval", g.GARPInterval)
	l.seconds("keepalived.vrrp_gna_interval", "vrrp_gna_interval", g.GNAInterval)
	if g.SkipCheckAdvAddr {
		l.add("keepalived.vrrp_skip_check_adv_addr", "vrrp_skip_check_adv_addr true")
	}
	l.number("keepalived.max_auto_priority", "max_auto_priority", g.MaxAutoPriority)
	return l
}
