package haproxy

import "strings"

// words returns facts of words in lines of which there is nothing more to know.
func words(of string, args int, list string) []Fact {
	var facts []Fact
	for word := range strings.FieldsSeq(list) {
		facts = append(facts, Fact{Keyword: word, Of: of, Args: args})
	}
	return facts
}

// bindFacts are the words of bind and of stats socket.
func bindFacts() []Fact {
	tls := func(word string, args int, field string) Fact {
		return Fact{Keyword: word, Of: "bind", Args: args, How: Field, Fields: []string{"frontends[].binds[].tls." + field, "stats.tls." + field}}
	}
	socket := func(word, field string) Fact {
		return Fact{Keyword: word, Of: "stats socket", Args: 1, How: Field, Fields: []string{"global.stats_socket." + field}}
	}
	facts := []Fact{
		{Keyword: "ssl", Of: "bind", How: Field, Fields: fields("frontends[].binds[].tls stats.tls")},
		{Keyword: "accept-proxy", Of: "bind", How: Field, Fields: fields("frontends[].binds[].accept_proxy")},
		tls("crt", 1, "certificate"), tls("alpn", 1, "alpn"), tls("ca-file", 1, "client_ca"), tls("verify", 1, "client_verify"),
		tls("ssl-min-ver", 1, "min_version"),
		tls("ciphers", 1, "ciphers"), tls("ciphersuites", 1, "ciphersuites"), tls("strict-sni", 0, "strict_sni"),
		tls("crl-file", 1, "crl_file"), {Keyword: "proto", Of: "bind", Args: 1, How: Field, Fields: fields("frontends[].binds[].proto")},
		socket("level", "level"), socket("mode", "mode"), socket("group", "group"),
		{Keyword: "user", Of: "stats socket", Args: 1, How: Better, Fields: fields("global.stats_socket.group")},
		{Keyword: "expose-fd", Of: "stats socket", Args: 1, How: Needless,
			Why: "started by systemd with -Ws, HAProxy hands its listeners on to the next process by itself"},
		{Keyword: "v6only", Of: "bind", How: Always, Why: "beside the address :: where another bind has the same port of IPv4"},
		{Keyword: "tls-ticket-keys", Of: "bind", Args: 1, Agreed: true},
	}
	facts = append(facts, words("stats socket", 1, "gid uid severity-output maxconn name id")...)
	facts = append(facts, words("bind", 1,
		`accept-netscaler-cip backlog expose-fd gid group id interface level maxconn mode mss name namespace nice
		severity-output tcp-ut thread uid user ca-ignore-err ca-sign-file ca-sign-pass ca-verify-file crt-ignore-err
		crt-list curves ecdhe npn ssl-max-ver`)...)
	return append(facts, words("bind", 0,
		`defer-accept tfo transparent v4v6 allow-0rtt force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13
		generate-certificates no-alpn no-ca-names no-sslv3 no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13
		prefer-client-ciphers`)...)
}

// ofServer is a word of server, default-server and server-template that fields of
// all three become, and further ones.
func ofServer(word string, args int, field, more string) Fact {
	all := fields(more)
	for _, part := range fields("servers[] server_defaults server_templates[]") {
		all = append(all, "backends[]."+part+"."+field)
	}
	return Fact{Keyword: word, Of: "server", Args: args, How: Field, Fields: all}
}

