package rules

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func rawHasAField() lint.Rule {
	return lint.Rule{
		ID: "LB2022", Name: "raw-has-a-field", Severity: diag.Warning, Since: "0.1",
		Title: "A raw line says what a field is for",
		Text: `Raw lines are handed on as they are: lbgen does not see that two of them contradict each other, does not count a maxconn among
the open files, does not open a port. What a field says as well then stands in haproxy.cfg twice, and the last one wins.`,
		Bad: `
defaults:
  raw: §timeout client 30s
`,
		Good: `
defaults:
  timeouts: {client: 30s}
  raw: option splice-auto
`,
		Run: func(p *lint.Pass) {
			look := func(path string, raw model.Raw, fields func() map[string]string) {
				if raw == "" {
					return
				}
				known := fields()
				for _, line := range raw.Lines() {
					if keyword, field := haproxyField(line, known); field != "" {
						p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("there is a field for %q", keyword), Detail: "write " + field + " in its place"})
						return // one finding a block
					}
				}
			}
			look("global.raw", p.Site.Global.Raw, globalFields)
			look("defaults.raw", p.Site.Defaults.Raw, sectionFields)
			for i := range p.Site.Frontends {
				look(at("frontends", i)+".raw", p.Site.Frontends[i].Raw, frontendFields)
			}
			for i := range p.Site.Backends {
				look(at("backends", i)+".raw", p.Site.Backends[i].Raw, backendFields)
			}
		},
	}
}

// haproxyField returns the field that a raw line stands for, and the words by
// which it was known: the first, or the first two. A line that may say more than
// the field can is none; $ ends one that is known whole.
func haproxyField(line string, fields map[string]string) (keyword, field string) {
	words := strings.Fields(line)
	if len(words) > 0 && words[0] == "no" {
		words = words[1:]
	}
	if field = fields[strings.Join(words, " ")+"$"]; field != "" {
		return strings.Join(words, " "), field
	}
	for n := min(2, len(words)); n > 0; n-- {
		keyword = strings.Join(words[:n], " ")
		if field = fields[keyword]; field != "" {
			return keyword, field
		}
	}
	return "", ""
}

func globalFields() map[string]string {
	return map[string]string{
		"chroot": "paths.chroot", "user": "service_user.user", "group": "service_user.group", "maxconn": "global.maxconn", "nbthread": "global.nbthread",
		"hard-stop-after": "global.hard_stop_after", "close-spread-time": "global.close_spread_time", "stats timeout": "global.stats_socket.timeout",
		"ssl-default-bind-ciphers": "global.tls.ciphers", "ssl-default-server-ciphers": "global.tls.ciphers",
		"ssl-default-bind-ciphersuites": "global.tls.ciphersuites", "ssl-default-server-ciphersuites": "global.tls.ciphersuites",
		"tune.ssl.default-dh-param": "global.tls.dh_param", "tune.bufsize": "global.tune_bufsize", "spread-checks": "global.spread_checks",
	}
}

// sectionFields are what defaults and the other sections have alike, and the
// rest of what defaults have.
func sectionFields() map[string]string {
	return map[string]string{
		"mode http$": "mode", "mode tcp$": "mode", "maxconn": "maxconn", "retries": "retries", "option redispatch$": "redispatch", "option forwardfor": "forwardfor",
		"option http-server-close": "http_connection", "option httpclose": "http_connection", "option http-keep-alive": "http_connection",
		"log-format": "log_format", "option log-health-checks": "log_health_checks", "option dontlognull": "log_empty",
		"timeout http-request": "timeouts.http_request", "timeout queue": "timeouts.queue", "timeout connect": "timeouts.connect", "timeout client": "timeouts.client",
		"timeout server": "timeouts.server", "timeout http-keep-alive": "timeouts.http_keep_alive", "timeout check": "timeouts.check", "timeout tunnel": "timeouts.tunnel",
		"timeout client-fin": "timeouts.client_fin", "timeout server-fin": "timeouts.server_fin",
	}
}

func frontendFields() map[string]string {
	fields := sectionFields()
	fields["default_backend"], fields["monitor-uri"], fields["option clitcpka"] = "default_backend", "monitor_uri", "tcp_keepalive"
	return fields
}

func backendFields() map[string]string {
	fields := sectionFields()
	for keyword, field := range map[string]string{
		"option httpchk": "health.http", "option allbackups": "allbackups", "option abortonclose": "abortonclose", "http-reuse": "http_reuse",
		"option http-pretend-keepalive": "http_pretend_keepalive", "option srvtcpka": "tcp_keepalive",
	} {
		fields[keyword] = field
	}
	for _, algorithm := range model.BalanceAlgorithms() {
		fields["balance "+algorithm+"$"] = "balance"
	}
	return fields
}
