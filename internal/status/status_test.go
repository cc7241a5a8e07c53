package status_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/status"
)

// testdata has what two booted nodes have answered: TestStatus of cmd/lbgen records it
// where LBGEN_RECORD names a folder.

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// shop is the site of the recording.
func shop(t *testing.T, changes ...string) (*site.Site, []artifact.Set) {
	t.Helper()
	text := strings.NewReplacer(changes...).Replace(read(t, "site.yaml"))
	written, _, found := model.Load("site.yaml", []byte(text))
	if found.HasErrors() {
		t.Fatal(found)
	}
	in := model.Inputs{Secrets: map[diag.Path]string{}}
	for _, ref := range written.SecretRefs() {
		in.Secrets[ref.Path] = "s3cr3tpw"
	}
	s := site.Resolve(written)
	sets, err := render.New().Sets(s, in)
	if err != nil {
		t.Fatal(err)
	}
	return s, sets
}

// recorded is what a node has answered, with the files as they are rendered today.
func recorded(t *testing.T, set artifact.Set) string {
	t.Helper()
	encode := func(data []byte) string { return " " + base64.StdEncoding.EncodeToString(data) + "\n" }
	text := read(t, set.Node+".txt")
	text = regexp.MustCompile(`(installed shop\n)( .*\n)+`).ReplaceAllLiteralString(text, "installed shop\n"+encode(set.Manifest()))
	for _, f := range set.Files {
		sum := f.Sum()
		if len(f.Secrets) > 0 {
			text = regexp.MustCompile(`(content `+f.Path+`\n)( .*\n)+`).ReplaceAllLiteralString(text, "content "+f.Path+"\n"+encode(f.Data))
			continue
		}
		text = regexp.MustCompile(`(?m)^(file file \S+ \S+ \S+) \S+ `+regexp.QuoteMeta(f.Path)+`$`).ReplaceAllString(text, "$1 "+sum+" "+f.Path)
	}
	return text
}

