package haproxy

// proxyFacts are the keywords of proxies (configuration.txt 4.1), without options.
func proxyFacts() []Fact {
	facts := []Fact{
		{Keyword: "mode", In: Proxies, How: Field, Fields: fields("frontends[].mode backends[].mode defaults.mode"), Only: fields("http tcp")},
		{Keyword: "bind", In: Frontend | Peers | LogForward, Many: true, How: Field,
			Fields: fields("frontends[].binds stats.nic stats.port stats.tls vrrp[].vips vrrp[].track.haproxy.http.port")},
		{Keyword: "default_backend", In: FrontSide, How: Field, Fields: fields("frontends[].default_backend")},
		{Keyword: "use_backend", In: Frontend, Many: true, How: Field, Fields: fields("frontends[].routes[].backend")},
		{Keyword: "balance", In: BackSide, How: Field, Fields: fields("backends[].balance"), Only: algorithms(), Agreed: true},
		{Keyword: "hash-type", In: BackSide, How: Field, Fields: fields("backends[].hash_consistent"), Only: fields("consistent"), Agreed: true},
		{Keyword: "retries", In: BackSide, How: Field, Fields: fields("defaults.retries backends[].retries")},
		{Keyword: "http-reuse", In: BackSide, Mode: "http", How: Field, Fields: fields("backends[].http_reuse")},
		{Keyword: "log-format", In: FrontSide, How: Field, Fields: fields("defaults.log_format frontends[].log_format")},
		{Keyword: "monitor-uri", In: FrontSide, Mode: "http", How: Field,
			Fields: fields("frontends[].monitor_uri vrrp[].track.haproxy.http.uri")},
		{Keyword: "http-error", In: Proxies | HTTPErrors, Mode: "http", Many: true, How: Field,
			Fields: fields("defaults.error_pages frontends[].error_pages backends[].error_pages backends[].sorry.page")},
		{Keyword: "errorfile", In: Proxies | HTTPErrors, Mode: "http", Many: true, How: Better,
			Fields: fields("defaults.error_pages frontends[].error_pages backends[].error_pages")},
		{Keyword: "errorloc302", In: Proxies, Mode: "http", Many: true, How: Field, Fields: fields("backends[].sorry.redirect"),
			Only: []string{"503 …"}},
		{Keyword: "acl", In: NamedDefaults | Frontend | Backend | FCGIApp, Many: true, How: Better,
			Fields: fields("frontends[].routes[].when backends[].rules[].when")},
		{Keyword: "redirect", In: Frontend | Backend, Mode: "http", Many: true, How: Field,
			Fields: fields("frontends[].routes[].redirect backends[].rules[].redirect")},
		{Keyword: "compression algo", In: Proxies, Mode: "http", How: Field,
			Fields: fields("frontends[].compression.algorithms backends[].compression.algorithms")},
		{Keyword: "compression type", In: Proxies, Mode: "http", Many: true, How: Field,
			Fields: fields("frontends[].compression.types backends[].compression.types")},
		{Keyword: "cookie", In: BackSide, Mode: "http", How: Field, Fields: fields("backends[].persist.cookie"), Agreed: true},
		{Keyword: "dynamic-cookie-key", In: BackSide, Mode: "http", How: Field, Fields: fields("backends[].persist.cookie.dynamic_key"),
			Agreed: true},
		{Keyword: "server", In: Backend | Peers | Ring, Many: true, How: Field,
			Fields: fields("backends[].servers backends[].sorry.remote backends[].health.off backends[].server_defaults.check.off platform")},
		{Keyword: "server-template", In: Backend, Many: true, How: Field, Fields: fields("backends[].server_templates")},
		{Keyword: "default-server", In: BackSide | Peers, Many: true, How: Field,
			Fields: fields("backends[].server_defaults backends[].health platform")},
		{Keyword: "stick-table", In: Frontend | Backend, How: Field, Agreed: true,
			Fields: fields("backends[].persist.table frontends[].routes[].rate_limit backends[].rules[].rate_limit")},
		{Keyword: "stick on", In: Backend, Many: true, How: Field, Fields: fields("backends[].persist.table"), Agreed: true},
		{Keyword: "stick match", In: Backend, Many: true, How: Field, Fields: fields("backends[].persist.table.cookie"), Agreed: true},
		{Keyword: "stick store-response", In: Backend, Many: true, How: Field, Fields: fields("backends[].persist.table.cookie"), Agreed: true},
		{Keyword: "stick store-request", In: Backend, Many: true, Agreed: true},
		{Keyword: "tcp-request inspect-delay", In: NamedDefaults | Frontend | Backend, How: Field, Fields: fields("frontends[].inspect_delay")},
	}
	facts = append(facts, timeoutFacts()...)
	facts = append(facts, plain(FrontSide, "", "backlog, clitcpka-cnt, clitcpka-idle, clitcpka-intvl, log-format-sd, rate-limit sessions")...)
	facts = append(facts, plain(Frontend, "",
		"monitor fail, declare capture, capture cookie, capture request header, capture response header")...)
	facts = append(facts, plain(Frontend|Backend, "", "description, id, filter, compression offload")...)
	facts = append(facts, plain(Proxies, "",
		"disabled, enabled, email-alert from, email-alert level, email-alert mailers, email-alert myhostname, email-alert to, log-tag")...)
	facts = append(facts, plain(Proxies, "http",
		"errorfiles, errorloc, errorloc303, unique-id-format, unique-id-header")...)
	facts = append(facts, plain(BackSide, "",
		"external-check command, external-check path, fullconn, load-server-state-from-file, max-keep-alive-queue, persist rdp-cookie, "+
			"retry-on, "+
			"server-state-file-name, source, srvtcpka-cnt, srvtcpka-idle, srvtcpka-intvl")...)
	facts = append(facts, plain(BackSide, "http", "http-send-name-header")...)
	facts = append(facts, plain(Backend, "", "force-persist, ignore-persist, use-server")...)
	facts = append(facts, plain(Backend, "http", "use-fcgi-app")...)
	return append(facts, plain(NamedDefaults|Backend, "", "tcp-response inspect-delay")...)
}

