// Package check runs every real checker that this machine has, from haproxy -c
// to shellcheck, over the files of one node. Each works in a scratch root of
// its own: the machine's /etc, /var, network and firewall are out of its reach.
// What a checker needs and this machine lacks is replaced by a stub, and said.
package check

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/proc"
)

// DefaultTimeout is how long one run of a checker may take.
const DefaultTimeout = 2 * time.Minute

// Options says how to check. The zero value is what nearly everybody wants.
type Options struct {
	Only    []string      // names of checkers; none: all of them
	Timeout time.Duration // for one run of a checker; 0: DefaultTimeout
	TempDir string        // where the scratch root is made; "": the system's choice
	// Programs are the files of checkers that are not those of PATH, by name.
	Programs map[string]string
}

// Status says whether a checker had its say.
type Status string

// The states in which a checker ends.
const (
	Ran           Status = "ran"
	Absent        Status = "absent"         // this machine does not have it
	NotApplicable Status = "not applicable" // the set has no file for it
	CouldNotRun   Status = "could not run"  // it is here, and something stopped it
)

// Report is what became of one checker.
type Report struct {
	Checker string // such as haproxy
	Status  Status
	// Reason says in a sentence why the checker did not run, and what to do.
	Reason string
	// Late is true of one that began and did not end within its time: nothing is known
	// of its files, although this machine has all that it needs.
	Late bool
	// Stubs says in a sentence each what this machine lacks and what the
	// checker was given in its place.
	Stubs    []string
	Findings diag.List
}

// Result is what became of all checkers for one node, in the order of Names.
type Result struct {
	Node    string
	Reports []Report
}

// Findings returns the findings of all checkers, in order. The Path of each is
// the model path that the generated line came from, "" where none is known; its
// Subject is left to whoever knows the site file.
func (r Result) Findings() diag.List {
	var all diag.List
	for _, rep := range r.Reports {
		all = append(all, rep.Findings...)
	}
	return all
}

// Unchecked returns the reports of the checkers that had files to check and did
// not: a clean result says nothing of those files.
func (r Result) Unchecked() []Report {
	return slices.DeleteFunc(slices.Clone(r.Reports), func(rep Report) bool {
		return rep.Status == Ran || rep.Status == NotApplicable
	})
}

// Names returns the names of the checkers in the order of their reports.
func Names() []string {
	var names []string
	for _, c := range checkers() {
		names = append(names, c.name)
	}
	return names
}

// checker is one outside program and what is to be known of it.
type checker struct {
	name         string
	program      string
	debian, rhel string // the package that has the program
	// files picks what it checks; none: not applicable.
	files func(artifact.Set) []artifact.File
	run   func(context.Context, *job) ([]finding, error)
}

// pkg returns what to install to have the checker.
func (c checker) pkg() string {
	if c.debian == c.rhel {
		return c.debian
	}
	return fmt.Sprintf("%s (Debian, Ubuntu) or %s (RHEL, Rocky)", c.debian, c.rhel)
}

// checkers is the table of all checkers, in the order of the reports.
func checkers() []checker {
	return []checker{
		{"haproxy", "haproxy", "haproxy", "haproxy", haproxyConfig, runHAProxy},
		{"keepalived", "keepalived", "keepalived", "keepalived", paths("etc/keepalived/keepalived.conf"), runKeepalived},
		{"rsyslog", "rsyslogd", "rsyslog", "rsyslog", paths("etc/rsyslog.d/*.conf"), runRsyslog},
		{"logrotate", "logrotate", "logrotate", "logrotate", paths("etc/logrotate.d/*"), runLogrotate},
		{"firewalld", "firewall-offline-cmd", "firewalld", "firewalld", paths("firewalld.table"), runFirewalld},
		{"nftables", "nft", "nftables", "nftables", paths("etc/nftables.d/*.nft"), runNftables},
		{"systemd", "systemd-analyze", "systemd", "systemd", paths("etc/systemd/system/*.service", "etc/systemd/system/*.service.d/*.conf",
			"etc/systemd/system/*.target.d/*.conf"), runSystemd},
		{"tmpfiles", "systemd-tmpfiles", "systemd", "systemd", paths("etc/tmpfiles.d/*.conf"), runTmpfiles},
		{"sysctl", "sysctl", "procps", "procps-ng", paths("etc/sysctl.d/*.conf"), runSysctl},
		{"sh", "sh", "dash", "bash", shellScripts, runShell},
		{"shellcheck", "shellcheck", "shellcheck", "ShellCheck from EPEL", shellScripts, runShellcheck},
	}
}

