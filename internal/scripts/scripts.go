// Package scripts holds the programs that run on a node: install.sh, which puts
// the node's tree in its place, firewalld.sh, which makes firewalld agree with
// it, and the one that tells lbgen status how the node is. They are the same bytes
// for every node, site and platform. What differs stands in tables beside them,
// which they read as data.
package scripts

import (
	"bytes"
	"embed"
	"slices"
	"sync"
)

//go:embed install/*.sh firewalld/*.sh status/*.sh
var sources embed.FS

// Each program is put together from files, in this order: functions first, and
// what is run at once last. All trees hold the same bytes.
var (
	install = sync.OnceValue(func() []byte {
		return program("install/", "start", "table", "tree", "machine", "plan", "selinux", "nftables", "services", "vip", "daemons",
			"say", "backup", "apply", "verify", "undo", "main")
	})
	firewalld = sync.OnceValue(func() []byte {
		return program("firewalld/", "start", "firewalld", "changes", "memory", "run", "main")
	})
	status = sync.OnceValue(func() []byte { return program("status/", "start", "machine", "files", "haproxy", "network", "main") })
)

// Install returns install.sh. Nobody may change the bytes.
func Install() []byte { return install() }

// Firewalld returns firewalld.sh. Nobody may change the bytes.
func Firewalld() []byte { return firewalld() }

// Status returns the functions of the program that tells how a node is. Its main gets as
// its one argument what to look at: a table of rows, each a key and what goes with it.
// Nobody may change the bytes.
func Status() []byte { return status() }

func program(folder string, parts ...string) []byte {
	var text bytes.Buffer
	text.Grow(64 << 10) // room for all: it is not copied while it grows
	for _, part := range parts {
		f, _ := sources.Open(folder + part + ".sh") // they are embedded: a test wants each of them used
		_, _ = text.ReadFrom(f)
	}
	return slices.Clip(text.Bytes())
}
