package cli

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWritePublic: a file is replaced as a whole, through a link, too; what is no file
// is written to; and no other file is left.
func TestWritePublic(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "site.svg"), filepath.Join(dir, "link.svg")
	if err := os.Symlink("site.svg", link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, link, os.DevNull} {
		if err := writePublic(name, []byte(name)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || string(got) != link { //nolint:gosec // a file of this test
		t.Errorf("%q (%v)", got, err)
	}
	if !isSame(file, link) || isSame(file, os.DevNull) || isSame(file, filepath.Join(dir, "none")) {
		t.Error("isSame does not follow links")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 2 {
		t.Errorf("left: %v (%v)", left, err)
	}
}
