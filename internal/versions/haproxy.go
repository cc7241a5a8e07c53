package versions

import "strings"

// haproxyGone are the directives of HAProxy that have gone since 2.4, or that
// will. Tried with 2.4, 2.6 and 3.2; the versions between, and what is to come,
// are from the source and the manual of each x.y.0 up to 3.4.
func haproxyGone() []Gate {
	return []Gate{
		{Words: "nbproc", Deprecated: "2.4", Removed: "2.5", Remedy: "take it out: one process uses all processors by threads (nbthread)", Section: "global", Example: "nbproc 2"},
		{Words: "tune.chksize", Deprecated: "2.4", Removed: "2.5", Remedy: "take it out: tune.bufsize says how large a check's buffer is", Section: "global", Example: "tune.chksize 16384"},
		{Words: "grace", Match: `^grace\s`, Deprecated: "2.4", Removed: "2.5", Remedy: "take it out; the global section has a grace of its own, which is another thing", Section: "defaults", Example: "grace 1000"},
		{Words: "option http_proxy", Removed: "2.5", Remedy: "resolve the name with http-request do-resolve and set the address with http-request set-dst", Section: "backend", Example: "option http_proxy"},
		{Words: "bind-process", Deprecated: "2.5", Removed: "2.7", Remedy: "take it out: it has had no effect since there is one process", Section: "defaults", Example: "bind-process 1"},
		{Words: "bind … process", Deprecated: "2.5", Removed: "2.7", Remedy: "write thread instead, or take it out", Section: "frontend", Example: "bind 127.0.0.1:8098 process 1"},
		{Words: "stats socket … process", Deprecated: "2.5", Removed: "2.7", Remedy: "take it out", Section: "global", Example: "stats socket /tmp/lbgen.sock process 1"},
		{Words: "stats bind-process", Removed: "2.7", Remedy: "take it out", Section: "global", Example: "stats bind-process 1"},
		{Words: "tune.ssl.capture-cipherlist-size", Deprecated: "2.5", Remedy: "write tune.ssl.capture-buffer-size", Section: "global", Example: "tune.ssl.capture-cipherlist-size 100"},
		{Words: `option httpchk … \r\n`, Match: `^option\s+httpchk\s.*\\r\\n`, Deprecated: "2.4", Removed: "2.7", Remedy: "write the header as http-check send hdr NAME VALUE", Section: "backend", Example: `option httpchk GET / HTTP/1.1\r\nHost:\ example.org`},
		{Words: "option accept-invalid-http-request", Deprecated: "3.1", Remedy: "find out who sends such requests; write option accept-unsafe-violations-in-http-request if there is no other way", Section: "defaults", Example: "option accept-invalid-http-request"},
		{Words: "option accept-invalid-http-response", Deprecated: "3.1", Remedy: "find out who sends such answers; write option accept-unsafe-violations-in-http-response if there is no other way", Section: "defaults", Example: "option accept-invalid-http-response"},
		{Words: "a time-out below 100 without a unit", Match: `^timeout\s+\S+\s+[1-9][0-9]?(?:\s|$)`, Deprecated: "3.1", Remedy: "a number alone is milliseconds: write the unit, 30s or 30ms", Section: "defaults", Example: "timeout client 30"},
		{Words: "no-quic", Match: `^no-quic(?:\s|$)`, Since: "2.8", Removed: "3.3", Remedy: "write tune.quic.listen off there", Section: "global", Example: "no-quic"},
		{Words: "dispatch", Deprecated: "3.3", Removed: "3.5", Remedy: "write a server with that address", Section: "backend", Example: "dispatch 127.0.0.1:1"},
		{Words: "option transparent", Deprecated: "3.3", Remedy: "write a server with the address 0.0.0.0", Section: "backend", Example: "option transparent"},
		{Words: "master-worker", Removed: "3.5", Remedy: "take it out: the unit starts HAProxy with -Ws", Section: "global", Example: "master-worker"},
	}
}

// haproxyNew2 are directives that came after 2.4, with the versions 2.
func haproxyNew2() []Gate {
	return []Gate{
		since("2.5", "defaults", "option httpslog", ""),
		since("2.5", "frontend", "error-log-format", "%ci"),
		since("2.5", "frontend", "RULES set-var-fmt", "http-request set-var-fmt(txn.a) %ci"),
		since("2.5", "frontend", "RULES sc-inc-gpc", "http-request sc-inc-gpc(0,0)"),
		since("2.5", "frontend", "RULES sc-set-gpt", "http-request sc-set-gpt(0,0) 1"),
		since("2.5", "global", "h2-workaround-bogus-websocket-clients", ""),
		since("2.5", "global", "set-var-fmt", "proc.a b"),
		since("2.5", "global", "thread-groups", "1"),
		since("2.5", "global", "tune.ssl.capture-buffer-size", "10"),
		since("2.5", "frontend", "bind … shards", "bind 127.0.0.1:8098 shards 2"),
		since("2.6", "global", "close-spread-time", "5s"),
		since("2.6", "global", "cluster-secret", "a"),
		since("2.6", "global", "fd-hard-limit", "5000"),
		since("2.6", "global", "h1-accept-payload-with-any-method", ""),
		since("2.6", "global", "no-memory-trimming", ""),
		since("2.6", "global", "tune.ssl.hard-maxrecord", "16384"),
		since("2.6", "defaults", "option http-restrict-req-hdr-names", "delete"),
		since("2.6", "frontend", "option idle-close-on-response", ""),
		since("2.7", "global", "anonkey", "1"),
		since("2.7", "global", "quick-exit", ""),
		since("2.8", "global", "prealloc-fd", ""),
		since("2.8", "global", "ssl-default-bind-sigalgs", "RSA+SHA256"),
		since("2.8", "global", "tune.h2.be.initial-window-size", "65535"),
		since("2.8", "global", "tune.h2.be.max-concurrent-streams", "100"),
		since("2.8", "global", "tune.h2.fe.initial-window-size", "65535"),
		since("2.8", "global", "tune.h2.fe.max-concurrent-streams", "100"),
		since("2.8", "global", "tune.listener.default-shards", "by-process"),
		since("2.8", "global", "tune.memory.hot-size", "65536"),
		since("2.8", "global", "tune.stick-counters", "5"),
		since("2.8", "defaults", "option forwarded", ""),
		since("2.8", "frontend", "RULES sc-add-gpc", "http-request sc-add-gpc(0,0) 1"),
		since("2.8", "frontend", "http-after-response set-log-level", "info"),
		since("2.9", "global", "setcap", "cap_net_bind_service"),
		since("2.9", "global", "ssl-default-server-curves", "P-256"),
		since("2.9", "global", "ssl-default-server-sigalgs", "RSA+SHA256"),
		since("2.9", "global", "tune.disable-zero-copy-forwarding", ""),
		since("2.9", "global", "tune.events.max-events-at-once", "100"),
		since("2.9", "global", "tune.h1.zero-copy-fwd-recv", "off"),
		since("2.9", "global", "tune.max-checks-per-thread", "10"),
		since("2.9", "global", "tune.rcvbuf.frontend", "65536"),
		since("2.9", "global", "tune.sndbuf.backend", "65536"),
		since("2.9", "global", "tune.pt.zero-copy-forwarding", "off"),
		since("2.9", "defaults", "timeout client-hs", "5s"),
	}
}

