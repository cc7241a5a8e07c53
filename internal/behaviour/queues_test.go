//go:build linux

package behaviour_test

import (
	"time"
)

func queues(m *machine) {
	f := newFarm(m)
	m.tcp("192.0.2.23:90", echo("e1"))
	m.tcp("192.0.2.24:90", m.silence)
	m.to = "192.0.2.5"
	m.start()
	waiting(f)
	retries(m)

	// A server that comes back gets little at first.
	m.shares("http://warming.example/", map[string]int{"s1": 4, "s2": 4})
	m.servers["s2"].down()
	m.down("warming/s2")
	m.servers["s2"].up()
	m.up("warming/s2")
	if served := m.served(16, "http://warming.example/"); served["s2"] > 4 {
		m.Errorf("warming: served by %v, want few by s2", served)
	}

	m.dial("192.0.2.5:90").gets("e1\n").ends()
	half := m.dial("192.0.2.5:92").send("hello")
	half.finish()
	half.ends() // long before the tunnel's own time-out
	m.dial("192.0.2.5:81").send("GET / HTTP/1.1\r\nHost: x.example\r\n\r\n").gets("HTTP/1.1 200 ").runsOut()
	tunnel := m.dial("192.0.2.5:91").gets("e1\n")
	time.Sleep(700 * time.Millisecond) // more than the server's time-out
	tunnel.send("still here\n").gets("still here\n")
}

// waiting: requests wait for a server that is busy, for as long as they may.
func waiting(f *farm) {
	m := f.m
	f.hold("http://waits.example/")
	m.get("http://waits.example/").is(503)

	// One waits where it belongs, the next is served elsewhere.
	mine := header("Cookie", "SRV=c1")
	f.hold("http://full.example/", mine)
	f.all.Go(func() { m.get("http://full.example/", mine).by("s1") })
	m.until("one request waits", func() bool { return m.queued("full/s1") == "1" })
	m.get("http://full.example/", mine).by("s2")

	// Who has gone away costs the server nothing where that is asked for.
	for _, host := range []string{"gone", "stays"} {
		f.hold("http://" + host + ".example/")
		f.all.Go(func() { m.get("http://"+host+".example/seen/by/"+host, patience(time.Second)).broken() })
		m.until("one request waits for "+host, func() bool { return m.queued(host+"/BACKEND") == "1" })
	}
	m.until("the client of gone has given up", func() bool { return m.queued("gone/BACKEND") == "0" })

	late := make(chan int)
	go func() { late <- m.get("http://slow.example/hold").is(504).StatusCode }()
	<-f.held
	<-late
	f.release()
	m.get("http://waits.example/").by("s1")
	m.until("the request of stays has reached the server", func() bool { return f.saw("/seen/by/stays") })
	if f.saw("/seen/by/gone") {
		m.Error("gone: the server saw the request of a client that had gone")
	}
}

// retries: whether another server is tried where the first cannot be reached.
func retries(m *machine) {
	m.shares("http://retried.example/", map[string]int{"s1": 6})
	if bad := m.failures("http://refused.example/", 6); bad != 3 {
		m.Errorf("refused: %d of 6 requests failed, want every other", bad)
	}
}
