package artifact

import (
	"slices"
	"strings"
	"testing"
)

func secretFile() File {
	data := "user a\npass \"hunter22\" end\nlast\n"
	start := strings.Index(data, `"`)
	return File{
		Path: "etc/k.conf", Mode: 0o640, Owner: "root", Group: "root", Action: ReloadKeepalived, Data: []byte(data),
		Origins: []string{"nodes[0]", "", "vrrp[0]"},
		Secrets: []Secret{{Start: start, End: start + len(`"hunter22"`), Path: "vrrp[0].auth_pass", Known: true}},
	}
}

func TestMaskedShowsNothingOfASecret(t *testing.T) {
	f := secretFile()
	if got, want := string(f.Masked()), "user a\npass ******** end\nlast\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := f.Line(2), "pass ******** end"; got != want {
		t.Errorf("line 2 is %q, want %q", got, want)
	}
	for _, n := range []int{0, -1, 99} {
		if got := f.Line(n); got != "" {
			t.Errorf("line %d is %q", n, got)
		}
	}
}

func TestOriginIsThatOfTheNearestLineAbove(t *testing.T) {
	f := secretFile()
	for line, want := range map[int]string{0: "", 1: "nodes[0]", 2: "nodes[0]", 3: "vrrp[0]", 99: "vrrp[0]"} {
		if got := f.Origin(line); got != want {
			t.Errorf("line %d comes from %q, want %q", line, got, want)
		}
	}
}

func TestNewSortsAndRefuses(t *testing.T) {
	set, err := New("s", "n", Host{}, []File{{Path: "b"}, {Path: "a/c"}})
	if err != nil || set.Files[0].Path != "a/c" {
		t.Fatalf("%v %v", set.Files, err)
	}
	if _, ok := set.File("b"); !ok {
		t.Error("b is not found")
	}
	if _, ok := set.File("nothing"); ok {
		t.Error("nothing is found")
	}
	for _, bad := range []string{"", ".", "..", "/etc/x", "../x", "a/../b", "a//b", "a/"} {
		if _, err := New("s", "n", Host{}, []File{{Path: bad}}); err == nil {
			t.Errorf("path %q is accepted", bad)
		}
	}
	if _, err := New("s", "n", Host{}, []File{{Path: "a"}, {Path: "a"}}); err == nil {
		t.Error("a path that is defined twice is accepted")
	}
}

// maskedSum is that of "user a\npass ******** end\nlast\n".
const maskedSum = "2c947d92d26199de6abfdeeb71c952283ea849a0f1e46593d990a9e7481781e3"

// keySum is that of "first\n-- ********\n********\nlast\n".
const keySum = "95c5ac438a71e3c76af990f590d02719daf2ec792aee49dba95344f21ca5e9c0"

// TestSumKnowsNothingOfASecret: neither what it is nor how long.
func TestSumKnowsNothingOfASecret(t *testing.T) {
	for _, value := range []string{`"x"`, `"hunter22"`, `"another, and much longer"`} {
		f := secretFile()
		s := f.Secrets[0]
		f.Data = slices.Concat(f.Data[:s.Start], []byte(value), f.Data[s.End:])
		f.Secrets[0].End = s.Start + len(value)
		if got := f.Sum(); got != maskedSum+"@2:5:4" {
			t.Errorf("%s: %s", value, got)
		}
	}
	f := secretFile()
	f.Secrets = append([]Secret{{Start: 0, End: 4}, {Start: 5, End: 6}}, f.Secrets...)
	if got := f.Sum(); !strings.HasSuffix(got, "@1:0:0,2:5:4") {
		t.Errorf("two secrets in a line: %s", got)
	}
	for _, key := range []string{"AAAA\nBB", "another\nkey"} {
		f := File{Data: []byte("first\n-- " + key + "\nlast\n"), Secrets: []Secret{{Start: 9, End: 9 + len(key), Known: true}}}
		entry := Entry{Sum: f.Sum()}
		if entry.Sum != keySum+"@2:3:0,3:0:0" {
			t.Errorf("a secret of several lines: %s", entry.Sum)
		}
		for text, same := range map[string]bool{"first\n-- x\ny\nlast\n": true, "first\n-- x\nlast\n": false, "first\n-- x\ny\nlost\n": false} {
			if entry.Matches([]byte(text)) != same {
				t.Errorf("%q matches %s: %t", text, entry.Sum, !same)
			}
		}
	}
}

