package check

import (
	"bytes"
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
)

// haproxyConfig picks haproxy.cfg, wherever it is.
func haproxyConfig(set artifact.Set) []artifact.File {
	if f, ok := set.File(set.Host.ConfigFile()); ok {
		return []artifact.File{f}
	}
	return nil
}

// runHAProxy runs `haproxy -c`. It is run again where it stumbled over
// something that only the node has and that shows in its words alone: the
// cipher profile of RHEL, and host names.
func runHAProxy(ctx context.Context, j *job) ([]finding, error) {
	r, err := newRoom(j)
	if err != nil {
		return nil, err
	}
	cfg := string(j.files[0].Data)
	if err := r.haproxyNeeds(j.files[0].Data); err != nil {
		return nil, err
	}
	hosts := "127.0.0.1 localhost\n::1 localhost\n"
	for {
		if err := r.put("/etc/hosts", hosts, 0o644); err != nil {
			return nil, err
		}
		// -L: the name that the option file of the node gives it, for peers.
		out, err := r.run(ctx, j.program, "-c", "-L", j.set.Node, "-f", "/"+j.files[0].Path)
		found, err := orExit(parseHAProxy(out.Stderr), out, err)
		found = j.withoutProcessors(j.withoutNetwork(found))
		more := unresolved(j, out.Stderr, hosts)
		ciphers := bytes.Contains(out.Stderr, []byte(rhelCiphers)) && strings.Contains(cfg, rhelCiphers)
		if err != nil || more == "" && !ciphers {
			return found, err
		}
		hosts += more
		if ciphers {
			cfg = strings.ReplaceAll(cfg, rhelCiphers, "DEFAULT") // line numbers stay
			j.standIn("cipher profile %s is RHEL's, OpenSSL here lacks it: checked with DEFAULT", rhelCiphers)
			if err := r.put("/"+j.files[0].Path, cfg, 0o600); err != nil {
				return nil, err
			}
		}
	}
}

// tooFewProcessors is said of global.nbthread by 3.2 where this machine, which
// need not be like the node, has fewer processors.
var tooFewProcessors = lazy(`^This configuration binds \d+ threads to a total of \d+ CPUs`)

func (j *job) withoutProcessors(found []finding) []finding {
	return slices.DeleteFunc(found, func(f finding) bool {
		if !tooFewProcessors().MatchString(f.message) {
			return false
		}
		j.standIn("this machine has fewer processors than global.nbthread asks for")
		return true
	})
}

// rhelCiphers is a name that only RHEL's OpenSSL knows.
const rhelCiphers = "PROFILE=SYSTEM"

// withoutNetwork takes out what HAProxy says of name servers that it cannot
// reach: here nobody can be reached.
func (j *job) withoutNetwork(found []finding) []finding {
	return slices.DeleteFunc(found, func(f finding) bool {
		if !strings.Contains(f.message, "can't connect socket for nameserver") {
			return false
		}
		j.standIn("name servers are for the node to reach: not asked")
		return true
	})
}

var notResolved = lazy(`could not resolve address '([^']+)'`)

// unresolved returns lines for /etc/hosts that stand in for the host names
// which HAProxy could not look up here; "" if there is none that hosts lacks.
func unresolved(j *job, stderr []byte, hosts string) string {
	var more string
	for _, m := range notResolved().FindAllStringSubmatch(string(stderr), -1) {
		if strings.Contains(hosts+more, " "+m[1]+"\n") {
			continue
		}
		more += "127.0.0.1 " + m[1] + "\n::1 " + m[1] + "\n"
		j.standIn("host name %s is for the node to look up: stood in for by 127.0.0.1", m[1])
	}
	return more
}

// haproxyLine is one message: the severity, for 2.3 and older a date, the
// process id, the words.
var haproxyLine = lazy(`^\[(NOTICE|WARNING|ALERT|DIAG|EMERG)\]\s+(?:\d+/\d+ )?\(\d+\) : (.*)$`)

// haproxyPlace is a position, in the spacings of all versions; 2.4 and later
// put "config : " before it, and some messages carry it at their end.
var (
	haproxyPlace = lazy(`^(?:config : )?(?:parsing )?\[(/[^\]]+):(\d+)\] ?: *`)
	haproxyAt    = lazy(`(/[^\s\[\]():']+):(\d+)`)
)

// haproxyEnd are the words with which HAProxy sums up what it has said before.
var haproxyEnd = lazy(`^(?:config : )?(?:Error\(s\) found in configuration file|Fatal errors found in configuration|Warnings were found|Configuration file has no error)`)

// parseHAProxy reads what `haproxy -c` prints on stderr. A line without a
// severity repeats or explains the message above it, unless it has a position:
// 3.2 lists some errors that way below a heading.
func parseHAProxy(stderr []byte) []finding {
	var found []finding
	severity := ""
	for _, line := range lines(stderr) {
		m := haproxyLine().FindStringSubmatch(line)
		switch {
		case m != nil && (m[1] == "NOTICE" || haproxyEnd().MatchString(m[2])):
			severity = ""
		case m != nil && strings.HasSuffix(m[2], "errors:"):
			severity = m[1]
		case m != nil:
			severity = m[1]
			found = append(found, haproxyFinding(m[1], m[2]))
		case severity != "" && strings.HasPrefix(strings.TrimLeft(line, " \t"), "parsing ["):
			found = append(found, haproxyFinding(severity, strings.TrimLeft(line, " \t")))
		}
	}
	return found
}