// serverFacts are the words of server, default-server and server-template.
func serverFacts() []Fact {
	facts := []Fact{
		ofServer("weight", 1, "weight", ""), ofServer("maxconn", 1, "maxconn", ""), ofServer("maxqueue", 1, "maxqueue", ""), ofServer("backup",
			0, "backup", ""),
		ofServer("disabled", 0, "disabled", ""), ofServer("slowstart", 1, "slowstart", ""), ofServer("resolvers", 1, "resolvers", ""),
		ofServer("on-marked-down", 1, "on_marked_down", ""), ofServer("on-marked-up", 1, "on_marked_up", ""),
		ofServer("send-proxy", 0, "send_proxy", ""), ofServer("send-proxy-v2", 0, "send_proxy", ""),
		ofServer("no-backup", 0, "backup", ""), ofServer("enabled", 0, "disabled", ""),
		ofServer("no-send-proxy", 0, "send_proxy", ""), ofServer("no-send-proxy-v2", 0, "send_proxy", ""),
		ofServer("inter", 1, "check.inter", "backends[].health.inter"), ofServer("fastinter", 1, "check.fastinter",
			"backends[].health.fastinter"),
		ofServer("downinter", 1, "check.downinter", "backends[].health.downinter"), ofServer("rise", 1, "check.rise", "backends[].health.rise"),
		ofServer("fall", 1, "check.fall", "backends[].health.fall"), ofServer("port", 1, "check.port", "backends[].health.port"),
		ofServer("ssl", 0, "tls", "backends[].sorry.remote.tls"), ofServer("verify", 1, "tls.verify", "backends[].health.tls.verify"),
		ofServer("verifyhost", 1, "tls.verify_host", ""), ofServer("ca-file", 1, "tls.ca_file", "backends[].health.tls.ca_file"),
		ofServer("crt", 1, "tls.certificate", ""),
		ofServer("sni", 1, "tls.sni", ""), ofServer("alpn", 1, "tls.alpn", ""), ofServer("ssl-min-ver", 1, "tls.min_version", ""),
		{Keyword: "cookie", Of: "server", Args: 1, How: Field, Fields: fields("backends[].servers[].cookie"), Agreed: true},
		{Keyword: "id", Of: "server", Args: 1, Agreed: true},
		{Keyword: "check", Of: "server", How: Always, Fields: fields("backends[].health.off backends[].servers[].check.off"),
			Why: "for every server, unless the fields say no"},
		{Keyword: "init-addr", Of: "server", Args: 1, How: Always, Fields: fields("backends[].servers[].resolvers"),
			Why: "on the line of a server that has resolvers: HAProxy then starts even where its name is not known"},
		{Keyword: "check-ssl", Of: "server", How: Field, Fields: fields("backends[].health.tls backends[].health.tls_hello")},
		{Keyword: "check-sni", Of: "server", Args: 1, How: Field, Fields: fields("backends[].health.tls.sni")},
		ofServer("check-alpn", 1, "tls.alpn", ""), ofServer("proto", 1, "proto", ""), ofServer("source", 1, "source", ""),
		ofServer("observe", 1, "observe", ""), ofServer("error-limit", 1, "error_limit", ""), ofServer("on-error", 1, "on_error", ""),
		{Keyword: "track", Of: "server", Args: 1, How: Field, Fields: fields("backends[].servers[].track backends[].server_templates[].track")},
		{Keyword: "no-check-ssl", Of: "server", How: Field, Fields: fields("backends[].health.tls")},
		{Keyword: "no-ssl", Of: "server", How: Field, Fields: fields("backends[].servers[].tls")},
		{Keyword: "agent-check", Of: "server", How: Field, Fields: fields("backends[].health.agent")},
		{Keyword: "agent-port", Of: "server", Args: 1, How: Field, Fields: fields("backends[].health.agent.port")},
		{Keyword: "agent-inter", Of: "server", Args: 1, How: Field, Fields: fields("backends[].health.agent.inter")},
	}
	facts = append(facts, words("server", 1,
		`addr agent-addr agent-send check-proto ciphers ciphersuites crl-file log-proto max-reuse
		minconn namespace npn pool-low-conn pool-max-conn pool-purge-delay proxy-v2-options redir
		resolve-net resolve-opts resolve-prefer socks4 ssl-max-ver tcp-ut usesrc ws`)...)
	return append(facts, words("server", 0,
		`allow-0rtt check-send-proxy check-via-socks4 force-sslv3 force-tlsv10 force-tlsv11 force-tlsv12 force-tlsv13
		no-agent-check no-check no-check-send-proxy no-send-proxy-v2-ssl no-send-proxy-v2-ssl-cn no-ssl-reuse no-sslv3 no-tfo
		no-tls-tickets no-tlsv10 no-tlsv11 no-tlsv12 no-tlsv13 non-stick send-proxy-v2-ssl send-proxy-v2-ssl-cn ssl-reuse
		stick tfo tls-tickets`)...)
}

// wordFacts are the words of other lines.
func wordFacts() []Fact {
	of := func(line, word string, args int, list string) Fact {
		return Fact{Keyword: word, Of: line, Args: args, How: Field, Fields: fields(list)}
	}
	cookie := func(word string, args int, field string) Fact {
		return of("cookie", word, args, "backends[].persist.cookie."+field)
	}
	facts := []Fact{
		cookie("insert", 0, "mode"), cookie("prefix", 0, "mode"), cookie("rewrite", 0, "mode"), cookie("indirect", 0, "indirect"),
		cookie("nocache", 0, "nocache"),
		cookie("httponly", 0, "httponly"), cookie("secure", 0, "secure"), cookie("preserve", 0, "preserve"), cookie("postonly", 0, "postonly"),
		cookie("domain", 1, "domain"), cookie("maxidle", 1, "maxidle"), cookie("maxlife", 1, "maxlife"), cookie("attr", 1, "samesite"),
		cookie("dynamic", 0, "dynamic_key"),
		of("stick-table", "size", 1, "backends[].persist.table.size frontends[].routes[].rate_limit.size backends[].rules[].rate_limit.size"),
		{Keyword: "type", Of: "stick-table", Args: 1, How: Field,
			Fields: fields("backends[].persist.table.on backends[].persist.table.cookie backends[].persist.table.header"),
			Only:   fields("ip ipv6 string")},
		of("stick-table", "expire", 1,
			"backends[].persist.table.expire frontends[].routes[].rate_limit.period backends[].rules[].rate_limit.period"),
		{Keyword: "store", Of: "stick-table", Args: 1, How: Field,
			Fields: fields("frontends[].routes[].rate_limit backends[].rules[].rate_limit"), Only: fields("conn_cur conn_rate http_req_rate")},
		of("stick-table", "peers", 1, "peers"),
		of("stick-table", "len", 1, "backends[].persist.table.cookie backends[].persist.table.header"),
		of("redirect", "code", 1, "frontends[].routes[].redirect.code backends[].rules[].redirect.code"),
		of("redirect", "scheme", 1, "frontends[].routes[].redirect.scheme backends[].rules[].redirect.scheme"),
		of("redirect", "location", 1, "frontends[].routes[].redirect.location backends[].rules[].redirect.location"),
		of("redirect", "prefix", 1, "frontends[].routes[].redirect.prefix backends[].rules[].redirect.prefix"),
		of("redirect", "drop-query", 0, "frontends[].routes[].redirect.drop_query backends[].rules[].redirect.drop_query"),
	}
	facts = append(facts, words("stick-table", 1, "srvkey write-to")...)
	facts = append(facts, words("stick-table", 0, "nopurge")...)
	return append(facts, words("redirect", 1, "set-cookie clear-cookie append-slash")...)
}
