package haproxy_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/conf/haproxy"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/lint/rules"
	"github.com/lbgen/lbgen/internal/mistakes"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/render"
)

// TestReadsMistakesAsHAProxyDoes renders each fragment of the mistakes that is not
// refused, and asks a real HAProxy for the words of every line.
func TestReadsMistakesAsHAProxyDoes(t *testing.T) {
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
		f, ok := sets[0].File(sets[0].Host.ConfigFile())
		if !ok {
			t.Fatal(row.ID, "has no haproxy.cfg")
		}
		texts = append(texts, string(f.Data))
	}
	if len(texts) < 60 {
		t.Fatalf("only %d fragments were rendered", len(texts))
	}
	t.Logf("%d fragments", len(texts))
	haproxy.ReadsAlike(t, haproxy.DifferentLines(texts))
}
