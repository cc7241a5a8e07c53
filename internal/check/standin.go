package check

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
)

// statePath finds the paths in a file's text where services keep their state,
// and log files anywhere.
var statePath = lazy(`/(?:var|run)/[\w.+@/-]+|/[\w.+@/-]+\.log\b`)

// folders makes the folders of all state files that the set names, as the node
// has them after tmpfiles and the packages have done their part, and the log
// files as empty ones.
func (r *room) folders(files []artifact.File) error {
	done := map[string]bool{}
	for _, f := range files {
		if !strings.HasPrefix(f.Path, "etc/") && f.Path != r.job.set.Host.ConfigFile() {
			continue
		}
		for _, path := range statePath().FindAllString(string(f.Data), -1) {
			if done[path] {
				continue
			}
			done[path] = true
			if err := r.state(path); err != nil {
				return err
			}
		}
	}
	if c := r.job.set.Host.Chroot; c != "" {
		return makeDirs(r.at(c))
	}
	return nil
}

func (r *room) state(path string) error {
	if r.has(path) {
		return nil
	}
	if strings.HasSuffix(path, ".log") {
		return r.put(path, "", 0o644)
	}
	return makeDirs(r.at(filepath.Dir(path)))
}

// account finds users and groups in the files of one kind. The first
// subexpression is a user, the second a group.
type account struct {
	pattern string
	find    *regexp.Regexp
}

// accountWords is where each kind of file names users and groups.
func accountWords() []account {
	const name = `([A-Za-z_][\w.-]*)`
	word := func(pattern, expr string) account { return account{pattern, regexp.MustCompile(expr)} }
	return []account{
		word("etc/logrotate.d/*", `(?m)^\s*su\s+`+name+`\s+`+name),
		word("etc/logrotate.d/*", `(?m)^\s*create(?:\s+[0-7]+)?\s+`+name+`\s+`+name),
		word("etc/tmpfiles.d/*", `(?m)^\w\S*\s+\S+\s+\S+\s+`+name+`\s+`+name),
		word("etc/keepalived/*", `(?m)^\s*script_user\s+`+name+`(?:[ \t]+`+name+`)?`),
		word("etc/keepalived/*", `(?m)^\s*user\s+`+name+`(?:[ \t]+`+name+`)?`),
		word("etc/rsyslog.d/*", `(?i)(?:file|dir)owner="`+name+`"()`),
		word("etc/rsyslog.d/*", `(?i)(?:file|dir)group="()`+name+`"`),
	}
}

// accounts writes passwd and group: the machine's own, and stand-ins for users
// and groups that the job's files name and the machine lacks.
func (r *room) accounts() error {
	users, groups := namedAccounts(r.job.files)
	if len(haproxyConfig(r.job.set)) > 0 && r.job.files[0].Path == r.job.set.Host.ConfigFile() {
		users, groups = append(users, r.job.set.Host.User), append(groups, r.job.set.Host.Group)
		u, g := haproxyAccounts(r.job.files[0].Data)
		users, groups = append(users, u...), append(groups, g...)
	}
	id := 64000 // below nobody's 65534, above what packages take
	passwd, group := machineFile("/etc/passwd"), machineFile("/etc/group")
	for _, u := range users {
		if lacks(passwd, u) {
			id++
			passwd += fmt.Sprintf("%s:x:%d:%d::/:/usr/sbin/nologin\n", u, id, id)
			r.job.standIn("user %s is not on this machine: stood in for", u)
		}
	}
	for _, g := range groups {
		if lacks(group, g) {
			id++
			group += fmt.Sprintf("%s:x:%d:\n", g, id)
			r.job.standIn("group %s is not on this machine: stood in for", g)
		}
	}
	if err := r.put("/etc/passwd", passwd, 0o644); err != nil {
		return err
	}
	return r.put("/etc/group", group, 0o644)
}

func namedAccounts(files []artifact.File) (users, groups []string) {
	for _, w := range accountWords() {
		for _, f := range files {
			if ok, _ := filepath.Match(w.pattern, f.Path); !ok {
				continue
			}
			for _, m := range w.find.FindAllStringSubmatch(string(f.Data), -1) {
				users, groups = append(users, m[1]), append(groups, m[2])
			}
		}
	}
	return users, groups
}

// machineFile returns a file of the machine that ends with a newline; one that
// cannot be read is empty.
func machineFile(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return strings.TrimRight(string(data), "\n") + "\n"
}

// lacks says whether a passwd or group file has no entry of the name.
func lacks(file, name string) bool {
	return name != "" && !strings.Contains("\n"+file, "\n"+name+":")
}

// selfSigned returns a certificate and its key in one PEM file, as HAProxy
// wants them. It is for reading only: it was never valid for anything.
func selfSigned() (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	cert := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "stand-in.invalid"},
		NotBefore:    time.Unix(0, 0), NotAfter: time.Unix(1<<32, 0), // the clock does not matter
		IsCA: true, BasicConstraintsValid: true,
	}
	certDER, err := x509.CreateCertificate(rand.Reader, cert, cert, key.Public(), key)
	if err != nil {
		return "", err
	}
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return "", err
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certDER})) +
		string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})), nil
}
