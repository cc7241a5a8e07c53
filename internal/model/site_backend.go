package model

// Backend is a group of servers that answer.
type Backend struct {
	// Name, unique among frontends and backends.
	Name string `yaml:"name" validate:"required,name"`
	// http or tcp. Default: that of defaults.
	Mode string `yaml:"mode" validate:"omitempty,oneof=http tcp"`
	// How a server is chosen: a word, or a mapping for what it is computed from. Default roundrobin.
	Balance Balance `yaml:"balance"`
	// Change as few clients' servers as possible when one comes or goes: for source, uri, url_param and hdr.
	HashConsistent bool `yaml:"hash_consistent"`
	// Attempts to connect to a server after the first has failed. Default: that of defaults.
	Retries *int `yaml:"retries" validate:"omitempty,min=0,max=100"`
	// Give a request to another server where its own cannot be reached. Default: as defaults say.
	Redispatch *bool `yaml:"redispatch"`
	// Drop a waiting request whose client has gone.
	AbortOnClose bool `yaml:"abortonclose"`
	// What becomes of a connection after the answer: keep-alive, server-close or close. Default: that of defaults.
	HTTPConnection string `yaml:"http_connection" validate:"omitempty,oneof=keep-alive server-close close"`
	// Whether requests of different clients may share a connection to a server. Default: HAProxy's safe.
	HTTPReuse string `yaml:"http_reuse" validate:"omitempty,oneof=never safe aggressive always"`
	// Pretend to servers that every connection is kept: for servers that behave badly otherwise.
	PretendKeepalive bool `yaml:"http_pretend_keepalive"`
	// Tell servers the client's address, or false. Default: as defaults say.
	ForwardFor *ForwardFor `yaml:"forwardfor"`
	// Make answers smaller on their way.
	Compression *Compression `yaml:"compression"`
	// Pages that HAProxy sends instead of its own short ones, by status: HTML files, relative to the file that names them.
	ErrorPages map[string]string `yaml:"error_pages" validate:"dive,keys,error_status,endkeys,beside"`
	// TCP: have the kernel ask servers that have been silent for long whether they are still there.
	TCPKeepalive bool `yaml:"tcp_keepalive"`
	// Time-outs towards the servers, where they differ from defaults.
	Timeouts BackendTimeouts `yaml:"timeouts"`
	// How a client comes back to the same server.
	Persist *Persist `yaml:"persist"`
	// What is done with requests and answers on their way to and from the servers: routes without a backend.
	Rules []Route `yaml:"rules" validate:"max=1000,dive"`
	// How HAProxy finds out that a server is well.
	Health Health `yaml:"health"`
	// What all servers have, where they do not say otherwise.
	ServerDefaults ServerOptions `yaml:"server_defaults"`
	// The servers.
	Servers []Server `yaml:"servers" validate:"max=100000,dive"`
	// Servers that a name stands for: as many as the name server gives addresses.
	ServerTemplates []ServerTemplate `yaml:"server_templates" validate:"max=100,dive"`
	// All backup servers serve when the others are down, not only the first.
	AllBackups bool `yaml:"allbackups"`
	// What clients get when no server is left.
	Sorry *Sorry `yaml:"sorry"`
	// Lines for the backend that lbgen has no field for.
	Raw Raw `yaml:"raw"`
}

// BackendTimeouts are the time-outs that mean something in a backend.
type BackendTimeouts struct {
	// Time that a request waits for a free connection slot.
	Queue Duration `yaml:"queue"`
	// Time for a connection to a server to be established.
	Connect Duration `yaml:"connect"`
	// Time that a server may stay silent.
	Server Duration `yaml:"server"`
	// Time for a health check to answer once it is connected.
	Check Duration `yaml:"check"`
	// Time that both sides of a WebSocket or a TCP connection may stay silent.
	Tunnel Duration `yaml:"tunnel"`
	// Time that a server may stay silent after it has closed its half.
	ServerFin Duration `yaml:"server_fin"`
}

// Balance is how a server is chosen: the algorithm as a word, or one of the keys.
type Balance struct {
	// Algorithm is the word: roundrobin, static-rr, leastconn, source, uri, first or random.
	Algorithm string `yaml:"-"`
	// By the value of this parameter of the query.
	URLParam string `yaml:"url_param" validate:"omitempty,token"`
	// By the value of this header.
	Hdr string `yaml:"hdr" validate:"omitempty,token"`
	// By the path, and how much of it.
	URI *BalanceURI `yaml:"uri"`
}

