package check

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/proc"
)

// runKeepalived runs `keepalived -t` in a network that has the node's devices.
// That the file is there is certain: -t ends with 0 for a missing one.
func runKeepalived(ctx context.Context, j *job) ([]finding, error) {
	if _, err := proc.Look("ip"); err != nil {
		return nil, fmt.Errorf("it needs network devices, and ip is not on this machine: install iproute2 (Debian, Ubuntu) or iproute (RHEL, " +
			"Rocky)")
	}
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	if err := s.Put("/etc/hosts", localhost, 0o644); err != nil {
		return nil, err
	}
	if err := s.Scripts(j.files[0].Data); err != nil {
		return nil, err
	}
	out, err := s.daemon(ctx, "keepalived", networkOf(j.set.Host), "-t", "-f", "/"+j.files[0].Path)
	found := parseKeepalived(out.Stderr, j.isolation().mapped)
	for i := range found {
		if found[i].line > 0 && found[i].file == "" {
			found[i].file = "/" + j.files[0].Path
		}
	}
	if len(found) == 0 && keepalivedMeansNothing(out, err, j.isolation().mapped) {
		return nil, nil
	}
	return orExit(found, out, err)
}

// keepalivedMeansNothing says whether an exit status without a complaint is
// none: 2.2.7 may end itself with SIGTERM when it is done, and in a user
// namespace it may have told nothing but untruths.
func keepalivedMeansNothing(out proc.Output, err error, mapped bool) bool {
	if err == nil || out.ExitCode == 143 || strings.Contains(err.Error(), "signal: terminated") {
		return true
	}
	return mapped && proc.Exited(err) && keepalivedUntruth().Match(out.Stderr)
}

// networkOf returns the `ip` commands that make the devices of a node. Each is
// one end of a veth pair: unlike tap and dummy devices, every kernel has them
// and they need no /dev/net/tun, and with the other end up they have a carrier.
func networkOf(host artifact.Host) string {
	var b strings.Builder
	b.WriteString("link set lo up\n")
	for i, d := range host.Devices {
		peer := fmt.Sprintf("lbgenpeer%d", i)
		fmt.Fprintf(&b, "link add %s type veth peer name %s\n", d.Name, peer)
		for _, a := range d.Addresses {
			fmt.Fprintf(&b, "address add %s dev %s\n", a, d.Name)
		}
		fmt.Fprintf(&b, "link set %s up\nlink set %s up\n", peer, d.Name)
	}
	return b.String()
}

// keepalivedPlace is a position. Where braces do not match, 2.2 repeats its
// complaints with a line but without the file's name.
var keepalivedPlace = lazy(`^\((?:(/[^:]+): )?Line (\d+)\) `)

// keepalivedNoise are lines that complain of nothing in the configuration.
var keepalivedNoise = lazy(
	`^(?:Terminated|Configuration file .* has no errors|Opening file|Starting Keepalived|` +
		`Keepalived v|Running on|Command line:|Configuration is using|config-test)`)

// keepalivedUntruth are complaints that are not true on the node. In a user
// namespace the files of root belong to nobody, so that Keepalived takes every
// script of the machine for one that others may change.
var keepalivedUntruth = lazy(`due to insecure|Unsafe permissions found for script`)

// keepalivedSum is said after the interface itself was complained of.
const keepalivedSum = "Non-existent interface specified in configuration"

// parseKeepalived reads what `keepalived -t` prints on stderr: every line is a
// complaint. One without a file's name is said a second time with it, but for those of
// global_defs: they have a line and no file. mapped says that it ran in a user namespace.
func parseKeepalived(stderr []byte, mapped bool) []finding {
	var found []finding
	for _, line := range lines(stderr) {
		if line == "" || keepalivedNoise().MatchString(line) || line == keepalivedSum && len(found) > 0 || mapped &&
			keepalivedUntruth().MatchString(line) {
			continue
		}
		f := finding{severity: diag.Error, message: line}
		if m := keepalivedPlace().FindStringSubmatch(line); m != nil {
			f.file, f.line, f.message = m[1], number(m[2]), line[len(m[0]):]
		}
		found = append(found, f)
	}
	named := slices.Clone(found)
	return slices.DeleteFunc(found, func(f finding) bool {
		return f.file == "" && f.line > 0 && slices.ContainsFunc(named, func(n finding) bool {
			return n.file != "" && n.line == f.line && n.message == f.message
		})
	})
}
