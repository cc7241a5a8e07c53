package check

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/proc"
)

// runSysctl runs `sysctl --dry-run`, which asks the kernel whether the keys are
// there and sets none. The sandbox shares the machine's network here, as a new one
// lacks half of net.*; /proc is read-only in it.
func runSysctl(ctx context.Context, j *job) ([]finding, error) {
	help, _ := proc.Run(ctx, proc.Cmd{Path: j.program, Args: []string{"--help"}, Timeout: j.opts.Timeout})
	if !bytes.Contains(append(help.Stdout, help.Stderr...), []byte("--dry-run")) {
		return nil, fmt.Errorf("sysctl is %w: --dry-run came with procps 4 (Debian 12, RHEL 10)", errAbsent)
	}
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	s.shared = true
	_, noIPv6 := os.Stat("/proc/sys/net/ipv6")
	var found []finding
	for _, f := range j.files {
		out, err := s.run(ctx, j.program, "--dry-run", "-p", "/"+f.Path)
		more := parseSysctl(out.Stderr, f, noIPv6 != nil)
		if noIPv6 != nil && bytes.Contains(f.Data, []byte("net.ipv6.")) {
			j.stub("this kernel has no IPv6: the keys net.ipv6.* were not checked")
			err = nil
		}
		if more, err = orExit(more, out, err); err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

var (
	sysctlPlace = lazy(`^sysctl: (/[^(]+)\((\d+)\): (.*)$`)
	sysctlKey   = lazy(`^sysctl: cannot stat /proc/sys/(\S+): `)
)

// parseSysctl reads what `sysctl --dry-run` prints on stderr for a file.
func parseSysctl(stderr []byte, file artifact.File, noIPv6 bool) []finding {
	var found []finding
	for _, line := range lines(stderr) {
		text, ok := strings.CutPrefix(line, "sysctl: ")
		if !ok {
			continue
		}
		f := finding{file: file.Path, message: text}
		if m := sysctlPlace().FindStringSubmatch(line); m != nil {
			f.line, f.message = number(m[2]), m[3]
		} else if m := sysctlKey().FindStringSubmatch(line); m != nil {
			key := strings.ReplaceAll(m[1], "/", ".")
			if noIPv6 && strings.HasPrefix(key, "net.ipv6.") {
				continue
			}
			// A warning: the node's kernel may have what this one lacks.
			f.severity, f.message = diag.Warning, fmt.Sprintf("this machine's kernel has no %s", key)
			f.line, _ = linesWith(file.Data, key)
		}
		found = append(found, f)
	}
	return found
}
