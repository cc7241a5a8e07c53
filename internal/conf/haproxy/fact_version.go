package haproxy

import (
	"strings"
)

// anyRule are all lists of rules but those of checks.
const anyRule = anyHTTP | anyTCP

// goneFacts are the keywords that have gone since 2.4, or that will, and the forms
// of others. Tried with 2.4, 2.6 and 3.2; the versions between, and what is to
// come, are from the source and the manual of each x.y.0 up to 3.4.
func goneFacts() []Fact {
	return []Fact{
		{Keyword: "nbproc", In: Global, Deprecated: "2.4", Removed: "2.5",
			Remedy: "take it out: one process uses all processors by threads (nbthread)", Example: "nbproc 2"},
		{Keyword: "tune.chksize", In: Global, Deprecated: "2.4", Removed: "2.5",
			Remedy: "take it out: tune.bufsize says how large a check's buffer is", Example: "tune.chksize 16384"},
		{Keyword: "grace", In: Proxies, Deprecated: "2.4", Removed: "2.5",
			Remedy: "take it out; the global section has a grace of its own, which is another thing", Example: "grace 1000"},
		{Keyword: "option http_proxy", In: Proxies, Removed: "2.5",
			Remedy: "resolve the name with http-request do-resolve and set the address with http-request set-dst", Example: "option http_proxy"},
		{Keyword: "bind-process", In: Proxies, Deprecated: "2.5", Removed: "2.7",
			Remedy: "take it out: it has had no effect since there is one process", Example: "bind-process 1"},
		{Keyword: "process", Of: "bind", Args: 1, Deprecated: "2.5", Removed: "2.7",
			Remedy: "write thread instead, or take it out", Example: "bind 127.0.0.1:8098 process 1"},
		{Keyword: "process", Of: "stats socket", Args: 1, Deprecated: "2.5", Removed: "2.7",
			Remedy: "take it out", Example: "stats socket /tmp/lbgen.sock process 1"},
		{Keyword: "stats bind-process", In: Global, Removed: "2.7",
			Remedy: "take it out", Example: "stats bind-process 1"},
		{Keyword: "tune.ssl.capture-cipherlist-size", In: Global, Deprecated: "2.5",
			Remedy: "write tune.ssl.capture-buffer-size", Example: "tune.ssl.capture-cipherlist-size 100"},
		{Keyword: "option accept-invalid-http-request", In: FrontSide, Mode: "http", Deprecated: "3.1",
			Remedy:  "find out who sends such requests; write option accept-unsafe-violations-in-http-request if there is no other way",
			Example: "option accept-invalid-http-request"},
		{Keyword: "option accept-invalid-http-response", In: BackSide, Mode: "http", Deprecated: "3.1",
			Remedy:  "find out who sends such answers; write option accept-unsafe-violations-in-http-response if there is no other way",
			Example: "option accept-invalid-http-response"},
		{Keyword: "no-quic", In: Global, Since: "2.8", Removed: "3.3",
			Remedy: "write tune.quic.listen off there", Example: "no-quic"},
		{Keyword: "dispatch", In: Backend, Deprecated: "3.3", Removed: "3.5",
			Remedy: "write a server with that address", Example: "dispatch 127.0.0.1:1"},
		{Keyword: "option transparent", In: BackSide, Deprecated: "3.3", Removed: "3.5",
			Remedy: "write a server with the address 0.0.0.0", Example: "option transparent"},
		{Keyword: "master-worker", In: Global, Deprecated: "3.3", Removed: "3.5",
			Remedy: "take it out: the unit starts HAProxy with -Ws", Example: "master-worker"},
		{Keyword: "command", In: Program, Deprecated: "3.1", Removed: "3.2",
			Remedy:  "run the program by a unit of its own; 3.2 takes a program section with expose-deprecated-directives alone, 3.3 has none",
			Example: "command /bin/true"},
		{Keyword: `option httpchk … \r\n`, In: BackSide, form: breaksLine, Deprecated: "2.4", Removed: "2.7",
			Remedy: "write the header as http-check send hdr NAME VALUE", Example: `option httpchk GET / HTTP/1.1\r\nHost:\ example.org`},
		{Keyword: "option httpchk with a host", In: BackSide, form: hasHost, Since: "3.1", Example: "option httpchk GET / HTTP/1.1 example.org"},
		{Keyword: "a time-out below 100 without a unit", In: Proxies, form: shortTimeout, Deprecated: "3.1",
			Remedy: "a number alone is milliseconds: write the unit, 30s or 30ms", Example: "timeout client 30"},
	}
}

