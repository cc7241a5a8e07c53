package comment_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/gen/comment"
)

func TestDefault(t *testing.T) {
	for _, c := range []struct{ comment, says, rest, value string }{
		{"Attempts. Default 3.", "3", "Attempts.", "3"},
		{"Group. Default: named like the user.", "named like the user", "Group.", ""},
		{"Status. Default 503, so that caches do not keep it.", "503, so that caches do not keep it", "Status.", "503"},
		{"Default 0: the node gives the VIP away.", "0: the node gives the VIP away", "", "0"},
		{"Version 1.0 or 1.1. Default 1.1 where there is a host, 1.0 otherwise.", "1.1 where there is a host, 1.0 otherwise",
			"Version 1.0 or 1.1.", ""},
		{`Mode, such as "660". Default "600".`, `"600"`, `Mode, such as "660".`, "600"},
		{"Count. Default 100; each takes a byte. More is better.", "100; each takes a byte", "Count. More is better.", "100"},
		{"Time. Default: HAProxy's 1s.", "HAProxy's 1s", "Time.", ""},
		{"Nothing said of it.", "", "Nothing said of it.", ""},
	} {
		says, rest := comment.Default(c.comment)
		if says != c.says || rest != c.rest {
			t.Errorf("%q: default %q, rest %q", c.comment, says, rest)
		}
		if got := comment.Value(c.comment); got != c.value {
			t.Errorf("%q: value %q, want %q", c.comment, got, c.value)
		}
	}
}

func TestRead(t *testing.T) {
	set, err := comment.Read("../../model")
	if err != nil {
		t.Fatal(err)
	}
	if got := set["Node.Name"]; got != "Short host name. The node's files are written to a folder of this name." {
		t.Errorf("Node.Name: %q", got)
	}
	if got := set["Node"]; got != "Node is one machine." {
		t.Errorf("Node: %q", got)
	}
}
