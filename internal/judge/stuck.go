package judge

import (
	"cmp"
	"fmt"
	"strings"
	"time"

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
		out.Why, out.Remedy, known = notStarted(e.Host, cmp.Or(e.Text, haproxy), events)
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

// The daemons, by the names that events have for them.
const haproxy, keepalived = "haproxy", "keepalived"

// titles are the daemons' own names.
func titleOf(daemon string) string {
	if daemon == haproxy {
		return "HAProxy"
	}
	return "Keepalived"
}

// notStarted says why a daemon of a node does not run, or does not answer. One that
// has ended at once has said what is wrong.
func notStarted(node, daemon string, events []recording.Event) (why, remedy string, known bool) {
	end := len(events) - 1
	for end >= 0 && (events[end].Kind != recording.Ended || events[end].Host != node || events[end].What != daemon) {
		end--
	}
	if end < 0 {
		why = fmt.Sprintf("HAProxy on %s does not answer on its runtime socket", node)
		return why, "lbgen check asks it what is wrong with its configuration", false
	}
	why = joined(fmt.Sprintf("%s on %s does not start (%s)", titleOf(daemon), node, events[end].Text), lastWords(events, node, daemon))
	if strings.Contains(why, "annot assign requested address") || strings.Contains(why, "annot bind socket") {
		why += fmt.Sprintf(": %s does not have the address, and the kernel lets nobody bind one that is not there", node)
		remedy = "net.ipv4.ip_nonlocal_bind (net.ipv6.ip_nonlocal_bind) must be 1 on every node: it belongs into " +
			"etc/sysctl.d/99-nonlocal_bind.conf"
	}
	return why, remedy, true
}

// lastWords are what a daemon of a node has said before it ended: the first
// complaint, or else its last lines.
func lastWords(events []recording.Event, node, daemon string) string {
	var said []string
	for _, e := range events {
		if e.Kind != recording.Said || e.Host != node || !strings.HasPrefix(strings.ToLower(e.What), daemon) {
			continue
		}
		text := strings.TrimSpace(e.Text)
		if strings.Contains(text, "[ALERT]") || strings.Contains(text, "annot") || strings.HasPrefix(text, "Unable") {
			return text
		}
		said = append(said, text)
	}
	const few = 3
	return strings.Join(said[max(0, len(said)-few):], "; ")
}

// endedAtOnce says that a daemon which was started after a moment has ended, and
// with which words; "" where none has.
func endedAtOnce(events []recording.Event, since time.Duration) string {
	running := map[[2]string]int{} // where it was started
	for i, e := range events {
		key := [2]string{e.Host, e.What}
		from, ok := running[key]
		switch {
		case e.Kind == recording.Started && e.At >= since:
			running[key] = i
		case e.Kind == recording.Ended && ok:
			why := fmt.Sprintf("%s on %s, which was started, has ended (%s)", titleOf(e.What), e.Host, e.Text)
			return joined(why, lastWords(events[from:], e.Host, e.What))
		}
	}
	return ""
}
