package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
)

func timeoutBelowASecond() lint.Rule {
	return lint.Rule{
		ID: "LB2033", Name: "timeout-below-a-second", Severity: diag.Warning, Since: "0.1",
		Title: "Clients or servers may be silent for less than a second",
		Text: `A page that takes longer, a client on a telephone, a lost packet that is sent again after 200 ms or a
second: all of them are cut off. Mostly seconds were meant: HAProxy itself takes a bare number
for milliseconds, and ` + "`timeout client 30`" + ` is 0.03 seconds.`,
		Bad: `
defaults: {timeouts: {client: §500ms}}
`,
		Good: `
defaults: {timeouts: {client: 30s}}
`,
		Run: func(p *lint.Pass) {
			say := func(path diag.Path, name string, d time.Duration) {
				if d > 0 && d < time.Second {
					p.Report(lint.Finding{Path: path, Summary: fmt.Sprintf("%s of %s cuts off what is only slow", name, model.Duration(d)),
						Detail: "write seconds"})
				}
			}
			t := &p.Site.Written.Defaults.Timeouts
			say("defaults.timeouts.client", "timeout client", time.Duration(t.Client))
			say("defaults.timeouts.server", "timeout server", time.Duration(t.Server))
			say("defaults.timeouts.tunnel", "timeout tunnel", time.Duration(t.Tunnel))
			say("defaults.timeouts.http_request", "timeout http-request", time.Duration(t.HTTPRequest))
			for i := range p.Site.Frontends {
				f := &p.Site.Frontends[i]
				path, own := f.Path().Key("timeouts"), &f.Frontend.Timeouts
				say(path.Key("client"), "timeout client", time.Duration(own.Client))
				say(path.Key("http_request"), "timeout http-request", time.Duration(own.HTTPRequest))
			}
			for i := range p.Site.Backends {
				b := &p.Site.Backends[i]
				path, own := b.Path().Key("timeouts"), &b.Backend.Timeouts
				say(path.Key("server"), "timeout server", time.Duration(own.Server))
				say(path.Key("tunnel"), "timeout tunnel", time.Duration(own.Tunnel))
			}
			for _, f := range p.Site.Written.RawFields() {
				for _, line := range f.Raw.Lines() {
					if name, d := rawTimeout(line); !f.Keepalived && name != "" {
						say(f.Path, name, d)
					}
				}
			}
		},
	}
}

// rawTimeout reads a raw line that is one of the time-outs that this is about.
func rawTimeout(line string) (name string, d time.Duration) {
	w := haproxy.ReadLine(line)
	if w == nil || w.Word(0) != "timeout" || !slices.Contains(strings.Fields("client server tunnel http-request"), w.Word(1)) {
		return "", 0
	}
	text := w.Word(2)
	digits := strings.TrimRight(text, "usmhd")
	n, err := strconv.Atoi(digits)
	unit, ok := map[string]time.Duration{"": time.Millisecond, "us": time.Microsecond, "ms": time.Millisecond, "s": time.Second,
		"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[text[len(digits):]]
	if err != nil || !ok {
		return "", 0
	}
	return "timeout " + w.Word(1), time.Duration(n) * unit
}