func haproxyFinding(severity, text string) finding {
	f := finding{severity: diag.Error}
	if severity == "WARNING" || severity == "DIAG" {
		f.severity = diag.Warning
	}
	if m := haproxyPlace().FindStringSubmatch(text); m != nil {
		f.file, f.line, text = m[1], number(m[2]), text[len(m[0]):]
	} else if m := haproxyAt().FindStringSubmatch(text); m != nil {
		f.file, f.line = m[1], number(m[2])
	}
	f.message = strings.TrimPrefix(text, "config : ")
	return f
}

// haproxyWords splits a line of haproxy.cfg into words as HAProxy does: blanks
// part them, quotes and backslashes hold them together, # ends the line.
func haproxyWords(line string) []string {
	var words []string
	var word strings.Builder
	var quote byte
	begun := false
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case c == '\\' && quote != '\'' && i+1 < len(line):
			i++
			word.WriteByte(line[i])
			begun = true
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, begun = c, true
		case quote == 0 && (c == ' ' || c == '\t' || c == '#'):
			if begun {
				words = append(words, word.String())
			}
			if c == '#' {
				return words
			}
			word.Reset()
			begun = false
		default:
			word.WriteByte(c)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}

// haproxyAccounts returns the users and groups that the global section names.
// Elsewhere, as in a userlist, a user is not one of the machine.
func haproxyAccounts(cfg []byte) (users, groups []string) {
	global := false
	for _, line := range lines(cfg) {
		words := haproxyWords(line)
		if len(words) == 0 {
			continue
		}
		if line[0] != ' ' && line[0] != '\t' {
			global = words[0] == "global"
		}
		for i := 0; global && i+1 < len(words); i++ {
			switch words[i] {
			case "user":
				users = append(users, words[i+1])
			case "group":
				groups = append(groups, words[i+1])
			}
		}
	}
	return users, groups
}

// need is a file that haproxy.cfg names and HAProxy opens when it checks.
type need struct{ what, path string }

// haproxyOpens says which words are followed by such a file, and what it is.
var haproxyOpens = []need{
	{"certificate", "crt"}, {"certificate", "ca-file"}, {"certificate", "ca-verify-file"},
	{"page", "file"}, {"page", "lf-file"}, {"list", "-f"},
}

var haproxyMap = lazy(`map(?:_\w+)?\((/[^,)]+)`)

// needs returns the files with absolute paths that a haproxy.cfg opens.
func needs(cfg []byte) []need {
	var list []need
	base := map[string]string{}
	add := func(what, file, base string) {
		if !path.IsAbs(file) && base != "" && !strings.HasPrefix(file, "@") {
			file = path.Join(base, file)
		}
		if n := (need{what, file}); path.IsAbs(file) && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	for _, line := range lines(cfg) {
		words := haproxyWords(line)
		if len(words) > 0 && words[0] == "parse-resolv-conf" {
			add("name servers", "/etc/resolv.conf", "")
		}
		for i := 0; i+1 < len(words); i++ {
			switch word := words[i]; word {
			case "crt-base", "ca-base":
				base[word[:2]] = words[i+1]
			case "errorfile":
				add("page", words[len(words)-1], "")
			}
			if k := slices.IndexFunc(haproxyOpens, func(n need) bool { return n.path == words[i] }); k >= 0 {
				add(haproxyOpens[k].what, words[i+1], base[words[i][:2]])
			}
		}
		for _, m := range haproxyMap().FindAllStringSubmatch(line, -1) {
			add("list", m[1], "")
		}
	}
	return list
}

// haproxyNeeds puts what haproxy.cfg opens and the set does not have into the
// room: the machine's own where it has it, a stand-in otherwise.
func (r *room) haproxyNeeds(cfg []byte) error {
	for _, n := range needs(cfg) {
		if r.has(n.path) {
			continue
		}
		have, err := r.offer(n.path)
		if err == nil && !have {
			err = r.makeUp(n)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// makeUp puts a stand-in where a file is needed.
func (r *room) makeUp(n need) error {
	switch n.what {
	case "certificate":
		data, err := selfSigned()
		if err != nil {
			return err
		}
		r.job.standIn("certificate %s is not on this machine: stood in for by a self-signed one", n.path)
		if path.Ext(n.path) == "" { // a folder of certificates
			n.path = filepath.Join(n.path, "stand-in.pem")
		}
		return r.put(n.path, data, 0o600)
	case "page":
		r.job.standIn("page %s is not on this machine: stood in for", n.path)
		return r.put(n.path, "HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\nstand-in\n", 0o644)
	case "name servers":
		r.job.standIn("%s is not on this machine: stood in for", n.path)
		return r.put(n.path, "nameserver 127.0.0.1\n", 0o644)
	default:
		r.job.standIn("list %s is not on this machine: stood in for by an empty one", n.path)
		return r.put(n.path, "", 0o644)
	}
}
