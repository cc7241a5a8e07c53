package keepalived

import "slices"

// groupFacts are the keywords of vrrp_sync_group and of the other blocks that name
// instances or interfaces. The instances of a group go where the slowest of them is.
func groupFacts() []Fact {
	return slices.Concat(
		within("vrrp_sync_group", []Fact{
			{Keyword: "group", Shape: List, First: true, Agreed: true, Decides: true, Fields: []string{"vrrp[].sync_group"}},
			{Keyword: "track_interface", Shape: List, Many: true, Decides: true},
			{Keyword: "track_script", Shape: List, Many: true, Decides: true},
			{Keyword: "track_process", Shape: List, Many: true, Decides: true},
			{Keyword: "track_file", Shape: List, Many: true, Decides: true},
			{Keyword: "track_bfd", Shape: List, Many: true, Decides: true},
			{Keyword: "global_tracking", Decides: true},
			{Keyword: "sync_group_tracking_weight", Decides: true},
		}, "smtp_alert notify_priority_changes"),
		running("vrrp_sync_group", "notify_backup notify_master notify_fault notify_stop notify"),
		within("track_group", []Fact{{Keyword: "group", Shape: List, First: true}}, ""),
		within("garp_group", []Fact{{Keyword: "interfaces", Shape: List}}, "garp_interval gna_interval interface"),
	)
}

// watchedFacts are the keywords of what an instance tracks.
func watchedFacts() []Fact {
	file := []Fact{{Keyword: "weight", Decides: true}}
	return slices.Concat(
		within("vrrp_script", []Fact{
			{Keyword: "script", Runs: true, Fields: []string{"vrrp[].track.haproxy.method", "vrrp[].track.haproxy.http",
				"vrrp[].track.scripts[].command"}},
			{Keyword: "interval", Fields: []string{"vrrp[].track.haproxy.interval", "vrrp[].track.scripts[].interval"}},
			{Keyword: "timeout", Fields: []string{"vrrp[].track.haproxy.timeout", "vrrp[].track.scripts[].timeout"}},
			{Keyword: "rise", Fields: []string{"vrrp[].track.haproxy.rise", "vrrp[].track.scripts[].rise"}},
			{Keyword: "fall", Fields: []string{"vrrp[].track.haproxy.fall", "vrrp[].track.scripts[].fall"}},
			{Keyword: "weight", Decides: true, Default: "0", Fields: []string{"vrrp[].track.haproxy.weight", "vrrp[].track.scripts[].weight"}},
			{Keyword: "user", Fields: []string{"vrrp[].track.scripts[].user"}},
		}, "init_fail"),
		within("vrrp_track_process", []Fact{
			{Keyword: "process", Fields: []string{"vrrp[].track.haproxy.method"}},
			{Keyword: "weight", Decides: true, Default: "0", Fields: []string{"vrrp[].track.haproxy.weight"}},
		}, "param_match quorum quorum_max delay terminate_delay fork_delay full_command"),
		within("track_file", slices.Clone(file), "file init_file"),
		within("vrrp_track_file", file, "file init_file"),
	)
}
