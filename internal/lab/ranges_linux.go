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
func (o *owner) ranges(pid int) error {
	for _, m := range []struct {
		program, file string
		id            int
	}{{"newuidmap", "/etc/subuid", os.Geteuid()}, {"newgidmap", "/etc/subgid", os.Getegid()}} {
		program, err := proc.Look(m.program)
		if err != nil {
			return err
		}
		first, count, err := lent(m.file)
		if err != nil {
			return err
		}
		args := []string{strconv.Itoa(pid), "0", strconv.Itoa(m.id), "1", "1", first, count}
		if _, err := proc.Run(context.Background(), proc.Cmd{Path: program, Args: args, Timeout: 10 * time.Second}); err != nil {
			return err
		}
	}
	return nil
}

// lent returns the first range that /etc/subuid or /etc/subgid lends to the
// caller (subuid(5)).
func lent(file string) (first, count string, err error) {
	me, err := user.Current()
	if err != nil {
		return "", "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", "", err
	}
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) == 3 && (f[0] == me.Username || f[0] == me.Uid) {
			return f[1], f[2], nil
		}
	}
	return "", "", os.ErrNotExist
}
