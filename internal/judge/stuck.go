package judge

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/recording"
)

// stuck says why a drill could not go on.
func (f Forecast) stuck(out *Outcome, e recording.Event, events []recording.Event) {
	out.Verdict, out.Why, out.Remedy, out.Over = Failed, e.Text, "", true
	known := false
	switch e.What {
	case recording.NotReached:
		out.Verdict, known = Skipped, true
	case recording.NotInPlace:
		out.Why, out.Remedy, known = f.notInPlace(events)
		for _, g := range f.Groups {
			if why := g.lost(Masters(events), g.Home); why != "" {
				out.Verdict, out.Why, out.Remedy, known = Noted, why, "", true
			}
		}
	case recording.NotStarted:
		out.Why, out.Remedy, known = notStarted(e.Host, events)
	}
	if word := busy(events); word != "" && !known {
		out.Verdict, out.Why, out.Remedy = Inconclusive, doubted(out.Why, word), quieter
	}
}

// notInPlace says why the site does not come up.
func (f Forecast) notInPlace(events []recording.Event) (why, remedy string, known bool) {
	masters := Masters(events)
	for i, g := range f.Groups {
		for _, vip := range g.VIPs {
			have := masters[vip]
			if sameNodes(have, g.Home) {
				continue
			}
			because, remedy := f.because(i, events)
			wrong := fmt.Sprintf("%s is on %s, and should be on %s", vip, listed(have), listed(g.Home))
			return joined(wrong, because), remedy, g.Cause != ""
		}
	}
	return "Keepalived does not come to rest on every node", "", false
}

// notStarted says why HAProxy on a node does not answer. One that has ended at
// once has said what is wrong.
func notStarted(node string, events []recording.Event) (why, remedy string, known bool) {
	const haproxy = "haproxy"
	mine := func(e recording.Event, kind recording.Kind) bool {
		return e.Kind == kind && e.Host == node && e.What == haproxy
	}
	end := len(events) - 1
	for end >= 0 && !mine(events[end], recording.Ended) {
		end--
	}
	if end < 0 {
		why = fmt.Sprintf("HAProxy on %s does not answer on its runtime socket", node)
		return why, "lbgen check asks it what is wrong with its configuration", false
	}
	why = fmt.Sprintf("HAProxy on %s does not start (%s)", node, events[end].Text)
	i := slices.IndexFunc(events, func(e recording.Event) bool {
		return mine(e, recording.Said) && (strings.Contains(e.Text, "[ALERT]") || strings.Contains(e.Text, "annot"))
	})
	if i >= 0 {
		why += ": " + strings.TrimSpace(events[i].Text)
	}
	if strings.Contains(why, "annot assign requested address") || strings.Contains(why, "annot bind socket") {
		why += fmt.Sprintf(": %s does not have the address, and the kernel lets nobody bind one that is not there", node)
		remedy = "net.ipv4.ip_nonlocal_bind (net.ipv6.ip_nonlocal_bind) must be 1 on every node: it belongs into " +
			"etc/sysctl.d/99-nonlocal_bind.conf"
	}
	return why, remedy, true
}
