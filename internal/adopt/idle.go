package adopt

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// idleLines are lines of haproxy.cfg that do nothing where they stand, with the reason.
func idleLines(c *haproxy.Config) map[*haproxy.Directive]string {
	all := map[*haproxy.Directive]string{}
	u := usesOf(c)
	logs := slices.ContainsFunc(c.Sections, func(s *haproxy.Section) bool { return s.Line("log") != nil })
	for _, s := range c.Sections {
		page := slices.ContainsFunc(s.Lines, func(d *haproxy.Directive) bool {
			return d.Word(0) == "stats" && slices.Contains(strings.Fields("auth hide-version realm refresh uri"), d.Word(1))
		})
		for _, d := range s.Lines {
			why := ""
			switch {
			case d.Modifier != "":
			case s.Kind == "global":
				why = u.idle(d)
			case d.Word(0) == "stats" && d.Word(1) == "enable" && page:
				why = "what else is said of the page switches it on"
			case d.Word(0) == "option" && d.Word(1) == "http-use-htx":
				why = "HAProxy passes over it since 2.1"
			case d.Word(0) == "option" && slices.Contains([]string{"httplog", "tcplog", "dontlognull"}, d.Word(1)) && (s.Kind == "backend" || !logs):
				why = map[bool]string{true: "nothing is logged", false: "frontends alone log requests"}[!logs]
			case s.Kind == "defaults" && strings.Join(d.Words(), " ") == "balance roundrobin":
				why = "HAProxy's own"
			}
			if why != "" {
				all[d] = why
			}
		}
	}
	return all
}

// uses are what lines of the global section may count for.
type uses struct{ certificates, authorities, clients, servers bool }

func usesOf(c *haproxy.Config) uses {
	var u uses
	for _, s := range c.Sections {
		for _, d := range s.Lines {
			front := d.Word(0) == "bind"
			if !front && d.Word(0) != "server" && d.Word(0) != "default-server" && d.Word(0) != "server-template" {
				continue
			}
			for i := range d.Tokens {
				relative := !strings.HasPrefix(d.Word(i+1), "/")
				switch d.Tokens[i].Text {
				case "crt", "crt-list":
					u.certificates = u.certificates || relative
				case "ca-file", "ca-verify-file", "crl-file", "ca-sign-file":
					u.authorities = u.authorities || relative
				case "ssl", "check-ssl":
					u.clients, u.servers = u.clients || front, u.servers || !front
				}
			}
		}
	}
	return u
}

// idle says why a line of the global section does nothing; "" where it does.
func (u uses) idle(d *haproxy.Directive) string {
	switch w := d.Word(0); {
	case w == "pidfile" && (d.Word(1) == "/run/haproxy.pid" || d.Word(1) == "/var/run/haproxy.pid"):
		return "the distributions' own units say so"
	case w == "nbproc" && d.Word(1) == "1":
		return "HAProxy's own"
	case w == "crt-base" && !u.certificates:
		return "no line names a certificate without its folder"
	case w == "ca-base" && !u.authorities:
		return "no line names an authority without its folder"
	case strings.HasPrefix(w, "ssl-default-bind-") && !u.clients:
		return "no bind ends TLS"
	case strings.HasPrefix(w, "ssl-default-server-") && !u.servers:
		return "no server is spoken to by TLS"
	}
	return ""
}

// connectsTo is the port that lines of checks connect to, where that is all they do.
func connectsTo(lines []*haproxy.Directive) (int, bool) {
	if len(lines) != 2 || strings.Join(lines[0].Words(), " ") != "option tcp-check" || len(lines[1].Tokens) != 4 {
		return 0, false
	}
	port := number(lines[1].Word(3))
	return port, port > 0 && strings.Join(lines[1].Words()[:3], " ") == "tcp-check connect port"
}

// connects says whether lines of checks say no more than what is done anyhow: a server that
// accepts a connection is up.
func connects(lines []*haproxy.Directive) bool {
	return len(lines) > 0 && strings.Join(lines[0].Words(), " ") == "option tcp-check" &&
		(len(lines) == 1 || len(lines) == 2 && strings.Join(lines[1].Words(), " ") == "tcp-check connect")
}
