package haproxy

import "strings"

// The lists of rules that most actions may stand in.
const (
	anyHTTP = HTTPRequest | HTTPResponse | HTTPAfterResponse
	anyTCP  = TCPConnection | TCPSession | TCPContent | TCPResponse
)

// actions returns facts of actions of which there is nothing to know but where they
// may stand.
func actions(rules Rules, mode, names string) []Fact {
	var facts []Fact
	for name := range strings.FieldsSeq(names) {
		facts = append(facts, Fact{Keyword: name, Rules: rules, Mode: mode})
	}
	return facts
}

// rule is an action that fields of routes and of a backend's rules become.
func rule(rules Rules, name, field string, more ...string) Fact {
	of := append([]string{"frontends[].routes[]." + field, "backends[].rules[]." + field}, more...)
	return Fact{Keyword: name, Rules: rules, Mode: "http", How: Field, Fields: of}
}

// ruleFacts are the actions in lists of rules.
func ruleFacts() []Fact {
	facts := []Fact{
		rule(HTTPRequest, "set-header", "set_header", "frontends[].forwarded_proto", "defaults.forwarded_proto"),
		rule(HTTPRequest, "add-header", "add_header"),
		rule(HTTPRequest, "del-header", "del_header"),
		rule(HTTPResponse|HTTPAfterResponse, "set-header", "set_response_header", "frontends[].hsts"),
		rule(HTTPResponse|HTTPAfterResponse, "add-header", "add_response_header"),
		rule(HTTPResponse|HTTPAfterResponse, "del-header", "del_response_header"),
		rule(HTTPRequest, "redirect", "redirect"),
		rule(HTTPRequest, "deny", "deny", "stats.allow"),
		rule(HTTPRequest, "allow", "allow"),
		rule(HTTPRequest, "auth", "auth"),
		rule(HTTPRequest, "return", "return", "backends[].sorry.status"),
		rule(HTTPRequest, "set-path", "set_path"),
		rule(HTTPRequest, "replace-path", "strip_prefix"),
		rule(HTTPRequest, "silent-drop", "silent_drop"),
		rule(HTTPRequest, "reject", "reject"),
		rule(HTTPRequest|TCPConnection|TCPSession|TCPContent, "track-sc", "rate_limit"),
		{Keyword: "set-var", Rules: HTTPRequest, How: Always, Why: "where an answer is changed by what the request was", Mode: "http",
			Fields: fields("frontends[].routes[].del_response_header backends[].rules[].del_response_header frontends[].routes[].when " +
				"frontends[].routes[].backend")},
		{Keyword: "use-service", Rules: HTTPRequest, How: Field, Fields: fields("stats.prometheus"), Mode: "http",
			Only: fields("prometheus-exporter")},
		{Keyword: "set-log-level", Rules: HTTPRequest, How: Always, Why: "for the statistics page, whose requests come every few seconds",
			Fields: fields("stats.log"), Mode: "http"},
		{Keyword: "set-uri", Rules: HTTPRequest, How: Always, Why: "before a request goes to the server of a sorry page",
			Fields: fields("backends[].sorry.remote.path"), Mode: "http"},
		{Keyword: "set-method", Rules: HTTPRequest, How: Always, Why: "before a request goes to the server of a sorry page", Mode: "http"},
		{Keyword: "set-status", Rules: HTTPResponse, How: Always, Why: "of the answer of a sorry page's server",
			Fields: fields("backends[].sorry.status"), Mode: "http"},
		{Keyword: "accept", Rules: TCPContent, How: Always, Why: "where a route looks at the beginning of TLS"},
		{Keyword: "reject", Rules: TCPContent, How: Field, Fields: fields("frontends[].routes[].reject")},
		{Keyword: "reject", Rules: TCPConnection, How: Better, Fields: fields("frontends[].routes[].reject")},
		{Keyword: "silent-drop", Rules: TCPContent, How: Field, Fields: fields("frontends[].routes[].silent_drop")},
	}
	facts = append(facts, actions(anyHTTP|anyTCP&^TCPResponse, "", "sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt0")...)
	facts = append(facts, actions(HTTPRequest|HTTPResponse|anyTCP, "", "unset-var")...)
	facts = append(facts, actions(HTTPResponse|HTTPAfterResponse|anyTCP, "", "set-var")...)
	facts = append(facts, actions(HTTPAfterResponse, "", "unset-var")...)
	facts = append(facts, actions(HTTPResponse|TCPContent|TCPResponse, "", "set-log-level")...)
	facts = append(facts, actions(HTTPRequest|TCPContent, "", "do-resolve set-priority-class set-priority-offset")...)
	facts = append(facts, actions(HTTPRequest|TCPConnection|TCPSession|TCPContent, "", "set-src set-src-port set-dst set-dst-port")...)
	facts = append(facts, actions(HTTPRequest|HTTPResponse|TCPContent|TCPResponse, "", "set-nice send-spoe-group ot-group")...)
	facts = append(facts, actions(HTTPRequest|HTTPResponse|anyTCP, "", "set-mark set-tos")...)
	facts = append(facts, actions(HTTPRequest, "http",
		"cache-use disable-l7-retry early-hint normalize-uri replace-pathq replace-uri set-pathq set-query set-timeout tarpit "+
			"wait-for-handshake")...)
	facts = append(facts, actions(HTTPRequest|HTTPResponse, "http", "add-acl del-acl del-map set-map wait-for-body")...)
	facts = append(facts, actions(HTTPResponse, "http", "cache-store deny redirect return track-sc")...)
	facts = append(facts, actions(HTTPResponse|HTTPAfterResponse, "http", "allow")...)
	facts = append(facts, actions(anyHTTP, "http", "replace-header replace-value capture strict-mode")...)
	facts = append(facts, actions(HTTPAfterResponse, "http", "set-status ot-group")...)
	facts = append(facts, actions(HTTPResponse|TCPConnection|TCPSession|TCPResponse, "", "silent-drop")...)
	facts = append(facts, actions(TCPConnection, "", "accept expect-netscaler-cip expect-proxy")...)
	facts = append(facts, actions(TCPSession, "", "accept reject")...)
	facts = append(facts, actions(TCPContent, "", "capture use-service")...)
	facts = append(facts, Fact{Keyword: "switch-mode", Rules: TCPContent, In: NamedDefaults | Frontend})
	return append(facts, actions(TCPResponse, "", "accept reject close sc-inc-gpc0 sc-inc-gpc1 sc-set-gpt0")...)
}

