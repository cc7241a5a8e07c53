package rules

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// scriptRules are about the programs that checks run.
func scriptRules() []Rule {
	return []Rule{
		{ID: "LB1008", Name: "process-is-no-service", Severity: diag.Warning, Mistakes: []string{"KA45"},
			Bad: script("§script \"/usr/bin/pidof haproxy\""), Run: commands(func(p *Pass, _ *pair.Node, l *keepalived.Node, words []string) {
				// killall -0 haproxy is what lbgen itself writes where nothing else is asked for.
				own := path.Base(words[0]) == "killall" && slices.Contains(words, "haproxy")
				if slices.Contains([]string{"killall", "pidof", "pgrep", "ps"}, path.Base(words[0])) && !own {
					p.Report(l.Range, path.Base(words[0])+" sees a process, whether it serves or not",
						"ask HAProxy itself: a monitor-uri on 127.0.0.1, by curl -sf")
				}
			})},
		{ID: "LB1009", Name: "curl-takes-errors", Severity: diag.Error, Mistakes: []string{"KA46"},
			Bad: script("§script \"/usr/bin/curl -s -o /dev/null http://127.0.0.1:8405/alive\""),
			Run: commands(func(p *Pass, _ *pair.Node, l *keepalived.Node, words []string) {
				if path.Base(words[0]) == "curl" && !failsOnErrors(words[1:]) {
					p.Report(l.Range, "curl without -f takes every answer for good, 503 too", "write curl -sf")
				}
			})},
		{ID: "LB1010", Name: "check-asks-manager", Severity: diag.Warning, Mistakes: []string{"KA48"},
			Bad: script("§script \"/usr/bin/systemctl is-active --quiet haproxy\""), Run: commands(func(p *Pass, _ *pair.Node, l *keepalived.Node,
				words []string) {
				if slices.Contains([]string{"systemctl", "docker", "kubectl", "service", "podman"}, path.Base(words[0])) {
					p.Report(l.Range, path.Base(words[0])+" in a check is slow, and may be refused by D-Bus or SELinux: then the virtual IPs move",
						"ask HAProxy itself: a monitor-uri on 127.0.0.1, by curl -sf")
				}
			})},
		{ID: "LB1011", Name: "check-through-haproxy", Severity: diag.Error, Mistakes: []string{"KA49"},
			Bad: script("§script \"/usr/bin/curl -sf -o /dev/null http://127.0.0.1:8081/\"") + "\nfrontend open\n    bind 127.0.0.1:8081\n    " +
				"default_backend app\n",
			Run: commands(throughHAProxy)},
		{ID: "LB5050", Name: "no-shell", Severity: diag.Error, Mistakes: []string{"KA43"},
			Title: "A check uses a shell's signs, and no shell reads it",
			Text: "Keepalived runs the program with the words behind it. `|`, `&&`, `>` and `$(…)` are words like others: the check always " +
				"succeeds, or always fails. Put it into a script, or write `/bin/sh -c '…'`.",
			Bad: script("§script \"/usr/bin/curl -sf http://127.0.0.1:8405/alive > /dev/null\""), Run: commands(shellSigns)},
		{ID: "LB5051", Name: "program-without-path", Severity: diag.Info, Mistakes: []string{"KA44"},
			Title: "A program is named without its path",
			Text:  "Keepalived looks for it by a path of its own, which is not that of a login shell.",
			Bad:   script("§script \"curl -sf -o /dev/null http://127.0.0.1:8405/alive\""), Run: commands(func(p *Pass, _ *pair.Node,
				l *keepalived.Node, words []string) {
				if !path.IsAbs(words[0]) {
					p.Report(l.Range, words[0]+" is named without its path", "write the whole path, such as /usr/bin/"+words[0])
				}
			})},
		{ID: "LB5052", Name: "no-script-security", Severity: diag.Info, Mistakes: []string{"KA40"},
			Title: "Scripts run without `enable_script_security`",
			Text:  "Keepalived runs as root what others than root may write.",
			Bad:   "\nglobal_defs {\n    script_user root\n}\n\n§" + strings.TrimLeft(script("interval 3"), "\n"), Run: nodes(func(p *Pass,
				n *pair.Node) {
				if s := firstScript(n); s != nil && n.Global("enable_script_security") == nil {
					p.Report(s.Range, "scripts run, and global_defs has no enable_script_security", "write enable_script_security and script_user root")
				}
			})},
		{ID: "LB5053", Name: "no-script-user", Severity: diag.Warning, Mistakes: []string{"KA41"},
			Title: "`enable_script_security` without `script_user`",
			Text:  "Without it scripts run as keepalived_script. Where there is no such account, Keepalived takes them out: nothing is watched.",
			Bad:   "\nglobal_defs {\n    §enable_script_security\n}\n", Run: nodes(func(p *Pass, n *pair.Node) {
				l := n.Global("enable_script_security")
				if s := firstScript(n); s != nil && l != nil && n.Global("script_user") == nil && s.Line("user") == nil {
					p.Report(l.Range, "no script_user: without an account keepalived_script the scripts are taken out, and nothing is watched",
						"write script_user root")
				}
			})},
		{ID: "LB5054", Name: "program-not-there", Severity: diag.Warning, Mistakes: []string{"KA39", "KA56"},
			Title: "A script of the node's own is not among its files",
			Text: "It lies beside keepalived.conf and is not there. Keepalived passes over a script that it cannot run: nothing is watched, " +
				"or nobody hears of a change.",
			Bad: instance("§notify \"/etc/keepalived/notify.sh\""), Run: nodes(missingPrograms)},
	}
}

