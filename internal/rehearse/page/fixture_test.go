package page

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/graph"
	"github.com/lbgen/lbgen/internal/judge"
)

const (
	ms  = time.Millisecond
	sec = time.Second
)

func ptr[T any](v T) *T { return &v }

// story is one drill of a fixture while it is told: what clients and nodes do
// between events.
type story struct {
	judge.Outcome
	site    site
	masters []string // who has the addresses now
	since   time.Duration
}

type site struct {
	vips    []judge.VIP
	urls    []string
	nodes   []string
	servers []string
}

func (s site) begin(drill, title string, verdict judge.Verdict) *story {
	return &story{
		Outcome: judge.Outcome{Drill: drill, Title: title, Verdict: verdict, Timeline: judge.Timeline{Begin: -2 * sec}},
		site:    s, masters: s.nodes[:1], since: -2 * sec,
	}
}

// step is something that the drill does.
func (s *story) step(at time.Duration, title string, best, worst time.Duration, terms ...failover.Term) *judge.Step {
	s.Timeline.Marks = append(s.Timeline.Marks, judge.Mark{At: at, Text: title})
	step := judge.Step{Title: title, At: at, Verdict: judge.Passed, Allowance: 250 * ms, Before: s.nodesAt()}
	if worst > 0 {
		step.Predicted = &failover.Window{Best: best, Worst: worst, Terms: terms}
	}
	s.Steps = append(s.Steps, step)
	return &s.Steps[len(s.Steps)-1]
}

func (s *story) nodesAt() []judge.GroupMasters {
	var all []judge.GroupMasters
	for _, v := range s.site.vips {
		if !slices.ContainsFunc(all, func(h judge.GroupMasters) bool { return h.Group == v.Group }) {
			all = append(all, judge.GroupMasters{Group: v.Group, Nodes: s.masters})
		}
	}
	return all
}

// moveTo makes nodes the masters from a time on.
func (s *story) moveTo(at time.Duration, nodes ...string) {
	s.close(at)
	s.masters, s.since = nodes, at
}

func (s *story) close(at time.Duration) {
	for _, v := range s.site.vips {
		for _, n := range s.masters {
			s.Timeline.VIPSpans = append(s.Timeline.VIPSpans, judge.VIPSpan{VIP: v.Address, Node: n, From: s.since, To: at})
		}
	}
}

func (s *story) say(at time.Duration, host, program, text string) {
	s.Timeline.Lines = append(s.Timeline.Lines, judge.Line{At: at, Host: host, Program: program, Text: text})
}

// bad is a time in which requests fail.
type bad struct {
	from, to time.Duration
	took     time.Duration
	problem  string
	server   string // only what goes to this one; "" for all
}

// end fills in the requests, one each 50 ms, and closes the spans.
func (s *story) end(at time.Duration, without map[string]time.Duration, bads ...bad) judge.Outcome {
	s.Timeline.End = at
	s.close(at)
	for i := range s.Steps {
		s.Steps[i].After = s.nodesAt()
		if i+1 < len(s.Steps) {
			s.Steps[i].After = s.Steps[i+1].Before
		}
	}
	for i, url := range s.site.urls {
		s.Timeline.Series = append(s.Timeline.Series, s.series(url, s.site.vips[i].Address, at, without, bads))
	}
	return s.Outcome
}

func (s *story) series(url, vip string, end time.Duration, without map[string]time.Duration, bads []bad) judge.Series {
	series := judge.Series{Name: url, VIP: vip}
	turn := 0
	for t := -2 * sec; t < end; t += 50 * ms {
		server := s.site.servers[turn%len(s.site.servers)]
		turn++
		if from, ok := without[server]; ok && t > from {
			server = s.site.servers[turn%len(s.site.servers)]
			turn++
		}
		sample := judge.Sample{At: t, Took: time.Duration(2+(turn*7)%9) * ms, OK: true, Server: server}
		for _, b := range bads {
			if b.from <= t && t < b.to && (b.server == "" || b.server == server) {
				sample.OK, sample.Server, sample.Problem, sample.Took = false, "", b.problem, b.took
			}
		}
		series.Samples = append(series.Samples, sample)
		s.count(sample)
	}
	return series
}

func (s *story) count(r judge.Sample) {
	for i := len(s.Steps) - 1; i >= 0; i-- {
		if r.At >= s.Steps[i].At {
			s.Steps[i].Requests++
			if !r.OK {
				s.Steps[i].Failed++
			}
			return
		}
	}
}

