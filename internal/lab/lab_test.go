//go:build linux

package lab

import (
	"fmt"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

func TestMain(m *testing.M) {
	if os.Getenv("LBGEN_LAB_AGENT") != "" {
		if err := Agent(os.Args); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tiny is a lab of one server and a client.
func tiny() Plan {
	return Plan{
		Networks: []string{"web"},
		Servers:  []Server{{Name: "b/s", Network: "web", Address: netip.MustParsePrefix("10.9.0.2/24"), Ports: []uint16{80}}},
		Client:   []Link{{Network: "web", Device: "eth0", Addresses: []netip.Prefix{netip.MustParsePrefix("10.9.0.9/24")}}},
	}
}

// options start the test binary again as an agent.
func options() Options { return Options{Self: []string{"lbgen"}, Env: []string{"LBGEN_LAB_AGENT=1"}} }

func up(t *testing.T, p Plan) *Lab {
	t.Helper()
	l, err := Up(t.Context(), p, options())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.Down)
	return l
}

// ask asks the server. A first packet may be lost on a machine under load, and is sent again
// after a second.
func ask(t *testing.T, l *Lab, change func(*Request)) recording.Answer {
	t.Helper()
	r := Request{Address: netip.MustParseAddrPort("10.9.0.2:80"), Method: "GET", Path: "/", Timeout: 10 * time.Second}
	change(&r)
	a, err := l.Request(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestStubAnswers(t *testing.T) {
	l := up(t, tiny())
	for name, change := range map[string]func(*Request){
		"HTTP": func(*Request) {}, "TLS": func(r *Request) { r.TLS = true }, "PROXY": func(r *Request) { r.Proxy = true },
	} {
		if a := ask(t, l, change); !a.OK() || a.Server != "b/s" {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestStubMisbehaves(t *testing.T) {
	l := up(t, tiny())
	for _, c := range []struct {
		how  Behaviour
		want string
	}{
		{Behaviour{Status: 503}, ""}, {Behaviour{Delay: time.Hour}, "no answer in time"}, {Behaviour{Refuses: true}, "refused"},
		{Behaviour{Vanishes: true}, "no answer in time"},
	} {
		if _, err := l.Behave("b/s", c.how); err != nil {
			t.Fatal(err)
		}
		a := ask(t, l, func(r *Request) {
			if c.want == "no answer in time" {
				r.Timeout = time.Second
			}
		})
		if a.OK() || a.Problem != c.want {
			t.Errorf("%+v: %+v", c.how, a)
		}
	}
	if _, err := l.Behave("b/s", Behaviour{}); err != nil {
		t.Fatal(err)
	}
	if a := ask(t, l, func(*Request) {}); !a.OK() {
		t.Errorf("well again: %+v", a)
	}
}
