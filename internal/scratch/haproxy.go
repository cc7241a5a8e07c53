package scratch

import (
	"bytes"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
)

// SystemProfile is the name of a cipher list that only RHEL's OpenSSL knows.
const SystemProfile = "PROFILE=SYSTEM"

// DefaultCiphers returns a haproxy.cfg with OpenSSL's own default in place of
// SystemProfile, and whether that changed anything. Line numbers stay.
func DefaultCiphers(cfg []byte) ([]byte, bool) {
	return bytes.ReplaceAll(cfg, []byte(SystemProfile), []byte("DEFAULT")), bytes.Contains(cfg, []byte(SystemProfile))
}

// Unresolved returns the host names that HAProxy could not look up, from what
// it said on stderr, each once.
func Unresolved(said []byte) []string {
	var names []string
	for _, m := range regexp.MustCompile(`could not resolve address '([^']+)'`).FindAllSubmatch(said, -1) {
		if name := string(m[1]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// haproxyLines returns the words of each line of a haproxy.cfg, and the section in
// which it stands.
func haproxyLines(cfg []byte) (lines [][]string, sections []string) {
	c := haproxy.Read(haproxy.World{}, haproxy.File{Data: cfg})
	for _, s := range c.Sections {
		for _, d := range s.Lines {
			lines, sections = append(lines, d.Words()), append(sections, s.Kind)
		}
	}
	return lines, sections
}

// haproxyAccounts returns the users and groups that the global section names.
// Elsewhere, as in a userlist, a user is not one of the machine.
func haproxyAccounts(cfg []byte) (users, groups []string) {
	lines, sections := haproxyLines(cfg)
	for n, words := range lines {
		for i := 0; sections[n] == "global" && i+1 < len(words); i++ {
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

// need is a file that haproxy.cfg names and HAProxy opens when it starts: what
// it is, the word that names it, and where it is.
type need struct{ what, word, path string }

// haproxyOpens says which words are followed by such a file, and what it is.
var haproxyOpens = map[string]string{
	"crt": "certificate", "ca-file": "certificate", "ca-verify-file": "certificate", "crl-file": "certificate",
	"file": "page", "lf-file": "page", "-f": "list",
}

// needs returns the files with absolute paths that a haproxy.cfg opens.
func needs(cfg []byte) []need {
	var list []need
	base := map[string]string{}
	add := func(what, word, file, base string) {
		if !path.IsAbs(file) && base != "" && !strings.HasPrefix(file, "@") {
			file = path.Join(base, file)
		}
		if n := (need{what, word, file}); path.IsAbs(file) && !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	maps := regexp.MustCompile(`map(?:_\w+)?\((/[^,)]+)`)
	lines, _ := haproxyLines(cfg)
	for _, words := range lines {
		if words[0] == "parse-resolv-conf" {
			add("name servers", words[0], "/etc/resolv.conf", "")
		}
		for i := 0; i+1 < len(words); i++ {
			switch word := words[i]; word {
			case "crt-base", "ca-base":
				base[word[:2]] = words[i+1]
			case "errorfile":
				add("page", word, words[len(words)-1], "")
			}
			if what := haproxyOpens[words[i]]; what != "" {
				add(what, words[i], words[i+1], base[strings.Replace(words[i], "crl", "ca", 1)[:2]])
			}
		}
		for _, m := range maps.FindAllStringSubmatch(strings.Join(words, " "), -1) {
			add("list", "map", m[1], "")
		}
	}
	return list
}

// HAProxy puts what haproxy.cfg opens and the set does not have into the root:
// the machine's own where it has it and that is wanted, a stub otherwise.
func (r *Root) HAProxy(cfg []byte) error {
	for _, n := range needs(cfg) {
		if r.Has(n.path) {
			continue
		}
		if err := r.provide(n); err != nil {
			return err
		}
	}
	return nil
}

func (r *Root) provide(n need) error {
	if !r.opts.Separate {
		if have, err := r.Offer(n.path); err != nil || have {
			return err
		}
	}
	return r.makeUp(n)
}

// makeUp puts a stub where a file is needed.
func (r *Root) makeUp(n need) error {
	switch n.what {
	case "certificate":
		return r.makeUpCertificate(n)
	case "page":
		r.note("page %s %s: replaced by a stub", n.path, r.missing())
		return r.Put(n.path, "HTTP/1.0 503 Service Unavailable\r\nContent-Type: text/html\r\n\r\nstub\n", 0o644)
	case "name servers":
		r.note("%s %s: replaced by a stub", n.path, r.missing())
		return r.Put(n.path, "nameserver 127.0.0.1\n", 0o644)
	default:
		r.note("list %s %s: replaced by an empty one", n.path, r.missing())
		return r.Put(n.path, "", 0o644)
	}
}

func (r *Root) makeUpCertificate(n need) error {
	data, err := r.certificate(n.word, n.path)
	if err != nil {
		return err
	}
	by := "a self-signed one"
	if r.opts.Certificate != nil {
		by = "one made for this run"
	}
	r.note("certificate %s %s: replaced by %s", n.path, r.missing(), by)
	if path.Ext(n.path) == "" { // a folder of certificates
		n.path = filepath.Join(n.path, "stub.pem")
	}
	mode := fs.FileMode(0o644)
	if n.word == "crt" { // it has its key
		mode = 0o600
	}
	return r.Put(n.path, data, mode)
}
