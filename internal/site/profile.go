package site

import (
	"cmp"
	"time"

	"github.com/lbgen/lbgen/internal/model"
)

// profile is what a site file leaves out where defaults.profile decides it. A value of
// 0, "" or false stands for HAProxy's own: then no line says it.
type profile struct {
	frontend          int // connections of one
	retries           int
	redispatch        bool
	connection        string // after the answer
	forwardFor        bool   // servers hear of the client's address
	forwardProto      bool   // and how it came, where TLS ends here
	logStats          bool   // requests for the statistics page
	log               bool   // requests in HAProxy's long form, connections without any not at all
	alpn              bool   // browsers are offered HTTP/2
	tls               bool   // a minimum version of TLS, and the platform's ciphers
	timeouts          Timeouts
	balance           string
	inter, fast       time.Duration // between checks of servers; fast: of one in doubt
	rise, fall        int
	checkMethod       string
	checkExpect       int
	interval, timeout time.Duration // of the checks of HAProxy and of scripts
	spell             bool          // lines say what HAProxy would do anyhow, too
}

// profiles by name. docs/defaults.md has their values, each with its reason.
func profileOf(name string) profile {
	p := profile{
		retries: Retries, redispatch: true, forwardFor: true, forwardProto: true, log: true, alpn: true, tls: true, balance: Balance,
		inter: Inter, rise: Rise, fall: Fall, checkMethod: CheckMethod, checkExpect: CheckExpect, interval: TrackInterval, timeout: TrackTimeout,
		timeouts: Timeouts{
			HTTPRequest: TimeoutHTTPRequest, Queue: TimeoutQueue, Connect: TimeoutConnect, Client: TimeoutClient, Server: TimeoutServer,
			HTTPKeepAlive: TimeoutHTTPKeepAlive, Check: TimeoutCheck,
		},
		spell: true,
	}
	switch name {
	case model.ProfileRHEL:
		p.logStats, p.frontend, p.connection = true, RHELFrontendMaxconn, RHELConnection
		p.timeouts.Queue, p.timeouts.Connect, p.timeouts.Check = RHELTimeoutQueue, RHELTimeoutConnect, RHELTimeoutCheck
		p.fall, p.interval, p.timeout = RHELFall, RHELTrackInterval, RHELTrackTimeout
	case model.ProfileHAProxy:
		return profile{logStats: true, inter: Inter, rise: Rise, fall: RHELFall, interval: TrackInterval, timeout: TrackTimeout, retries: Retries}
	default:
		p.fast = FastInter
	}
	return p
}

// limit is the written number of connections, or the default; 0 for none.
func limit(written model.Limit, otherwise int) int {
	if written == model.NoLimit {
		return 0
	}
	return cmp.Or(int(written), otherwise)
}

// timeout is the written time-out, or the default; 0 for none.
func timeout(written model.TimeLimit, otherwise time.Duration) time.Duration {
	if written == model.NoTimeLimit {
		return 0
	}
	return cmp.Or(time.Duration(written), otherwise)
}
