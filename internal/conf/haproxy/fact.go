package haproxy

import (
	"slices"
	"strings"
	"sync"
)

// In is a set of kinds of sections. A listen section takes what a frontend takes
// and what a backend takes.
type In uint32

// The kinds of sections.
const (
	Global In = 1 << iota
	NamedDefaults
	UnnamedDefaults
	Frontend
	Backend
	Userlist
	Peers
	Mailers
	Resolvers
	HTTPErrors
	Ring
	LogForward
	Program
	Cache
	FCGIApp
	Top // the keyword opens a section

	Defaults  = NamedDefaults | UnnamedDefaults
	FrontSide = Defaults | Frontend
	BackSide  = Defaults | Backend
	Proxies   = Defaults | Frontend | Backend
)

// InOf returns the kind of a section by the word that opens it, 0 for those of
// which there are no facts.
func InOf(kind string) In {
	return map[string]In{
		"global": Global, "defaults": Defaults, "frontend": Frontend, "backend": Backend, "listen": Frontend | Backend, "userlist": Userlist,
		"peers":   Peers,
		"mailers": Mailers, "resolvers": Resolvers, "http-errors": HTTPErrors, "ring": Ring, "log-forward": LogForward, "program": Program,
		"cache": Cache, "fcgi-app": FCGIApp,
	}[kind]
}

// String returns the words that open the sections, with commas between them.
func (in In) String() string {
	var names []string
	for _, kind := range strings.Fields("global defaults frontend backend listen userlist peers mailers resolvers http-errors ring " +
		"log-forward program cache fcgi-app") {
		if of := InOf(kind); in&of != 0 {
			if kind == "defaults" && in&UnnamedDefaults == 0 {
				kind = "defaults with a name"
			}
			names = append(names, kind)
		}
	}
	return strings.Join(names, ", ")
}

// Rules is a set of the lists of rules that an action may stand in.
type Rules uint32

// The lists of rules.
const (
	HTTPRequest Rules = 1 << iota
	HTTPResponse
	HTTPAfterResponse
	TCPConnection
	TCPSession
	TCPContent
	TCPResponse
	HTTPCheck
	TCPCheck
)

// lists are the words by which the lines of each list of rules begin.
func lists() []string {
	return []string{"http-request", "http-response", "http-after-response", "tcp-request connection", "tcp-request session",
		"tcp-request content", "tcp-response content", "http-check", "tcp-check"}
}

// How says what lbgen makes of a keyword; docs/coverage.md explains the words.
type How string

// The answers. Where there is none, the keyword is for raw lines.
const (
	Field    How = "field"    // one of Fields becomes it
	Always   How = "always"   // lbgen writes it where it belongs
	Better   How = "better"   // Fields do the same more safely
	Needless How = "needless" // it changes nothing where lbgen's HAProxy runs
	Harm     How = "harm"     // it does more harm than good
)

// Fact is what is known of one keyword. It is a directive in the sections In, an
// action in the lists Rules, or a word that stands in the lines Of.
type Fact struct {
	Keyword string // "timeout client"; of an action or a word of a line that alone
	In      In
	Rules   Rules
	Of      string // "server" for default-server and server-template, too; "bind", "stats socket", "cookie" …
	Args    int    // how many words belong to a word of a line

	Mode string // the only mode in which it has an effect: "http", or "" for both
	Many bool   // of several lines each counts; else the last one wins
	// Agreed keywords must say the same on all nodes: else clients lose their server,
	// or nodes their tables, when the virtual IP moves.
	Agreed bool

	// The first versions that know it, warn of it and refuse it; "" where all, or
	// none, from 2.4 to 3.4 do.
	Since, Deprecated, Removed string
	// Patch is the first version of an older series that knows it, too, as "3.0.6".
	Patch   string
	Remedy  string // what to do where it is Deprecated or Removed
	Example string // a line for tests to ask HAProxy about

	How    How
	Fields []string // of the site file, as "frontends[].timeouts.client"
	Why    string   // of Always, Needless and Harm
	// Only is what may stand behind it for the fields to say the same, up to a
	// condition; … for any more words. Where it is nil, they can say all.
	Only []string
	// Further is true where the field makes one such line, and a further one says
	// what no field can.
	Further bool

	form func(d *Directive) bool // it is about lines of this form alone, which Keyword says in words
}

// Name returns the keyword as a reader knows it: "server … check".
func (f Fact) Name() string {
	switch {
	case f.Of != "":
		return f.Of + " … " + f.Keyword
	case f.Rules != 0 && f.Rules&(f.Rules-1) == 0:
		return lists()[slices.IndexFunc(lists(), func(string) bool { f.Rules >>= 1; return f.Rules == 0 })] + " " + f.Keyword
	default:
		return f.Keyword
	}
}

// Inherited says whether a proxy that does not have it takes it from its defaults.
func (f Fact) Inherited() bool {
	return f.In&UnnamedDefaults != 0 && f.In&(Frontend|Backend) != 0
}

// StandsIn says whether the keyword may stand in a section of the kind.
func (f Fact) StandsIn(in In) bool { return f.In&in != 0 }

