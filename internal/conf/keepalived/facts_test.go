package keepalived_test

import (
	"slices"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

func TestFactsStandOnce(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, f := range keepalived.Facts() {
		key := [2]string{f.In, f.Keyword}
		if f.Keyword == "" || seen[key] {
			t.Errorf("%q in %q is there twice, or empty", f.Keyword, f.In)
		}
		seen[key] = true
		if block, ok := keepalived.Find(f.In, f.Keyword); !ok || block.Keyword != f.Keyword {
			t.Errorf("%q in %q is not found", f.Keyword, f.In)
		}
		if f.Changed != "" && f.Remedy == "" {
			t.Errorf("%s: changed without a remedy", f.Keyword)
		}
		if f.Since != "" && f.Example == "" {
			t.Errorf("%s: came later without an example", f.Keyword)
		}
	}
	for _, f := range keepalived.Facts() {
		if f.In == "" {
			continue
		}
		if !slices.ContainsFunc(keepalived.Facts(), func(b keepalived.Fact) bool { return b.Keyword == f.In && b.Shape == keepalived.Block }) {
			t.Errorf("%s stands in %q, which is no block", f.Keyword, f.In)
		}
	}
}

// What the nodes and lbgen diff go by: these have cost somebody a failover.
func TestWhatMustAgreeAndWhatDecides(t *testing.T) {
	agreed, decides, lists := keepalived.Agreed(), keepalived.Decides(), keepalived.Lists()
	for _, k := range []string{"virtual_router_id", "advert_int", "down_timer_adverts", "auth_type", "auth_pass", "version",
		"virtual_ipaddress", "unicast_peer"} {
		if !slices.Contains(agreed, k) {
			t.Errorf("%s need not agree", k)
		}
	}
	for _, k := range []string{"priority", "state", "nopreempt", "preempt_delay", "weight", "interface", "group", "track_script"} {
		if !slices.Contains(decides, k) {
			t.Errorf("%s decides nothing", k)
		}
	}
	for _, k := range []string{"virtual_ipaddress", "unicast_peer", "group", "track_script"} {
		if !slices.Contains(lists, k) {
			t.Errorf("%s is no list", k)
		}
	}
	if d := keepalived.Defaults(); !slices.Contains(d, "advert_int 1") || !slices.IsSorted(d) {
		t.Errorf("defaults %q", d)
	}
	if s := keepalived.Secrets(); !slices.Contains(s, "auth_pass") {
		t.Errorf("secrets %q", s)
	}
}