func part(what, formula string, best, worst time.Duration) failover.Term {
	return failover.Term{What: what, Formula: formula, Best: best, Worst: worst}
}

// pair is an active/standby pair as in examples/prslb.yaml: one drill of
// fourteen fails, one is noted, one is skipped.
func pair() judge.Result {
	s := site{
		vips:    []judge.VIP{{Address: "172.16.110.70", Group: "VI_1"}},
		urls:    []string{"GET http://172.16.110.70/"},
		nodes:   []string{"prslb01", "prslb02"},
		servers: []string{"prswb01", "prswb02"},
	}
	return judge.Result{
		Site: "prslb", Took: 192*sec + 400*ms,
		Topology: s.topology(client("client", "172.16.110."), "app_backend/prswb01", "app_backend/prswb02"),
		Stubs: []string{
			"The servers of app_backend are small HTTP servers of lbgen: they answer GET /weblogic/ready with 200 and everything else with " +
				"their name.",
			"rsyslog is not run: the daemons' messages are read from a socket of lbgen.",
			"firewalld is not run: nothing is filtered between the namespaces.",
		},
		Drills: []judge.Outcome{
			haproxyKilled(s), keepalivedStopped(s), nodeLost(s), ownNIC(s), webNIC(s),
			s.calm("keepalived-killed", "Keepalived on the active node is killed", 2800*ms, 3800*ms, 3210*ms),
			split(s), serverRefuses(s), serverSlow(s),
			s.calm("haproxy-hangs", "HAProxy on the active node is stopped with SIGSTOP", 2800*ms, 4800*ms, 4410*ms),
			s.quiet("standby-haproxy", "HAProxy on the standby node is killed", "HAProxy on prslb02 is killed"),
			s.quiet("standby-lost", "The standby node is lost", "prslb02 is switched off"),
			s.quiet("reload", "HAProxy is reloaded under load", "HAProxy on prslb01 is reloaded"),
			{Drill: "clock-jumps", Title: "The clock of the active node jumps by an hour", Verdict: judge.Skipped,
				Why: "Network namespaces share the clock of this machine."},
		},
	}
}

// client is in one network, with as many addresses as a rehearsal gives it.
func client(network, prefix string) []judge.Link {
	link := judge.Link{Network: network}
	for i := range 8 {
		link.Addresses = append(link.Addresses, fmt.Sprint(prefix, 254-i))
	}
	return []judge.Link{link}
}

func (s site) topology(client []judge.Link, servers ...string) judge.Topology {
	return judge.Topology{Nodes: s.nodes, Servers: servers, Client: client, VIPs: s.vips}
}

// picture is a site that may have been rehearsed so.
func picture(r judge.Result) graph.Graph {
	t := r.Topology
	if len(t.Nodes) == 0 {
		return graph.Graph{}
	}
	front := graph.Network{Name: t.Client[0].Network, Subnets: []string{"192.0.2.0/24", "2001:db8:1:ffff:ffff:ffff::/96"}}
	for _, v := range t.VIPs {
		front.VIPs = append(front.VIPs, v.Address)
	}
	g := graph.Graph{Site: r.Site, Networks: []graph.Network{front, {Name: "back", Subnets: []string{"198.51.100.0/24"}}}}
	for i, n := range t.Nodes {
		node := graph.Node{Name: n, NICs: []graph.NIC{
			{Network: front.Name, Role: front.Name, Device: "enp129s0f1np1",
				Addresses: []string{fmt.Sprintf("2001:db8:1:ffff:ffff:ffff:ffff:%d", i+11)}},
			{Network: "back", Role: "back", Device: "bond0.2400", Addresses: []string{fmt.Sprintf("198.51.100.%d", i+11)}},
		}}
		if i == 0 {
			node.VIPs = front.VIPs
		}
		g.Nodes = append(g.Nodes, node)
	}
	f := graph.Frontend{Name: "main", Mode: "http", Binds: []graph.Bind{{At: "VIP main", Addresses: front.VIPs, Ports: "80 and 443"}}}
	for _, s := range t.Servers {
		name, server, _ := strings.Cut(s, "/")
		i := slices.IndexFunc(g.Backends, func(b graph.Backend) bool { return b.Name == name })
		if i < 0 {
			i = len(g.Backends)
			g.Backends = append(g.Backends, graph.Backend{Name: name, Mode: "http"})
			f.Routes = append(f.Routes, graph.Route{When: "path begins with /" + name, Backend: name})
		}
		g.Backends[i].Servers = append(g.Backends[i].Servers, graph.Server{Name: server, Address: "198.51.100.21:80"})
	}
	g.Frontends = []graph.Frontend{f}
	return g
}

