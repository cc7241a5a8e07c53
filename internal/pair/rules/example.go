package rules

import (
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/pair"
)

// Example is a fragment of two nodes' files in the rules' common pair.
type Example struct {
	Pair *pair.Pair
	// Marked is where the mark § stood, and File the file that it stood in.
	File   string
	Marked diag.Pos
}

// The files of the common pair. Both nodes have the same: a line that begins with
// @NAME is for one of them.
const (
	commonKeepalived = `global_defs {
    enable_script_security
    script_user root
}

vrrp_script alive {
    script "/usr/bin/curl -sf -o /dev/null http://127.0.0.1:8405/alive"
    interval 2
    timeout 2
    rise 2
    fall 2
}

vrrp_instance VI_1 {
    interface eth0
    virtual_router_id 23
    @lb1 priority 110
    @lb2 priority 100
    virtual_ipaddress {
        192.0.2.10/24
    }
    track_script {
        alive
    }
}
`
	commonHAProxy = `global
    log /dev/log local0
    chroot /var/lib/haproxy
    user haproxy
    group haproxy
    maxconn 4000
    hard-stop-after 1h

defaults
    mode http
    log global
    option httplog
    option redispatch
    maxconn 3000
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-request 10s

frontend main
    bind 192.0.2.10:80
    default_backend app

frontend alive
    bind 127.0.0.1:8405
    monitor-uri /alive

backend app
    option httpchk
    http-check send meth GET uri /ready
    http-check expect status 200
    server a 192.0.2.21:80 check
    server b 192.0.2.22:80 check
`
)

// NewExample puts the blocks and sections of a fragment in place of those of the
// same kind and name, for both nodes, or for lb2 alone behind a line "# lb2".
func NewExample(fragment string) Example {
	both, second, _ := strings.Cut(fragment, "# lb2\n")
	var e Example
	var inputs []pair.Input
	files := map[string]string{}
	for i, name := range []string{"lb1", "lb2"} {
		k, h := commonKeepalived, commonHAProxy
		for _, b := range blocks(both) {
			k, h = put(k, h, b)
		}
		if i == 1 {
			for _, b := range blocks(second) {
				k, h = put(k, h, b)
			}
		}
		files[name+"/keepalived.conf"], files[name+"/haproxy.cfg"] = k, h
		inputs = append(inputs, pair.Input{Name: name, Paths: []string{name}})
	}
	for _, name := range []string{"lb2/keepalived.conf", "lb2/haproxy.cfg", "lb1/keepalived.conf", "lb1/haproxy.cfg"} {
		before, _, marked := strings.Cut(files[name], "§")
		if marked {
			e.File, e.Marked = name, position(before)
		}
		files[name] = strings.ReplaceAll(files[name], "§", "")
	}
	e.Pair = pair.ReadFiles("pair", inputs, files)
	return e
}

func position(before string) diag.Pos {
	line := strings.LastIndex(before, "\n") + 1
	return diag.Pos{Line: strings.Count(before, "\n") + 1, Column: len([]rune(before[line:])) + 1}
}

// blocks takes a fragment apart: a block or section begins where a line has no
// blank before it and is no closing brace.
func blocks(text string) []string {
	var all []string
	for line := range strings.Lines(strings.TrimLeft(text, "\n")) {
		if begins(line) || len(all) == 0 {
			all = append(all, "")
		}
		all[len(all)-1] += line
	}
	return all
}

func begins(line string) bool {
	return strings.TrimSpace(line) != "" && !strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "}")
}

// put puts a block in place of the one with the same first line, or behind all.
func put(k, h, block string) (string, string) {
	head := strings.TrimSpace(strings.ReplaceAll(strings.SplitN(block, "\n", 2)[0], "§", ""))
	if haproxy.IsSection(strings.Fields(head)[0]) {
		return k, replaced(h, head, block)
	}
	return replaced(k, head, block), h
}

func replaced(file, head, block string) string {
	parts := blocks(file)
	i := slices.IndexFunc(parts, func(b string) bool { return strings.HasPrefix(b, head+"\n") })
	if i < 0 {
		return file + "\n" + block
	}
	parts[i] = strings.TrimRight(block, "\n") + "\n\n"
	return strings.Join(parts, "")
}

// Shown is a fragment as a page shows it.
func Shown(fragment string) string {
	return strings.TrimLeft(strings.ReplaceAll(fragment, "§", ""), "\n")
}

// instance is the common instance with these lines, in place of its own of the same
// keywords.
func instance(lines string) string { return within("vrrp_instance VI_1 {", commonKeepalived, lines) }

// within is a block of the common files with further lines; those of the same
// keywords go.
func within(head, file, lines string) string {
	i := slices.IndexFunc(blocks(file), func(b string) bool { return strings.HasPrefix(b, head+"\n") })
	block := strings.TrimRight(blocks(file)[i], "\n")
	var b strings.Builder
	b.WriteString("\n" + head + "\n")
	own := strings.Split(lines, "\n")
	gone := map[string]bool{}
	depth := 0
	for _, l := range own {
		if depth == 0 {
			gone[key(l)] = true
		}
		depth += strings.Count(l, "{") - strings.Count(l, "}")
	}
	skip := false
	for _, l := range strings.Split(block, "\n")[1:] {
		switch {
		case l == "}":
		case skip:
			skip = strings.TrimSpace(l) != "}"
		case gone[key(l)]:
			skip = strings.HasSuffix(l, "{")
		default:
			b.WriteString(l + "\n")
		}
	}
	for _, l := range own {
		b.WriteString("    " + l + "\n")
	}
	if strings.HasSuffix(head, "{") {
		b.WriteString("}\n")
	}
	return b.String()
}

// key is the keyword of a line, and the word behind it where a section has several
// lines of one.
func key(line string) string {
	words := slices.DeleteFunc(strings.Fields(strings.ReplaceAll(line, "§", "")), func(w string) bool { return strings.HasPrefix(w, "@") })
	switch {
	case len(words) == 0:
		return ""
	case len(words) > 1 && slices.Contains([]string{"server", "option", "http-check", "timeout", "stats"}, words[0]):
		return words[0] + " " + words[1]
	default:
		return words[0]
	}
}

// section is a section of the common haproxy.cfg with further lines.
func section(head, lines string) string { return within(head, commonHAProxy, lines) }
