package keepalived_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/testenv"
)

// needDaemon skips a test that asks Keepalived itself, in a network of its own,
// and says why.
func needDaemon(t testing.TB) {
	t.Helper()
	testenv.Root(t)
	testenv.Programs(t, "keepalived", "unshare", "ip")
}

// daemon is what a real Keepalived says of a configuration.
type daemon struct {
	members []string            // of sync groups: "GROUP WORD"
	mails   []string            // addresses
	unknown []string            // "LINE KEYWORD"
	scripts map[string][]string // what each script runs
}

// idOfTests is the name that lines with @NAME are compared with.
const idOfTests = "me"

func ask(t testing.TB, conf string) daemon {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "keepalived.conf")
	if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("unshare", "-mn", "sh", "testdata/dump.sh", file, dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return understand(strings.ReplaceAll(string(out), dir, "."))
}

var (
	stamp   = regexp.MustCompile(`^\w+ \w+ +\d+ \d\d:\d\d:\d\d \d+: `)
	member  = regexp.MustCompile(`^Virtual router (.*) specified in sync group (\w+) doesn't exist - ignoring$`)
	unknown = regexp.MustCompile(`^\(.*/keepalived.conf: Line (\d+)\) Unknown keyword '(.*)'$`)
	mail    = regexp.MustCompile(`^   (.*)$`)
	script  = regexp.MustCompile(`^ VRRP Script = (\w+)$`)
	command = regexp.MustCompile(`^   Command = '(.*)'$`)
)

func understand(said string) daemon {
	d := daemon{scripts: map[string][]string{}}
	mails, name := false, ""
	for _, line := range strings.Split(said, "\n") {
		line = stamp.ReplaceAllString(line, "")
		if m := member.FindStringSubmatch(line); m != nil {
			d.members = append(d.members, m[2]+" "+m[1])
		}
		if m := unknown.FindStringSubmatch(line); m != nil {
			d.unknown = append(d.unknown, m[1]+" "+m[2])
		}
		if m := script.FindStringSubmatch(line); m != nil {
			name = m[1]
		}
		if m := command.FindStringSubmatch(line); m != nil {
			d.scripts[name] = strings.Split(m[1], "' '")
		}
		if m := mail.FindStringSubmatch(line); mails && m != nil {
			d.mails = append(d.mails, m[1])
		}
		switch line {
		case " Email notification to:":
			mails = true
		case " Default smtp_alert = unset":
			mails = false
		}
	}
	return d
}

// read is the same of the reader.
func read(conf string) daemon {
	d := daemon{scripts: map[string][]string{}}
	c := keepalived.Read([]keepalived.Source{{Name: "keepalived.conf", Data: []byte(conf)}}, keepalived.Options{ID: idOfTests})
	c.Walk(func(n *keepalived.Node, in []*keepalived.Node) {
		path := ""
		for _, b := range in {
			path += b.Keyword() + "/"
		}
		switch {
		case path == "vrrp_sync_group/group/":
			for _, w := range n.Words {
				d.members = append(d.members, in[0].Value()+" "+w.Text)
			}
		case path == "global_defs/notification_email/":
			for _, w := range n.Words {
				d.mails = append(d.mails, w.Text)
			}
		case path == "vrrp_script/" && n.Keyword() == "script":
			if run := keepalived.Command(n.Value()); len(run) > 0 {
				d.scripts[in[0].Value()] = run
			}
		}
		if !n.Known && !strings.HasPrefix(path, "global_defs/") {
			d.unknown = append(d.unknown, fmt.Sprint(n.Words[0].Range.Start.Line, " ", n.Keyword()))
		}
	})
	return d
}

// alike wants two lists of words to be the same.
func alike(t *testing.T, what string, daemon, reader []string) {
	t.Helper()
	for i := range max(len(daemon), len(reader)) {
		if i >= len(daemon) || i >= len(reader) || daemon[i] != reader[i] {
			t.Errorf("%s, word %d of %d and %d:\nKeepalived %q\nthe reader %q", what, i, len(daemon), len(reader),
				slices.Clone(daemon[max(0, i-3):min(len(daemon), i+3)]), slices.Clone(reader[max(0, min(i-3, len(reader))):min(len(reader), i+3)]))
			return
		}
	}
}

// frame puts a line into lists, whose words Keepalived says, and closes whatever the
// line may have opened.
func frame(i int, line string) string {
	further := ""
	if strings.ContainsAny(strings.ReplaceAll(line, "${", ""), "{}") {
		further = "} } }\n"
	}
	return fmt.Sprintf("vrrp_sync_group g%d {\n    group {\nstart%d\n%s\nend%d\n    }\n}\n%s", i, i, line, i, further)
}

const instance = "vrrp_instance ofTests {\n    interface eth0\n    virtual_router_id 7\n    virtual_ipaddress {\n        192.0.2.9\n   " +
	" }\n%s}\n"

const seed = 20261129