// FieldsIn returns the fields that are of the kind of section.
func (f Fact) FieldsIn(in In) []string {
	var some []string
	for _, field := range f.Fields {
		if of := sectionOf(field); of&in != 0 && f.In&of != 0 || of == 0 {
			some = append(some, field)
		}
	}
	return some
}

// sectionOf is the section that a field is a part of, 0 where it is one of the
// whole site.
func sectionOf(field string) In {
	top, _, _ := strings.Cut(field, ".")
	return map[string]In{"global": Global, "paths": Global, "service_user": Global, "defaults": Defaults, "frontends[]": Frontend,
		"backends[]": Backend}[top]
}

// Facts returns all facts. None of them may be changed.
func Facts() []Fact { return known().all }

// table is all facts, and where those of a keyword are.
type table struct {
	all   []Fact
	index map[string][]int
	forms []int // those that are about the form of a line
}

var known = sync.OnceValue(func() table {
	t := table{index: map[string][]int{}}
	t.all = slices.Concat(sectionFacts(), globalFacts(), proxyFacts(), optionFacts(), statsFacts(), checkFacts(), ruleFacts(), otherFacts(),
		bindFacts(), serverFacts(), wordFacts(), criteria(), goneFacts(), quicFacts(), newFacts2(), newFacts3())
	for i := range t.all {
		f := &t.all[i]
		if f.Rules != 0 {
			f.Many = true
			if f.In == 0 {
				f.In = inOf(f.Rules)
			}
		}
		if f.form != nil {
			t.forms = append(t.forms, i)
			continue
		}
		for _, key := range f.keys() {
			t.index[key] = append(t.index[key], i)
		}
	}
	return t
})

// inOf is where lists of rules may stand: in defaults those with a name alone.
func inOf(r Rules) In {
	in := NamedDefaults
	if r&(HTTPRequest|HTTPResponse|HTTPAfterResponse|TCPConnection|TCPSession|TCPContent) != 0 {
		in |= Frontend
	}
	if r&(HTTPRequest|HTTPResponse|HTTPAfterResponse|TCPContent|TCPResponse) != 0 {
		in |= Backend
	}
	if r&(HTTPCheck|TCPCheck) != 0 {
		in = BackSide
	}
	return in
}

func (f *Fact) keys() []string {
	if f.Of != "" {
		return []string{f.Of + " … " + f.Keyword}
	}
	if f.Rules == 0 {
		return []string{f.Keyword}
	}
	var keys []string
	for i, list := range lists() {
		if f.Rules&(1<<i) != 0 {
			keys = append(keys, list+" "+f.Keyword)
		}
	}
	return keys
}

// Find returns the facts by their name, "timeout client" or "server … check".
func Find(name string) []Fact {
	var facts []Fact
	for _, i := range known().index[name] {
		facts = append(facts, known().all[i])
	}
	return facts
}

// Of returns the facts of a line in a section of the kind: those of what it begins
// with, of its further words, and of its form. Those of a keyword that may not
// stand there are left out. What is known as nothing has no fact.
func Of(in In, d *Directive) []Fact {
	head, size := headOf(d)
	var facts []Fact
	for _, f := range Find(head) {
		if f.StandsIn(in) {
			facts = append(facts, f)
		}
	}
	for _, i := range known().forms {
		if f := known().all[i]; f.StandsIn(in) && f.form(d) {
			facts = append(facts, f)
		}
	}
	if len(facts) > 0 {
		for _, word := range further(head, size, d) {
			facts = append(facts, Find(word)...)
		}
	}
	return facts
}

// headOf returns the keyword that a line begins with, and of how many words it is.
// Of an action what stands in parentheses is no part.
func headOf(d *Directive) (keyword string, size int) {
	for n := min(3, len(d.Tokens)); n > 0; n-- {
		words := make([]string, n)
		for i := range words {
			words[i] = d.Word(i)
		}
		if n > 1 {
			words[n-1] = action(words[n-1])
		}
		name := strings.Join(words, " ")
		if _, ok := known().index[name]; ok {
			return name, n
		}
	}
	return d.Word(0), 1
}

// action is the name of an action without what stands in parentheses behind it,
// and without the number of the counter that it tracks.
func action(word string) string {
	word, _, _ = strings.Cut(word, "(")
	if rest, ok := strings.CutPrefix(word, "track-sc"); ok && strings.Trim(rest, "0123456789") == "" {
		return "track-sc"
	}
	return word
}

// further returns the names of the words behind a keyword that have facts.
func further(head string, size int, d *Directive) []string {
	of, from := lineOf(head), size
	if of == "" {
		return nil
	}
	if of == "server" && head != "default-server" {
		from += 2
	}
	if head == "server-template" {
		from++
	}
	if of == "bind" || of == "stats socket" {
		from++
	}
	var names []string
	for i := from; i < len(d.Tokens); i++ {
		name := of + " … " + d.Word(i)
		if list := known().index[name]; len(list) > 0 {
			names = append(names, name)
			i += known().all[list[0]].Args
		}
	}
	return names
}

// lineOf is which words may stand in the lines of a keyword; "" where none is known.
func lineOf(keyword string) string {
	switch keyword {
	case "server", "default-server", "server-template":
		return "server"
	case "bind", "stats socket", "cookie", "stick-table":
		return keyword
	case "http-request redirect", "redirect":
		return "redirect"
	default:
		return ""
	}
}
