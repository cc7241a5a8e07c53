package check

import (
	"bufio"
	"context"
	_ "embed"
	"errors"
	"os"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/proc"
)

// runFirewalld runs the set's firewalld.sh over a fresh configuration of
// firewalld, as for an image, and has firewalld check what came of it. The
// machine's zones are not asked: what is found is the set's own.
func runFirewalld(ctx context.Context, j *job) ([]finding, error) {
	s, err := newSandbox(j)
	if err != nil {
		return nil, err
	}
	if err := s.Put("/etc/firewalld/firewalld.conf", "DefaultZone=public\n", 0o644); err != nil {
		return nil, err
	}
	out, err := s.runFirewalldScript(ctx)
	return orExit(parseFirewalld(out.Stderr, err != nil), out, err)
}

// firewalldServer has firewalld's programs start quickly.
//
//go:embed firewalld.py
var firewalldServer string

// firewalldCommand is what is run. --check-config ends with 0 whatever it finds.
const firewalldCommand = `sh /firewalld.sh --offline && exec firewall-offline-cmd --check-config`

// runFirewalldScript runs firewalld.sh and the check of what came of it, with
// programs that start quickly where they are Python programs, as they are everywhere.
func (s *sandbox) runFirewalldScript(ctx context.Context) (proc.Output, error) {
	command := []string{"sh", "-c", firewalldCommand}
	if python := interpreter(s.job.program); len(python) > 0 {
		if err := s.Put("/tmp/firewalld/server.py", firewalldServer, 0o644); err != nil {
			return proc.Output{}, err
		}
		command = slices.Concat(python, []string{"/tmp/firewalld/server.py", "/tmp/firewalld"}, command)
	}
	out, err := s.run(ctx, command[0], command[1:]...)
	var failed *proc.Error
	if errors.As(err, &failed) { // for the reader it is the script that failed
		failed.Cmd.Path, failed.Cmd.Args = "sh", []string{"/firewalld.sh", "--offline"}
	}
	return out, err
}

// interpreter returns the first line of a Python program as the command that
// runs it, nothing for any other program.
func interpreter(program string) []string {
	f, err := os.Open(program)
	if err != nil {
		return nil
	}
	defer f.Close()
	line, err := bufio.NewReaderSize(f, 256).ReadString('\n')
	words, ok := strings.CutPrefix(line, "#!")
	if err != nil || !ok || !strings.Contains(words, "python") {
		return nil
	}
	return strings.Fields(words)
}

var (
	firewalldCode = lazy(`^\s*(?:(WARNING|Warning|ERROR|Error): )?([A-Z]+_[A-Z_]+: .*)$`)
	firewalldWord = lazy(`^\s*(?:(WARNING|Warning|ERROR|Error)|firewall-offline-cmd: error): (.*)$`)
	// That something is so already, or is not there to be taken away, is no
	// fault: the script is run again and again.
	firewalldNoise = lazy(`^(?:ALREADY_ENABLED|NOT_ENABLED|ALREADY_SET|ZONE_ALREADY_SET)\b`)
	firewalldStep  = lazy(`^firewalld\.sh: (.* failed\b.*)$`)
)

// parseFirewalld reads what firewall-offline-cmd, and the script that calls it,
// print on stderr. They name no line; the words of the rule lead there. failed
// says that the script gave up: then the step that it names is what failed, and
// firewalld's own words below it say why.
func parseFirewalld(stderr []byte, failed bool) []finding {
	var found []finding
	step := ""
	for _, line := range lines(stderr) {
		if m := firewalldStep().FindStringSubmatch(line); m != nil && failed {
			step = m[1] + ": "
			continue
		}
		m := firewalldCode().FindStringSubmatch(line)
		if m == nil {
			m = firewalldWord().FindStringSubmatch(line)
		}
		if m == nil || firewalldNoise().MatchString(m[2]) {
			continue
		}
		f := finding{message: step + m[2]}
		if m[1] == "Warning" || m[1] == "WARNING" {
			f.severity = diag.Warning
		}
		found, step = append(found, f), ""
	}
	if step != "" {
		found = append(found, finding{message: strings.TrimSuffix(step, ": ")})
	}
	return found
}
