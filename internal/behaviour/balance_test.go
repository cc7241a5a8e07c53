//go:build linux

package behaviour_test

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"time"
)

// farm is three servers that several sites have. What is asked for /hold is
// answered when the test lets it go.
type farm struct {
	m    *machine
	held chan string // names of servers that hold a request
	let  chan struct{}
	all  sync.WaitGroup
	seen sync.Map // the paths that reached a server
}

func newFarm(m *machine) *farm {
	m.Helper()
	f := &farm{m: m, held: make(chan string), let: make(chan struct{})}
	for i := 1; i <= 3; i++ {
		name := fmt.Sprintf("s%d", i)
		m.web(name, fmt.Sprintf("192.0.2.2%d:80", i)).answer = f.answer(name)
	}
	return f
}

func (f *farm) answer(name string) func(http.ResponseWriter, *http.Request) {
	return func(_ http.ResponseWriter, r *http.Request) {
		f.seen.Store(r.URL.Path, true)
		if r.URL.Path == "/hold" {
			f.held <- name
			<-f.let
		}
	}
}

// hold keeps a request waiting, and returns the name of the server that has it.
func (f *farm) hold(url string, options ...option) string {
	f.m.Helper()
	f.all.Go(func() { f.m.get(url+"hold", options...).is(http.StatusOK) })
	select {
	case name := <-f.held:
		return name
	case <-time.After(5 * time.Second):
		f.m.Fatalf("%shold reached no server", url)
		return ""
	}
}

// saw says whether a request for the path has reached a server.
func (f *farm) saw(path string) bool {
	_, ok := f.seen.Load(path)
	return ok
}

// release lets all go that are held.
func (f *farm) release() {
	close(f.let)
	f.all.Wait()
}

func balance(m *machine) {
	f := newFarm(m)
	m.to = "192.0.2.5"
	m.start()
	m.inTurn("http://roundrobin.example/", "s1", "s2", "s3")
	m.inTurn("http://static-rr.example/", "s1", "s2", "s3")
	m.shares("http://weights.example/", map[string]int{"s1": 6, "s2": 2})
	m.shares("http://idle.example/", map[string]int{"s2": 4})
	if served := m.served(60, "http://random.example/"); len(served) != 3 {
		m.Errorf("random: served by %v, want all", served)
	}
	keys(m)
	consistent(m)
	busy(f)
}

// keys: what is the same goes to the same server, whatever else there is.
func keys(m *machine) {
	get := func(format string, args ...any) reply { return m.get(fmt.Sprintf(format, args...)) }
	m.keyed("source", func(key, _ int) reply {
		return m.get("http://source.example/", from(fmt.Sprintf("198.51.100.%d", key)))
	})
	m.keyed("uri", func(key, rest int) reply { return get("http://uri.example/%d?x=%d", key, rest) })
	m.keyed("uri, whole", func(key, _ int) reply { return get("http://whole.example/?x=%d", key) })
	m.keyed("uri, len 5", func(key, rest int) reply { return get("http://len.example/%04d%d", key, rest) })
	m.keyed("uri, depth 1", func(key, rest int) reply { return get("http://depth.example/%d/%d", key, rest) })
	m.keyed("url_param", func(key, rest int) reply { return get("http://url-param.example/%d?a=b&id=%d", rest, key) })
	m.keyed("hdr", func(key, rest int) reply {
		return m.get(fmt.Sprintf("http://hdr.example/%d", rest), header("X-User", fmt.Sprint("user", key)))
	})
}

// keyed checks that a key has one server however often it comes, and that not
// all keys have the same one.
func (m *machine) keyed(what string, ask func(key, rest int) reply) {
	m.Helper()
	all := map[string]bool{}
	for key := range 12 {
		first := ask(key, 0).is(http.StatusOK).server()
		for rest := 1; rest < 4; rest++ {
			ask(key, rest).by(first)
		}
		all[first] = true
	}
	if len(all) < 2 {
		m.Errorf("%s: every key went to %v", what, all)
	}
}

// consistent: when one server goes, only its own keys move.
func consistent(m *machine) {
	owner := func(key int) string { return m.get(fmt.Sprintf("http://consistent.example/%d", key)).server() }
	before := map[int]string{}
	for key := range 30 {
		before[key] = owner(key)
	}
	m.tell("set server consistent/s2 state maint")
	for key, was := range before {
		if now := owner(key); was != "s2" && now != was || now == "s2" {
			m.Errorf("key %d moved from %s to %s", key, was, now)
		}
	}
}

// busy: servers that have something to do get less.
func busy(f *farm) {
	m := f.m
	m.shares("http://first.example/", map[string]int{"s1": 5})
	// HAProxy may count a connection a moment longer than its client.
	m.until("the first has nothing to do", func() bool { return m.current("first/s1") == "0" })
	for range 2 { // s1 takes no more at the same time
		if got := f.hold("http://first.example/"); got != "s1" {
			m.Errorf("first: held by %s, want s1", got)
		}
	}
	m.shares("http://first.example/", map[string]int{"s2": 5})
	a, b := f.hold("http://leastconn.example/"), f.hold("http://leastconn.example/")
	// One that is counted still is a tie.
	if served := m.served(12, "http://leastconn.example/"); a == b || served[a]+served[b] > 4 {
		m.Errorf("leastconn: %s and %s are busy, served by %v", a, b, served)
	}
	f.release()
	m.until("the first is free again", func() bool { return m.get("http://first.example/").server() == "s1" })
}

// shares checks how often each server is chosen.
func (m *machine) shares(url string, want map[string]int, options ...option) {
	m.Helper()
	times := 0
	for _, n := range want {
		times += n
	}
	if got := m.served(times, url, options...); !maps.Equal(got, want) {
		m.Errorf("%s: served by %v, want %v", url, got, want)
	}
}
