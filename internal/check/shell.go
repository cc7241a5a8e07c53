package check

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/proc"
	"github.com/lbgen/lbgen/internal/scratch"
)

// shellScripts picks the shell scripts of a set, by name or by first line. Those
// that are run from the tree are lbgen's own programs, the same in every tree:
// they were linted when lbgen was built.
func shellScripts(set artifact.Set) []artifact.File {
	var picked []artifact.File
	for _, f := range set.Files {
		if f.Action != artifact.Tool && (strings.HasSuffix(f.Path, ".sh") || bytes.HasPrefix(f.Data, []byte("#!/bin/sh"))) {
			picked = append(picked, f)
		}
	}
	return picked
}

// eachScript runs a program that only reads over each script; it needs no scratch.
func eachScript(ctx context.Context, j *job, parse func([]byte, artifact.File) []finding, args ...string) ([]finding, error) {
	if err := scratch.Stage(j.scratch, j.files); err != nil {
		return nil, err
	}
	var found []finding
	for _, f := range j.files {
		out, err := proc.Run(ctx, proc.Cmd{
			Path: j.program, Args: append(args, filepath.FromSlash("./"+f.Path)), Dir: j.scratch, Timeout: j.opts.Timeout,
		})
		more, err := orExit(parse(append(out.Stdout, out.Stderr...), f), out, err)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// runShell runs `sh -n`, which reads a script and runs nothing of it.
func runShell(ctx context.Context, j *job) ([]finding, error) {
	return eachScript(ctx, j, parseShell, "-n")
}

// shellPlace is a position: dash writes "x.sh: 3: ...", bash "x.sh: line 3: ...".
var shellPlace = lazy(`^\S+?: (?:line )?(\d+): (.*)$`)

// parseShell reads what `sh -n` prints of a script. bash shows the line itself
// in a second message, which the reader is shown anyway.
func parseShell(output []byte, file artifact.File) []finding {
	for _, line := range lines(output) {
		if m := shellPlace().FindStringSubmatch(line); m != nil {
			return []finding{{file: file.Path, line: number(m[1]), message: m[2]}}
		}
	}
	return nil
}

// runShellcheck runs shellcheck for POSIX sh, whatever /bin/sh is here.
func runShellcheck(ctx context.Context, j *job) ([]finding, error) {
	return eachScript(ctx, j, parseShellcheck, "--norc", "--shell=sh", "--format=gcc")
}

var shellcheckPlace = lazy(`^\S+?:(\d+):\d+: (error|warning|note): (.*)$`)

// parseShellcheck reads shellcheck's output in gcc's format.
func parseShellcheck(output []byte, file artifact.File) []finding {
	var found []finding
	for _, line := range lines(output) {
		m := shellcheckPlace().FindStringSubmatch(line)
		if m == nil {
			continue
		}
		f := finding{file: file.Path, line: number(m[1]), severity: diag.Warning, message: m[3]}
		if m[2] == "error" {
			f.severity = diag.Error
		}
		found = append(found, f)
	}
	return found
}
