package pair

import (
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/failover"
)

// Time reads one of HAProxy's times: a number and a unit, milliseconds where there
// is none (configuration.txt 2.5).
func Time(text string) (time.Duration, bool) {
	unit := time.Millisecond
	digits := strings.TrimRight(text, "usmhd")
	switch text[len(digits):] {
	case "":
	case "us":
		unit = time.Microsecond
	case "ms":
	case "s":
		unit = time.Second
	case "m":
		unit = time.Minute
	case "h":
		unit = time.Hour
	case "d":
		unit = 24 * time.Hour
	default:
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	return time.Duration(n) * unit, err == nil && n >= 0
}

// Server is one line of a backend or listen section: its own words, and those of
// the default-server lines above it.
type Server struct {
	Line    *haproxy.Directive
	Section *haproxy.Section
	defs    []*haproxy.Directive
}

// Name returns the server's name.
func (s Server) Name() string { return s.Line.Word(1) }

// Address returns its address as it is written.
func (s Server) Address() string { return s.Line.Word(2) }

// Has says whether the word stands for the server: its own words count more than
// those of default-server, and no-WORD takes one away.
func (s Server) Has(word string) bool {
	has := false
	for _, d := range s.defs {
		has = stands(has, word, d.Tokens[1:])
	}
	return stands(has, word, s.Line.Tokens[3:])
}

// stands says whether a word stands after one more line.
func stands(has bool, word string, tokens []haproxy.Token) bool {
	for i := range tokens {
		text := tokens[i].Text
		switch {
		case text == word:
			has = true
		case len(text) == len(word)+3 && text[:3] == "no-" && text[3:] == word:
			has = false
		case text == "enabled":
			has = has && word != "disabled"
		}
	}
	return has
}

// Value returns what stands behind the word, "" where it is nowhere.
func (s Server) Value(word string) string {
	value := ""
	for _, d := range s.defs {
		value = behind(value, word, d.Tokens[1:])
	}
	return behind(value, word, s.Line.Tokens[3:])
}

// behind is what stands behind a word after one more line.
func behind(value, word string, tokens []haproxy.Token) string {
	for i := range len(tokens) - 1 {
		if tokens[i].Text == word {
			value = tokens[i+1].Text
		}
	}
	return value
}

// Servers returns the servers of a section that have a name and an address.
func Servers(s *haproxy.Section) []Server {
	var defs []*haproxy.Directive
	for d := s.Defaults; d != nil; d = d.Defaults {
		for i := len(d.Lines) - 1; i >= 0; i-- {
			if d.Lines[i].Word(0) == "default-server" {
				defs = append([]*haproxy.Directive{d.Lines[i]}, defs...)
			}
		}
	}
	var all []Server
	for _, d := range s.Lines {
		switch d.Word(0) {
		case "default-server":
			defs = append(defs[:len(defs):len(defs)], d)
		case "server", "server-template":
			if len(d.Tokens) > 2 { // HAProxy refuses a shorter one
				all = append(all, Server{d, s, defs})
			}
		}
	}
	return all
}

// Check is how the servers of a section are checked: those of the first one that is.
type Check struct {
	Section *haproxy.Section
	failover.ServerCheck
}

// Checks returns the sections of a node that check servers.
func (n *Node) Checks() []Check {
	var all []Check
	for _, s := range n.HAProxy.Sections {
		if s.Kind != "backend" && s.Kind != "listen" {
			continue
		}
		for _, server := range Servers(s) {
			if server.Has("check") {
				all = append(all, Check{s, server.check()})
				break
			}
		}
	}
	return all
}

// check is how the server is checked: inter 2s, rise 2 and fall 3 where nothing is
// written (configuration.txt 5.2).
func (s Server) check() failover.ServerCheck {
	c := failover.ServerCheck{Inter: 2 * time.Second, Rise: number(s.Value("rise"), 2), Fall: number(s.Value("fall"), 3)}
	c.Inter = s.time("inter", c.Inter)
	c.FastInter, c.DownInter = s.time("fastinter", c.Inter), s.time("downinter", c.Inter)
	c.Connect = timeout(s.Section, "connect")
	// Without timeout check a check takes as long as inter (configuration.txt, timeout check).
	if c.Check = timeout(s.Section, "check"); c.Check == 0 {
		c.Check = c.Inter
	}
	if c.Connect == 0 {
		c.Connect = c.Inter
	}
	return c
}

func (s Server) time(word string, otherwise time.Duration) time.Duration {
	if d, ok := Time(s.Value(word)); ok && s.Value(word) != "" {
		return d
	}
	return otherwise
}

func timeout(s *haproxy.Section, name string) time.Duration {
	line := s.Inherited("timeout", name)
	if line == nil {
		return 0
	}
	d, _ := Time(line.Word(2))
	return d
}

// Effective are the words of a server with their values, those of default-server put
// in: "" for words by themselves. Times are in milliseconds.
func (s Server) Effective() map[string]string {
	all := map[string]string{}
	for i, d := range append(s.defs[:len(s.defs):len(s.defs)], s.Line) {
		words := d.Words()[1:]
		if i == len(s.defs) {
			words = d.Words()[3:]
		}
		for j := 0; j < len(words); j++ {
			w := words[j]
			if off, no := strings.CutPrefix(w, "no-"); no {
				delete(all, off)
				continue
			}
			if w == "enabled" {
				delete(all, "disabled")
				continue
			}
			if !alone(w) && j+1 < len(words) {
				j++
				all[w] = inMilliseconds(w, words[j])
				continue
			}
			all[w] = "there"
		}
	}
	return all
}

// alone says whether a word of a server has no value.
func alone(word string) bool {
	switch word {
	case "check", "backup", "disabled", "enabled", "ssl", "send-proxy", "send-proxy-v2", "check-ssl", "check-send-proxy", "agent-check",
		"no-check",
		"allow-0rtt", "check-via-socks4", "force-tlsv12", "force-tlsv13", "non-stick", "tfo", "no-sslv3", "no-tlsv10", "no-tlsv11",
		"no-tls-tickets",
		"ssl-reuse", "send-proxy-v2-ssl", "send-proxy-v2-ssl-cn":
		return true
	}
	return false
}

func inMilliseconds(word, value string) string {
	switch word {
	case "inter", "fastinter", "downinter", "slowstart", "agent-inter":
		if d, ok := Time(value); ok {
			return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
		}
	}
	return value
}
