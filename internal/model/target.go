package model

import "slices"

// haproxyVersions and keepalivedVersions are those that lbgen writes for,
// from the oldest to the newest.
func haproxyVersions() []string {
	return []string{"2.4", "2.5", "2.6", "2.7", "2.8", "2.9", "3.0", "3.1", "3.2"}
}
func keepalivedVersions() []string { return []string{"2.2", "2.3", "2.4"} }

func isHAProxyVersion(s string) bool    { return slices.Contains(haproxyVersions(), s) }
func isKeepalivedVersion(s string) bool { return slices.Contains(keepalivedVersions(), s) }
