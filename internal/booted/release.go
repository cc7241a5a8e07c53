package booted

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/lbgen/lbgen/internal/proc"
)

// Release returns what a root says that it is, a folder or a tar file, or "" for this
// machine's: ID and VERSION_ID of its os-release(5). Both are "" where it says nothing.
func Release(ctx context.Context, root string) (id, version string, err error) {
	const etc, usr = "etc/os-release", "usr/lib/os-release"
	root = cmp.Or(root, "/")
	info, err := os.Stat(root)
	if err != nil {
		return "", "", err
	}
	var data []byte
	if info.IsDir() {
		for _, file := range []string{etc, usr} {
			if data, err = os.ReadFile(filepath.Join(root, file)); err == nil {
				break
			}
		}
	} else {
		// Those that are not there make it fail, and the others are printed. etc's is a link to usr's.
		args := []string{"-xOf", root, "./" + usr, usr, "./" + etc, etc}
		out, _ := proc.Run(ctx, proc.Cmd{Path: "tar", Args: args})
		data = out.Stdout
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		key, value, _ := strings.Cut(lines.Text(), "=")
		switch value = strings.Trim(value, `"'`); key {
		case "ID":
			id = value
		case "VERSION_ID":
			version = value
		}
	}
	return id, version, nil
}
