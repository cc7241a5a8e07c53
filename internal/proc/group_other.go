//go:build !unix

package proc

import "os/exec"

// KillGroup leaves the program as it is: process groups are a unix matter.
func KillGroup(*exec.Cmd) {}
