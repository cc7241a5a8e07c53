package lab

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/scratch"
)

// Missing says what a rehearsal of the sets needs and this machine lacks, and
// what to install; none where nothing is missing. daemons are those of Options.
func Missing(sets []artifact.Set, daemons Programs) []string {
	programs := map[string]string{}
	for _, s := range sets {
		programs[HAProxy] = "haproxy"
		if conf, ok := s.File(keepalivedConf); ok {
			programs[Keepalived] = "keepalived"
			for _, p := range scratch.Programs(conf.Data) {
				if pkg := packageOf(p); pkg != "" {
					programs[p] = pkg
				}
			}
		}
	}
	var missing []string
	for _, p := range slices.Sorted(maps.Keys(programs)) {
		if _, err := daemons.look(p); err != nil {
			missing = append(missing, fmt.Sprintf("%s is not on this machine: install %s", p, programs[p]))
		}
	}
	return missing
}

// packageOf is what the checks of HAProxy that lbgen renders come with, on all
// platforms; "" for a program of the site's own, which is the node's to have and
// is replaced by a stub.
func packageOf(program string) string {
	switch filepath.Base(program) {
	case "killall":
		return "psmisc"
	case "curl":
		return "curl"
	default:
		return ""
	}
}

// Clean ends labs whose rehearsal is no longer there, and says how many. The
// kernel does so by itself, but for one that was stopped at the wrong moment.
// An agent is known by its command line, which ends in word.
func Clean(word string) (int, error) {
	files, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		return 0, err
	}
	ended := 0
	for _, f := range files {
		line, err := os.ReadFile(f)
		if err != nil || !bytes.HasSuffix(line, []byte("\x00"+word+"\x00")) {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(filepath.Dir(f)))
		if orphan(pid) && syscall.Kill(pid, syscall.SIGKILL) == nil {
			ended++
		}
	}
	return ended, nil
}

// orphan says whether the parent of a process has ended: others have taken it
// over, the first process or one that has asked for that, and those are no lbgen.
func orphan(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// The name of the program, in parentheses, may hold anything (proc(5)).
	var state string
	var parent int
	if _, err := fmt.Sscan(string(stat[bytes.LastIndexByte(stat, ')')+1:]), &state, &parent); err != nil {
		return false
	}
	mine, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err != nil {
		return false
	}
	theirs, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", parent))
	return err != nil || mine != theirs
}
