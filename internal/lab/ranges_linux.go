package lab

import (
	"context"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/proc"
)

// ranges maps the caller to root, and the ranges of ids that the machine lends
// to the caller to all others, so that HAProxy can become its own user.
// newuidmap and newgidmap, which may do that, come with the package uidmap
// (Debian, Ubuntu) or shadow-utils (RHEL, Rocky).
func (a *account) ranges(pid int) error {
	users, err := mapping(pid, "newuidmap", "/etc/subuid", os.Geteuid())
	if err != nil {
		return err
	}
	// A map is written once: there must be both before either is.
	groups, err := mapping(pid, "newgidmap", "/etc/subgid", os.Getegid())
	if err != nil {
		return err
	}
	for _, c := range []proc.Cmd{users, groups} {
		if _, err := proc.Run(context.Background(), c); err != nil {
			return err
		}
	}
	return nil
}

// mapping is the command that maps the ids of a user namespace: root is the
// caller, who has this id, the others are those that file lends.
func mapping(pid int, program, file string, id int) (proc.Cmd, error) {
	path, err := proc.Look(program)
	if err != nil {
		return proc.Cmd{}, err
	}
	first, count, err := lent(file)
	if err != nil {
		return proc.Cmd{}, err
	}
	args := []string{strconv.Itoa(pid), "0", strconv.Itoa(id), "1", "1", first, count}
	return proc.Cmd{Path: path, Args: args, Timeout: 10 * time.Second}, nil
}

// enough ids are those up to nobody's. With fewer a user that a file names
// might have none.
const enough = 65534

// lent returns the first range that /etc/subuid or /etc/subgid lends to the
// caller (subuid(5)), and that is large enough.
func lent(file string) (first, count string, err error) {
	me, err := user.Current()
	if err != nil {
		return "", "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	return lentTo(me.Username, me.Uid, string(text))
}

// lentTo is lent for the user of this name and id, and the text of the file.
func lentTo(name, id, text string) (first, count string, err error) {
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 3 || f[0] != name && f[0] != id {
			continue
		}
		if n, err := strconv.Atoi(f[2]); err == nil && n >= enough {
			return f[1], f[2], nil
		}
	}
	return "", "", os.ErrNotExist
}
