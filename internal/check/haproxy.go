package check

import (
	"bytes"
	"context"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/scratch"
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
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	cfg := j.files[0].Data
	if err := s.HAProxy(cfg); err != nil {
		return nil, err
	}
	hosts := localhost
	for {
		if err := s.Put("/etc/hosts", hosts, 0o644); err != nil {
			return nil, err
		}
		// -L: the name that the option file of the node gives it, for peers.
		out, err := s.daemon(ctx, "haproxy", "", "-c", "-L", j.set.Node, "-f", "/"+j.files[0].Path)
		found, err := orExit(parseHAProxy(out.Stderr), out, err)
		found = j.withoutProcessors(j.withoutNetwork(found))
		more := unresolved(j, out.Stderr, hosts)
		ciphers := false
		if bytes.Contains(out.Stderr, []byte(scratch.SystemProfile)) {
			cfg, ciphers = scratch.DefaultCiphers(cfg)
		}
		if err != nil || more == "" && !ciphers {
			return found, err
		}
		hosts += more
		if ciphers {
			j.stub("cipher profile %s is RHEL's, OpenSSL here lacks it: checked with DEFAULT", scratch.SystemProfile)
			if err := s.Put("/"+j.files[0].Path, string(cfg), 0o600); err != nil {
				return nil, err
			}
		}
	}
}

// tooFewProcessors is said of global.nbthread where this machine, which need not be
// like the node, has fewer processors: by 3.0 in one way, by 3.2 in another.
var tooFewProcessors = lazy(`^This configuration (?:enables \d+ threads running on|binds \d+ threads to) a total of \d+ CPUs`)

func (j *job) withoutProcessors(found []finding) []finding {
	return slices.DeleteFunc(found, func(f finding) bool {
		if !tooFewProcessors().MatchString(f.message) {
			return false
		}
		j.stub("this machine has fewer processors than global.nbthread asks for")
		return true
	})
}

// withoutNetwork takes out what HAProxy says of name servers that it cannot
// reach: here nobody can be reached.
func (j *job) withoutNetwork(found []finding) []finding {
	return slices.DeleteFunc(found, func(f finding) bool {
		if !strings.Contains(f.message, "can't connect socket for nameserver") {
			return false
		}
		j.stub("name servers are for the node to reach: not asked")
		return true
	})
}

// unresolved returns lines for /etc/hosts that stand in for the host names
// which HAProxy could not look up here; "" if there is none that hosts lacks.
func unresolved(j *job, stderr []byte, hosts string) string {
	var more string
	for _, name := range scratch.Unresolved(stderr) {
		if strings.Contains(hosts, " "+name+"\n") {
			continue
		}
		more += "127.0.0.1 " + name + "\n::1 " + name + "\n"
		j.stub("host name %s is for the node to look up: replaced by 127.0.0.1", name)
	}
	return more
}

// haproxyLine is one message: the severity, for 2.3 and older a date, the
// process id, the words.
var haproxyLine = lazy(`^\[(NOTICE|WARNING|ALERT|DIAG|EMERG)\]\s+(?:\d+/\d+ )?\(\d+\) : (.*)$`)

// haproxyPlace is a position, in the spacings of all versions; 2.4 and later
// put "config : " before it, and some messages carry it at their end.
var (
	haproxyPlace = lazy(`^(?:config : )?(?:[Pp]arsing )?\[(/[^\]]+):(\d+)\] ?: *`)
	haproxyAt    = lazy(`(/[^\s\[\]():']+):(\d+)`)
)

// haproxyEnd are the words with which HAProxy sums up what it has said before.
var haproxyEnd = lazy(`^(?:config : )?(?:Error\(s\) found in configuration file|` +
	`Fatal errors found in configuration|Warnings were found|Configuration file has no error)`)

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