// TestWordsOfNastyLines has a real Keepalived say the words of lines that nobody
// should write.
func TestWordsOfNastyLines(t *testing.T) {
	needDaemon(t)
	t.Parallel()
	const lines = 5000
	g := &nasty{rand.New(rand.NewPCG(seed, 1))}
	t.Logf("seed %d, %d lines", seed, lines)
	var b strings.Builder
	fmt.Fprintf(&b, instance, "")
	for i := range lines {
		b.WriteString(frame(i, g.line(i)))
	}
	conf := b.String()
	theirs, ours := ask(t, conf), read(conf)
	alike(t, "members of groups", theirs.members, ours.members)
	alike(t, "unknown keywords", keywordsOf(theirs.unknown), keywordsOf(ours.unknown))
	if len(theirs.members) < 2*lines {
		t.Errorf("only %d words were said", len(theirs.members))
	}
}

// TestSecondListEndsTheBlock: a second list closes the block around it, too, and what
// stands there is read as if it stood behind the block.
func TestSecondListEndsTheBlock(t *testing.T) {
	needDaemon(t)
	t.Parallel()
	var b strings.Builder
	fmt.Fprintf(&b, instance, "")
	for _, second := range []string{"group {\nb\n}", "group x {\nb\n}", "group x\n{\nb\n}", "group x { b }", "group { b } ,z",
		"} group {b},z\n{"} {
		for _, block := range []string{"vrrp_sync_group", "track_group"} {
			fmt.Fprintf(&b, "%s g%d {\n group {\n a\n }\n %s\n zz\n}\n}\n", block, b.Len(), second)
		}
	}
	theirs, ours := ask(t, b.String()), read(b.String())
	alike(t, "members of groups", theirs.members, ours.members)
	alike(t, "unknown keywords", theirs.unknown, ours.unknown)
	if !slices.ContainsFunc(theirs.unknown, func(u string) bool { return strings.HasSuffix(u, " }") }) {
		t.Error("Keepalived takes no brace for one too many: is there anything to see?")
	}
}

// keywordsOf leaves the lines out: of what a definition brings the reader knows where
// it stands, and Keepalived where it is used.
func keywordsOf(unknown []string) []string {
	var all []string
	for _, u := range unknown {
		_, keyword, _ := strings.Cut(u, " ")
		all = append(all, keyword)
	}
	return all
}

// TestLinesOfNastyLines wants the reader to know where a word stands.
func TestLinesOfNastyLines(t *testing.T) {
	needDaemon(t)
	t.Parallel()
	const lines = 1000
	g := &nasty{rand.New(rand.NewPCG(seed, 4))}
	t.Logf("seed %d, %d lines", seed, lines)
	var b strings.Builder
	fmt.Fprintf(&b, instance, "")
	for range lines {
		b.WriteString("x" + g.words([]string{"$"}) + "\n")
	}
	alike(t, "unknown keywords", ask(t, b.String()).unknown, read(b.String()).unknown)
}

// TestWordsOfGlobals is the same for global_defs, which another of its processes
// reads.
func TestWordsOfGlobals(t *testing.T) {
	needDaemon(t)
	t.Parallel()
	const lines = 1000
	g := &nasty{rand.New(rand.NewPCG(seed, 2))}
	t.Logf("seed %d, %d lines", seed, lines)
	var b strings.Builder
	b.WriteString(fmt.Sprintf(instance, "") + "global_defs {\nsmtp_server 127.0.0.1\nnotification_email {\n")
	for i := range lines {
		fmt.Fprintf(&b, "start%d\n%s\n", i, g.line(i, "{", "}"))
	}
	b.WriteString("}\n}\n")
	conf := b.String()
	alike(t, "addresses", ask(t, conf).mails, read(conf).mails)
}

// TestWordsOfCommands is the same for what is run.
func TestWordsOfCommands(t *testing.T) {
	needDaemon(t)
	t.Parallel()
	const lines = 500
	g := &nasty{rand.New(rand.NewPCG(seed, 3))}
	t.Logf("seed %d, %d lines", seed, lines)
	var b, track strings.Builder
	track.WriteString("track_script {\n")
	for i := range lines {
		// A line that it cannot take apart ends Keepalived 2.2.7 (SIGSEGV).
		line := g.command()
		for !keepalived.Splits("script " + line) {
			line = g.command()
		}
		fmt.Fprintf(&b, "vrrp_script s%d {\ninterval 1000\nscript %s\n}\n", i, line)
		fmt.Fprintf(&track, "s%d\n", i)
	}
	conf := b.String() + fmt.Sprintf(instance, track.String()+"}\n")
	theirs, ours := ask(t, conf), read(conf)
	for i := range lines {
		name := fmt.Sprintf("s%d", i)
		if !slices.Equal(theirs.scripts[name], ours.scripts[name]) {
			t.Errorf("%s\nKeepalived %q\nthe reader %q", name, theirs.scripts[name], ours.scripts[name])
		}
	}
	if len(theirs.scripts) < lines/2 {
		t.Errorf("only %d scripts are left", len(theirs.scripts))
	}
}