// BalanceURI says how much of a path decides.
type BalanceURI struct {
	// The query, too.
	Whole bool `yaml:"whole"`
	// So many characters from the beginning.
	Len int `yaml:"len" validate:"omitempty,min=1,max=10000"`
	// So many folders from the beginning.
	Depth int `yaml:"depth" validate:"omitempty,min=1,max=100"`
}

// Persist is how a client comes back to the same server: by cookie or by table.
type Persist struct {
	// By a cookie.
	Cookie *Cookie `yaml:"cookie"`
	// By a table of who was where.
	Table *StickTable `yaml:"table"`
}

// Cookie is the cookie that names a server.
type Cookie struct {
	// Name.
	Name string `yaml:"name" validate:"required,token"`
	// insert: HAProxy adds it. rewrite: the server sends it and HAProxy writes its value. prefix: it
	// goes before the value of the server's own. Default insert.
	Mode string `yaml:"mode" validate:"omitempty,oneof=insert rewrite prefix"`
	// Do not show it to servers, and do not send it again where the client has it.
	Indirect bool `yaml:"indirect"`
	// Caches on the way must not keep answers that carry it.
	NoCache bool `yaml:"nocache"`
	// Add it only to answers to a POST.
	PostOnly bool `yaml:"postonly"`
	// A server may set or remove it itself.
	Preserve bool `yaml:"preserve"`
	// Scripts in the page cannot read it.
	HTTPOnly bool `yaml:"httponly"`
	// Browsers send it by TLS only.
	Secure bool `yaml:"secure"`
	// Domain that it is for, such as .example.com.
	Domain string `yaml:"domain" validate:"omitempty,host_end"`
	// Time without a request after which it counts no longer.
	MaxIdle Duration `yaml:"maxidle"`
	// Time after which it counts no longer, whatever happens.
	MaxLife Duration `yaml:"maxlife"`
	// Servers get a value that is computed from their address, and need no cookie of their own: with this key.
	DynamicKey Secret `yaml:"dynamic_key"`
	// SameSite of the cookie: Lax, Strict or None.
	SameSite string `yaml:"samesite" validate:"omitempty,oneof=Lax Strict None"`
}

// StickTable remembers which client was on which server.
type StickTable struct {
	// What a client is known by: src (its address), rdp_cookie, or one of cookie and header below. Default src.
	On string `yaml:"on" validate:"omitempty,oneof=src rdp_cookie"`
	// By the value of this cookie, which the server sets.
	Cookie string `yaml:"cookie" validate:"omitempty,token"`
	// By the value of this header.
	Header string `yaml:"header" validate:"omitempty,token"`
	// Clients that are remembered. Default 100000; each takes about 100 bytes.
	Size int `yaml:"size" validate:"omitempty,min=1,max=100000000"`
	// Time without a request after which a client is forgotten. Default 30m.
	Expire Duration `yaml:"expire"`
}

// Health is how servers are checked. Without more it is a TCP connection.
type Health struct {
	// Do not check at all: servers always count as up.
	Off bool `yaml:"off"`
	// Ask over HTTP.
	HTTP *HealthHTTP `yaml:"http"`
	// Send and expect over TCP.
	TCP []TCPStep `yaml:"tcp" validate:"max=50,dive"`
	// Shake hands by TLS and no more: nobody looks at the certificate.
	TLSHello bool `yaml:"tls_hello"`
	// Log in to MySQL or MariaDB.
	MySQL *HealthUser `yaml:"mysql"`
	// Begin a PostgreSQL session.
	PgSQL *HealthUser `yaml:"pgsql"`
	// Ask Redis.
	Redis *HealthRedis `yaml:"redis"`
	// Greet a mail server, with this name: an HELO.
	SMTP string `yaml:"smtp" validate:"omitempty,host"`
	// Bind to LDAP as nobody.
	LDAP bool `yaml:"ldap"`
	// Ask a program on the server how much it can bear, too.
	Agent *HealthAgent `yaml:"agent"`
	// Speak TLS in checks. Default: as the traffic does.
	TLS *HealthTLS `yaml:"tls"`
	// Time between two checks. Default 2s.
	Inter Duration `yaml:"inter"`
	// Time between two checks while a server is on its way up or down. Default 500ms, or inter where that is less; with profile rhel inter.
	FastInter Duration `yaml:"fastinter"`
	// Time between two checks while a server is down. Default: inter.
	DownInter Duration `yaml:"downinter"`
	// Good checks in a row until a server counts as up. Default 2.
	Rise int `yaml:"rise" validate:"omitempty,min=1,max=100"`
	// Bad checks in a row until a server counts as down. Default 2; with profile rhel 3.
	Fall int `yaml:"fall" validate:"omitempty,min=1,max=100"`
	// Port that is checked (1-65535). Default: the server's. The PROXY protocol's header is not sent to another.
	Port int `yaml:"port" validate:"omitempty,min=1,max=65535"`
}