// quicFacts are the names of QUIC's settings that 3.3 has changed: 3.4.7 says so of
// each. A HAProxy that is built without QUIC knows none of them.
func quicFacts() []Fact {
	renamed := func(since, example, now string) Fact {
		name, _, _ := strings.Cut(example, " ")
		return Fact{Keyword: "tune.quic." + name, In: Global, Since: since, Deprecated: "3.3", Removed: "3.5",
			Remedy: "write tune.quic." + now + " there", Example: "tune.quic." + example}
	}
	return []Fact{
		renamed("", "cc-hystart on", "fe.cc.hystart"),
		renamed("3.1", "cc.cubic.min-losses 2", "fe.cc.cubic-min-losses"),
		renamed("3.2", "disable-tx-pacing", "fe.tx.pacing off"),
		renamed("3.1", "disable-udp-gso", "fe.tx.udp-gso off"),
		renamed("3.1", "frontend.default-max-window-size 480k", "fe.cc.max-win-size"),
		renamed("3.0", "frontend.glitches-threshold 10", "fe.sec.glitches-threshold"),
		renamed("3.2", "frontend.max-data-size 1m", "fe.stream.rxbuf"),
		renamed("", "frontend.max-idle-timeout 30s", "fe.max-idle-timeout"),
		renamed("", "frontend.max-streams-bidi 100", "fe.stream.max-concurrent"),
		renamed("3.2", "frontend.max-tx-mem 1m", "mem.tx-max"),
		renamed("3.2", "frontend.stream-data-ratio 90", "fe.stream.data-ratio"),
		renamed("", "max-frame-loss 10", "fe.cc.max-frame-loss"),
		renamed("", "reorder-ratio 50", "fe.cc.reorder-ratio"),
		renamed("", "retry-threshold 100", "fe.sec.retry-threshold"),
		renamed("", "socket-owner connection", "fe.sock-per-conn"),
		{Keyword: "tune.quic.frontend.conn-tx-buffers.limit", In: Global, Deprecated: "3.2", Removed: "3.3",
			Remedy: "write tune.quic.mem.tx-max there", Example: "tune.quic.frontend.conn-tx-buffers.limit 30"},
	}
}

// breaksLine is true of an option httpchk that sends a header behind the version,
// as it was done before http-check send.
func breaksLine(d *Directive) bool {
	return d.begins(fields("option httpchk")) && strings.Contains(strings.Join(d.Words(), " "), "\r\n")
}

// hasHost is true of an option httpchk with a word behind the version.
func hasHost(d *Directive) bool {
	return d.begins(fields("option httpchk")) && strings.HasPrefix(d.Word(4), "HTTP/") && d.Word(5) != "" && !breaksLine(d)
}

// shortTimeout is true of a time-out from 1 to 99 without a unit.
func shortTimeout(d *Directive) bool {
	n := d.Word(2)
	return d.Word(0) == "timeout" && n != "" && n[0] != '0' && len(n) < 3 && strings.Trim(n, "0123456789") == ""
}

