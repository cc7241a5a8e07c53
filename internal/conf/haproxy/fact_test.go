package haproxy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestFactsAreWhole: no keyword has two facts in one place, and each fact says what
// its answer needs.
func TestFactsAreWhole(t *testing.T) {
	type place struct {
		name string
		in   In
	}
	seen := map[place]bool{}
	version := regexp.MustCompile(`^(\d\.\d+)?$`)
	for _, f := range Facts() {
		for _, key := range f.keys() {
			for in := In(1); in <= Top; in <<= 1 {
				p := place{key, in}
				if f.Of != "" && in > 1 || f.Of == "" && !f.StandsIn(in) || f.form != nil {
					continue
				}
				if seen[p] {
					t.Errorf("%s has two facts in %b", key, in)
				}
				seen[p] = true
			}
		}
		if (f.In == 0) == (f.Of == "") {
			t.Errorf("%s stands nowhere, or in two kinds of places", f.Name())
		}
		if needs := f.How == Field || f.How == Better; needs && len(f.Fields) == 0 || f.How == "" && len(f.Fields) > 0 {
			t.Errorf("%s: %q with the fields %q", f.Name(), f.How, f.Fields)
		}
		if (f.How == Always || f.How == Needless || f.How == Harm) && f.Why == "" {
			t.Errorf("%s: no reason", f.Name())
		}
		for _, v := range []string{f.Since, f.Deprecated, f.Removed} {
			if !version.MatchString(v) {
				t.Errorf("%s: %q is no version", f.Name(), v)
			}
		}
		if f.Since+f.Deprecated+f.Removed != "" && f.Example == "" || f.Deprecated+f.Removed != "" && f.Remedy == "" {
			t.Errorf("%s lacks an example or a remedy", f.Name())
		}
	}
	t.Logf("%d facts", len(Facts()))
}

// TestGoldenLinesHaveFacts: each line that lbgen writes begins with a keyword that
// has a fact in its section, and each word of a bind or server that takes others is known.
func TestGoldenLinesHaveFacts(t *testing.T) {
	told := map[string]bool{}
	for _, name := range goldenFiles(t) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		c := Read(World{}, File{name, data})
		if len(c.Found) > 0 || len(c.Outside) > 0 {
			t.Errorf("%s: %v", name, c.Found)
		}
		for _, s := range c.Sections {
			if len(Of(Top, s.Head)) == 0 {
				t.Errorf("%s: no fact", s.Kind)
			}
			for _, d := range s.Lines {
				head, _ := headOf(d)
				if len(Of(InOf(s.Kind), d)) == 0 && !told[s.Kind+head] {
					told[s.Kind+head] = true
					t.Errorf("%s: %q has no fact in %s", d.Range, d.Words(), s.Kind)
				}
			}
		}
	}
}

