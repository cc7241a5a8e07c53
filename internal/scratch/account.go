package scratch

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
)

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

// accounts writes passwd and group: the machine's own, and stubs for users
// and groups that the files name and the machine lacks. Where there can be one
// user only, it is root's entry, and all others are root again.
func (r *Root) accounts() error {
	users, groups := r.named()
	id, step := 64000, 1 // below nobody's 65534, above what packages take
	passwd, group := machineFile("/etc/passwd"), machineFile("/etc/group")
	why := "is not on this machine: replaced by a stub"
	if r.opts.OneUser {
		id, step = 0, 0
		passwd, group = "root:x:0:0:root:/:/bin/sh\n", "root:x:0:\n"
		why = "is root here: this user namespace has one user"
	}
	for _, u := range users {
		if lacks(passwd, u) {
			id += step
			passwd += fmt.Sprintf("%s:x:%d:%d::/:/usr/sbin/nologin\n", u, id, id)
			r.note("user %s %s", u, why)
		}
	}
	for _, g := range groups {
		if lacks(group, g) {
			id += step
			group += fmt.Sprintf("%s:x:%d:\n", g, id)
			r.note("group %s %s", g, why)
		}
	}
	if err := r.Put("/etc/passwd", passwd, 0o644); err != nil {
		return err
	}
	return r.Put("/etc/group", group, 0o644)
}

// named returns the users and groups that stand in the files that the root is
// about, and those that HAProxy runs as.
func (r *Root) named() (users, groups []string) {
	host := r.opts.Set.Host
	users, groups = namedAccounts(r.opts.About)
	for _, f := range r.opts.About {
		if f.Path == host.ConfigFile() {
			u, g := haproxyAccounts(f.Data)
			users, groups = append(append(users, host.User), u...), append(append(groups, host.Group), g...)
		}
	}
	return users, groups
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
