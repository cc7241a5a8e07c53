package scratch

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The parts of the machine that programs need to start at all. Those in /etc
// say how to load libraries and look up names, nothing of a service.
var (
	trees   = []string{"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32", "opt", "nix"}
	devices = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
	basics  = []string{
		"ld.so.cache", "ld.so.conf", "nsswitch.conf", "services", "protocols", "localtime", "alternatives",
		"crypto-policies", "logrotate.conf", "login.defs", "os-release", "machine-id",
	}
	folders = []string{
		"dev", "proc", "etc", "run", "tmp", "machine", "var/cache", "var/lib/logrotate", "var/lib/rsyslog",
		"var/log", "var/spool/rsyslog", "var/tmp",
	}
)

// Where OpenSSL looks, on Debian and on RHEL: for everything, for its
// configuration alone, and for the authorities that a system trusts.
var (
	openSSL       = []string{"ssl", "pki"}
	openSSLConfig = []string{"ssl/openssl.cnf", "pki/tls/openssl.cnf", "pki/tls/openssl.d", "pki/tls/fips_local.cnf"}
	trusted       = []string{
		"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/pki/tls/cert.pem",
	}
)

// Mount is a file or folder of the machine and its place in a scratch root.
type Mount struct {
	From string // an absolute path of the machine
	To   string // an absolute path of the root; Root.At says where that is
}

// Bring has a readable file or folder of the machine appear at its own place in
// the root, and says whether the machine has it.
func (r *Root) Bring(path string) (bool, error) {
	path = filepath.Join("/", path)
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() && !info.Mode().IsRegular() { // opening a pipe would wait
		return false, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return false, nil // not ours to read: as good as not there
	}
	_ = f.Close()
	if info.IsDir() {
		err = makeDirs(r.At(path))
	} else {
		err = r.Put(path, "", 0o644)
	}
	r.brought = append(r.brought, path)
	return true, err
}

// Offer is Bring for what may be in one of the machine's trees, which the root
// has anyway. Where it is Separate, the root has nothing else of the machine.
func (r *Root) Offer(path string) (bool, error) {
	if inTrees(path) {
		_, err := os.Stat(path)
		return err == nil, nil
	}
	if r.opts.Separate {
		return false, nil
	}
	return r.Bring(path)
}

// link fills what is still missing in the root with links to the machine's
// trees, which are mounted below /machine: a folder that the root has already
// is filled entry by entry, so that /usr/libexec/keepalived/own-script and the
// programs of the machine stand side by side.
func (r *Root) link(path string) error {
	inside, outside := r.At(path), filepath.Join("/", path)
	info, err := os.Lstat(outside)
	if err != nil || slices.Contains(r.brought, outside) {
		return nil // this machine has no such thing, or it is mounted
	}
	if _, err := os.Lstat(inside); err != nil {
		if info.Mode()&fs.ModeSymlink != 0 && !strings.Contains(path, "/") {
			target, err := os.Readlink(outside) // /bin -> usr/bin
			return errors.Join(err, os.Symlink(target, inside))
		}
		return os.Symlink(filepath.Join("/machine", path), inside)
	}
	entries, err := os.ReadDir(outside)
	if err != nil {
		return nil // a file in both: its own wins
	}
	for _, e := range entries {
		if err := r.link(filepath.Join(path, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// finish makes the links and the places for the mounts, once.
func (r *Root) finish() error {
	if r.linked {
		return nil
	}
	r.linked = true
	for _, d := range devices {
		if err := r.Put(d, "", 0o644); err != nil {
			return err
		}
	}
	links := slices.Clone(trees)
	for _, b := range slices.Concat(basics, r.tls()) {
		links = append(links, "etc/"+b)
	}
	if err := r.trust(); err != nil {
		return err
	}
	for _, l := range links {
		if err := r.link(l); err != nil {
			return err
		}
	}
	return nil
}

// tls returns what OpenSSL may read of the machine's /etc.
func (r *Root) tls() []string {
	if r.opts.Separate {
		return openSSLConfig
	}
	return openSSL
}

// Mounts finishes the root and returns what has to be bound into it, best
// read-only: parts of the machine, devices among them. Nothing can be brought
// into the root after that. Its /proc is empty: whose processes are seen in
// there is for the caller to say.
func (r *Root) Mounts() ([]Mount, error) {
	if err := r.finish(); err != nil {
		return nil, err
	}
	var mounts []Mount
	for _, t := range append(slices.Clone(trees), "etc") {
		if !r.linksTo(t) {
			continue
		}
		m := Mount{From: "/" + t, To: "/machine/" + t}
		if err := makeDirs(r.At(m.To)); err != nil {
			return nil, err
		}
		mounts = append(mounts, m)
	}
	for _, p := range slices.Concat(devices, r.brought) {
		mounts = append(mounts, Mount{From: p, To: p})
	}
	return append(mounts, r.placed...), nil
}

// linksTo says whether the root has links to a folder at the machine's top. It
// has none where it has the machine's own link, /bin -> usr/bin.
func (r *Root) linksTo(tree string) bool {
	info, err := os.Stat("/" + tree)
	if err != nil || !info.IsDir() {
		return false
	}
	outside, err := os.Readlink("/" + tree)
	if err != nil {
		return true
	}
	inside, _ := os.Readlink(r.At(tree))
	return inside != outside
}