// HealthHTTP is the request of a health check and the answer that is good.
type HealthHTTP struct {
	// Method of the request. Default GET.
	Method string `yaml:"method" validate:"omitempty,oneof=GET HEAD OPTIONS POST"`
	// Path of the request, beginning with a slash.
	URI string `yaml:"uri" validate:"required,uri_path"`
	// Host that is asked for; it makes the request HTTP/1.1.
	Host string `yaml:"host" validate:"omitempty,host"`
	// Version of the request: 1.0 or 1.1. Default 1.1 where there is a host, 1.0 otherwise.
	Version string `yaml:"version" validate:"omitempty,oneof=1.0 1.1"`
	// Further headers of the request.
	Headers []Header `yaml:"headers" validate:"max=16,dive"`
	// Status that a healthy server answers with: one, a range such as 200-399, or a list of both. Default 200.
	Expect StatusList `yaml:"expect"`
	// Text that the answer's body must hold, in place of expect.
	Body string `yaml:"body" validate:"omitempty,text"`
	// Regular expression for the answer's body, in place of expect.
	BodyRegex string `yaml:"body_regex" validate:"omitempty,text"`
}

// TCPStep is one step of a TCP check: exactly one of send, expect and expect_regex.
type TCPStep struct {
	// Text to send, or where it comes from; \r, \n, \t, \\ and \xHH stand for one byte each.
	Send Secret `yaml:"send"`
	// Text that must come, with the same marks.
	Expect string `yaml:"expect" validate:"omitempty,text"`
	// Regular expression for what must come.
	ExpectRegex string `yaml:"expect_regex" validate:"omitempty,text"`
}

// HealthUser is whom a check logs in as.
type HealthUser struct {
	// User. It needs no rights.
	User string `yaml:"user" validate:"required,account"`
}

// HealthRedis is what Redis is asked.
type HealthRedis struct {
	// any: it answers PING. primary: it is the one that may be written to. Default any.
	Role string `yaml:"role" validate:"omitempty,oneof=any primary"`
	// Password of Redis.
	Password Secret `yaml:"password"`
}

// HealthAgent is a program on the server that says how much it can bear.
type HealthAgent struct {
	// Its TCP port (1-65535).
	Port int `yaml:"port" validate:"required,min=1,max=65535"`
	// Time between two questions. Default: HAProxy's 2s.
	Inter Duration `yaml:"inter"`
}

// HealthTLS is TLS in checks, or not: true, false, or a mapping.
type HealthTLS struct {
	// Off is true where the site file says false.
	Off bool `yaml:"-"`
	// Name that is asked for. Default: the one that the traffic asks for.
	SNI string `yaml:"sni" validate:"omitempty,host_name"`
	// required: the server's certificate must be good. none: whoever answers is believed. For checks
	// of servers whose traffic has no TLS of ours. Default required.
	Verify string `yaml:"verify" validate:"omitempty,oneof=required none"`
	// Absolute path on the node of the authorities that the certificate must come from. Default: the system's.
	CAFile string `yaml:"ca_file" validate:"omitempty,path"`
}

// Server is one machine behind HAProxy.
type Server struct {
	// Name, unique in its backend.
	Name string `yaml:"name" validate:"required,name"`
	// Address or name, and port, such as 192.168.50.61:80, [2001:db8::61]:80 or web1.example.com:80. Without port: the one that the
	// client came to.
	Address ServerAddress `yaml:"address" validate:"required"`
	// Value of the cookie that names this server. Default: the server's name.
	Cookie string `yaml:"cookie" validate:"omitempty,cookie_value"`
	ServerOptions
}

