package haproxy

import "strings"

// fields parts a list of fields.
func fields(list string) []string { return strings.Fields(list) }

// plain returns facts of directives of which there is nothing to know but where
// they may stand.
func plain(in In, mode, keywords string) []Fact {
	var facts []Fact
	for keyword := range strings.SplitSeq(keywords, ",") {
		facts = append(facts, Fact{Keyword: strings.TrimSpace(keyword), In: in, Mode: mode})
	}
	return facts
}

// sectionFacts are the words that open a section.
func sectionFacts() []Fact {
	return append([]Fact{
		{Keyword: "global", In: Top, How: Field, Fields: fields("global")},
		{Keyword: "defaults", In: Top, Many: true, How: Field, Fields: fields("defaults")},
		{Keyword: "frontend", In: Top, Many: true, How: Field, Fields: fields("frontends[].name")},
		{Keyword: "backend", In: Top, Many: true, How: Field,
			Fields: fields("backends[].name frontends[].routes[].rate_limit backends[].rules[].rate_limit"), Agreed: true},
		{Keyword: "peers", In: Top, Many: true, How: Field, Fields: fields("peers"), Agreed: true},
		{Keyword: "resolvers", In: Top, Many: true, How: Field, Fields: fields("resolvers")},
		{Keyword: "userlist", In: Top, Many: true, How: Field, Fields: fields("userlists[].name")},
	}, plain(Top, "",
		"acme, cache, crt-store, fcgi-app, http-errors, listen, log-forward, log-profile, mailers, namespace_list, program, ring, traces")...)
}

// globalFacts are the keywords of the global section.
func globalFacts() []Fact {
	return append([]Fact{
		{Keyword: "chroot", In: Global, How: Field, Fields: fields("paths.chroot")},
		{Keyword: "user", In: Global, How: Field, Fields: fields("service_user.user")},
		{Keyword: "group", In: Global, How: Field, Fields: fields("service_user.group")},
		{Keyword: "maxconn", In: Global | FrontSide, How: Field, Fields: fields("global.maxconn defaults.maxconn frontends[].maxconn")},
		{Keyword: "nbthread", In: Global, How: Field, Fields: fields("global.nbthread")},
		{Keyword: "hard-stop-after", In: Global, How: Field, Fields: fields("global.hard_stop_after")},
		{Keyword: "close-spread-time", In: Global, How: Field, Fields: fields("global.close_spread_time"), Since: "2.6",
			Example: "close-spread-time 5s"},
		{Keyword: "stats socket", In: Global, Many: true, Further: true, How: Field, Fields: fields("paths.stats_socket global.stats_socket")},
		{Keyword: "stats timeout", In: Global, How: Field, Fields: fields("global.stats_socket.timeout")},
		{Keyword: "ssl-default-bind-ciphers", In: Global, How: Field, Fields: fields("global.tls.ciphers")},
		{Keyword: "ssl-default-server-ciphers", In: Global, How: Field, Fields: fields("global.tls.ciphers")},
		{Keyword: "ssl-default-bind-ciphersuites", In: Global, How: Field, Fields: fields("global.tls.ciphersuites")},
		{Keyword: "ssl-default-server-ciphersuites", In: Global, How: Field, Fields: fields("global.tls.ciphersuites")},
		{Keyword: "ssl-default-bind-options", In: Global, How: Field, Fields: fields("global.tls.min_version"), Only: []string{"ssl-min-ver …"}},
		{Keyword: "ssl-default-server-options", In: Global, How: Field, Fields: fields("global.tls.min_version"),
			Only: []string{"ssl-min-ver …"}},
		{Keyword: "tune.ssl.default-dh-param", In: Global, How: Field, Fields: fields("global.tls.dh_param")},
		{Keyword: "tune.bufsize", In: Global, How: Field, Fields: fields("global.tune_bufsize")},
		{Keyword: "spread-checks", In: Global, How: Field, Fields: fields("global.spread_checks")},
		{Keyword: "daemon", In: Global, How: Needless, Why: "systemd starts HAProxy with -Ws, which stays in the foreground and overrules it"},
		{Keyword: "pidfile", In: Global, How: Harm,
			Why: "the unit names the file with -p, which counts, and HAProxy calls a second one an alert at every start"},
		{Keyword: "crt-base", In: Global, How: Better, Fields: fields("frontends[].binds[].tls.certificate")},
		{Keyword: "ca-base", In: Global, How: Better, Fields: fields("frontends[].binds[].tls.client_ca backends[].servers[].tls.ca_file")},
		{Keyword: "log", In: Global, Many: true, How: Field, Fields: fields("log")},
		{Keyword: "log", In: Proxies | LogForward | Peers, Many: true},
		{Keyword: "log global", In: Proxies | LogForward | Peers, Many: true, How: Always, Why: "every section logs where the site file says"},
		{Keyword: "localpeer", In: Global, How: Needless,
			Why: "the option file of the node's service names the peer with -L, so that haproxy.cfg is the same on all nodes; " +
				"HAProxy warns of a second one"},
	}, append(plainMany(), plain(Global, "", tunes+", "+process)...)...)
}

