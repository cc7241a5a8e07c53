package rules

import (
	"fmt"
	"strconv"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// kernelFiles is how many files a process may have open at most, unless
// fs.nr_open says otherwise (Linux, sysctl_nr_open).
const kernelFiles = 1 << 20

func fileLimit() lint.Rule {
	return lint.Rule{
		ID: "LB4001", Name: "more-files-than-allowed", Severity: diag.Warning, Since: "0.1",
		Title: "HAProxy needs more open files than the kernel allows",
		Text: `Each connection takes two descriptors. lbgen asks systemd for as many as ` + "`global.maxconn`" + ` needs, and gets
no more than the kernel's fs.nr_open (1048576). With less than it needs HAProxy does not start (configuration.txt,
strict-limits). Some distributions raise that setting at boot, others do not.`,
		Bad: `
global: {maxconn: §1000000}
`,
		Good: `
global: {maxconn: 1000000}
host: {sysctl: {fs.nr_open: 4000000}}
`,
		Run: func(p *lint.Pass) {
			need, allowed := 2*p.Site.Global.Maxconn+1000, allowedFiles(p.Site)
			if p.Site.Written.Global.Maxconn > 0 && need > allowed {
				p.Report(lint.Finding{Path: "global.maxconn", Summary: fmt.Sprintf("HAProxy needs %d open files, and the kernel allows %d", need,
					allowed),
					Detail: fmt.Sprintf("add host: {sysctl: {fs.nr_open: %d}}, or lower maxconn", 2*need)})
			}
		},
	}
}

func allowedFiles(s *site.Site) int {
	for key, value := range s.Written.Host.Sysctl {
		if n, err := strconv.Atoi(string(value)); err == nil && model.SysctlName(key) == "fs.nr_open" {
			return n
		}
	}
	return kernelFiles
}
