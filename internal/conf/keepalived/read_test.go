package keepalived_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// shown is a tree as text: each line with its place, those of blocks indented.
func shown(lines []*keepalived.Node, indent string) string {
	var b strings.Builder
	for _, n := range lines {
		fmt.Fprintf(&b, "%s%d:%d-%d:%d", indent, n.Range.Start.Line, n.Range.Start.Column, n.Range.End.Line, n.Range.End.Column)
		for _, w := range n.Words {
			fmt.Fprintf(&b, " %q@%d", w.Text, w.Range.Start.Column)
		}
		b.WriteString("\n" + shown(n.Lines, indent+"  "))
	}
	return b.String()
}

func readText(text string, opts keepalived.Options) *keepalived.Config {
	return keepalived.Read([]keepalived.Source{{Name: "k.conf", Data: []byte(text)}}, opts)
}

func TestPlaces(t *testing.T) {
	c := readText("! ä\nvrrp_instance \"ä b\" { interface ä; state x }\nvrrp_script s\n{\n  script \"/bin/x 'a b'\" # why\n}\n",
		keepalived.Options{})
	want := `2:1-2:20 "vrrp_instance"@1 "ä b"@15
  2:23-2:43 "interface"@23 "ä;"@33 "state"@36 "x"@42
3:1-3:14 "vrrp_script"@1 "s"@13
  5:3-5:24 "script"@3 "/bin/x 'a b'"@10
`
	if d := cmp.Diff(want, shown(c.Lines, "")); d != "" {
		t.Error(d)
	}
	if len(c.Comments) != 2 || c.Comments[1].Text != "# why" || c.Comments[1].Range.String() != "k.conf:5:25" {
		t.Errorf("comments %+v", c.Comments)
	}
	if len(c.Found) != 0 {
		t.Errorf("found %v", c.Found)
	}
}