// algorithms are the words of balance that the field takes.
func algorithms() []string {
	return append(fields("roundrobin static-rr leastconn first source random uri hdr(…"), "url_param …", "uri whole…", "uri len …",
		"uri depth …")
}

func timeoutFacts() []Fact {
	return append([]Fact{
		{Keyword: "timeout connect", In: BackSide | Ring | Peers, How: Field,
			Fields: fields("defaults.timeouts.connect backends[].timeouts.connect")},
		{Keyword: "timeout server", In: BackSide | Ring, How: Field, Fields: fields("defaults.timeouts.server backends[].timeouts.server")},
		{Keyword: "timeout client", In: FrontSide | LogForward, How: Field,
			Fields: fields("defaults.timeouts.client frontends[].timeouts.client")},
		{Keyword: "timeout http-request", In: Proxies, Mode: "http", How: Field,
			Fields: fields("defaults.timeouts.http_request frontends[].timeouts.http_request")},
		{Keyword: "timeout http-keep-alive", In: Proxies, Mode: "http", How: Field,
			Fields: fields("defaults.timeouts.http_keep_alive frontends[].timeouts.http_keep_alive")},
		{Keyword: "timeout queue", In: BackSide, How: Field, Fields: fields("defaults.timeouts.queue backends[].timeouts.queue")},
		{Keyword: "timeout check", In: BackSide, How: Field, Fields: fields("defaults.timeouts.check backends[].timeouts.check")},
		{Keyword: "timeout tunnel", In: BackSide, How: Field, Fields: fields("defaults.timeouts.tunnel backends[].timeouts.tunnel")},
		{Keyword: "timeout client-fin", In: FrontSide, How: Field,
			Fields: fields("defaults.timeouts.client_fin frontends[].timeouts.client_fin")},
		{Keyword: "timeout server-fin", In: BackSide, How: Field, Fields: fields("defaults.timeouts.server_fin backends[].timeouts.server_fin")},
		{Keyword: "timeout mail", In: Mailers},
	}, plain(Proxies, "http", "timeout tarpit")...)
}