// TestEveryKeywordOfHAProxyHasAFact: those that HAProxy itself lists (-dKcfg).
func TestEveryKeywordOfHAProxyHasAFact(t *testing.T) {
	needHAProxy(t)
	file := filepath.Join(t.TempDir(), "h.cfg")
	if err := os.WriteFile(file, []byte("global\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("haproxy", "-dKcfg", "-c", "-f", file).Output()
	if err != nil && !strings.Contains(string(out), "List of registered") {
		t.Skipf("this HAProxy does not list its keywords (-dK came with 2.6): %v", err)
	}
	section, listed := "", 0
	for line := range strings.Lines(string(out)) {
		line = strings.TrimRight(line, "\n")
		if !strings.HasPrefix(line, "\t") {
			section = strings.TrimSpace(line)
			continue
		}
		name := listedName(section, strings.Fields(line))
		if name == "" {
			continue
		}
		listed++
		if len(Find(name)) == 0 && !begun(name) {
			t.Errorf("%s has no fact (%s)", name, section)
		}
	}
	if listed < 400 {
		t.Errorf("only %d keywords in the list", listed)
	}
}

// begun says whether a keyword has facts with the word behind it.
func begun(name string) bool {
	for key := range known().index {
		if strings.HasPrefix(key, name+" ") {
			return true
		}
	}
	return false
}

// listedName is the name of a fact for a line of the list; "" where it is none.
func listedName(section string, words []string) string {
	if section != "global" && section != "listen" || slices.Contains([]string{"clitimeout", "contimeout", "srvtimeout"},
		words[0]) { // refused since 2.1
		return ""
	}
	switch words[0] {
	case "bind", "server":
		for _, w := range words[1:] {
			if w != "ssl" && w[0] != '<' || w == "ssl" && w == words[len(words)-1] {
				return words[0] + " … " + w
			}
		}
		return ""
	case "option":
		return "option " + words[1]
	}
	for i, w := range words {
		words[i] = strings.TrimSuffix(strings.TrimSuffix(w, "*"), "(")
		if words[i] == "track-sc" {
			break
		}
	}
	return strings.Join(words, " ")
}

// built is false of keywords that this HAProxy was built without, and others that the
// manual has and the source does not.
func built(keyword string) bool {
	return !strings.HasPrefix(keyword, "51degrees-") && !strings.HasPrefix(keyword, "wurfl-") && !strings.HasPrefix(keyword,
		"deviceatlas-") && !strings.HasPrefix(keyword, "tune.zlib.") && !strings.HasPrefix(keyword, "tune.quic.") && keyword != "ssl-engine"
}

// asVersion says whether the HAProxy of a version has a keyword.
func (f Fact) asVersion(version string) bool {
	return (f.Since == "" || !older(version, f.Since)) && (f.Removed == "" || older(version, f.Removed))
}

// refused is how HAProxy says that a keyword may not stand in a section.
var refused = regexp.MustCompile(strings.Join([]string{
	`unknown keyword '\S+' in '`, `unknown stats parameter`, `unknown option '\S+'(?:;|\.\n)`, `unknown log facility`, `ignored because`,
	`is ignored in backends`, `ignored in`,
	`not (?:available|allowed|permitted|supported) in`, `not allowed because`, `only (?:available|allowed) in`, `not supported any more`,
	`is not supported for a global`,
	`'stats' only supports`, `only supports 'command'`, `supports 'client', 'server'`, `^'tcp-\w+ \w+' expects '`,
	`cannot handle unexpected argument '(?:command|path)'`,
}, "|"))

// TestWhereKeywordsStand asks HAProxy whether it knows each keyword in each section.
// Actions of HTTP are left out: it reads no further file after most complaints about
// them, and TestEveryKeywordOfHAProxyHasAFact has them.
func TestWhereKeywordsStand(t *testing.T) {
	kinds := []string{"global", "defaults", "defaults d", "frontend f", "backend b"}
	var keys []string
	for _, f := range Facts() {
		if f.Of == "" && f.form == nil && f.In&(Global|Proxies) != 0 && f.Rules&anyHTTP == 0 && built(f.Keyword) {
			keys = append(keys, f.keys()...)
		}
	}
	slices.Sort(keys)
	keys = slices.Compact(keys)
	var ask [][2]string
	for _, key := range keys {
		for _, kind := range kinds {
			head, line := kind, key
			if strings.Contains(kind, " ") {
				head += strconv.Itoa(len(ask))
			}
			line += behind(key)
			ask = append(ask, [2]string{head, line})
		}
	}
	answers := askEach(t, ask)
	for i, key := range keys {
		for k, kind := range kinds {
			says := answers[i*len(kinds)+k]
			want := slices.ContainsFunc(Find(key), func(f Fact) bool { return standsIn(f, kind) && f.asVersion("2.6") })
			if takes := !refused.MatchString(says); takes != want && (kind != "frontend f" || !slices.Contains(silent(), key)) {
				t.Errorf("%s in %s: %v, HAProxy says %q", key, kind, want, says)
			}
		}
	}
}

// behind is what is put behind a keyword that is asked about.
func behind(key string) string {
	switch key {
	case "server":
		return " s 127.0.0.1:1"
	case "server-template":
		return " s 1 127.0.0.1:1"
	case "default-server":
		return " inter 1s"
	case "log global":
		return ""
	}
	if strings.HasPrefix(key, "option ") {
		return ""
	}
	return " 1"
}

// silent are keywords that HAProxy takes in a frontend without a word, where the
// manual says that they have no effect.
func silent() []string {
	return []string{"external-check command", "external-check path", "option external-check", "persist rdp-cookie"}
}

func standsIn(f Fact, kind string) bool {
	switch kind {
	case "defaults":
		return f.StandsIn(UnnamedDefaults)
	case "defaults d":
		return f.StandsIn(NamedDefaults)
	default:
		word, _, _ := strings.Cut(kind, " ")
		return f.StandsIn(InOf(word))
	}
}