// ServerTemplate is as many servers as a name has addresses.
type ServerTemplate struct {
	// Beginning of the servers' names; a number follows.
	Prefix string `yaml:"prefix" validate:"required,name"`
	// How many at most.
	Count int `yaml:"count" validate:"required,min=1,max=10000"`
	// Name and port, such as web.example.com:80, or the name of SRV records, which tell the ports too, such as
	// _http._tcp.web.example.com. A name server tells the addresses while HAProxy runs: resolvers is needed.
	Address TemplateAddress `yaml:"address" validate:"required"`
	ServerOptions
}

// ServerOptions are what a server may have, and server_defaults for all.
type ServerOptions struct {
	// Share of the requests (0-256); 0: none but those that stick. Default: HAProxy's 1.
	Weight *int `yaml:"weight" validate:"omitempty,min=0,max=256"`
	// Connections at the same time; more requests wait.
	Maxconn int `yaml:"maxconn" validate:"omitempty,min=1,max=10000000"`
	// Requests that may wait for this server; more go to another.
	Maxqueue int `yaml:"maxqueue" validate:"omitempty,min=1,max=10000000"`
	// Serves only when all others are down.
	Backup *bool `yaml:"backup"`
	// Out of service until somebody switches it on by the runtime socket.
	Disabled *bool `yaml:"disabled"`
	// Time over which a server that came up gets more and more requests.
	Slowstart Duration `yaml:"slowstart"`
	// How this server is checked, where that differs from the backend's health.
	Check *ServerCheck `yaml:"check"`
	// Speak TLS to the server. false where server_defaults have it and this server has not.
	TLS *ServerTLS `yaml:"tls"`
	// Send the PROXY protocol's header first: v1 or v2, or none where server_defaults have one.
	SendProxy string `yaml:"send_proxy" validate:"omitempty,oneof=v1 v2 none"`
	// What becomes of a server's connections when it goes down. Default: they go on.
	OnMarkedDown string `yaml:"on_marked_down" validate:"omitempty,oneof=shutdown-sessions"`
	// What becomes of the backup servers' connections when a server comes up. Default: they go on.
	OnMarkedUp string `yaml:"on_marked_up" validate:"omitempty,oneof=shutdown-backup-sessions"`
	// Name of the resolvers that look the server's name up while HAProxy runs.
	Resolvers string `yaml:"resolvers" validate:"omitempty,name"`
	// Version of HTTP that the server speaks from the first byte on: h2 for HTTP/2 in clear text, as of gRPC. Default: HTTP/1, and what
	// alpn says above TLS.
	Proto string `yaml:"proto" validate:"omitempty,oneof=h1 h2"`
	// Up and down as another server is, in place of checks of its own: BACKEND/SERVER. Not in server_defaults.
	Track string `yaml:"track" validate:"omitempty,tracked"`
	// Address of the node that connections to the server leave from, where the system's choice is not the right one.
	Source HostAddress `yaml:"source"`
	// Watch the traffic as well, and count errors of connections (layer4) or answers (layer7) as bad checks.
	Observe string `yaml:"observe" validate:"omitempty,oneof=layer4 layer7"`
	// With observe: errors in a row that count. Default: HAProxy's 10.
	ErrorLimit int `yaml:"error_limit" validate:"omitempty,min=1,max=1000000"`
	// With observe: what is done then: fastinter, fail-check, sudden-death or mark-down. Default: HAProxy's fail-check.
	OnError string `yaml:"on_error" validate:"omitempty,oneof=fastinter fail-check sudden-death mark-down"`
	// Further words of the server's line that lbgen has no field for, such as pool-max-conn 10.
	Raw RawWords `yaml:"raw"`
}

// ServerCheck is what is particular to the checks of one server.
type ServerCheck struct {
	// Do not check this server: it always counts as up.
	Off bool `yaml:"off"`
	// Port that is checked (1-65535).
	Port int `yaml:"port" validate:"omitempty,min=1,max=65535"`
	// Time between two checks.
	Inter Duration `yaml:"inter"`
	// Time between two checks while the server is on its way up or down.
	FastInter Duration `yaml:"fastinter"`
	// Time between two checks while the server is down.
	DownInter Duration `yaml:"downinter"`
	// Good checks in a row until it counts as up.
	Rise int `yaml:"rise" validate:"omitempty,min=1,max=100"`
	// Bad checks in a row until it counts as down.
	Fall int `yaml:"fall" validate:"omitempty,min=1,max=100"`
}