// plainMany are those of global of which each line counts.
func plainMany() []Fact {
	facts := plain(Global, "",
		"lua-load, lua-load-per-thread, lua-prepend-path, h1-case-adjust, set-var, setenv, presetenv, unsetenv, resetenv, cpu-map, "+
			"51degrees-property-name-list, ssl-engine, ssl-provider")
	for i := range facts {
		facts[i].Many = true
	}
	return facts
}

// process are the keywords of how HAProxy runs, without those of numbers.
const process = `default-path, description, expose-experimental-directives, external-check, gid, uid, grace, h1-case-adjust-file,
	httpclient.resolvers.id, httpclient.resolvers.prefer, httpclient.ssl.ca-file, httpclient.ssl.verify,
	insecure-fork-wanted, insecure-setuid-wanted, issuers-chain-path, log-send-hostname, log-tag, maxcompcpuusage,
	maxcomprate, maxconnrate, maxpipes, maxsessrate, maxsslconn, maxsslrate, mworker-max-reloads, node, nogetaddrinfo,
	nopoll, noepoll, noreuseport, nosplice, numa-cpu-mapping, pp2-never-send-local, profiling.tasks, server-state-base,
	server-state-file, set-dumpable, ssl-default-bind-curves, ssl-dh-param-file, ssl-load-extra-del-ext,
	ssl-load-extra-files, ssl-mode-async, ssl-propquery, ssl-provider-path, ssl-server-verify, ssl-skip-self-issued-ca,
	stats maxconn, strict-limits, thread-group, ulimit-n, unix-bind, wurfl-cache-size, wurfl-data-file,
	wurfl-information-list, wurfl-information-list-separator, wurfl-patch-file, deviceatlas-json-file,
	deviceatlas-log-level, deviceatlas-properties-cookie, deviceatlas-separator, 51degrees-cache-size,
	51degrees-data-file, 51degrees-property-separator, busy-polling, max-spread-checks, quiet, zero-warning`

// tunes are the keywords of sizes and limits.
const tunes = `tune.buffers.limit, tune.buffers.reserve, tune.comp.maxlevel, tune.fail-alloc, tune.fd.edge-triggered,
	tune.h2.header-table-size, tune.h2.initial-window-size, tune.h2.max-concurrent-streams, tune.h2.max-frame-size,
	tune.http.cookielen, tune.http.logurilen, tune.http.maxhdr, tune.idle-pool.shared, tune.idletimer,
	tune.listener.multi-queue, tune.lua.forced-yield, tune.lua.maxmem, tune.lua.service-timeout, tune.lua.session-timeout,
	tune.lua.task-timeout, tune.maxaccept, tune.maxpollevents, tune.maxrewrite, tune.pattern.cache-size,
	tune.peers.max-updates-at-once, tune.pipesize, tune.pool-high-fd-ratio, tune.pool-low-fd-ratio, tune.rcvbuf.client,
	tune.rcvbuf.server, tune.recv_enough, tune.runqueue-depth, tune.sched.low-latency, tune.sndbuf.client,
	tune.sndbuf.server, tune.ssl.cachesize, tune.ssl.force-private-cache, tune.ssl.keylog, tune.ssl.lifetime,
	tune.ssl.maxrecord, tune.ssl.ssl-ctx-cache-size, tune.vars.check-max-size, tune.vars.global-max-size,
	tune.vars.proc-max-size, tune.vars.reqres-max-size, tune.vars.sess-max-size, tune.vars.txn-max-size,
	tune.zlib.memlevel, tune.zlib.windowsize`
