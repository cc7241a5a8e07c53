// Package internal_test keeps docs/architecture.md true: who may import whom,
// and what only the command line may read.
package internal_test

import (
	"go/ast"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/lbgen/lbgen"

// mayImport is the picture in docs/architecture.md: for each package those of
// this module that it imports, neither more nor fewer. A new package has no row
// and fails the test until it has been given its place.
func mayImport() map[string]string {
	return map[string]string{
		"internal/diag":   "",
		"internal/source": "diag",

		"internal/conf":               "conf/internal/word",
		"internal/conf/internal/word": "diag", // for the grammars beside it alone: Go itself refuses it to others

		"internal/model":     "certificate conf/haproxy conf/keepalived diag source",
		"internal/site":      "diag model",
		"internal/failover":  "diag site",
		"internal/route":     "diag model site",
		"internal/routetest": "diag model route site source",
		"internal/accesslog": "model route site",
		"internal/pair":      "conf/haproxy conf/keepalived diag failover source",
		"internal/lint":      "certificate diag model site source waiver",
		"internal/waiver":    "diag",

		"internal/alike":      "conf/haproxy lab pair source",
		"internal/adopt":      "conf/haproxy conf/keepalived diag failover model pair source",
		"internal/pair/rules": "conf/haproxy conf/keepalived diag failover pair waiver",

		"internal/lint/rules": "certificate conf/haproxy diag failover lint model site source",
		"internal/mistakes":   "", // a table; its tests use everything

		"templates":         "",
		"internal/artifact": "",
		"internal/scripts":  "",

		"internal/conf/haproxy":    "conf/internal/word diag",
		"internal/conf/keepalived": "conf/internal/word diag",

		"internal/render": "artifact certificate conf conf/keepalived diag model render/haproxy render/keepalived scripts site templates",

		"internal/render/haproxy":    "conf/haproxy diag model site",
		"internal/render/keepalived": "conf/keepalived diag model site",

		"internal/proc":      "",
		"internal/emit":      "artifact",
		"internal/compare":   "artifact conf/keepalived",
		"internal/check":     "artifact diag proc scratch",
		"internal/versions":  "artifact conf/haproxy conf/keepalived diag model site source",
		"internal/scratch":   "artifact conf/haproxy conf/keepalived",
		"internal/recording": "",
		"internal/judge":     "failover recording",
		"internal/booted":    "proc",
		"internal/lab":       "artifact proc recording scratch",
		"internal/rehearse":  "alike artifact booted conf/haproxy conf/keepalived failover judge lab model recording route scratch site",
		"internal/report":    "diag judge",

		"internal/drawing":       "",
		"internal/graph":         "drawing model site",
		"internal/rehearse/page": "drawing graph judge",

		"internal/scaffold": "model",
		"internal/plan":     "artifact compare failover",
		"internal/deploy":   "plan",
		"internal/fleet":    "artifact compare failover plan",

		"internal/certificate": "",
		"internal/status":      "artifact certificate compare failover scripts site versions",

		"schema": "",
		"internal/cli": "accesslog adopt alike artifact booted certificate check compare conf/haproxy conf/keepalived deploy diag " +
			"emit failover fleet graph judge lab lint lint/rules model pair pair/rules plan proc recording rehearse " +
			"rehearse/page render report route routetest scaffold schema site source status versions",
		"cmd/lbgen": "cli",

		"internal/behaviour":   "",               // tests only
		"internal/installed":   "",               // tests only
		"internal/measured":    "",               // tests only
		"internal/release":     "",               // tests only
		"internal/testbox":     "booted testenv", // for tests only
		"internal/testbrowser": "proc testenv",   // for tests only
		"internal/testenv":     "proc",           // for tests

		// Programs for go generate. Nothing imports them.
		"internal/gen/comment":  "",
		"internal/gen/schema":   "gen/comment model",
		"internal/gen/sitefile": "artifact certificate diag gen/comment model render site",
		"internal/gen/errors":   "diag",
		"internal/gen/rules":    "lint lint/rules pair/rules report",
		"internal/gen/mistakes": "mistakes pair/rules",
		"internal/gen/cli":      "cli",
		"internal/gen/pairs":    "adopt diag model pair pair/rules render site",
	}
}

// onlyIn names the packages that may import a library, or a part of the
// standard library that does what one place is there for. A library without a
// row fails the test: docs/adr/ says what a new one needs.
func onlyIn() map[string]string {
	return map[string]string{
		"gopkg.in/yaml.v3":                       "internal/source internal/gen/sitefile", // the latter changes site files
		"github.com/go-playground/validator/v10": "internal/model",
		"github.com/mattn/go-runewidth":          "internal/report",
		"github.com/spf13/cobra":                 "internal/cli internal/gen/cli",
		"github.com/fsnotify/fsnotify":           "internal/cli",
		"github.com/spf13/pflag":                 "internal/cli",
		"golang.org/x/term":                      "internal/cli",
		"golang.org/x/sys":                       "internal/booted internal/emit internal/lab",
		"golang.org/x/sync":                      "internal/cli internal/emit internal/rehearse",
		"github.com/rogpeppe/go-internal":        "internal/compare internal/cli", // its diff; testscript is for tests
		"github.com/vishvananda/netlink":         "internal/lab",
		"github.com/vishvananda/netns":           "internal/lab",
		"github.com/invopop/jsonschema":          "internal/gen/schema",
		// one way to run a program: bounded, and ended with its context; and the tests' own
		"os/exec": "internal/proc internal/testbox internal/testbrowser",
	}
}

// reads are the names with which a program looks at the world around it. They
// belong to the command line, so that output is a function of the input.
func reads() []string {
	return []string{
		"os.Args", "os.Environ", "os.Exit", "os.Getenv", "os.Getwd", "os.Hostname", "os.LookupEnv",
		"os.Stderr", "os.Stdin", "os.Stdout", "time.Now",
	}
}

// mayRead are the exceptions, and why.
func mayRead() map[string]string {
	return map[string]string{
		"internal/proc os.Environ": "a program is started in the caller's environment unless it asks for an empty one",
		"internal/lab time.Now":    "a rehearsal measures how long a failover takes",
		"internal/lab os.Environ":  "an agent hands its own environment, which the lab has made, on to the others",
		"internal/lab os.Stdout":   "an agent hands its own streams, which the lab has made, on to the others",
		"internal/lab os.Stderr":   "the same",
		"internal/lab os.Stdin":    "what an observer is to look at comes there, from the lab that has started it",

		"internal/testenv os.Getenv": "REQUIRE_DAEMONS is for the tests",

		"internal/rehearse time.Now": "a rehearsal measures how long a failover takes",
	}
}

// mayHold are package-level variables that are no constants for the language
// only, and why each is one in truth.
func mayHold() map[string]string {
	const list = "a list that is only read"
	return map[string]string{
		"internal/check entryFailed":     list,
		"internal/model durationUnits":   list,
		"internal/model knownFields":     "the keys of each struct type, gathered when it is first read: the same whoever asks",
		"internal/scratch basics":        list,
		"internal/scratch devices":       list,
		"internal/scratch folders":       list,
		"internal/scratch haproxyOpens":  list,
		"internal/scratch openSSL":       list,
		"internal/scratch openSSLConfig": list,
		"internal/scratch trees":         list,
		"internal/scratch trusted":       list,
	}
}

func TestImportDirections(t *testing.T) {
	graph := imports(parseModule(t))
	report(t, wrongImports(graph))
	report(t, unusedRows(graph))
}

func TestOnlyTheCommandLineReadsTheWorld(t *testing.T) {
	for pkg, files := range parseModule(t) {
		if pkg != "internal/cli" && pkg != "cmd/lbgen" && !strings.HasPrefix(pkg, "internal/gen/") {
			report(t, wrongReads(pkg, files))
		}
	}
}

func TestNoHiddenState(t *testing.T) {
	for pkg, files := range parseModule(t) {
		report(t, hiddenState(pkg, files))
	}
}

// TestKeywordsAreConstants: a text that a user wrote becomes a keyword of a
// daemon's file only by a conversion, and there is none.
func TestKeywordsAreConstants(t *testing.T) {
	for pkg, files := range parseModule(t) {
		if !strings.HasPrefix(pkg, "internal/conf/") {
			report(t, madeKeywords(pkg, files))
		}
	}
}

func report(t *testing.T, faults []string) {
	t.Helper()
	for _, f := range faults {
		t.Error(f)
	}
}

func TestWrongImportsAreFound(t *testing.T) {
	got := wrongImports(map[string][]string{
		"internal/diag":    {"fmt", module + "/internal/source"},
		"internal/source":  {"gopkg.in/yaml.v3", module + "/internal/diag"},
		"internal/model":   {"gopkg.in/yaml.v3", "os/exec", module + "/internal/site"},
		"internal/render":  {"github.com/someone/something", "text/template", module + "/templates"},
		"internal/helpers": {"fmt"},
		"cmd/lbgen":        {module + "/internal/cli", module + "/internal/gen/schema"},
	})
	want := []string{
		"cmd/lbgen imports internal/gen/schema: that is against the direction",
		"internal/diag imports internal/source: that is against the direction",
		"package internal/helpers has no place yet: give it a row in mayImport and in docs/architecture.md",
		"internal/model imports gopkg.in/yaml.v3, which belongs in internal/source internal/gen/sitefile only",
		"internal/model imports os/exec, which belongs in internal/proc internal/testbox internal/testbrowser only",
		"internal/model imports internal/site: that is against the direction",
		"internal/render imports github.com/someone/something, a library without a row in onlyIn",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestUnusedRowsAreFound(t *testing.T) {
	graph := imports(parseModule(t))
	if _, there := graph["internal/lint"]; !there {
		t.Fatal("internal/lint has moved")
	}
	graph["internal/lint"] = []string{module + "/internal/diag", module + "/internal/source", module + "/internal/waiver",
		module + "/internal/certificate", module + "/internal/model"}
	delete(graph, "internal/proc")
	want := []string{
		"internal/lint does not import site: take it out of its row in mayImport",
		"there is no package internal/proc: take its row out of mayImport",
	}
	if got := unusedRows(graph); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestReadsAndStateAreFound(t *testing.T) {
	const text = `package made_up

import ("embed"; "errors"; "os"; "regexp"; "sync"; "time")

//go:embed file
var files embed.FS

var (
	//go:embed other
	other []byte
	shape    = regexp.MustCompile("x")
	errNone  = errors.New("none")
	late     = sync.OnceValue(func() int { return 1 })
	_        = os.Getenv("HOME")
	cache    = map[string]int{}
	count int
)

const most = 3

func init() { cache["now"] = time.Now().Year() }

type t struct{}

func (t) init() {}
`
	files := []*ast.File{parse(t, "made_up.go", text)}
	reads := wrongReads("internal/model", files)
	if len(reads) != 2 || !strings.Contains(reads[0], "os.Getenv") || !strings.Contains(reads[1], "time.Now") {
		t.Errorf("reads: %q", reads)
	}
	state := hiddenState("internal/model", files)
	if len(state) != 3 || !strings.Contains(state[0], "cache") || !strings.Contains(state[1], "count") || !strings.Contains(state[2], "init") {
		t.Errorf("state: %q", state)
	}
	if got := wrongReads("internal/proc",
		[]*ast.File{parse(t, "p.go", "package proc\nimport \"os\"\nfunc f() { os.Environ() }")}); len(got) != 0 {
		t.Errorf("an exception was reported: %q", got)
	}
}

func TestMadeKeywordsAreFound(t *testing.T) {
	const text = `package made_up

import "github.com/lbgen/lbgen/internal/conf/haproxy"

func f(user string) []haproxy.Keyword {
	return []haproxy.Keyword{haproxy.Keyword(user), (haproxy.Keyword)("log " + user), haproxy.Keyword("mode"), "user"}
}
`
	got := madeKeywords("internal/made_up", []*ast.File{parse(t, "made_up.go", text)})
	if len(got) != 2 || !strings.Contains(got[0], "haproxy.Keyword") {
		t.Errorf("got %q", got)
	}
}
