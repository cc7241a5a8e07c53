package check

import (
	"context"
	"os"
	"path"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
)

const unitDir = "etc/systemd/system/"

// stubUnit is given to systemd where the machine lacks the service itself. It
// has no dependencies of its own: a container may lack the targets too.
const stubUnit = "[Unit]\nDescription=Stub\nDefaultDependencies=no\n[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n"

// runSystemd runs `systemd-analyze verify` over the units that the set's files
// are or belong to. A drop-in cannot be verified without its unit.
func runSystemd(ctx context.Context, j *job) ([]finding, error) {
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	if err := s.program(); err != nil {
		return nil, err
	}
	units := unitsOf(j.files)
	for _, unit := range units {
		if err := s.unit(unit); err != nil {
			return nil, err
		}
	}
	out, err := s.run(ctx, j.program, append([]string{"verify", "--man=no"}, units...)...)
	return orExit(parseSystemd(out.Stderr, units, j.files), out, err)
}

// program stands in for HAProxy's where it is not the package's: whether the
// node has it is for the node to say.
func (s *sandbox) program() error {
	name := s.job.set.Host.Program
	if name == "" {
		return nil
	}
	if _, err := os.Stat(name); err == nil {
		_, err := s.Offer(name)
		return err
	}
	s.job.stub("%s is not on this machine: replaced by a stub", name)
	return s.Put(name, "#!/bin/sh\n", 0o755)
}

// unitsOf returns the units that the files are or belong to, each once.
func unitsOf(files []artifact.File) []string {
	var units []string
	for _, f := range files {
		unit, _, _ := strings.Cut(strings.TrimPrefix(f.Path, unitDir), "/")
		if unit = strings.TrimSuffix(unit, ".d"); !slices.Contains(units, unit) {
			units = append(units, unit)
		}
	}
	return units
}

// unit puts the machine's own unit into the sandbox where the package's folder,
// which the sandbox has anyway, lacks it; a small stub where the machine has
// none at all.
func (s *sandbox) unit(name string) error {
	if s.Has(path.Join(unitDir, name)) {
		return nil
	}
	for _, dir := range []string{"/usr/lib/systemd/system", "/lib/systemd/system"} {
		if _, err := os.Stat(path.Join(dir, name)); err == nil {
			return nil
		}
	}
	own := "/" + unitDir + name
	if data, err := os.ReadFile(own); err == nil {
		return s.Put(own, string(data), 0o644)
	}
	s.job.stub("unit %s is not on this machine: its drop-ins were checked on a small stub", name)
	return s.Put(own, stubUnit, 0o644)
}

var (
	systemdPlace = lazy(`^(/[^:]+):(\d+): (.*)$`)
	systemdUnit  = lazy(`^([\w@.-]+\.service): (.*)$`)
)

// parseSystemd reads what `systemd-analyze verify` prints on stderr; every line
// is a complaint, and the exit status is 0 for most. What it says of units of
// the machine is left out.
func parseSystemd(stderr []byte, units []string, files []artifact.File) []finding {
	var found []finding
	for _, line := range lines(stderr) {
		if m := systemdPlace().FindStringSubmatch(line); m != nil {
			if strings.HasPrefix(m[1], "/"+unitDir) {
				found = append(found, finding{file: m[1], line: number(m[2]), severity: diag.Warning, message: m[3]})
			}
			continue
		}
		if m := systemdUnit().FindStringSubmatch(line); m != nil && slices.Contains(units, m[1]) {
			found = append(found, finding{file: fileOf(m[1], files), message: line})
		}
	}
	return found
}

// fileOf returns the first file that is, or belongs to, the unit.
func fileOf(unit string, files []artifact.File) string {
	for _, f := range files {
		if strings.HasPrefix(f.Path, unitDir+unit) {
			return f.Path
		}
	}
	return ""
}
