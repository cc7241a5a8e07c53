package pair

import (
	"path"
	"slices"
	"strings"
)

// haproxyCommand returns the words with which the node's unit starts HAProxy, and
// the environment that it gives: the package's own, changed by the option file, the
// unit and its drop-ins.
func (r *reading) haproxyCommand() ([]string, map[string]string) {
	env := map[string]string{"CONFIG": "/etc/haproxy/haproxy.cfg"}
	words := []string{"-f", "$CONFIG", "$EXTRAOPTS"}
	if r.rhel() {
		env["CFGDIR"] = "/etc/haproxy/conf.d"
		words = []string{"-f", "$CONFIG", "-f", "$CFGDIR", "$OPTIONS"}
	}
	for _, name := range []string{"etc/default/haproxy", "etc/sysconfig/haproxy"} {
		if data, err := r.tree.file(name); err == nil {
			assign(env, string(data))
		}
	}
	for _, name := range r.units("haproxy") {
		data, err := r.tree.file(name)
		if err != nil {
			continue
		}
		for _, l := range unitLines(string(data)) {
			switch {
			case l.key == "Environment":
				for _, word := range shellWords(l.value) {
					assign(env, word)
				}
			case l.key == "ExecStart" && l.value != "":
				words = shellWords(l.value)
			}
		}
	}
	if !slices.Contains(words, "-f") {
		words = []string{"-f", "/etc/haproxy/haproxy.cfg"}
	}
	return expand(words, env), env
}

// rhel says whether the node is one of Red Hat's kind, whose unit reads conf.d, too.
func (r *reading) rhel() bool {
	if r.tree.there("etc/default/haproxy") || r.tree.there("etc/debian_version") {
		return false
	}
	return r.tree.there("etc/sysconfig") || r.tree.there("etc/redhat-release") || r.tree.there("etc/haproxy/conf.d")
}

// units returns the unit of a service, where the tree has one, and its drop-ins.
func (r *reading) units(service string) []string {
	var names []string
	for _, dir := range []string{"usr/lib/systemd/system", "lib/systemd/system", "etc/systemd/system"} {
		if file := path.Join(dir, service+".service"); r.tree.there(file) {
			names = []string{file} // a later one stands in place of all before
		}
	}
	for _, dir := range []string{"usr/lib/systemd/system", "etc/systemd/system"} {
		for _, file := range r.tree.folder(path.Join(dir, service+".service.d")) {
			if strings.HasSuffix(file, ".conf") {
				names = append(names, path.Join(dir, service+".service.d", file))
			}
		}
	}
	return names
}

type unitLine struct{ key, value string }

// unitLines reads KEY=VALUE lines; one that ends with a backslash goes on in the
// next.
func unitLines(text string) []unitLine {
	var all []unitLine
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		line = strings.TrimSpace(line)
		if key, value, ok := strings.Cut(line, "="); ok && line[0] != '#' && line[0] != ';' {
			all = append(all, unitLine{strings.TrimSpace(key), strings.TrimSpace(value)})
		}
	}
	return all
}

// assign reads NAME=VALUE lines of an option file.
func assign(env map[string]string, text string) {
	for _, l := range unitLines(text) {
		env[strings.TrimPrefix(l.key, "export ")] = strings.Trim(l.value, `"'`)
	}
}

// shellWords takes a line apart at blanks, quotes gone.
func shellWords(line string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	open := false
	for _, c := range line {
		switch {
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '"' || c == '\''):
			quote, open = c, true
		case quote == 0 && (c == ' ' || c == '\t'):
			if open {
				words = append(words, word.String())
			}
			word.Reset()
			open = false
		default:
			word.WriteRune(c)
			open = true
		}
	}
	if open {
		words = append(words, word.String())
	}
	return words
}

// expand puts variables in place of words that are one, as systemd does it: the
// value of $NAME is several words, that of ${NAME} one.
func expand(words []string, env map[string]string) []string {
	var all []string
	for _, w := range words {
		name, isVar := strings.CutPrefix(w, "$")
		switch {
		case isVar && strings.HasPrefix(name, "{"):
			all = append(all, env[strings.Trim(name, "{}")])
		case isVar:
			all = append(all, strings.Fields(env[name])...)
		default:
			all = append(all, w)
		}
	}
	return all
}

// keepalivedCommand is what Keepalived's command line says of its file.
type keepalivedCommand struct{ file, id string }

// keepalivedOptions reads -f and -i from the option file of the node's unit.
func (r *reading) keepalivedOptions() keepalivedCommand {
	c := keepalivedCommand{file: "etc/keepalived/keepalived.conf", id: r.node.Name}
	env := map[string]string{}
	for _, name := range []string{"etc/default/keepalived", "etc/sysconfig/keepalived"} {
		if data, err := r.tree.file(name); err == nil {
			assign(env, string(data))
		}
	}
	words := expand([]string{"$KEEPALIVED_OPTIONS", "$DAEMON_ARGS"}, env)
	for i, w := range words {
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		for long, set := range map[string]func(string){
			"--use-file": func(s string) { c.file = s }, "--config-id": func(s string) { c.id = s },
		} {
			if v, ok := strings.CutPrefix(w, long+"="); ok {
				set(v)
			}
		}
		switch w {
		case "-f", "--use-file":
			c.file = value
		case "-i", "--config-id":
			c.id = value
		}
	}
	c.file = strings.TrimPrefix(path.Clean("/"+c.file), "/")
	return c
}
