package rehearse

import (
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/failover"
)

const ofCause = `vrrp_script chk_haproxy
{
    script "/usr/bin/killall -0 haproxy" # weight 9
    weight -60
}
vrrp_instance v {
    virtual_router_id 51
    priority "100"
    nopreempt ! as ever
    authentication {
        auth_pass secret
    }
    track_script { chk_haproxy }
}
`

func instanceOf(t *testing.T, node, text string) instance {
	t.Helper()
	conf := keepalived.Read([]keepalived.Source{{Data: []byte(text)}}, keepalived.Options{})
	block := conf.Block("vrrp_instance", "v")
	if block == nil {
		t.Fatal("there is no instance")
	}
	return instance{node, "v", block, settingsOf(conf, "v"), weights(conf, block)}
}

// TestCauseOfTwoMasters reads files that were written by hand.
func TestCauseOfTwoMasters(t *testing.T) {
	for replace, want := range map[[2]string]string{
		{"51", "52"}:                               "virtual_router_id is 51 on lb1 and 52 on lb2: neither takes the other's adverts for its own",
		{"priority", "advert_int 2\npriority"}:     "advert_int is 1 on lb1 and 2 on lb2",
		{"auth_pass secret", "auth_pass 12345678"}: "auth_pass on lb1 is not that on lb2: neither believes the other's adverts",
		{"vrrp_script", "global_defs {\nvrrp_mcast_group4 224.0.0.19\n}\nvrrp_script"}: "vrrp_mcast_group4 is not set on lb1",
		{"priority", "advert_int 1\nversion 2\npriority"}:                              "",
		{`"100"`, "90"}:        "",
		{"-60", "-70"}:         "",
		{"51", "51 # 52"}:      "",
		{"v {", "v\n{"}:        "",
		{"secret", `"secret"`}: "",
	} {
		confs := []instance{instanceOf(t, "lb1", ofCause), instanceOf(t, "lb2", strings.Replace(ofCause, replace[0], replace[1], 1))}
		got := different(confs)
		if want == "" && got != "" || !strings.Contains(got, strings.ReplaceAll(want, "is not set on", "is 224.0.0.18 on")) &&
			!strings.Contains(got, want) || strings.Contains(got, "12345678") {
			t.Errorf("%q: %q, want %q", replace, got, want)
		}
	}
}

func TestWhatWasRunIsProved(t *testing.T) {
	design := failover.Group{Nodes: []failover.Node{{Name: "lb1", Priority: 1,
		Trackers: []failover.Tracker{{Kind: failover.HAProxy}, {Kind: failover.NIC, Name: "eth1"}}}}}
	run := asRun(group{Group: &design}, []instance{instanceOf(t, "lb1", ofCause)})
	n := run.Nodes[0]
	if n.Priority != 100 || !n.NoPreempt || len(n.Trackers) != 1 || n.Trackers[0].Weight != -60 {
		t.Errorf("%+v", n)
	}
}
