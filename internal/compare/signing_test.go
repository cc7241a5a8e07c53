package compare

import (
	"fmt"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

// TestStepsOfSigning: nodes of two steps that follow each other take each other's adverts;
// TestSignedAdverts of cmd/lbgen asks the real Keepalived the same.
func TestStepsOfSigning(t *testing.T) {
	hmac := func(mode, active, keys string) string {
		return fmt.Sprintf("auth_hmac {\n active_key %s\n %s\n mode %s\n}\n", active, keys, mode)
	}
	const one, two = "key 1 \"a\"", "key 2 \"b\""
	for name, c := range map[string]struct {
		old, new string
		want     bool
	}{
		"the first step":        {"", hmac("receive-only", "1", one), true},
		"the second":            {hmac("receive-only", "1", one), hmac("permissive", "1", one), true},
		"the third":             {hmac("permissive", "1", one), hmac("enforce", "1", one), true},
		"all at once":           {"", hmac("enforce", "1", one), false},
		"the first left out":    {"", hmac("permissive", "1", one), false},
		"the second left out":   {hmac("receive-only", "1", one), hmac("enforce", "1", one), false},
		"and back":              {hmac("enforce", "1", one), "", false},
		"a key more":            {hmac("enforce", "1", one), hmac("enforce", "1", one+"\n"+two), true},
		"the other key signs":   {hmac("enforce", "1", one+"\n"+two), hmac("enforce", "2", one+"\n"+two), true},
		"the old one goes":      {hmac("enforce", "2", one+"\n"+two), hmac("enforce", "2", two), true},
		"another key, at once":  {hmac("enforce", "1", one), hmac("enforce", "2", two), false},
		"enforce is what it is": {hmac("permissive", "1", one), "auth_hmac {\n active_key 1\n " + one + "\n}\n", true},
	} {
		read := func(lines string) map[string]signing {
			text := "vrrp_instance VI {\n virtual_router_id 7\n" + lines + "}\n"
			return signings(keepalived.Read([]keepalived.Source{{Data: []byte(text)}}, keepalived.Options{}))
		}
		if got := steps("vrrp_instance VI: key", read(c.old), read(c.new)); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
		if got := leaps(read(c.old), read(c.new)); len(got) > 0 != (name == "the second left out") {
			t.Errorf("%s: %q", name, got)
		}
	}
}