// haproxyNew3 are directives that came with the versions 3.
func haproxyNew3() []Gate {
	return []Gate{
		since("3.0", "global", "expose-deprecated-directives", ""),
		since("3.0", "global", "harden.reject-privileged-ports.tcp", "on"),
		since("3.0", "global", "http-err-codes", "400-499"),
		since("3.0", "global", "http-fail-codes", "500-599"),
		since("3.0", "global", "key-base", "/etc"),
		since("3.0", "global", "ocsp-update.mode", "on"),
		since("3.0", "global", "ssl-security-level", "1"),
		since("3.0", "global", "thread-hard-limit", "4"),
		since("3.0", "global", "tune.applet.zero-copy-forwarding", "off"),
		since("3.0", "global", "tune.h2.be.glitches-threshold", "10"),
		since("3.0", "global", "tune.h2.fe.glitches-threshold", "10"),
		since("3.0", "global", "tune.h2.fe.max-total-streams", "100"),
		since("3.0", "frontend", "guid", "a"),
		since("3.0", "frontend", "RULES set-fc-mark", "http-request set-fc-mark 1"),
		since("3.0", "frontend", "RULES set-fc-tos", "http-request set-fc-tos 1"),
		since("3.0", "frontend", "RULES set-bc-mark", "http-request set-bc-mark 1"),
		since("3.0", "frontend", "bind … guid-prefix", "bind 127.0.0.1:8098 guid-prefix a"),
		since("3.0", "backend", "server … pool-conn-name", "server t 127.0.0.1:2 pool-conn-name str(a)"),
		since("3.1", "global", "tune.bufsize.small", "1024"),
		since("3.1", "global", "tune.h2.be.rxbuf", "65536"),
		since("3.1", "global", "tune.h2.fe.rxbuf", "65536"),
		since("3.1", "global", "tune.renice.runtime", "1"),
		since("3.1", "global", "tune.renice.startup", "1"),
		since("3.1", "global", "warn-blocked-traffic-after", "100"),
		since("3.1", "global", "h1-do-not-close-on-insecure-transfer-encoding", ""),
		since("3.1", "frontend", "log-steps", "accept"),
		since("3.1", "defaults", "option accept-unsafe-violations-in-http-request", ""),
		since("3.1", "defaults", "option accept-unsafe-violations-in-http-response", ""),
		{Words: "option httpchk with a host", Match: `^option\s+httpchk\s+\S+\s+\S+\s+HTTP/[0-9.]+\s+[^\s#]`, Since: "3.1", Section: "backend", Example: "option httpchk GET / HTTP/1.1 example.org"},
		since("3.1", "backend", "server … init-state", "server t 127.0.0.1:2 check init-state up"),
		since("3.2", "global", "cpu-policy", "performance"),
		since("3.2", "global", "cpu-set", "reset"),
		since("3.2", "global", "dns-accept-family", "ipv4"),
		since("3.2", "global", "tune.epoll.mask-events", "err"),
		since("3.2", "global", "tune.glitches.kill.cpu-usage", "50"),
		since("3.2", "global", "tune.max-rules-at-once", "10"),
		since("3.2", "global", "tune.notsent-lowat.client", "1024"),
		since("3.2", "global", "tune.takeover-other-tg-connections", "restricted"),
		since("3.2", "backend", "server … strict-maxconn", "server t 127.0.0.1:2 maxconn 5 strict-maxconn"),
		since("3.2", "frontend", "bind … idle-ping", "bind 127.0.0.1:8098 idle-ping 5s"),
		since("3.2", "backend", "option http-drop-request-trailers", ""),
		since("3.2", "frontend", "option http-drop-response-trailers", ""),
		since("3.2", "backend", "hash-preserve-affinity", "always"),
	}
}

// since is a directive that came with a version. The example is the whole line
// for an action or an option further back, else what follows the words.
func since(version, section, words, example string) Gate {
	if !strings.Contains(words, "RULES ") && !strings.Contains(words, "…") {
		example = strings.TrimSpace(words + " " + example)
	}
	return Gate{Words: words, Since: version, Section: section, Example: example}
}