// Run checks the files of one node with every checker and returns what they
// said. The checkers run at the same time. It leaves nothing behind, also when
// ctx ends before they do: then those that were cut short are CouldNotRun.
func Run(ctx context.Context, set artifact.Set, opts Options) Result {
	if opts.Timeout == 0 {
		opts.Timeout = DefaultTimeout
	}
	chosen := slices.DeleteFunc(checkers(), func(c checker) bool {
		return len(opts.Only) > 0 && !slices.Contains(opts.Only, c.name)
	})
	result := Result{Node: set.Node, Reports: make([]Report, len(chosen))}
	scratch, err := os.MkdirTemp(opts.TempDir, "lbgen-check-") // 0700: it holds secrets
	if err != nil {
		for i, c := range chosen {
			result.Reports[i] = Report{Checker: c.name, Status: CouldNotRun, Reason: err.Error()}
		}
		return result
	}
	defer func() { _ = os.RemoveAll(scratch) }()

	iso := sync.OnceValue(func() isolation { return findIsolation(ctx) })
	var wg sync.WaitGroup
	for i, c := range chosen {
		wg.Go(func() {
			j := &job{set: set, opts: opts, scratch: filepath.Join(scratch, c.name), isolation: iso}
			result.Reports[i] = c.report(ctx, j)
		})
	}
	wg.Wait()
	return result
}

// find returns the absolute path of a checker's program.
func (o Options) find(c checker) (string, error) {
	if file := o.Programs[c.name]; file != "" {
		return proc.Look(file)
	}
	return proc.Look(c.program)
}

// job is one checker's work on one set.
type job struct {
	set       artifact.Set
	opts      Options
	files     []artifact.File // those that the checker is about
	program   string          // absolute path of the checker
	scratch   string          // a folder for this checker alone; not made yet
	isolation func() isolation
	stubs     []string
}

// stub notes what this machine lacks, and what the checker is given instead.
func (j *job) stub(format string, args ...any) {
	if s := fmt.Sprintf(format, args...); !slices.Contains(j.stubs, s) {
		j.stubs = append(j.stubs, s)
	}
}

// errAbsent says that the program is here and cannot do what is asked of it.
var errAbsent = errors.New("too old")

func (c checker) report(ctx context.Context, j *job) Report {
	rep := Report{Checker: c.name}
	if j.files = c.files(j.set); len(j.files) == 0 {
		rep.Status, rep.Reason = NotApplicable, "there is no file for it"
		return rep
	}
	var err error
	if j.program, err = j.opts.find(c); err != nil {
		rep.Status = Absent
		rep.Reason = fmt.Sprintf("%s is not on this machine: install %s", c.program, c.pkg())
		return rep
	}
	found, err := c.run(ctx, j)
	mask := newMasker(j.set)
	rep.Stubs = j.stubs
	switch {
	case errors.Is(err, errAbsent):
		rep.Status, rep.Reason = Absent, mask.text(err.Error())
	case err != nil:
		rep.Status, rep.Reason = CouldNotRun, mask.text(err.Error())
		rep.Late = errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil
	default:
		rep.Status, rep.Findings = Ran, diagnose(j.set, c.name, j.files, mask, found)
	}
	return rep
}

// paths returns a function that picks the files whose path matches one of the
// patterns (path.Match: a star does not reach beyond a slash).
func paths(patterns ...string) func(artifact.Set) []artifact.File {
	return func(set artifact.Set) []artifact.File {
		var picked []artifact.File
		for _, f := range set.Files {
			if slices.ContainsFunc(patterns, func(p string) bool { ok, _ := filepath.Match(p, f.Path); return ok }) {
				picked = append(picked, f)
			}
		}
		return picked
	}
}
