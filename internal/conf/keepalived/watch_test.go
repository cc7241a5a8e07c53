package keepalived_test

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
)

func TestNamesHAProxy(t *testing.T) {
	for command, want := range map[string]bool{
		"/usr/bin/killall -0 haproxy":                     true,
		"/usr/bin/systemctl is-active HAProxy.service":    true,
		"/usr/bin/socat - UNIX-CONNECT:/run/haproxy/sock": true,
		"/etc/keepalived/Check_HAProxy.sh":                true,
		"/etc/haproxy/check_disk.sh":                      false, // lies beside it, and asks something else
		"/usr/bin/killall -0 nginx":                       false,
		"":                                                false,
	} {
		if got := keepalived.NamesHAProxy(strings.Fields(command)); got != want {
			t.Errorf("%q: %v", command, got)
		}
	}
}

func TestAsksPort(t *testing.T) {
	for _, c := range []struct {
		text  string
		ports []int
		want  bool
	}{
		{"curl -sf http://127.0.0.1:8404/alive", []int{80, 8404}, true},
		{"curl http://[::1]:8404/", []int{8404}, true},
		{"curl http://localhost/", []int{80}, true},
		{"curl http://localhost:8080/", []int{80}, false},
		{"curl http://192.0.2.1:80/", []int{80}, false},
		{"nc -z localhost 3306", []int{80, 443}, false},
		{"nc -z localhost 3306", nil, false},
	} {
		if got := keepalived.AsksPort(c.text, c.ports...); got != c.want {
			t.Errorf("%q %v: %v", c.text, c.ports, got)
		}
	}
}
