package rules

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// watchRules are about what instances watch, and who is told.
func watchRules() []Rule {
	return []Rule{
		{ID: "LB1004", Name: "check-outlasts-interval", Severity: diag.Warning, Mistakes: []string{"KA50"},
			Bad: script("interval 2\n§timeout 5"), Run: scripts(func(p *Pass, _ *pair.Node, s *keepalived.Node) {
				timeout, interval := pair.Seconds(s.Of("timeout"), 0), pair.Seconds(s.Of("interval"), 1e9)
				if timeout > interval {
					p.Report(s.Line("timeout").Range, fmt.Sprintf("a check may take %s and is due every %s", timeout, interval),
						"write a timeout that is not longer than the interval")
				}
			})},
		{ID: "LB1005", Name: "one-bad-check-moves", Severity: diag.Warning, Mistakes: []string{"KA51"},
			Bad: script("§fall 1"), Run: scripts(func(p *Pass, _ *pair.Node, s *keepalived.Node) {
				if fall := s.Of("fall"); fall == "1" || fall == "" {
					at, why := s.Range, ": Keepalived's fall is 1 where nothing is written"
					if l := s.Line("fall"); l != nil {
						at, why = l.Range, ""
					}
					p.Report(at, "one bad check moves the virtual IPs"+why, "write fall 2, and a shorter interval if that is too slow")
				}
			})},
		{ID: "LB1012", Name: "slow-to-count-again", Severity: diag.Info,
			Bad: script("interval 10\n§rise 10"), Run: scripts(func(p *Pass, _ *pair.Node, s *keepalived.Node) {
				rise, _ := strconv.Atoi(s.Of("rise"))
				if d := pair.Seconds(s.Of("interval"), 1e9).Seconds() * float64(rise); d > 60 {
					p.Report(s.Line("rise").Range, fmt.Sprintf("a node that is well again counts after %.0f seconds", d),
						"write a smaller rise, or a shorter interval")
				}
			})},
		{ID: "LB5040", Name: "script-not-there", Severity: diag.Error, Mistakes: []string{"KA37"},
			Title: "A script or process is tracked that no block defines",
			Text:  "Keepalived passes over the line: nothing is watched.",
			Bad:   instance("track_script {\n    alive\n    §alivee\n}"), Run: each(func(p *Pass, m *pair.Member) {
				for _, t := range m.Tracks {
					if t.Missing {
						p.Report(t.At, "there is no vrrp_script or vrrp_track_process "+t.Name+": nothing is watched", "write one, or its right name")
					}
				}
			})},
		{ID: "LB5041", Name: "script-not-used", Severity: diag.Warning, Mistakes: []string{"KA38"},
			Title: "A script is defined that no instance tracks",
			Text:  "It watches nothing. Most pairs in which HAProxy is not watched have such a script.",
			Bad:   "\nvrrp_script §other {\n    script \"/usr/local/bin/other\"\n    interval 5\n    fall 2\n    rise 2\n}\n",
			Run:   nodes(unusedScripts)},
		{ID: "LB5042", Name: "mail-without-server", Severity: diag.Warning, Mistakes: []string{"KA57"},
			Title: "`smtp_alert` without a mail server or without addresses",
			Text:  "Nobody gets a mail.",
			Bad:   instance("§smtp_alert"), Run: each(func(p *Pass, m *pair.Member) {
				if m.Block.Line("smtp_alert") == nil {
					return
				}
				if l := m.Node.Global("notification_email"); l == nil || len(l.Lines) == 0 || m.Node.Global("smtp_server") == nil {
					p.Report(m.At("smtp_alert"), "smtp_alert without notification_email and smtp_server: nobody gets a mail",
						"write them in global_defs")
				}
			})},
		{ID: "LB5043", Name: "notify-runs-haproxy", Severity: diag.Warning, Mistakes: []string{"KA52"},
			Title: "A notify line starts or stops HAProxy",
			Text: "That makes a failover as slow as the start, and a check of HAProxy fails on every backup. Let HAProxy run on every node, " +
				"and set net.ipv4.ip_nonlocal_bind, so that it can bind addresses that the node does not hold.",
			Bad: instance("§notify_master \"/usr/bin/systemctl start haproxy\""), Run: each(notifyStarts)},
		{ID: "LB5044", Name: "interval-not-written", Severity: diag.Info,
			Title: "A script has no interval",
			Text:  "Keepalived runs it every second. A weight and a time are the two things that a reader wants to know of a check.",
			Bad: "\nvrrp_script §alive {\n    script \"/usr/bin/curl -sf -o /dev/null http://127.0.0.1:8405/alive\"\n    timeout 1\n    rise " +
				"2\n    fall 2\n}\n",
			Run: scripts(func(p *Pass, _ *pair.Node, s *keepalived.Node) {
				if s.Line("interval") == nil {
					p.Report(s.Words[1].Range, "no interval is written: it runs every second", "write interval 2, or what it should be")
				}
			})},
	}
}

// script is the common script with further lines.
func script(lines string) string { return within("vrrp_script alive {", commonKeepalived, lines) }

// scripts runs a rule on every script that is tracked.
func scripts(run func(*Pass, *pair.Node, *keepalived.Node)) func(*Pass) {
	return nodes(func(p *Pass, n *pair.Node) {
		for _, b := range n.Keepalived.Lines {
			if b.Keyword() == "vrrp_script" && b.Block && !b.Skipped && len(b.Words) > 1 {
				run(p, n, b)
			}
		}
	})
}

func unusedScripts(p *Pass, n *pair.Node) {
	used := map[string]bool{}
	for _, b := range n.Keepalived.Lines {
		for _, list := range []string{"track_script", "track_process"} {
			for _, l := range b.Listed(list) {
				used[l.Keyword()] = true
			}
		}
	}
	for _, b := range n.Keepalived.Lines {
		if kind := b.Keyword(); (kind == "vrrp_script" || kind == "vrrp_track_process") && !b.Skipped && len(b.Words) > 1 && !used[b.Value()] {
			p.Report(b.Words[1].Range, "no instance tracks "+b.Value()+": it watches nothing",
				"name it in track_script of the instance, or take it out")
		}
	}
}

func notifyStarts(p *Pass, m *pair.Member) {
	for _, l := range m.Block.Lines {
		if !strings.HasPrefix(l.Keyword(), "notify") {
			continue
		}
		words := keepalived.Command(l.Value())
		if len(words) < 2 || !slices.Contains(words, "haproxy") && !slices.Contains(words, "haproxy.service") {
			continue
		}
		if name := path.Base(words[0]); slices.Contains([]string{"systemctl", "service"}, name) {
			p.Report(l.Range, "a change of state starts or stops HAProxy: slow, and a check of it fails on every backup",
				"let HAProxy run on every node, and set net.ipv4.ip_nonlocal_bind")
		}
	}
}
