//go:build !unix

package proc

import "os/exec"

// killGroup leaves the program as it is: process groups are a unix matter.
func killGroup(*exec.Cmd) {}