// checkFacts are the steps of health checks.
func checkFacts() []Fact {
	return append([]Fact{
		{Keyword: "send", Rules: HTTPCheck, How: Field, Fields: fields("backends[].health.http")},
		{Keyword: "expect", Rules: HTTPCheck, How: Field, Only: []string{"status …", "string …", "rstring …"},
			Fields: fields("backends[].health.http.expect backends[].health.http.body backends[].health.http.body_regex")},
		{Keyword: "set-var", Rules: HTTPCheck, How: Field, Fields: fields("backends[].health.http.headers[].sample backends[].health.http.uri")},
		{Keyword: "connect", Rules: TCPCheck, How: Better, Only: []string{""}, Fields: fields("backends[].health.tcp backends[].health.port")},
		{Keyword: "send", Rules: TCPCheck, How: Field, Fields: fields("backends[].health.tcp[].send backends[].health.redis")},
		{Keyword: "send-binary", Rules: TCPCheck, How: Field, Fields: fields("backends[].health.tcp[].send")},
		{Keyword: "expect", Rules: TCPCheck, How: Field, Only: []string{"string …", "rstring …"},
			Fields: fields("backends[].health.tcp[].expect backends[].health.tcp[].expect_regex backends[].health.redis")},
	}, append(actions(HTTPCheck, "", "comment connect disable-on-404 send-state unset-var"), actions(TCPCheck, "",
		"comment send-lf send-binary-lf set-var unset-var")...)...)
}

// otherFacts are the keywords of the smaller sections.
func otherFacts() []Fact {
	facts := []Fact{
		{Keyword: "user", In: Userlist, Many: true, How: Field, Fields: fields("userlists[].users")},
		{Keyword: "group", In: Userlist, Many: true},
		{Keyword: "peer", In: Peers, Many: true, How: Field, Fields: fields("nodes[].addresses nodes[].name peers.nic peers.port"), Agreed: true},
		{Keyword: "table", In: Peers, Many: true, Agreed: true},
		{Keyword: "nameserver", In: Resolvers, Many: true, How: Field, Fields: fields("resolvers[].nameservers")},
		{Keyword: "parse-resolv-conf", In: Resolvers, How: Field, Fields: fields("resolvers[].parse_resolv_conf")},
		{Keyword: "accepted_payload_size", In: Resolvers, How: Field, Fields: fields("resolvers[].accepted_payload_size")},
		{Keyword: "resolve_retries", In: Resolvers, How: Field, Fields: fields("resolvers[].resolve_retries")},
		{Keyword: "hold", In: Resolvers, Many: true},
		{Keyword: "hold valid", In: Resolvers, How: Field, Fields: fields("resolvers[].hold_valid")},
		{Keyword: "timeout resolve", In: Resolvers, How: Field, Fields: fields("resolvers[].timeout_resolve")},
		{Keyword: "timeout retry", In: Resolvers, How: Field, Fields: fields("resolvers[].timeout_retry")},
		{Keyword: "mailer", In: Mailers, Many: true},
		{Keyword: "dgram-bind", In: LogForward, Many: true},
		{Keyword: "set-param", In: FCGIApp, Many: true},
		{Keyword: "pass-header", In: FCGIApp, Many: true},
		{Keyword: "maxconn", In: LogForward},
		{Keyword: "backlog", In: LogForward},
	}
	facts = append(facts, plain(Peers, "", "disabled, enabled, default-bind")...)
	facts = append(facts, plain(Ring, "", "backing-file, description, format, maxlen, size")...)
	facts = append(facts, plain(Program, "", "user, group, option start-on-reload")...)
	facts = append(facts, plain(Cache, "", "max-age, max-object-size, max-secondary-entries, process-vary, total-max-size")...)
	return append(facts, plain(FCGIApp, "",
		"docroot, index, log-stderr, path-info, option get-values, option keep-conn, option max-reqs, option mpxs-conns")...)
}
