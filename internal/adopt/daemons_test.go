package adopt_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// disagrees says in which of the two daemon's words a change that was not reported is one
// all the same; "" where the daemon has the same of both, or refuses the changed file.
func disagrees(t *testing.T, c change) string {
	t.Helper()
	view := haproxyView
	if c.file == "keepalived.conf" {
		view = keepalivedView
	}
	before, ok := view(t, c.before[c.file])
	if !ok {
		return "the daemon does not take the file as it was:\n" + before
	}
	after, ok := view(t, c.after[c.file])
	if !ok || before == after && !saysNothingOf(c) {
		return ""
	}
	if before == after {
		return "haproxy has no word for it, and no table says that it counts for nothing"
	}
	return lineDiff(before, after)
}

// saysNothingOf says whether a line is one of those that HAProxy's words do not show: a
// condition or a rule, or a setting that is not its own value. Another order of lines
// of two kinds is none.
func saysNothingOf(c change) bool {
	if c.file == "keepalived.conf" {
		return false
	}
	lines := strings.Split(c.before[c.file], "\n")
	words := strings.Fields(lines[c.line])
	if c.how == "order changed" {
		other := strings.Fields(lines[c.line+1])
		return words[0] == other[0] && !slices.Contains([]string{"timeout", "option", "stats", "bind", "acl", "errorfile"}, words[0])
	}
	idle := regexp.MustCompile(`^(stats enable|option tcp-check|tcp-check connect|(crt|ca)-base \S+|ssl-default-\S+ .*|pidfile \S+)$`)
	said := strings.Join(words, " ")
	return !regexp.MustCompile(without).MatchString(said) && !idle.MatchString(said) && words[0] != "server" && words[0] != "daemon" &&
		words[0] != "mode" && words[0] != "balance"
}

// in runs a shell's lines with a network of its own in which a node's NICs are.
func in(t *testing.T, script string) string {
	t.Helper()
	nics := "mount -t tmpfs none /run; ip link set lo up; " +
		"for v in 4 6; do echo 1 >/proc/sys/net/ipv$v/ip_nonlocal_bind; done; " +
		"for d in eth0 eth1 ens192 ens3 bond0 eno1 vlan20 enp1s0; do ip link add $d type veth peer name p$d; ip link set p$d up; " +
		"ip addr add 192.0.2.111/24 dev $d; ip link set $d up; done 2>/dev/null; "
	out, err := exec.CommandContext(t.Context(), "unshare", "-n", "-m", "-p", "--fork", "--mount-proc", "sh", "-c",
		nics+script).CombinedOutput()
	if err != nil && len(out) == 0 {
		t.Fatal(err)
	}
	return string(out)
}

// keepalivedView is what Keepalived prints of what it has understood (keepalived -d), without
// what changes from run to run.
func keepalivedView(t *testing.T, conf string) (string, bool) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "keepalived.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	out := in(t, "keepalived -n -l -d -P -f "+file+" -p /run/a -r /run/b >/run/said 2>&1 & pid=$!; i=0; "+
		"while [ $i -lt 300 ] && kill -0 $pid 2>/dev/null && ! grep -q 'Interfaces >---' /run/said; do sleep 0.1; i=$((i+1)); done; "+
		"cat /run/said")
	_, dump, ok := strings.Cut(out, "------< Global definitions >------")
	dump, _, _ = strings.Cut(dump, "------< Interfaces >------")
	var kept []string
	interval := ""
	stamp := regexp.MustCompile(`^\w+ \w+ +\d+ [\d:]+ \d{4}: `)
	for line := range strings.Lines(dump) {
		text := stamp.ReplaceAllString(line, "")
		stamped := text != line
		if text = strings.TrimRight(text, " \n"); !stamped || strings.HasPrefix(text, "Starting ") ||
			text == "Startup complete" || text == "Stopping" ||
			regexp.MustCompile(`^ +(Wantstate|Status|Result|State|Init state) = |Entering|Using src_ip = fe80:|Script user|VRRP (Script|sockpool)`).
				MatchString(text) {
			continue
		}
		if rest, ok := strings.CutPrefix(text, "   Interval = "); ok {
			interval = rest
		}
		if text == "   Timeout = 0 sec" { // then it is the interval
			text = "   Timeout = " + interval
		}
		kept = append(kept, text)
	}
	slices.Sort(kept) // two processes print at once
	return strings.Join(kept, "\n") + "\n", ok
}

// haproxyView is what HAProxy says of its proxies and servers, without the names, or why
// it does not start.
func haproxyView(t *testing.T, cfg string) (string, bool) {
	t.Helper()
	dir := t.TempDir()
	gone := regexp.MustCompile(`(?m)^\s*(chroot|log|pidfile|stats socket|stats timeout|errorfile|ca-base|crt-base|daemon|` +
		`http-error)\b.*\n`)
	cfg = gone.ReplaceAllString(cfg, "\n")
	global, rest, _ := strings.Cut(cfg, "\ndefaults")
	cfg = regexp.MustCompile(`(?m)^\s*(user|group)\s.*$`).ReplaceAllString(global, "") + "\ndefaults" + rest
	cfg = regexp.MustCompile(`( ssl)? crt \S+`).ReplaceAllString(cfg, "")
	cfg = regexp.MustCompile(`alpn \S+`).ReplaceAllString(cfg, "")
	cfg = regexp.MustCompile(`/etc/haproxy/[^ ,)]+\.map`).ReplaceAllString(cfg, "/dev/null")
	cfg = regexp.MustCompile(`ca-file \S+`).ReplaceAllString(cfg, "ca-file /etc/ssl/certs/ca-certificates.crt")
	cfg = strings.Replace(cfg, "global", "global\n    no strict-limits\n    stats socket ipv4@127.0.0.1:9999 level admin", 1)
	file := filepath.Join(dir, "haproxy.cfg")
	if err := os.WriteFile(file, []byte(cfg), 0o600); err != nil {
		t.Fatal(err)
	}
	out := in(t, "haproxy -L lb1 -db -f "+file+" >"+dir+"/said 2>&1 & pid=$!; exec bash -c 'for i in $(seq 200); do "+
		"exec 3<>/dev/tcp/127.0.0.1/9999 && { echo show stat >&3; cat <&3; exit; }; kill -0 $0 || break; sleep 0.1; done 2>/dev/null; "+
		"cat "+dir+"/said' $pid")
	if !strings.Contains(out, "# pxname,") {
		return out, false
	}
	var kept, columns []string
	for line := range strings.Lines(out) {
		fields := strings.Split(strings.TrimSpace(line), ",")
		if strings.HasPrefix(line, "# pxname") {
			columns = fields
			continue
		}
		if len(fields) < 20 || fields[0] == "GLOBAL" {
			continue
		}
		var row []string
		for i, name := range columns {
			if shown := strings.Fields("type weight act bck slim qlimit mode algo cookie addr rate_lim throttle tracked"); i < len(fields) &&
				slices.Contains(shown, name) {
				row = append(row, name+" "+fields[i])
			}
		}
		kept = append(kept, strings.Join(row, ", "))
	}
	return strings.Join(kept, "\n") + "\n", true
}
