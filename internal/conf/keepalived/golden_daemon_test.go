package keepalived_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/mistakes"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
)

// TestWordsOfGoldenLines has a real Keepalived say the words of every line that lbgen
// writes.
func TestWordsOfGoldenLines(t *testing.T) {
	readsAlike(t, slices.Collect(maps.Values(goldens(t))), 200)
}

// TestWordsOfMistakes renders each fragment of the mistakes that is not refused, and
// does the same.
func TestWordsOfMistakes(t *testing.T) {
	var texts []string
	for _, row := range mistakes.All() {
		e := rules.NewExample(row.Fragment)
		if row.Fragment == "" || e.Faults.HasErrors() {
			continue
		}
		site := e.Sites[len(e.Sites)-1].Site
		in := model.Inputs{Secrets: map[diag.Path]string{}}
		for _, ref := range site.Written.SecretRefs() {
			in.Secrets[ref.Path] = ref.Secret.Literal
		}
		sets, err := render.New().Sets(site, in)
		if err != nil {
			t.Fatal(row.ID, err)
		}
		if f, ok := sets[0].File("etc/keepalived/keepalived.conf"); ok {
			texts = append(texts, string(f.Data))
		}
	}
	if len(texts) < 60 {
		t.Fatalf("only %d fragments were rendered", len(texts))
	}
	t.Logf("%d fragments", len(texts))
	readsAlike(t, texts, 50)
}

// readsAlike puts each line of the texts into a list whose words Keepalived says.
func readsAlike(t *testing.T, texts []string, least int) {
	t.Helper()
	needDaemon(t)
	t.Parallel()
	seen := map[string]bool{}
	for _, text := range texts {
		for line := range strings.Lines(text) {
			seen[strings.TrimSuffix(line, "\n")] = true
		}
	}
	if t.Logf("%d lines", len(seen)); len(seen) < least {
		t.Errorf("only %d lines", len(seen))
	}
	conf := fmt.Sprintf(instance, "")
	for i, line := range slices.Sorted(maps.Keys(seen)) {
		conf += frame(i, line)
	}
	theirs, ours := ask(t, conf), read(conf)
	alike(t, "members of groups", theirs.members, ours.members)
	alike(t, "unknown keywords", theirs.unknown, ours.unknown)
	if len(theirs.members) < 2*len(seen) {
		t.Errorf("only %d words of %d lines were said", len(theirs.members), len(seen))
	}
}