// kinds are the troubles of the site, each with its nodes.
func kinds(r status.Result) string {
	var all []string
	for _, one := range r.Troubles {
		all = append(all, one.Kind+":"+strings.Join(one.Nodes, "+"))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func judged(t *testing.T, s *site.Site, sets []artifact.Set, texts ...string) status.Result {
	t.Helper()
	var answers []status.Answer
	for i, set := range sets {
		a := status.Answer{Set: set}
		if a.Facts, a.Err = status.Parse([]byte(texts[i])); a.Err != nil {
			t.Log(a.Err)
		}
		answers = append(answers, a)
	}
	return status.Judge(s, answers)
}

func TestTroublesAreTold(t *testing.T) {
	s, sets := shop(t)
	for _, tt := range []struct {
		name, node, old, new string
		kinds, says          string
	}{
		{"all is well", "lb1", "", "", "", ""},
		{"HAProxy stopped", "lb2", "unit haproxy ActiveState=active", "unit haproxy ActiveState=failed", "haproxy-stopped:lb2",
			"HAProxy does not run: failed"},
		{"Keepalived stopped", "lb2", "unit keepalived ActiveState=active", "unit keepalived ActiveState=inactive", "keepalived-stopped:lb2",
			""},
		{"rsyslog stopped", "lb2", "unit rsyslog ActiveState=active", "unit rsyslog ActiveState=inactive", "rsyslog-stopped:lb2", ""},
		{"not installed", "lb1", "unit haproxy LoadState=loaded", "unit haproxy LoadState=not-found", "haproxy-stopped:lb1",
			"HAProxy is not installed"},
		{"not enabled", "lb1", "unit keepalived UnitFileState=enabled", "unit keepalived UnitFileState=disabled", "not-enabled:lb1",
			"Keepalived would not start at the next boot"},
		{"an old HAProxy", "lb1", "HAProxy version 2.6.12", "HAProxy version 2.4.30", "old-version:lb1",
			"HAProxy is 2.4.30, and the files are made for 2.6"},
		{"an old Keepalived", "lb1", "Keepalived v2.2.7", "Keepalived v2.1.5", "old-version:lb1",
			"Keepalived is 2.1.5, and the files are made for 2.2"},
		{"upgraded and not restarted", "lb1", "runs haproxy /usr/sbin/haproxy", "runs haproxy /usr/sbin/haproxy (deleted)",
			"program-replaced:lb1", ""},
		{"another system", "lb1", "os debian 12", "os rocky 9.5", "wrong-platform:lb1", "it is rocky9, and the files are made for debian12"},
		{"no link", "lb1", "link ens192 up", "link ens192 down", "link-down:lb1 vip-elsewhere:lb1", "ens192 (web) has no link"},
		{"no interface", "lb1", "link ens192 up", "link eth9 up", "link-down:lb1 vip-elsewhere:lb1", "it has no interface ens192 (web)"},
		{"another machine", "lb1", "address ens192 172.16.10.71/24", "address ens192 172.16.10.79/24", "address-missing:lb1",
			"172.16.10.71 is not on ens192"},
		{"a setting taken back", "lb1", "sysctl net.ipv4.ip_nonlocal_bind 1", "sysctl net.ipv4.ip_nonlocal_bind 0", "sysctl:lb1", ""},
		{"a filter that was flushed", "lb1", "os debian 12", "os debian 12\nnftables absent", "nftables:lb1", "table of nftables is absent"},
		{"a filter that was changed", "lb1", "os debian 12", "os debian 12\nnftables changed", "nftables:lb1", ""},
		{"a filter as it should be", "lb1", "os debian 12", "os debian 12\nnftables loaded", "", ""},
		{"a port", "lb1", "listens 172.16.110.70:443", "listens 172.16.110.70:444", "not-listening:lb1", "port 443"},
		{"no socket", "lb1", "socket python3", "socket absent", "no-socket:lb1", ""},
		{"both masters", "lb2", "address ens224 172.16.110.72/24", "address ens224 172.16.110.72/24\naddress ens224 172.16.110.70/24",
			"vip-twice:lb1+lb2", ""},
		{"nobody", "lb1", "address ens224 172.16.110.70/24\n", "", "vip-nowhere:lb1", "lb1 should have it"},
		{"a server down", "lb1", ",UP,", ",DOWN,", "server-down:lb1", "server app/a is down"},
		{"a server drained", "lb1", ",UP,", ",DRAIN,", "server-maintenance:lb1", ""},
		{"a file that could not be read", "lb1", "NOTHING/etc/haproxy/haproxy.cfg", "", "", ""},
		{"edited", "lb2", "PLACE/etc/haproxy/haproxy.cfg", "", "changed-by-hand:lb2", ""},
		{"no file", "lb2", "ABSENT/etc/logrotate.d/haproxy", "", "file-missing:lb2", ""},
		{"a link in its place", "lb2", "LINK/etc/logrotate.d/haproxy", "", "changed-by-hand:lb2", "is a link where a file has to be"},
		{"a mode", "lb2", "file file 644 root:root", "file file 666 root:haproxy", "file-mode:lb2", "666 root:haproxy"},
		{"cut off", "lb2", "os debian 12", "os debian 12\napplying shop", "cut-off:lb2", ""},
		{"pending", "lb2", "os debian 12", "os debian 12\npending haproxy-reload", "pending:lb2", ""},
		{"two sites", "lb2", "os debian 12", "os debian 12\ninstalled other", "other-site:lb2", "site other is installed there, too"},
		{"a foreign virtual_router_id", "lb2", "heard ens224 ended 124",
			"heard ens224 02:00:00:00:00:99 > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: " +
				"172.16.110.9 > 224.0.0.18: VRRPv2, Advertisement, vrid 7, prio 200, authtype simple, intvl 1s, length 20\nheard ens224 ended 124",
			"foreign-vrid:lb2", "172.16.110.9 (02:00:00:00:00:99) sends adverts for virtual_router_id 7"},
		{"another virtual_router_id", "lb2", "heard ens224 ended 124",
			"heard ens224 02:00:00:00:00:99 > 01:00:5e:00:00:12, ethertype IPv4 (0x0800), length 54: " +
				"172.16.110.9 > 224.0.0.18: VRRPv2, Advertisement, vrid 8, prio 200, authtype none, intvl 1s, length 20\nheard ens224 ended 124",
			"", ""},
		{"another machine answers", "lb1", "asked ens224 172.16.110.70",
			"asked ens224 172.16.110.70\nanswers ens224 172.16.110.70 02:00:00:00:00:99",
			"foreign-address:lb1", "another machine answers for 172.16.110.70: 02:00:00:00:00:99, seen on ens224"},
		{"no certificate", "lb1", "certificate with 600", "certificate absent 600", "certificate-missing:lb1", ""},
		{"no PEM", "lb1", "-----BEGIN CERTIFICATE-----", "-----BEGIN SOMETHING-----", "certificate-unreadable:lb1", ""},
		{"an open key", "lb1", "certificate with 600", "certificate with 644", "key-readable:lb1", ""},
		{"an old certificate", "lb1", " SHA1 FingerPrint: ", " SHA1 FingerPrint: 00", "certificate-not-loaded:lb1", ""},
		{"a clock in a far year", "lb1", "now 1", "now 4", "certificate-expired:lb1", "the certificate has expired on"},
		{"a login script that prints", "lb2", "lbgen-status 1", "Welcome!\nlbgen-status 1", "unreachable:lb2", "a login script that prints"},
		{"half an answer", "lb2", "\nend\n", "\n", "unreachable:lb2", "the answer ends in the middle"},
		{"not root", "lb2", "os debian 12", "refused it has to run as root", "unreachable:lb2", "it has to run as root: see --sudo"},
	} {
		texts := []string{recorded(t, sets[0]), recorded(t, sets[1])}
		i := slices.IndexFunc(sets, func(set artifact.Set) bool { return set.Node == tt.node })
		texts[i] = planted(t, sets[i], texts[i], tt.old, tt.new)
		r := judged(t, s, sets, texts...)
		if got := kinds(r); got != tt.kinds || !strings.Contains(fmt.Sprintf("%+v", r.Troubles), tt.says) {
			t.Errorf("%s: %s, want %s and %q\n%+v", tt.name, got, tt.kinds, tt.says, r.Troubles)
		}
	}
}

// planted changes an answer; old has to be in it. PLACE, ABSENT, LINK and NOTHING before
// a path put an edited file, none, a link, or a file there that could not be read.
func planted(t *testing.T, set artifact.Set, text, old, new string) string {
	t.Helper()
	what, path, ok := strings.Cut(old, "/")
	if what = strings.TrimSpace(what); ok && slices.Contains([]string{"PLACE", "ABSENT", "LINK", "NOTHING"}, what) {
		line := regexp.MustCompile(`(?m)^file file (\S+ \S+ \S+) \S+ ` + regexp.QuoteMeta(path) + `$`)
		f, _ := set.File(path)
		content := base64.StdEncoding.EncodeToString(append(slices.Clip(f.Data), "# by hand\n"...))
		new = map[string]string{"PLACE": "file file $1 abc " + path + "\ncontent " + path + "\n " + content,
			"ABSENT":  "file absent - - - - " + path,
			"NOTHING": "file file $1 abc " + path + "\ncontent " + path,
			"LINK":    "file link - - - - " + path}[what]
		if !line.MatchString(text) {
			t.Fatalf("there is no %s", path)
		}
		return line.ReplaceAllString(text, new)
	}
	if !strings.Contains(text, old) {
		t.Fatalf("there is no %q", old)
	}
	return strings.Replace(text, old, new, 1)
}

// TestWhoShouldHaveIt: the arithmetic of failover, from what is seen.
func TestWhoShouldHaveIt(t *testing.T) {
	const vip = "address ens224 172.16.110.70/24\n"
	own := func(set artifact.Set) string { return "address ens224 172.16.110.7" + set.Node[2:] + "/24\n" }
	for name, tt := range map[string]struct {
		changes []string
		on      string // who has the address
		down    string // who cannot be asked
		silent  bool   // no advert is heard
		kinds   string
	}{
		"the backup has it, nopreempt": {nil, "lb2", "", false, ""},
		"the backup has it, and should give it back": {[]string{"virtual_router_id: 7", "virtual_router_id: 7, preempt: true"}, "lb2",
			"", false, "vip-elsewhere:lb2"},
		"the backup has it as the master is down":        {nil, "lb2", "lb1", true, "unreachable:lb1"},
		"one cannot be asked, and its adverts are heard": {nil, "", "lb1", false, "unreachable:lb1"},
		"nobody has it, and one cannot be asked":         {nil, "", "lb1", true, "unreachable:lb1 vip-nowhere:lb2"},
		"none can be asked":                              {nil, "", "lb1 lb2", true, "unreachable:lb1+lb2 vip-nowhere:lb1+lb2"},
	} {
		s, sets := shop(t, tt.changes...)
		var answers []status.Answer
		for _, set := range sets {
			a := status.Answer{Set: set, Err: errors.New("connection refused")}
			text := strings.Replace(recorded(t, set), vip, "", 1)
			if tt.silent {
				text = regexp.MustCompile(`(?m)^heard ens224 .*VRRP.*\n|^answers .*\n`).ReplaceAllString(text, "")
			}
			if tt.on == set.Node {
				text = strings.Replace(text, own(set), own(set)+vip, 1)
			}
			if !strings.Contains(tt.down, set.Node) {
				var err error
				if a.Facts, err = status.Parse([]byte(text)); err != nil {
					t.Fatal(err)
				}
			}
			answers = append(answers, a)
		}
		if got := kinds(status.Judge(s, answers)); got != tt.kinds {
			t.Errorf("%s: %s, want %s", name, got, tt.kinds)
		}
	}
}

// TestWhatCannotBeSeenIsNoTrouble, and is said.
func TestWhatCannotBeSeenIsNoTrouble(t *testing.T) {
	s, sets := shop(t)
	var texts []string
	for _, set := range sets {
		text := recorded(t, set)
		text = regexp.MustCompile(`(?m)^heard .*\n`).ReplaceAllString(text, "")
		text = regexp.MustCompile(`(?m)^asked .*\n`).ReplaceAllString(text, "")
		text = regexp.MustCompile(`(?m)^(info|stat) .*\n`).ReplaceAllString(text, "")
		texts = append(texts, strings.Replace(strings.Replace(text, "socket python3", "socket unasked", 1), "os debian",
			"heard - no\nos debian", 1))
	}
	r := judged(t, s, sets, texts...)
	if got := kinds(r); got != "" || len(r.Unseen) != 3 {
		t.Errorf("%s, %+v", got, r.Unseen)
	}
}

func TestDiffMasksSecrets(t *testing.T) {
	s, sets := shop(t)
	texts := []string{recorded(t, sets[0]), recorded(t, sets[1])}
	f, _ := sets[0].File("etc/keepalived/keepalived.conf")
	edited := strings.Replace(string(f.Data), "s3cr3tpw", "an0ther1", 1) + "# by hand\n"
	texts[0] = regexp.MustCompile(`(content etc/keepalived/keepalived.conf\n)( .*\n)+`).ReplaceAllLiteralString(texts[0],
		"content etc/keepalived/keepalived.conf\n "+base64.StdEncoding.EncodeToString([]byte(edited))+"\n")
	r := judged(t, s, sets, texts...)
	text := fmt.Sprintf("%+v", r)
	if kinds(r) != "changed-by-hand:lb1" || strings.Contains(text, "s3cr3tpw") || strings.Contains(text, "an0ther1") ||
		!strings.Contains(text, "auth_pass") {
		t.Errorf("%s: %s", kinds(r), text)
	}
}

// FuzzParse: whatever a node answers, it is facts or an error.
func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/lb1.txt")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte("lbgen-status 1\nheard ens224\ncontent x\n AAA\nend\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if facts, err := status.Parse(data); err == nil && facts == nil {
			t.Error("neither facts nor an error")
		}
	})
}