// commands runs a rule on the command of every script.
func commands(run func(*Pass, *pair.Node, *keepalived.Node, []string)) func(*Pass) {
	return scripts(func(p *Pass, n *pair.Node, s *keepalived.Node) {
		l := s.Line("script")
		if l == nil {
			return
		}
		if words := keepalived.Command(l.Value()); len(words) > 0 {
			run(p, n, l, words)
		}
	})
}

func firstScript(n *pair.Node) *keepalived.Node {
	for _, b := range n.Keepalived.Lines {
		if b.Keyword() == "vrrp_script" && !b.Skipped {
			return b
		}
	}
	return nil
}

func failsOnErrors(words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool {
		return strings.HasPrefix(w, "--fail") || len(w) > 1 && w[0] == '-' && w[1] != '-' && strings.Contains(w, "f")
	})
}

func shellSigns(p *Pass, _ *pair.Node, l *keepalived.Node, words []string) {
	if slices.Contains([]string{"sh", "bash", "dash"}, path.Base(words[0])) {
		return
	}
	for _, w := range words[1:] {
		if slices.Contains([]string{"|", "||", "&&", ">", ">>", "<", ";", "&", "2>&1", "2>/dev/null", ">/dev/null"}, w) || strings.HasPrefix(w,
			"$(") || strings.HasPrefix(w, "`") {
			p.Report(l.Range, "no shell reads this command: "+strconv.Quote(w)+" is a word for the program",
				"put it into a script, or write /bin/sh -c '...'")
			return
		}
	}
}

// throughHAProxy finds a check that asks a port of HAProxy's behind which servers
// answer.
func throughHAProxy(p *Pass, n *pair.Node, l *keepalived.Node, words []string) {
	if path.Base(words[0]) != "curl" && path.Base(words[0]) != "wget" {
		return
	}
	for _, s := range n.HAProxy.Sections {
		if s.Kind != "frontend" && s.Kind != "listen" || s.Line("monitor-uri") != nil || !serves(s) {
			continue
		}
		for _, d := range s.Lines {
			if d.Word(0) != "bind" {
				continue
			}
			local := slices.ContainsFunc(pair.Binds(&haproxy.Section{Lines: []*haproxy.Directive{d}}), func(b pair.Bind) bool {
				return slices.Contains([]string{"*", "::", "127.0.0.1", "localhost", "::1"}, b.Host) &&
					slices.ContainsFunc(words, func(w string) bool { return asks(w, b.Port) })
			})
			if local {
				p.Report(l.Range, "the check goes through HAProxy to its servers: where they die, the virtual IPs wander",
					"ask a monitor-uri, which no server has part in",
					diag.Related{Message: "this port", Range: d.Range})
				return
			}
		}
	}
}

// asks says whether a word is the address of the machine itself at a port.
func asks(word, port string) bool {
	for _, host := range []string{"127.0.0.1:", "localhost:", "[::1]:"} {
		_, rest, ok := strings.Cut(word, host+port)
		if ok && (rest == "" || rest[0] < '0' || rest[0] > '9') {
			return true
		}
	}
	return false
}

func missingPrograms(p *Pass, n *pair.Node) {
	n.Keepalived.Walk(func(l *keepalived.Node, in []*keepalived.Node) {
		block := ""
		if len(in) > 0 {
			block = in[len(in)-1].Keyword()
		}
		if f, _ := keepalived.Find(block, l.Keyword()); !f.Runs {
			return
		}
		words := keepalived.Command(l.Value())
		if len(words) == 0 || !strings.HasPrefix(words[0], "/etc/keepalived/") {
			return
		}
		if _, err := n.File(words[0]); err != nil {
			p.Report(l.Range, words[0]+" is not among the node's files", "put it there on every node; collect it with the other files")
		}
	})
}
