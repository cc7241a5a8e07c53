package scripts_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/testbox"
)

// rename makes the tree shipped that of another site.
func rename(b *testbox.Box, sh, site string) string {
	b.Must(`cd "${1%/*}"
		for f in node.table firewalld.table; do
			old=$(sha256sum <$f); sed -i "s/^site .*/site $2/" $f; new=$(sha256sum <$f)
			sed -i "s/${old%% *}/${new%% *}/" MANIFEST
		done
		sed -i "1s/site prslb/site $2/" MANIFEST`, sh, site)
	return sh
}

// Two sites on one machine would take from each other what both need.
func TestInstallReplacesAnotherSite(t *testing.T) {
	t.Parallel()
	b := nodeBox(t)
	testbox.NeedTools(t, "firewall-offline-cmd")
	serveFirewalld(b)
	public := render.Zone{Name: "public", Openings: []render.Opening{{Rich: statsRule}}}
	zonesBefore := b.Must(nextZones)
	b.Must(install, prslb().put("etc/haproxy/pages/old.http", "old\n", artifact.ReloadHAProxy).ship(t, public))
	before := state(b)
	same := func(what string) {
		t.Helper()
		if after := state(b); after != before {
			t.Errorf("%s: not as before:\n%s", what, diffLines(before, after))
		}
	}
	sh := rename(b, prslb().put("etc/haproxy/new.http", "new\n", artifact.ReloadHAProxy).ship(t), "other")
	wantCode(t, "another site", b.Run(install, sh), 1, "site prslb is installed on this machine: --replace prslb", "nothing was changed")
	wantCode(t, "a name that is not there", b.Run(install+` --replace typo`, sh), 1, "site prslb is installed on this machine")
	wantCode(t, "no name", b.Run(install+` --replace`, sh), 2, "--replace needs the name of a site")
	wantCode(t, "a path", b.Run(install+` --replace ../x`, sh), 2, "--replace needs the name of a site")
	same("refused")
	dry := b.Run(install+` --replace prslb --dry-run`, sh)
	wantCode(t, "dry run", dry, 0, "replace   site prslb", "remove    /etc/haproxy/pages/old.http", "zone public: remove")
	same("dry run")
	b.Stub("ss", `exit 0`)
	wantCode(t, "a failure", b.Run(install+` --replace prslb`, sh), 3, "HAProxy does not listen", "prslb01 is as it was before")
	b.Must(`rm "$1"`, b.Bin+"/ss")
	same("a failure")

	wantCode(t, "--replace", b.Run(install+` --replace prslb`, sh), 0, dry.Out)
	if got := b.Must(`cd /var/lib/lbgen; ls -d *.*; [ ! -e /etc/haproxy/pages/old.http ] ||
		echo a file of the old site`); got != "other.firewalld\nother.firewalld.undo\nother.manifest\n" {
		t.Errorf("left behind:\n%s", got)
	}
	if after := b.Must(nextZones); after != zonesBefore {
		t.Errorf("the old site's rules are still there:\n%s", diffLines(zonesBefore, after))
	}
	wantCode(t, "again", b.Run(install, sh), 0, "nothing to do")
	wantCode(t, "again with --replace", b.Run(install+` --replace prslb`, sh), 0, "nothing to do")

	// A tree that differs in its name only is installed too: the notes change.
	third := rename(b, prslb().put("etc/haproxy/new.http", "new\n", artifact.ReloadHAProxy).ship(t), "third")
	wantCode(t, "the same files", b.Run(install+` --replace other`, third), 0, "replace   site other", "done")
	b.Must(`cd /var/lib/lbgen; [ -e third.manifest ] && [ ! -e other.manifest ] && cp third.manifest other.manifest
		echo "0644 root:root none - etc/haproxy/stale" >>other.manifest; : >/etc/haproxy/stale`)
	wantCode(t, "both are there", b.Run(install+` --replace other`, third), 1,
		"third.manifest: site third has been on this machine beside other")
	// The way out in docs/install.md.
	b.Must(`cd /var/lib/lbgen; grep -v '^#' other.manifest >>third.manifest; rm -f other.*`)
	wantCode(t, "after both", b.Run(install, third), 0, "remove    /etc/haproxy/stale")
}

func TestInstallReplaceFailsAtEachStep(t *testing.T) {
	t.Parallel()
	b := lightBox(t)
	b.Bash()
	b.Must(install, rename(b, prslb().ship(t), "other"))
	b.Must(`echo "# Made by hand" >/var/lib/lbgen/other.firewalld; echo daemon-reload >/var/lib/lbgen/other.pending`)
	sh := upgraded().ship(t)
	saboteur(b, `echo "made to fail" >&2; exit 1`)
	failsEverywhere(t, b, sh, " --replace other", 1, 2)
}
