package scripts_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/testbox"
)

const forgets = `rm -f /var/lib/lbgen/*`

// A run that is killed has said what it did before it did it. One with --continue
// finishes it, and the way back is then that of both.
func TestFirewalldContinues(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	pristine := b.Must(nextZones)
	first := firewalldScript(t, dmz(webRule))
	second := firewalldScript(t, render.Zone{Name: "public", Openings: []render.Opening{{Rich: statsRule}}, Interfaces: []string{"ens224"}})
	for n := 1; n <= 5; n += 2 {
		b.Must(`sh "$1"`, first)
		before := b.Must(nextZones + ";" + remembers)
		killed(t, b, second, n)
		b.Must(`sh "$1" --continue`, second)
		text := b.Must(nextZones)
		if !has(text, statsRule, "services: ssh", "forward: yes") || has(text, webRule) {
			t.Errorf("killed at change %d, --continue left\n%s", n, text)
		}
		quiet(t, b.Run(`sh "$1" --offline --dry-run`, second))
		b.Must(`sh "$1" --undo`, second)
		if after := b.Must(nextZones + ";" + remembers); after != before {
			t.Errorf("killed at change %d, --continue and --undo left\n%swhere there had been\n%s", n, after, before)
		}
		// Without the option the run is one of its own, and so is its way back.
		killed(t, b, second, n)
		b.Must(`sh "$1"; sh "$1" --undo`, second)
		if n > 1 && b.Must(nextZones+";"+remembers) == before {
			t.Errorf("killed at change %d: --undo goes back past the last run", n)
		}
		b.Must(`sh "$1"; sh "$1" --remove`, second)
		if after := b.Must(nextZones); after != pristine {
			t.Errorf("killed at change %d, --remove left\n%swhere there had been\n%s", n, after, pristine)
		}
	}
}

// killed runs the script until its n-th change is made.
func killed(t *testing.T, b *testbox.Box, sh string, n int) {
	t.Helper()
	striking(b, "firewall-offline-cmd", n, `{ `+servedFirewalld+`firewall-offline-cmd "$@" >/dev/null 2>&1; kill -KILL "$PPID"; exit; }`)
	if r := b.Run(`sh "$1"`, sh); r.Code != 137 {
		t.Errorf("it was to be killed at change %d: %s", n, r)
	}
	serve(b, "firewall-offline-cmd")
}

// What was remembered for the site that goes counts as the new one's own: the one
// takes back what the other did, and nothing of the admin's.
func TestFirewalldReplaces(t *testing.T) {
	t.Parallel()
	b := fireBox(t)
	b.Must(`firewall-offline-cmd --zone=dmz --add-rich-rule="$1"`, vrrpRule) // the admin's own
	pristine := b.Must(nextZones)
	b.Must(`sh "$1"`, firewalldScript(t, dmz(webRule)))
	before := b.Must(nextZones)
	sh := firewalldScriptOf(t, "other", dmz(tlsRule, vrrpRule))

	r := b.Run(`sh "$1" --replace prslb`, sh)
	want := "zone dmz: add " + tlsRule + "\nzone dmz: remove " + webRule + "\n"
	if text := b.Must(nextZones); r.Code != 0 || r.Out != want || !has(text, tlsRule, vrrpRule, "services:", "forward: no") ||
		has(text, webRule) {
		t.Errorf("it says %s where it should say\n%sand left\n%s", r, want, text)
	}
	b.Must(`sh "$1" --undo`, sh)
	if after := b.Must(nextZones + "; ls /var/lib/lbgen"); after != before+"prslb.firewalld\nprslb.firewalld.undo\n" {
		t.Errorf("--undo left\n%swhere there had been\n%s", after, before)
	}
	b.Must(`sh "$1" --replace prslb; rm /var/lib/lbgen/prslb.firewalld`, sh)
	quiet(t, b.Run(`sh "$1" --offline --replace prslb`, sh)) // again, as install.sh does after a run that was cut off
	b.Must(`sh "$1" --remove`, sh)
	if after := b.Must(nextZones); after != pristine {
		t.Errorf("--remove left\n%swhere there had been\n%s", after, pristine)
	}

	// Without the option it knows nothing of the other site.
	b.Must(forgets+`; sh "$1"`, firewalldScript(t, dmz(webRule)))
	b.Must(`sh "$1"`, sh)
	if text := b.Must(nextZones); !has(text, webRule, tlsRule) {
		t.Errorf("another site's rule was taken back:\n%s", text)
	}
}
