package compare

import "github.com/lbgen/lbgen/internal/artifact"

// Live compares a set with the files that its node has, by their paths in the set.
// Their modes are taken for right, and a node without any of them is Missing.
func Live(set artifact.Set, files map[string][]byte) Node {
	old := side{files: map[string]oldFile{}, text: againstDisk}
	if len(files) == 0 {
		old.state = Missing
	}
	for _, f := range set.Files {
		if data, ok := files[f.Path]; ok {
			old.files[f.Path] = oldFile{mode: f.Mode.Perm(), action: f.Action, data: data}
		}
	}
	return compareNode(old, set)
}
