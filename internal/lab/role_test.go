package lab_test

import (
	"testing"

	"github.com/lbgen/lbgen/internal/lab"
)

func TestPageRole(t *testing.T) {
	for uri, want := range map[string]lab.Role{
		"/primary": lab.Primary, "/leader": lab.Primary, "/primary?replication_state=streaming": lab.Primary,
		"/replica": lab.Replica, "/replica?lag=1MB": lab.Replica, "/standby": lab.Replica,
		"/": lab.AnyRole, "/health": lab.AnyRole, "/read-only": lab.AnyRole, "/primary/": lab.AnyRole,
	} {
		if got := lab.PageRole(uri); got != want {
			t.Errorf("%s: %d, want %d", uri, got, want)
		}
	}
}
