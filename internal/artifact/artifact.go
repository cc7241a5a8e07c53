// Package artifact holds what lbgen makes: the files of one node, with
// everything that whoever writes, compares, checks or rehearses them needs to
// know. It knows nothing of the site file they came from but the paths in it.
package artifact

import (
	"bytes"
	"cmp"
	"fmt"
	"io/fs"
	"net/netip"
	"path"
	"slices"
	"strings"
)

// Action is what the node has to do once a file has changed. It stands in the
// MANIFEST, where install.sh reads it, so that the node and `lbgen diff` can
// never be of two minds.
type Action string

// The actions, in the order in which install.sh carries them out.
const (
	None              Action = "none"               // the file is read anew each time
	Tmpfiles          Action = "tmpfiles"           // systemd-tmpfiles --create
	Sysctl            Action = "sysctl"             // sysctl -p FILE
	RestartRsyslog    Action = "rsyslog-restart"    // rsyslog reads its configuration at start only
	DaemonReload      Action = "daemon-reload"      // systemctl daemon-reload
	Firewall          Action = "firewall"           // firewalld.sh is run
	Nftables          Action = "nftables"           // nft loads lbgen's table
	ReloadHAProxy     Action = "haproxy-reload"     // no connection is lost
	RestartHAProxy    Action = "haproxy-restart"    // connections are cut
	ReloadKeepalived  Action = "keepalived-reload"  // the VIP stays where it is
	RestartKeepalived Action = "keepalived-restart" // the VIP moves if this node holds it
	Tool              Action = "tool"               // not installed: a script run from the tree
)

// File is one file of a node's tree.
type File struct {
	Path         string      // slash-separated, relative, clean: etc/haproxy/haproxy.cfg
	Mode         fs.FileMode // permission bits on the node and in the output directory
	Owner, Group string      // names on the node
	Action       Action
	Data         []byte
	// Origins holds for each line the model path that it came from, "" where
	// it came from none. It may be shorter than the file has lines.
	Origins []string
	Secrets []Secret // in the order in which they stand in Data
}

// Secret is the stretch Data[Start:End] that holds a secret, as quoted for the
// file it stands in.
type Secret struct {
	Start, End int
	Path       string // the model path of the secret
	// Known is false where the secret was not to be had, as in CI: Data then
	// holds a placeholder that the daemons accept, and must not be shipped.
	Known bool
}

// Mask is what stands in place of a secret in everything that lbgen shows. Its
// length says nothing of the secret's.
const Mask = "********"

// Masked returns Data with each secret replaced by Mask.
func (f File) Masked() []byte {
	if len(f.Secrets) == 0 {
		return f.Data
	}
	var b bytes.Buffer
	at := 0
	for _, s := range f.Secrets {
		b.Write(f.Data[at:s.Start])
		b.WriteString(Mask)
		at = s.End
	}
	b.Write(f.Data[at:])
	return b.Bytes()
}

// Absent says whether nothing of the file was to be had, as of a certificate whose key is
// elsewhere. Whoever needs such a file makes one up.
func (f File) Absent() bool { return len(f.Data) == 0 && len(f.Secrets) == 1 && !f.Secrets[0].Known }

// Origin returns the model path that the line (counted from 1) came from, or
// that of the nearest line above it that has one; "" if there is none.
func (f File) Origin(line int) string {
	for i := min(line, len(f.Origins)); i > 0; i-- {
		if p := f.Origins[i-1]; p != "" {
			return p
		}
	}
	return ""
}

// Line returns the text of the line (counted from 1) with secrets masked; ""
// where there is no such line.
func (f File) Line(line int) string {
	lines := strings.Split(string(f.Masked()), "\n")
	if line < 1 || line > len(lines) {
		return ""
	}
	return lines[line-1]
}

// Device is a network interface that the files expect on the node.
type Device struct {
	Name      string
	Addresses []netip.Prefix // with the prefix length of the NIC's subnet
}

// Host is what the files expect of the machine that they are made for. Whoever
// checks or rehearses them elsewhere stands in for what is missing.
type Host struct {
	Platform    string // rocky9, debian12, ...
	Family      string // rhel or debian
	Devices     []Device
	User, Group string // that HAProxy runs as
	Chroot      string // HAProxy's, an absolute path
	Program     string // HAProxy's, an absolute path; "" for the package's own
	Config      string // path of haproxy.cfg in the set; "" for etc/haproxy/haproxy.cfg
	HAProxy     string // version aimed at, such as 2.4
	Keepalived  string // version aimed at; "" where the node runs none
}

// ConfigFile returns the path of haproxy.cfg in the set.
func (h Host) ConfigFile() string { return cmp.Or(h.Config, "etc/haproxy/haproxy.cfg") }

// Set is all that lbgen makes for one node of one site. Files are sorted by
// path and no path is defined twice: use New.
type Set struct {
	Site, Node string
	Host       Host
	Files      []File
}

// New returns the set with its files sorted. It returns an error for a path
// that is not clean and relative, or is defined twice: a fault of lbgen's own.
func New(site, node string, host Host, files []File) (Set, error) {
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	for i, f := range files {
		if !fs.ValidPath(f.Path) || f.Path == "." || path.Clean(f.Path) != f.Path {
			return Set{}, fmt.Errorf("artifact path %q is not clean and relative", f.Path)
		}
		if i > 0 && files[i-1].Path == f.Path {
			return Set{}, fmt.Errorf("artifact path %q is defined twice", f.Path)
		}
	}
	return Set{Site: site, Node: node, Host: host, Files: files}, nil
}

// File returns the file with the path, and whether there is one.
func (s Set) File(path string) (File, bool) {
	i, ok := slices.BinarySearchFunc(s.Files, path, func(f File, p string) int { return cmp.Compare(f.Path, p) })
	if !ok {
		return File{}, false
	}
	return s.Files[i], true
}

// UnknownSecrets returns the model paths of the secrets that were not to be
// had, each once, in order of the files.
func (s Set) UnknownSecrets() []string {
	var paths []string
	for _, f := range s.Files {
		for _, sec := range f.Secrets {
			if !sec.Known && !slices.Contains(paths, sec.Path) {
				paths = append(paths, sec.Path)
			}
		}
	}
	return paths
}
