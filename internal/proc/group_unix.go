//go:build unix

package proc

import (
	"os/exec"
	"syscall"
)

// KillGroup gives the program a process group of its own and makes the end of
// the context kill all of it: a daemon's children would outlive it otherwise.
func KillGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
