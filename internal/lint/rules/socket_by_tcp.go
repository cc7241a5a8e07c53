package rules

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func socketByTCP() lint.Rule {
	return lint.Rule{
		ID: "LB2027", Name: "runtime-socket-by-tcp", Severity: diag.Error, Since: "0.1",
		Title: "Whoever reaches a port may steer HAProxy",
		Text: `The runtime socket asks for no password: who may connect may switch servers off, read every stick table and every key that
is loaded. A file has an owner and a mode, a TCP port has neither. Programs on the node use the file, with a group of their own
(` + "`global.stats_socket`" + `); others read the statistics page or its metrics.`,
		Bad: `
global:
  raw: §stats socket ipv4@*:9999 level admin
`,
		Good: `
global: {stats_socket: {mode: "660", group: monitor}}
`,
		Run: func(p *lint.Pass) {
			for _, line := range p.Site.Global.Raw.Lines() {
				d := haproxy.ReadLine(line)
				if d == nil || d.Word(0) != "stats" || d.Word(1) != "socket" || d.Word(2) == "" || d.Tokens[2].Env || isFile(d.Word(2)) {
					continue
				}
				p.Report(lint.Finding{
					Path: "global.raw", Summary: fmt.Sprintf("the runtime socket %s asks nobody for a password", d.Word(2)),
					Detail: "take the line out, and let programs on the node use the file: global.stats_socket",
				})
			}
		},
	}
}

// isFile says whether an address of a socket is not one of the network, nor of
// the node's own loopback, which every user of the node reaches.
func isFile(address string) bool {
	for _, prefix := range []string{"/", "unix@", "abns@", "fd@", "sockpair@"} {
		if strings.HasPrefix(address, prefix) {
			return true
		}
	}
	return false
}