// optionFacts are the lines that begin with option, and what replaced some.
func optionFacts() []Fact {
	connection := fields("defaults.http_connection frontends[].http_connection backends[].http_connection")
	facts := []Fact{
		{Keyword: "option redispatch", In: BackSide, How: Field, Fields: fields("defaults.redispatch backends[].redispatch"), Only: []string{""}},
		{Keyword: "option forwardfor", In: Proxies, Mode: "http", How: Field,
			Fields: fields("defaults.forwardfor frontends[].forwardfor backends[].forwardfor")},
		{Keyword: "option http-server-close", In: Proxies, Mode: "http", How: Field, Fields: connection},
		{Keyword: "option httpclose", In: Proxies, Mode: "http", How: Field, Fields: connection},
		{Keyword: "option http-keep-alive", In: Proxies, Mode: "http", How: Field, Fields: connection},
		{Keyword: "option log-health-checks", In: BackSide, How: Field, Fields: fields("defaults.log_health_checks")},
		{Keyword: "option dontlognull", In: FrontSide, How: Field, Fields: fields("defaults.log_empty")},
		{Keyword: "option clitcpka", In: FrontSide, How: Field, Fields: fields("frontends[].tcp_keepalive")},
		{Keyword: "option srvtcpka", In: BackSide, How: Field, Fields: fields("backends[].tcp_keepalive")},
		{Keyword: "option tcpka", In: Proxies, How: Better, Fields: fields("frontends[].tcp_keepalive backends[].tcp_keepalive")},
		{Keyword: "option allbackups", In: BackSide, How: Field, Fields: fields("backends[].allbackups")},
		{Keyword: "option abortonclose", In: BackSide, How: Field, Fields: fields("backends[].abortonclose")},
		{Keyword: "option http-pretend-keepalive", In: BackSide, Mode: "http", How: Field, Fields: fields("backends[].http_pretend_keepalive")},
		{Keyword: "option httplog", In: FrontSide, Mode: "http", How: Always,
			Why: "in every section of mode http, unless the site file has a log_format"},
		{Keyword: "option tcplog", In: FrontSide, How: Always, Why: "in every section of mode tcp, unless the site file has a log_format"},
		{Keyword: "option httpchk", In: BackSide, How: Field, Fields: fields("backends[].health.http")},
		{Keyword: "option tcp-check", In: BackSide, How: Field, Fields: fields("backends[].health.tcp")},
		{Keyword: "option mysql-check", In: BackSide, How: Field, Fields: fields("backends[].health.mysql")},
		{Keyword: "option pgsql-check", In: BackSide, How: Field, Fields: fields("backends[].health.pgsql")},
		{Keyword: "option redis-check", In: BackSide, How: Field, Fields: fields("backends[].health.redis")},
		{Keyword: "option smtpchk", In: BackSide, How: Field, Fields: fields("backends[].health.smtp")},
		{Keyword: "option ldap-check", In: BackSide, How: Field, Fields: fields("backends[].health.ldap")},
		{Keyword: "option ssl-hello-chk", In: BackSide, How: Better, Fields: fields("backends[].health.tls_hello"),
			Why: "it sends a hello of SSL 3.0 and is content with the alert that a server of today answers with"},
	}
	facts = append(facts, plain(FrontSide, "",
		"option contstats, option dontlog-normal, option log-separate-errors, option logasap, option socket-stats, option tcp-smart-accept")...)
	facts = append(facts, plain(FrontSide, "http",
		"option disable-h2-upgrade, option h1-case-adjust-bogus-client, option http-ignore-probes, option http-use-proxy-header")...)
	facts = append(facts, plain(BackSide, "",
		"option external-check, option persist, option prefer-last-server, option spop-check, option tcp-smart-connect")...)
	facts = append(facts, plain(BackSide, "http", "option checkcache, option h1-case-adjust-bogus-server")...)
	facts = append(facts, plain(Proxies, "",
		"option independent-streams, option nolinger, option splice-auto, option splice-request, option splice-response")...)
	return append(facts, plain(Proxies, "http", "option http-buffer-request, option http-no-delay, option originalto")...)
}

// statsFacts are the lines of the statistics page.
func statsFacts() []Fact {
	return append([]Fact{
		{Keyword: "stats uri", In: Proxies, Mode: "http", How: Field, Fields: fields("stats.uri")},
		{Keyword: "stats auth", In: Proxies, Mode: "http", Many: true, How: Field, Fields: fields("stats.users")},
		{Keyword: "stats refresh", In: Proxies, Mode: "http", How: Field, Fields: fields("stats.refresh")},
		{Keyword: "stats realm", In: Proxies, Mode: "http", How: Field, Fields: fields("stats.realm")},
		{Keyword: "stats hide-version", In: Proxies, Mode: "http", How: Field, Fields: fields("stats.hide_version")},
		{Keyword: "stats show-node", In: Proxies, Mode: "http", How: Field, Fields: fields("stats.show_node")},
		{Keyword: "stats show-legends", In: Proxies, Mode: "http", How: Field, Fields: fields("stats.show_legends")},
		{Keyword: "stats show-desc", In: Proxies, Mode: "http", How: Field, Fields: fields("stats.desc")},
		{Keyword: "stats admin", In: Frontend | Backend, Mode: "http", Many: true, How: Field, Fields: fields("stats.admin")},
		{Keyword: "stats enable", In: Proxies, Mode: "http", How: Always, Why: "in the section of the statistics page"},
		{Keyword: "stats http-request", In: Frontend | Backend, Mode: "http", Many: true},
	}, plain(Proxies, "http", "stats scope, stats show-modules")...)
}
