package artifact

import (
	"io/fs"
	"runtime"
)

// OnDisk is the mode of a file or directory as it counts for one that should have
// the permissions want. Windows keeps none, so there is nothing to compare: install.sh
// takes them from MANIFEST.
func OnDisk(info fs.FileInfo, want fs.FileMode) fs.FileMode {
	if runtime.GOOS == "windows" {
		return info.Mode().Type() | want
	}
	return info.Mode()
}
