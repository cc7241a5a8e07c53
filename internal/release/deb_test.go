//go:build linux

package release

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testenv"
)

// TestDeb: what is in it, and that it runs nothing.
func TestDeb(t *testing.T) {
	built(t)
	testenv.Programs(t, "dpkg-deb")
	for _, arch := range []string{"amd64", "arm64"} {
		file := one(t, "_linux_"+arch+".deb")
		list := run(t, "dpkg-deb", "--contents", file)
		wants(t, strings.ReplaceAll(list, " ./", " /"), append(paths(), "/usr/share/zsh/vendor-completions/_lbgen")...)
		control := t.TempDir()
		run(t, "dpkg-deb", "--control", file, control)
		scripts, err := filepath.Glob(filepath.Join(control, "*[a-z]inst"))
		if rm, _ := filepath.Glob(filepath.Join(control, "p*rm")); err != nil || len(scripts)+len(rm) > 0 {
			t.Errorf("it runs %v %v", scripts, rm)
		}
		wants(t, run(t, "dpkg-deb", "--info", file), "Package: lbgen", "Architecture: "+arch, "Suggests: haproxy, keepalived, psmisc")
	}
}

// TestFreshDebian: from the deb to a site of its own that is rendered, checked and
// rehearsed, with the commands of the README, on a Debian 12 that has nothing else.
func TestFreshDebian(t *testing.T) {
	built(t)
	testenv.Root(t)
	testenv.Programs(t, "debootstrap", "unshare", "chroot")
	root := filepath.Join(t.TempDir(), "root")
	if out, err := exec.Command("debootstrap", "--variant=minbase", "bookworm", root).CombinedOutput(); err != nil {
		t.Fatalf("debootstrap: %v\n%s", err, out[max(0, len(out)-2000):])
	}
	deb, err := os.ReadFile(one(t, "_linux_amd64.deb"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"root/lbgen.deb": deb, "root/commands": []byte(commands),
		"usr/sbin/policy-rc.d": []byte("#!/bin/sh\nexit 101\n"), // nothing is started in a root that was not booted
	} {
		if err := os.WriteFile(filepath.Join(root, name), text, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	// A root of its own is a mount point: the kernel wants that of whoever makes namespaces in it.
	const enter = `mount --bind "$1" "$1" && mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && mount --rbind /dev "$1/dev" &&
		exec chroot "$1" /usr/bin/env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive sh /root/commands`
	own := []string{"--mount", "--pid", "--fork", "--kill-child", "--propagation", "private"}
	out, err := exec.Command("unshare", append(own, "sh", "-c", enter, "sh", root)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out[max(0, len(out)-6000):])
	}
	wants(t, string(out), "out/lb1: ", "out/lb2: ", "haproxy     lb1, lb2  ran", "keepalived  lb1, lb2  ran", "1 passed", "purged")
}

// commands are those of the README, and what a package has to stand.
const commands = `set -eu
cd /root
apt-get -q update
apt-get -q -y install --no-install-recommends ./lbgen.deb haproxy keepalived psmisc
lbgen version
lbgen init --node lb1=10.0.0.11 --node lb2=10.0.0.12 --vip 10.0.0.10 --backend app=10.0.1.21:8080,10.0.1.22:8080 --platform debian12
lbgen render site.yaml -o out/
lbgen check site.yaml
lbgen rehearse --drill steady site.yaml
apt-get -q -y install --reinstall ./lbgen.deb
apt-get -q -y purge lbgen
! command -v lbgen
test -e site.yaml && test -e out/lb1/MANIFEST && echo purged
`