// newFacts2 are the keywords that came after 2.4, with the versions 2.
func newFacts2() []Fact {
	return []Fact{
		{Keyword: "option httpslog", In: FrontSide, Mode: "http", Since: "2.5", Example: "option httpslog"},
		{Keyword: "error-log-format", In: FrontSide, Since: "2.5", Example: "error-log-format %ci"},
		{Keyword: "set-var-fmt", Rules: anyRule, Since: "2.5", Example: "http-request set-var-fmt(txn.a) %ci"},
		{Keyword: "sc-inc-gpc", Rules: anyRule, Since: "2.5", Example: "http-request sc-inc-gpc(0,0)"},
		{Keyword: "sc-set-gpt", Rules: anyRule, Since: "2.5", Example: "http-request sc-set-gpt(0,0) 1"},
		{Keyword: "h2-workaround-bogus-websocket-clients", In: Global, Since: "2.5", Example: "h2-workaround-bogus-websocket-clients"},
		{Keyword: "set-var-fmt", In: Global, Since: "2.5", Example: "set-var-fmt proc.a b"},
		{Keyword: "thread-groups", In: Global, Since: "2.5", Example: "thread-groups 1"},
		{Keyword: "tune.ssl.capture-buffer-size", In: Global, Since: "2.5", Example: "tune.ssl.capture-buffer-size 10"},
		{Keyword: "shards", Of: "bind", Args: 1, Since: "2.5", Example: "bind 127.0.0.1:8098 shards 2"},
		{Keyword: "cluster-secret", In: Global, Since: "2.6", Example: "cluster-secret a"},
		{Keyword: "fd-hard-limit", In: Global, Since: "2.6", Example: "fd-hard-limit 5000"},
		{Keyword: "h1-accept-payload-with-any-method", In: Global, Since: "2.6", Example: "h1-accept-payload-with-any-method"},
		{Keyword: "no-memory-trimming", In: Global, Since: "2.6", Example: "no-memory-trimming"},
		{Keyword: "tune.ssl.hard-maxrecord", In: Global, Since: "2.6", Example: "tune.ssl.hard-maxrecord 16384"},
		{Keyword: "option http-restrict-req-hdr-names", In: Proxies, Mode: "http", Since: "2.6",
			Example: "option http-restrict-req-hdr-names delete"},
		{Keyword: "option idle-close-on-response", In: FrontSide, Mode: "http", Since: "2.6", Example: "option idle-close-on-response"},
		{Keyword: "anonkey", In: Global, Since: "2.7", Example: "anonkey 1"},
		{Keyword: "quick-exit", In: Global, Since: "2.7", Example: "quick-exit"},
		{Keyword: "prealloc-fd", In: Global, Since: "2.8", Example: "prealloc-fd"},
		{Keyword: "ssl-default-bind-sigalgs", In: Global, Since: "2.8", Example: "ssl-default-bind-sigalgs RSA+SHA256"},
		{Keyword: "tune.h2.be.initial-window-size", In: Global, Since: "2.8", Example: "tune.h2.be.initial-window-size 65535"},
		{Keyword: "tune.h2.be.max-concurrent-streams", In: Global, Since: "2.8", Example: "tune.h2.be.max-concurrent-streams 100"},
		{Keyword: "tune.h2.fe.initial-window-size", In: Global, Since: "2.8", Example: "tune.h2.fe.initial-window-size 65535"},
		{Keyword: "tune.h2.fe.max-concurrent-streams", In: Global, Since: "2.8", Example: "tune.h2.fe.max-concurrent-streams 100"},
		{Keyword: "tune.listener.default-shards", In: Global, Since: "2.8", Example: "tune.listener.default-shards by-process"},
		{Keyword: "tune.memory.hot-size", In: Global, Since: "2.8", Example: "tune.memory.hot-size 65536"},
		{Keyword: "tune.stick-counters", In: Global, Since: "2.8", Example: "tune.stick-counters 5"},
		{Keyword: "option forwarded", In: BackSide, Mode: "http", Since: "2.8", Example: "option forwarded"},
		{Keyword: "sc-add-gpc", Rules: anyRule, Since: "2.8", Example: "http-request sc-add-gpc(0,0) 1"},
		{Keyword: "set-log-level", Rules: HTTPAfterResponse, Since: "2.8", Example: "http-after-response set-log-level info"},
		{Keyword: "setcap", In: Global, Since: "2.9", Example: "setcap cap_net_bind_service"},
		{Keyword: "ssl-default-server-curves", In: Global, Since: "2.9", Example: "ssl-default-server-curves P-256"},
		{Keyword: "ssl-default-server-sigalgs", In: Global, Since: "2.9", Example: "ssl-default-server-sigalgs RSA+SHA256"},
		{Keyword: "tune.disable-zero-copy-forwarding", In: Global, Since: "2.9", Example: "tune.disable-zero-copy-forwarding"},
		{Keyword: "tune.events.max-events-at-once", In: Global, Since: "2.9", Example: "tune.events.max-events-at-once 100"},
		{Keyword: "tune.h1.zero-copy-fwd-recv", In: Global, Since: "2.9", Example: "tune.h1.zero-copy-fwd-recv off"},
		{Keyword: "tune.max-checks-per-thread", In: Global, Since: "2.9", Example: "tune.max-checks-per-thread 10"},
		{Keyword: "tune.rcvbuf.frontend", In: Global, Since: "2.9", Example: "tune.rcvbuf.frontend 65536"},
		{Keyword: "tune.sndbuf.backend", In: Global, Since: "2.9", Example: "tune.sndbuf.backend 65536"},
		{Keyword: "tune.pt.zero-copy-forwarding", In: Global, Since: "2.9", Example: "tune.pt.zero-copy-forwarding off"},
		{Keyword: "timeout client-hs", In: FrontSide, Since: "2.9", Example: "timeout client-hs 5s"},
	}
}