// ServerTLS is TLS to a server: a mapping, true where server_defaults say all that there is to say, or false.
type ServerTLS struct {
	// Off is true where the site file says false.
	Off bool `yaml:"-"`
	// required: the server's certificate must be good. none: whoever answers is believed. Default required.
	Verify string `yaml:"verify" validate:"omitempty,oneof=required none"`
	// Absolute path on the node of the authorities that the server's certificate must come from. Default: the system's.
	CAFile string `yaml:"ca_file" validate:"omitempty,path"`
	// Name that the server is asked for: a host name, or the words "host header" for what the client
	// asked for. Default: the server's, where its address is a name.
	SNI string `yaml:"sni" validate:"omitempty,sni"`
	// Name that must stand in the server's certificate. Default: sni, where that is a name.
	VerifyHost string `yaml:"verify_host" validate:"omitempty,host_name"`
	// Absolute path on the node of a PEM file with our own certificate and key.
	Certificate string `yaml:"certificate" validate:"omitempty,path"`
	// Protocols to offer above TLS, the best first, such as h2 and http/1.1.
	ALPN []string `yaml:"alpn" validate:"max=10,dive,alpn"`
	// Oldest TLS version that is spoken. Default: that of global.tls.
	MinVersion string `yaml:"min_version" validate:"omitempty,oneof=TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3"`
}

// Sorry is what clients get when every server is down: exactly one of page, remote and redirect.
type Sorry struct {
	// HTML file, relative to the file that names it. HAProxy serves it itself.
	Page string `yaml:"page" validate:"omitempty,beside"`
	// Status that the page is sent with, HAProxy's own or the remote one: 503 or 200. Default 503, so
	// that caches and search engines do not keep it.
	Status int `yaml:"status" validate:"omitempty,oneof=200 503"`
	// A machine that has the page; the browser's address does not change. In the seconds before the
	// last server is marked down clients get HAProxy's own 503: error_pages may have a page for these.
	Remote *SorryRemote `yaml:"remote"`
	// Address that the browser is sent to, with status 302.
	Redirect string `yaml:"redirect" validate:"omitempty,url"`
}

// SorryRemote is a page on another machine.
type SorryRemote struct {
	// Address and port.
	Address Endpoint `yaml:"address" validate:"required"`
	// Path of the page. Whatever was asked for, this is what is fetched. Where the address is a name,
	// it is also the host that is asked for; otherwise that stays what the browser wrote.
	Path string `yaml:"path" validate:"required,uri_path"`
	// Speak TLS to it.
	TLS *ServerTLS `yaml:"tls"`
}

// Resolvers are name servers.
type Resolvers struct {
	// Name.
	Name string `yaml:"name" validate:"required,name"`
	// Addresses and ports, such as 192.168.50.53:53.
	Nameservers []Endpoint `yaml:"nameservers" validate:"max=16"`
	// Take the name servers of /etc/resolv.conf on the node.
	ParseResolvConf bool `yaml:"parse_resolv_conf"`
	// Time that a good answer is believed. Default: HAProxy's 10s.
	HoldValid Duration `yaml:"hold_valid"`
	// Time to wait for an answer before the question is sent again. Default: HAProxy's 1s.
	TimeoutRetry Duration `yaml:"timeout_retry"`
	// Time between two questions for one name. Default: HAProxy's 1s.
	TimeoutResolve Duration `yaml:"timeout_resolve"`
	// How often a question is sent again. Default: HAProxy's 3.
	ResolveRetries int `yaml:"resolve_retries" validate:"omitempty,min=1,max=100"`
	// Size in bytes of an answer that is accepted (512-8192): more for a name of many addresses.
	AcceptedPayloadSize int `yaml:"accepted_payload_size" validate:"omitempty,min=512,max=8192"`
	// Lines for the section, as they are.
	Raw Raw `yaml:"raw"`
}

// Peers is the channel by which the nodes share their stick tables.
type Peers struct {
	// Role of the NIC that it goes over.
	NIC string `yaml:"nic" validate:"required"`
	// TCP port (1-65535). Default 10001.
	Port int `yaml:"port" validate:"omitempty,min=1,max=65535"`
}
