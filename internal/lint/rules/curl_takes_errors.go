package rules

import (
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
)

func curlTakesErrors() lint.Rule {
	return lint.Rule{
		ID: "LB1009", Name: "curl-takes-errors", Since: "0.1",
		Title: "The check takes an error page for a good answer",
		Text: `curl ends with 0 whenever it got an answer, whatever its status. Only with ` + "`-f`" + ` a status of 400 or more is
a failure: without it a service that answers 503 to everybody is well.`,
		Bad: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track:
      scripts: [{name: own, command: §[/usr/bin/curl, -s, -o, /dev/null, 'http://127.0.0.1:9000/up']}]
`,
		Good: `
vrrp:
  - name: VI_1
    nic: front
    virtual_router_id: 23
    vips: [192.0.2.10]
    track:
      scripts: [{name: own, command: [/usr/bin/curl, -sf, -o, /dev/null, 'http://127.0.0.1:9000/up']}]
`,
		Run: func(p *lint.Pass) {
			ownScripts(p, func(path diag.Path, words []string) {
				if program(words) == "curl" && !looksAtStatus(words[1:]) {
					p.Report(lint.Finding{Path: path, Summary: "curl ends with 0 for a status of 503 too", Detail: "add -f to its arguments"})
				}
			})
		},
	}
}

// looksAtStatus says whether curl is told to, or its output is read: -f stands
// alone or among other short options, --fail and --fail-with-body are long.
func looksAtStatus(arguments []string) bool {
	for _, a := range arguments {
		short := strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--")
		if strings.HasPrefix(a, "--fail") || short && strings.Contains(a, "f") || a == "|" {
			return true
		}
	}
	return false
}
