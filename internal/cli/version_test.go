package cli

import (
	"runtime/debug"
	"testing"
)

func TestVersionOf(t *testing.T) {
	stamped := &debug.BuildInfo{Main: debug.Module{Version: "v1.2.3"}, Settings: []debug.BuildSetting{
		{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0123456789abcdef0123456789abcdef01234567"},
		{Key: "vcs.time", Value: "2026-11-30T07:00:00Z"}, {Key: "vcs.modified", Value: "false"},
	}}
	changed := *stamped
	changed.Settings = append(stamped.Settings[:3:3], debug.BuildSetting{Key: "vcs.modified", Value: "true"})
	for want, info := range map[string]*debug.BuildInfo{
		"v1.2.3 (commit 0123456789ab of 2026-11-30)":                stamped,
		"v1.2.3 (commit 0123456789ab of 2026-11-30, changed since)": &changed,
		"v1.2.3":  {Main: debug.Module{Version: "v1.2.3"}}, // go install: no checkout
		"(devel)": {},
	} {
		if got := versionOf(info); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
