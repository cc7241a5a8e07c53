package lab

import (
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// account is the one that the lab runs under. Root makes plain namespaces. Others
// need a user namespace: with the ranges of /etc/subuid and /etc/subgid where
// newuidmap hands them out, with themselves as its only user otherwise.
type account struct {
	oneUser bool
}

// foreign says whether the files of root look like somebody else's.
func (a *account) foreign() bool { return os.Geteuid() != 0 }

// attributes are those of the first agent. In a user namespace it is nobody
// yet: settle changes that.
func (a *account) attributes() *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setsid: true, Cloneflags: nodeFlags}
	if a.foreign() {
		attr.Cloneflags |= syscall.CLONE_NEWUSER
	}
	return attr
}

// settle makes the first agent root of its user namespace.
func (a *account) settle(l *Lab) error {
	if !a.foreign() {
		return nil
	}
	if err := a.ranges(l.root); err != nil {
		a.oneUser = true
		if err := oneUser(l.root); err != nil {
			return fmt.Errorf("no user namespace is to be had: %w", err)
		}
	}
	// A program that starts as root of its namespace has all rights there.
	return l.sw.call("reexec", nil, nil)
}

// oneUser maps the caller alone.
func oneUser(pid int) error {
	proc := "/proc/" + strconv.Itoa(pid) + "/"
	for _, f := range []struct{ name, text string }{
		{"setgroups", "deny"},
		{"uid_map", fmt.Sprintf("0 %d 1", os.Geteuid())},
		{"gid_map", fmt.Sprintf("0 %d 1", os.Getegid())},
	} {
		if err := os.WriteFile(proc+f.name, []byte(f.text), 0); err != nil {
			return err
		}
	}
	return nil
}