// TestNodesOfOneFile reads what is for one node, and puts definitions in.
func TestNodesOfOneFile(t *testing.T) {
	const text = "$ID=51\n$V= \\\nvirtual_router_id ${ID} \\\nadvert_int 2\nvrrp_instance v {\n@lb1 priority 100\n@lb2 priority 50\n@^lb1 " +
		"nopreempt\n$V\n" +
		"virtual_ipaddress {\n~SEQ(N, 8, 9) 192.0.2.${N}\n}\n}\n"
	want := `5:1-5:16 "vrrp_instance"@1 "v"@15
  7:6-7:17 "priority"@6 "50"@15
  8:7-8:16 "nopreempt"@7
  3:1-3:19 "virtual_router_id"@1 "51"@5
  4:1-4:13 "advert_int"@1 "2"@12
  10:1-10:18 "virtual_ipaddress"@1
    11:15-11:23 "192.0.2.8"@15
    11:15-11:23 "192.0.2.9"@15
`
	c := readText(text, keepalived.Options{ID: "lb2"})
	got := shown(c.Lines, "")
	if !strings.Contains(got, `"priority"@6 "50"@15`) || strings.Contains(got, `"100"`) {
		t.Errorf("not lb2's lines:\n%s", got)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestIncludes(t *testing.T) {
	files := map[string]string{
		"/etc/keepalived/conf.d/*.conf": "vrrp_script a {\n    script /bin/a\n}\n",
		"/etc/keepalived/loop.conf":     "include loop.conf\n",
	}
	opts := keepalived.Options{Open: func(pattern string) ([]keepalived.Source, error) {
		text, ok := files[pattern]
		if !ok {
			return nil, errors.New("permission denied")
		}
		return []keepalived.Source{{Name: strings.ReplaceAll(pattern, "*", "x"), Data: []byte(text)}}, nil
	}}
	c := keepalived.Read([]keepalived.Source{{Name: "/etc/keepalived/keepalived.conf",
		Data: []byte("include conf.d/*.conf\nincluder no.conf\nvrrp_script b {\n}\ninclude loop.conf\n")}}, opts)
	if len(c.Lines) != 2 || c.Lines[0].Range.String() != "/etc/keepalived/conf.d/x.conf:1:1" || c.Lines[1].Value() != "b" {
		t.Errorf("%s", shown(c.Lines, ""))
	}
	if len(c.Found) != 2 || c.Found[0].Subject.Start.Line != 2 || !strings.Contains(c.Found[0].Summary, "permission denied") {
		t.Errorf("%v", c.Found)
	}
}

func TestWhatIsNotUnderstoodIsFound(t *testing.T) {
	for text, want := range map[string]string{
		"vrrp_instance v {\n  priorty 9\n}\n":        "k.conf:2:3: Keepalived does not know priorty here",
		"vrrp_instance v {\n":                        "k.conf:1:1: the brace that closes this vrrp_instance is missing",
		"\ntrack_file f {\n  weight 1\n":             "k.conf:2:1: the brace that closes this track_file is missing",
		"virtual_server_group g {\n":                 "k.conf:1:1: the brace that closes this virtual_server_group is missing",
		"vrrp_sync_group g {\n  group a {\n  }\n}\n": "k.conf:2:3: nothing may stand behind group but a brace",
		"\ufeff! a\nglobal_defs {\n}\n":              "k.conf:1:1: the file begins with a byte order mark (U+FEFF)",
		"vrrp_script s {\n  interval 1\nvrrp_instance v {\n}\n": "k.conf:3:1: vrrp_instance stands in vrrp_script: the brace that closes " +
			"that is missing",
		"}\n":                                             "k.conf:1:1: this brace closes nothing",
		"vrrp_instance v\n  state MASTER\n}\n":            "k.conf:2:3: the brace that opens vrrp_instance is missing",
		"vrrp_instance v {\n  foo {\n  }\n}\n":            "k.conf:2:3: Keepalived does not know foo here",
		"global_defs {\n  router_id \"a\n}\n":             "k.conf:2:3: a double quote is not closed",
		"vrrp_instance v {\n}\nvrrp_instance v {\n}\n":    "k.conf:3:1: vrrp_instance is there twice",
		"vrrp_instance {\n}\n":                            "k.conf:1:1: vrrp_instance needs one name",
		"$A=$A\nx $A\n":                                   "k.conf:1:4: $A is put in without end",
		"~SEQ(A, 1, 2\n":                                  "k.conf:1:1: Keepalived does not understand ~SEQ here",
		"~SEQ(A, 1, 9999999999) ~SEQ(B, 1, 9999999999)\n": "this configuration has too many lines",
		"include x\n":                                     "k.conf:1:1: include x: no included file is read here",
		"! " + strings.Repeat("x", 1100) + "\n":           "k.conf:1:1: this line is longer than 1023 bytes",
		"x\x00y\n":                                        "k.conf:1:2: there is a zero byte in this line",
		"\\# x\n":                                         "k.conf:1:2: Keepalived takes this line for a mark of its own and loses it",
		"vrrp_script s {\n  script \"/bin/x\n}\n":         "k.conf:2:3: Keepalived cannot take this line apart",
		"vrrp_sync_group g {\n  group {\n    a\n  }\n  group {\n    b\n  }\n}": "k.conf:5:3: group is there twice",
	} {
		var all []string
		for _, d := range readText(text, keepalived.Options{}).Found {
			all = append(all, strings.TrimPrefix(d.Subject.String()+": "+d.Summary, ": "))
		}
		if !strings.Contains(strings.Join(all, "\n"), want) {
			t.Errorf("%.60q: found %q, want %q", text, all, want)
		}
	}
}

// TestLVSStaysWhole: of LVS nothing is known but its braces, and nothing is lost.
func TestLVSStaysWhole(t *testing.T) {
	c := readText("virtual_server 192.0.2.9 80 {\n  real_server 192.0.2.1 80 {\n    TCP_CHECK {\n      connect_timeout 3\n    }\n  "+
		"}\n}\nvrrp_script s {\n}\n", keepalived.Options{})
	if len(c.Found) != 0 || len(c.Lines) != 2 || c.Lines[0].Lines[0].Lines[0].Lines[0].Keyword() != "connect_timeout" {
		t.Errorf("%v\n%s", c.Found, shown(c.Lines, ""))
	}
}