// TestOldManifests: those of an earlier lbgen have no sum of a file with a secret.
func TestOldManifests(t *testing.T) {
	_, _, entries, err := ParseManifest([]byte("# Made by lbgen from site s for node n. Do not edit.\n0640 root:root none - etc/k.conf\n"))
	if err != nil || len(entries) != 1 || !entries[0].Secret() {
		t.Error(entries, err)
	}
}

func TestManifestReadsBack(t *testing.T) {
	plain := File{Path: "etc/a", Mode: 0o644, Owner: "root", Group: "haproxy", Action: Sysctl, Data: []byte("x")}
	set, err := New("site-1", "node.1", Host{}, []File{secretFile(), plain})
	if err != nil {
		t.Fatal(err)
	}
	site, node, entries, err := ParseManifest(set.Manifest())
	if err != nil || site != "site-1" || node != "node.1" {
		t.Fatalf("%q %q %v", site, node, err)
	}
	want := []Entry{
		{0o644, "root", "haproxy", Sysctl, "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881", "etc/a"},
		{0o640, "root", "root", ReloadKeepalived, maskedSum + "@2:5:4", "etc/k.conf"},
	}
	if !slices.Equal(entries, want) {
		t.Errorf("got %v, want %v", entries, want)
	}
	if strings.Contains(string(set.Manifest()), "hunter") {
		t.Error("MANIFEST shows a secret")
	}
}

func TestManifestRefusesWhatItDidNotWrite(t *testing.T) {
	const header = "# Made by lbgen from site s for node n. Do not edit.\n"
	for _, bad := range []string{
		"", "hello\n", "# Made by somebody else\n", header + "0644 root:root none -\n", header + "9999 root:root none - a\n",
		header + "0644 root none - a\n", header + "0644 root:root none - /etc/passwd\n", header + "0644 root:root none - ../x\n",
		header + "0644 root:root none - a b\n", header + "77777777 root:root none - a\n",
	} {
		if _, _, _, err := ParseManifest([]byte(bad)); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

func TestUnknownSecretsAreNamedOnce(t *testing.T) {
	f := secretFile()
	f.Secrets[0].Known = false
	g := f
	g.Path = "etc/other"
	set, err := New("s", "n", Host{}, []File{f, g})
	if err != nil {
		t.Fatal(err)
	}
	if got := set.UnknownSecrets(); !slices.Equal(got, []string{"vrrp[0].auth_pass"}) {
		t.Errorf("got %v", got)
	}
}

// TestMatches: an entry knows its file whatever the secret in it is, and no other.
func TestMatches(t *testing.T) {
	f := File{Path: "etc/a", Data: []byte("one\npass secret end\ntwo\n"), Secrets: []Secret{{Start: 9, End: 15}}}
	plain := File{Path: "etc/b", Data: []byte("one\n")}
	for text, want := range map[string]bool{
		"one\npass secret end\ntwo\n": true, "one\npass other word end\ntwo\n": true, "one\npass secret end\ntwo\n\n": false,
		"one\npass secret end\n2\n": false, "one\nnew secret end\ntwo\n": false, "one\npass\ntwo\n": false, "one\n": false, "": false,
	} {
		if got := (Entry{Sum: f.Sum()}).Matches([]byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if got := (Entry{Sum: plain.Sum()}).Matches([]byte(text)); got != (text == "one\n") {
			t.Errorf("%q, without a secret: %v", text, got)
		}
	}
	if (Entry{Sum: NoSum}).Matches(f.Data) || (Entry{Sum: "abc@x"}).Matches(f.Data) {
		t.Error("a line without a sum matches")
	}
}