// measure says how long the clients of the last step were not served.
func (s *story) measure(d time.Duration) {
	step := &s.Steps[len(s.Steps)-1]
	step.Measured, step.Outage, step.Unserved = ptr(d), true, d
}

// move takes the addresses to another node after a while, and says what Keepalived says.
func (s *story) move(at time.Duration, to string) {
	from := s.masters[0]
	s.moveTo(at - 10*ms)
	s.moveTo(at, to)
	s.say(at-10*ms, from, "Keepalived_vrrp", "(VI_1) Entering FAULT STATE")
	s.say(at-ms, to, "Keepalived_vrrp", "(VI_1) Entering MASTER STATE")
	for _, v := range s.site.vips {
		s.say(at, to, "Keepalived_vrrp", "(VI_1) Sending/queueing gratuitous ARPs on ens224 for "+v.Address)
	}
}

func haproxyKilled(s site) judge.Outcome {
	d := s.begin("haproxy-killed", "HAProxy on the active node is killed, and started again", judge.Failed)
	d.Why = "prslb02 took 172.16.110.70 over 6.12 s after HAProxy on prslb01 was killed, and 4.80 s is the worst that was predicted: the " +
		"check ran into its timeout of 2 s before it counted as failed."
	d.Remedy = "Give track.haproxy a timeout smaller than its interval, such as timeout: 1s, and predict again with lbgen timing."
	d.step(0, "HAProxy on prslb01 is killed", 2800*ms, 4800*ms,
		part("check notices", "interval 2s x (fall 2 - 1 to 2)", 2*sec, 4*sec), part("skew of prslb02", "(256 - 50)/256 s", 800*ms, 800*ms))
	d.measure(6120 * ms)
	d.Steps[0].Verdict, d.Steps[0].Why = judge.Failed, "6.12 s is 1.07 s more than the worst case with its allowance."
	d.say(10*ms, "prslb01", "haproxy", "[ALERT] (1312) : Current worker (1314) exited with code 137 (Killed)")
	d.say(2011*ms, "prslb01", "Keepalived_vrrp", "Script `chk_haproxy` now returning 1")
	d.say(4030*ms, "prslb01", "Keepalived_vrrp", "VRRP_Script(chk_haproxy) timed out")
	d.say(4031*ms, "prslb01", "Keepalived_vrrp", "VRRP_Script(chk_haproxy) failed (timed out)")
	d.move(6100*ms, "prslb02")
	d.say(7000*ms, "prslb02", "haproxy", "172.16.110.254:41122 [10/Oct/2025:13:55:36.120] main app_backend/prswb01 0/0/0/3/3 200 148 - - "+
		"---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"")
	d.step(10*sec, "HAProxy on prslb01 is started again", 0, 0)
	d.step(10*sec+600*ms, "The preferred node does not take over by itself: nopreempt", 0, 0)
	return d.end(16*sec, nil, bad{20 * ms, 6120 * ms, time.Millisecond, "connect: connection refused", ""},
		bad{6090 * ms, 6140 * ms, sec, "no answer within 1s", ""})
}

func keepalivedStopped(s site) judge.Outcome {
	d := s.begin("keepalived-stopped", "Keepalived on the active node is stopped", judge.Passed)
	d.step(0, "Keepalived on prslb01 is stopped", 800*ms, 800*ms, part("skew of prslb02", "(256 - 50)/256 s", 800*ms, 800*ms))
	d.measure(870 * ms)
	d.say(5*ms, "prslb01", "Keepalived", "Stopping")
	d.move(850*ms, "prslb02")
	d.step(5*sec, "Keepalived on prslb01 is started again", 0, 0)
	return d.end(9*sec, nil, bad{0, 850 * ms, sec, "no answer within 1s", ""})
}

func nodeLost(s site) judge.Outcome {
	d := s.begin("node-lost", "The active node is lost at once", judge.Passed)
	d.step(0, "prslb01 is switched off", 2800*ms, 3800*ms,
		part("adverts missed", "2 to 3 x advert_int 1s", 2*sec, 3*sec), part("skew of prslb02", "(256 - 50)/256 s", 800*ms, 800*ms))
	d.measure(3150 * ms)
	d.move(3130*ms, "prslb02")
	return d.end(8*sec, nil, bad{0, 3150 * ms, sec, "connect: no route to host", ""})
}

func ownNIC(s site) judge.Outcome {
	d := s.begin("own-nic", "The client NIC of the active node loses its link", judge.Passed)
	d.step(0, "ens224 of prslb01 is unplugged", 2800*ms, 3800*ms,
		part("adverts missed", "2 to 3 x advert_int 1s", 2*sec, 3*sec), part("skew of prslb02", "(256 - 50)/256 s", 800*ms, 800*ms))
	d.measure(2910 * ms)
	d.move(2900*ms, "prslb02")
	d.step(6*sec, "ens224 of prslb01 is plugged in", 0, 0)
	return d.end(10*sec, nil, bad{0, 2900 * ms, sec, "no answer within 1s", ""})
}

func webNIC(s site) judge.Outcome {
	d := s.begin("web-nic", "The web NIC of the active node loses its link", judge.Passed)
	d.step(0, "ens256 of prslb01 is unplugged", 800*ms, 800*ms, part("skew of prslb02", "(256 - 50)/256 s", 800*ms, 800*ms))
	d.measure(840 * ms)
	d.move(830*ms, "prslb02")
	d.step(4*sec, "ens256 of prslb01 is plugged in", 0, 0)
	return d.end(8*sec, nil, bad{0, 840 * ms, 300 * ms, "503 Service Unavailable", ""})
}

// calm is a failover as it should be.
func (s site) calm(name, title string, best, worst, got time.Duration) judge.Outcome {
	d := s.begin(name, title, judge.Passed)
	d.step(0, title, best, worst)
	d.measure(got)
	d.move(got-20*ms, s.nodes[1])
	return d.end(10*sec, nil, bad{0, got, sec, "no answer within 1s", ""})
}

// quiet is a drill that nobody feels.
func (s site) quiet(name, title, step string) judge.Outcome {
	d := s.begin(name, title, judge.Passed)
	d.step(0, step, 0, 0)
	return d.end(6*sec, nil)
}

func split(s site) judge.Outcome {
	d := s.begin("split", "VRRP is blocked between the nodes", judge.Noted)
	d.Why = "Both nodes had 172.16.110.70 for 6.68 s: no pair survives this by itself."
	d.step(0, "VRRP is blocked", 2800*ms, 3800*ms,
		part("adverts missed", "2 to 3 x advert_int 1s", 2*sec, 3*sec), part("skew of prslb02", "(256 - 50)/256 s", 800*ms, 800*ms))
	d.Steps[0].Verdict, d.Steps[0].Measured = judge.Noted, ptr(3320*ms)
	d.moveTo(3320*ms, "prslb01", "prslb02")
	d.say(3320*ms, "prslb02", "Keepalived_vrrp", "(VI_1) Entering MASTER STATE")
	d.step(9*sec, "VRRP passes again", 0, 0)
	d.moveTo(10*sec, "prslb01")
	d.say(10*sec, "prslb02", "Keepalived_vrrp", "(VI_1) Master received advert from 172.16.110.71 with higher priority 100, ours 50")
	d.say(10*sec, "prslb02", "Keepalived_vrrp", "(VI_1) Entering BACKUP STATE")
	return d.end(14*sec, nil, bad{3320 * ms, 3500 * ms, 40 * ms, "read: connection reset by peer", ""})
}

func serverRefuses(s site) judge.Outcome {
	d := s.begin("server-refuses", "A server refuses connections", judge.Passed)
	d.step(0, "prswb02 refuses connections", 4*sec, 6*sec,
		part("until the next check", "0 to 1 x inter 2s", 0, 2*sec), part("between the bad checks", "(fall 3 - 1) x 2s", 4*sec, 4*sec))
	d.Steps[0].Measured = ptr(5080 * ms)
	d.say(5080*ms, "prslb01", "haproxy", "Server app_backend/prswb02 is DOWN, reason: Layer4 connection problem, info: \"Connection "+
		"refused\", check duration: 0ms. 1 active and 0 backup servers left. 0 sessions active, 0 requeued, 0 remaining in queue.")
	d.step(9*sec, "prswb02 is well again", 2*sec, 4*sec,
		part("until the next check", "0 to 1 x 2s", 0, 2*sec), part("between the good checks", "(rise 2 - 1) x 2s", 2*sec, 2*sec))
	d.Steps[1].Measured = ptr(3420 * ms)
	return d.end(16*sec, map[string]time.Duration{"prswb02": 5080 * ms})
}

func serverSlow(s site) judge.Outcome {
	d := s.begin("server-vanishes", "A server no longer answers", judge.Passed)
	d.step(0, "prswb02 accepts and does not answer", 10*sec, 12*sec,
		part("until the next check", "0 to 1 x inter 2s", 0, 2*sec), part("between the bad checks", "(fall 3 - 1) x 2s", 4*sec, 4*sec),
		part("the bad checks themselves", "fall 3 x timeout check 2s", 6*sec, 6*sec))
	d.measure(11440 * ms)
	return d.end(18*sec, map[string]time.Duration{"prswb02": 11440 * ms}, bad{0, 11440 * ms, 3 * sec, "no answer within 3s", "prswb02"})
}

// trio is three nodes that know IPv6 only, two groups and many servers; every
// drill passes.
func trio() judge.Result {
	s := site{
		vips: []judge.VIP{
			{Address: "2001:db8:1::80", Group: "www"},
			{Address: "2001:db8:1:ffff:ffff:ffff:ffff:8443", Group: "api"},
		},
		urls:    []string{"GET http://[2001:db8:1::80]/", "GET https://[2001:db8:1:ffff:ffff:ffff:ffff:8443]:8443/api/v1/health?deep=true"},
		nodes:   []string{"lb-berlin-rack-11", "lb-berlin-rack-12", "lb-berlin-rack-13"},
		servers: []string{"web1", "web2", "web3", "web4", "web5"},
	}
	d := s.begin("node-lost", "The active node is lost, then the next one, then both come back", judge.Passed)
	d.step(0, s.nodes[0]+" is switched off", 700*ms, 950*ms, part("adverts missed", "2 to 3 x advert_int 250ms", 500*ms, 750*ms))
	d.measure(880 * ms)
	d.moveTo(860*ms, s.nodes[1])
	d.step(4*sec, s.nodes[1]+" is switched off", 700*ms, 950*ms)
	d.measure(910 * ms)
	d.moveTo(4890*ms, s.nodes[2])
	d.step(8*sec, s.nodes[0]+" is switched on", 0, 0)
	d.step(8*sec+100*ms, s.nodes[1]+" is switched on", 0, 0)
	d.step(8*sec+200*ms, "The link between the racks is lossy from here on: one packet of ten", 0, 0)
	d.step(13*sec+800*ms, "All links are as they were", 0, 0)
	lost := d.end(14*sec, nil, bad{0, 880 * ms, 200 * ms, "no answer within 200ms", ""},
		bad{4 * sec, 4910 * ms, 200 * ms, "no answer within 200ms", ""})
	return judge.Result{Site: "berlin", Topology: trioTopology(s), Took: 41 * sec, Drills: []judge.Outcome{
		lost, s.quiet("standby-lost", "A standby node is lost", s.nodes[2]+" is switched off"),
	}}
}

func trioTopology(s site) judge.Topology {
	var servers []string
	for _, b := range []string{"web", "api", "a-backend-with-a-very-long-name-that-somebody-was-fond-of"} {
		for i := range 11 {
			servers = append(servers, fmt.Sprintf("%s/%s%d", b, b[:3], i+1))
		}
	}
	return s.topology(client("front", "2001:db8:1:ffff:ffff:ffff:ffff:"), servers...)
}

// single is one node with everything in one network.
func single() judge.Result {
	s := site{vips: []judge.VIP{{Address: "10.20.0.10", Group: "api"}},
		urls: []string{"TCP 10.20.0.10:6443"}, nodes: []string{"lb1"}, servers: []string{"master1"}}
	return judge.Result{Site: "k8s-api", Took: 3 * sec,
		Drills:   []judge.Outcome{s.quiet("reload", "HAProxy is reloaded", "HAProxy on lb1 is reloaded")},
		Topology: s.topology(client("cluster", "10.20.0."), "masters/master1", "masters/master2"),
	}
}
