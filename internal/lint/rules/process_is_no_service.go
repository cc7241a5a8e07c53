package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func processIsNoService() lint.Rule {
	return lint.Rule{
		ID: "LB1008", Name: "process-is-no-service", Severity: diag.Warning, Since: "0.1",
		Title: "A script of the site's own asks for a process, not for its service",
		Text: `` + "`pidof`, `pgrep`, `ps` and `killall -0`" + ` say that a process of the name is there. One that hangs, or that
has just been started and serves nobody yet, is there too. Of HAProxy lbgen asks that already:
` + "`track: {haproxy: {http: {}}}`" + ` has HAProxy itself answer. Of anything else, ask its port or its socket.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track:
      scripts: [{name: haproxy, command: §[/usr/bin/pidof, haproxy]}]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track: {haproxy: {http: {}}}
`,
		Run: func(p *lint.Pass) {
			ownScripts(p, func(path diag.Path, words []string) {
				if name := program(words); slices.Contains(strings.Fields("pidof pgrep ps killall"), name) {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("%s sees a process, whether it serves or not", name),
						Detail: "for HAProxy write track: {haproxy: {http: {}}} and take the script out; for another service ask its port"})
				}
			})
		},
	}
}