// newFacts3 are the keywords that came with the versions 3.
func newFacts3() []Fact {
	return []Fact{
		{Keyword: "expose-deprecated-directives", In: Global, Since: "3.0", Example: "expose-deprecated-directives"},
		{Keyword: "harden.reject-privileged-ports.tcp", In: Global, Since: "3.0", Example: "harden.reject-privileged-ports.tcp on"},
		{Keyword: "http-err-codes", In: Global, Since: "3.0", Example: "http-err-codes 400-499"},
		{Keyword: "http-fail-codes", In: Global, Since: "3.0", Example: "http-fail-codes 500-599"},
		{Keyword: "key-base", In: Global, Since: "3.0", Example: "key-base /etc"},
		{Keyword: "ocsp-update.mode", In: Global, Since: "3.0", Example: "ocsp-update.mode on"},
		{Keyword: "ssl-security-level", In: Global, Since: "3.0", Example: "ssl-security-level 1"},
		{Keyword: "thread-hard-limit", In: Global, Since: "3.0", Example: "thread-hard-limit 4"},
		{Keyword: "tune.applet.zero-copy-forwarding", In: Global, Since: "3.0", Example: "tune.applet.zero-copy-forwarding off"},
		{Keyword: "tune.h2.be.glitches-threshold", In: Global, Since: "3.0", Example: "tune.h2.be.glitches-threshold 10"},
		{Keyword: "tune.h2.fe.glitches-threshold", In: Global, Since: "3.0", Example: "tune.h2.fe.glitches-threshold 10"},
		{Keyword: "tune.h2.fe.max-total-streams", In: Global, Since: "3.0", Example: "tune.h2.fe.max-total-streams 100"},
		{Keyword: "guid", In: Frontend | Backend, Since: "3.0", Example: "guid a"},
		{Keyword: "set-fc-mark", Rules: anyRule, Since: "3.0", Example: "http-request set-fc-mark 1"},
		{Keyword: "set-fc-tos", Rules: anyRule, Since: "3.0", Example: "http-request set-fc-tos 1"},
		{Keyword: "set-bc-mark", Rules: anyRule, Since: "3.0", Example: "http-request set-bc-mark 1"},
		{Keyword: "guid-prefix", Of: "bind", Args: 1, Since: "3.0", Example: "bind 127.0.0.1:8098 guid-prefix a"},
		{Keyword: "pool-conn-name", Of: "server", Args: 1, Since: "3.0", Example: "server t 127.0.0.1:2 pool-conn-name str(a)"},
		{Keyword: "tune.bufsize.small", In: Global, Since: "3.1", Example: "tune.bufsize.small 1024"},
		{Keyword: "tune.h2.be.rxbuf", In: Global, Since: "3.1", Example: "tune.h2.be.rxbuf 65536"},
		{Keyword: "tune.h2.fe.rxbuf", In: Global, Since: "3.1", Example: "tune.h2.fe.rxbuf 65536"},
		{Keyword: "tune.renice.runtime", In: Global, Since: "3.1", Example: "tune.renice.runtime 1"},
		{Keyword: "tune.renice.startup", In: Global, Since: "3.1", Example: "tune.renice.startup 1"},
		{Keyword: "warn-blocked-traffic-after", In: Global, Since: "3.1", Patch: "3.0.6", Example: "warn-blocked-traffic-after 100"},
		{Keyword: "h1-do-not-close-on-insecure-transfer-encoding", In: Global, Since: "3.1", Patch: "3.0.4",
			Example: "h1-do-not-close-on-insecure-transfer-encoding"},
		{Keyword: "log-steps", In: FrontSide, Since: "3.1", Example: "log-steps accept"},
		{Keyword: "option accept-unsafe-violations-in-http-request", In: FrontSide, Mode: "http", Since: "3.1",
			Example: "option accept-unsafe-violations-in-http-request"},
		{Keyword: "option accept-unsafe-violations-in-http-response", In: BackSide, Mode: "http", Since: "3.1",
			Example: "option accept-unsafe-violations-in-http-response"},
		{Keyword: "init-state", Of: "server", Args: 1, Since: "3.1", Example: "server t 127.0.0.1:2 check init-state up"},
		{Keyword: "cpu-policy", In: Global, Since: "3.2", Example: "cpu-policy performance"},
		{Keyword: "cpu-set", In: Global, Since: "3.2", Example: "cpu-set reset"},
		{Keyword: "dns-accept-family", In: Global, Since: "3.2", Example: "dns-accept-family ipv4"},
		{Keyword: "tune.epoll.mask-events", In: Global, Since: "3.2", Patch: "3.0.10", Example: "tune.epoll.mask-events err"},
		{Keyword: "tune.glitches.kill.cpu-usage", In: Global, Since: "3.2", Example: "tune.glitches.kill.cpu-usage 50"},
		{Keyword: "tune.max-rules-at-once", In: Global, Since: "3.2", Example: "tune.max-rules-at-once 10"},
		{Keyword: "tune.notsent-lowat.client", In: Global, Since: "3.2", Example: "tune.notsent-lowat.client 1024"},
		{Keyword: "tune.takeover-other-tg-connections", In: Global, Since: "3.2", Example: "tune.takeover-other-tg-connections restricted"},
		{Keyword: "strict-maxconn", Of: "server", Since: "3.2", Example: "server t 127.0.0.1:2 maxconn 5 strict-maxconn"},
		{Keyword: "idle-ping", Of: "bind", Args: 1, Since: "3.2", Example: "bind 127.0.0.1:8098 idle-ping 5s"},
		{Keyword: "option http-drop-request-trailers", In: BackSide, Mode: "http", Since: "3.2", Example: "option http-drop-request-trailers"},
		{Keyword: "option http-drop-response-trailers", In: FrontSide, Mode: "http", Since: "3.2", Example: "option http-drop-response-trailers"},
		{Keyword: "hash-preserve-affinity", In: BackSide, Since: "3.2", Example: "hash-preserve-affinity always"},
	}
}
