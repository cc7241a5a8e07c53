package cli

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"
)

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of lbgen, its commit, and the Go that built it",
		Example: "  lbgen version",
		Args:    nothing,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.Out, versionLine())
			return err
		},
	}
}

func versionLine() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return fmt.Sprintf("lbgen %s, %s, %s/%s\n", versionOf(info), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// buildVersion is what the Go tool stamped into the binary: a tag, or the
// commit of the checkout.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return cmp.Or(info.Main.Version, "(devel)")
	}
	return "(devel)"
}

// versionOf is the tag, and the commit with its date where the binary was built from a
// checkout. All of it is of the commit and nothing of the build: built again, it is the
// same.
func versionOf(info *debug.BuildInfo) string {
	var commit, date, changed string
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case "vcs.time":
			date, _, _ = strings.Cut(s.Value, "T")
		case "vcs.modified":
			if s.Value == "true" {
				changed = ", changed since"
			}
		}
	}
	text := cmp.Or(info.Main.Version, "(devel)")
	if commit != "" {
		text += fmt.Sprintf(" (commit %s of %s%s)", commit, date, changed)
	}
	return text
}
