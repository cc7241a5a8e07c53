package model

// Frontend is a place where clients come in.
type Frontend struct {
	// Name, unique among frontends and backends.
	Name string `yaml:"name" validate:"required,name"`
	// http or tcp. Default: that of defaults.
	Mode string `yaml:"mode" validate:"omitempty,oneof=http tcp"`
	// Addresses and ports that it listens on.
	Binds []Bind `yaml:"binds" validate:"required,min=1,dive"`
	// Connections that it accepts at the same time. Default: that of defaults.
	Maxconn int `yaml:"maxconn" validate:"omitempty,min=1,max=10000000"`
	// Time-outs towards the client, where they differ from defaults.
	Timeouts FrontendTimeouts `yaml:"timeouts"`
	// What becomes of a connection after the answer: keep-alive, server-close or close. Default: that of defaults.
	HTTPConnection string `yaml:"http_connection" validate:"omitempty,oneof=keep-alive server-close close"`
	// Tell servers the client's address, or false. Default: as defaults say.
	ForwardFor *ForwardFor `yaml:"forwardfor"`
	// Tell servers how the client came, in X-Forwarded-Proto, where TLS ends here. Default: as defaults say.
	ForwardedProto *bool `yaml:"forwarded_proto"`
	// Make answers smaller on their way.
	Compression *Compression `yaml:"compression"`
	// Pages that HAProxy sends instead of its own short ones, by status: HTML files, relative to the file that names them.
	ErrorPages map[string]string `yaml:"error_pages" validate:"dive,keys,error_status,endkeys,beside"`
	// Path at which HAProxy itself answers 200, for somebody else's monitoring.
	MonitorURI string `yaml:"monitor_uri" validate:"omitempty,uri_path"`
	// Format of the log lines, in HAProxy's own language.
	LogFormat string `yaml:"log_format" validate:"omitempty,log_format"`
	// Tell browsers to come by TLS only from now on (HTTP Strict Transport Security).
	HSTS *HSTS `yaml:"hsts"`
	// TCP: time that a client's first bytes are waited for when a route looks at them. Default 5s.
	InspectDelay Duration `yaml:"inspect_delay"`
	// TCP: have the kernel ask clients that have been silent for long whether they are still there.
	TCPKeepalive bool `yaml:"tcp_keepalive"`
	// What is done with which requests, in the order in which it is tried. A request that goes to a backend is tried no further.
	Routes []Route `yaml:"routes" validate:"max=1000,dive"`
	// Backend that gets the requests that no route has taken.
	DefaultBackend string `yaml:"default_backend" validate:"omitempty,name"`
	// Lines for the frontend that lbgen has no field for.
	Raw Raw `yaml:"raw"`
}

// FrontendTimeouts are the time-outs that mean something in a frontend.
type FrontendTimeouts struct {
	// Time for a client to send a whole request head.
	HTTPRequest Duration `yaml:"http_request"`
	// Time that a client may stay silent.
	Client Duration `yaml:"client"`
	// Time that an idle connection is kept for the client's next request.
	HTTPKeepAlive Duration `yaml:"http_keep_alive"`
	// Time that a client may stay silent after it has closed its half.
	ClientFin Duration `yaml:"client_fin"`
}

// Bind is what a frontend listens on: exactly one of vip, nic and address, and the ports.
type Bind struct {
	// Name of a VRRP instance (all its VIPs) or of one VIP.
	VIP string `yaml:"vip"`
	// Role of a NIC: every node's own address there, so that one file serves all nodes.
	NIC string `yaml:"nic"`
	// An address, or "*" for all of IPv4, "::" for all of IPv6.
	Address BindAddress `yaml:"address"`
	// TCP ports (1-65535), or ranges of them such as 30000-30100.
	Ports BindPorts `yaml:"ports" validate:"omitempty,min=1,max=10000"`
	// One TCP port, in place of ports.
	Port int `yaml:"port" validate:"omitempty,min=1,max=65535"`
	// Open these ports to clients in the firewall. Default: true for a VIP and for address, false for a NIC.
	Open *bool `yaml:"open"`
	// TLS ends here.
	TLS *BindTLS `yaml:"tls"`
	// Clients are proxies that send the PROXY protocol's header first.
	AcceptProxy bool `yaml:"accept_proxy"`
	// Version of HTTP that clients speak from the first byte on: h2 for HTTP/2 in clear text, as of gRPC. Default: HTTP/1, and what alpn
	// says above TLS.
	Proto string `yaml:"proto" validate:"omitempty,oneof=h1 h2"`
	// Further words of the bind that lbgen has no field for, such as tfo.
	Raw RawWords `yaml:"raw"`
}

// BindTLS is how TLS is ended.
type BindTLS struct {
	// Absolute path on the node: a PEM file with certificate, chain and key, or a folder of such files. Or {file: PEM}, or {cert: PEM,
	// key: PEM}: files beside the site file, which lbgen puts together and installs.
	Certificate Certificate `yaml:"certificate" validate:"required"`
	// Oldest TLS version that is spoken. Default: that of global.tls.
	MinVersion string `yaml:"min_version" validate:"omitempty,oneof=TLSv1.0 TLSv1.1 TLSv1.2 TLSv1.3"`
	// Protocols to offer above TLS, the best first, or [none]. Default in http mode: h2, http/1.1.
	ALPN ALPN `yaml:"alpn" validate:"max=10,dive,alpn"`
	// Ciphers up to TLS 1.2, in OpenSSL's words.
	Ciphers string `yaml:"ciphers" validate:"omitempty,ciphers"`
	// Ciphers of TLS 1.3, in OpenSSL's words.
	Ciphersuites string `yaml:"ciphersuites" validate:"omitempty,ciphersuites"`
	// Absolute path on the node of the certificates of authority that clients' certificates must come from.
	ClientCA string `yaml:"client_ca" validate:"omitempty,path"`
	// Absolute path on the node of the lists of clients' certificates that are no longer good.
	CRLFile string `yaml:"crl_file" validate:"omitempty,path"`
	// Whether a client must have a certificate: required or optional. Default required where client_ca is written.
	ClientVerify string `yaml:"client_verify" validate:"omitempty,oneof=required optional"`
	// Refuse clients that name none of the certificates' hosts, instead of showing the first certificate.
	StrictSNI bool `yaml:"strict_sni"`
}

// HSTS is the header Strict-Transport-Security.
type HSTS struct {
	// Time that browsers remember it, such as 365d.
	MaxAge Span `yaml:"max_age" validate:"required"`
	// For all names below this one, too.
	IncludeSubdomains bool `yaml:"include_subdomains"`
	// Ask browser makers to put the name on their lists. Hard to undo.
	Preload bool `yaml:"preload"`
}

// Compression makes answers smaller on their way.
type Compression struct {
	// Algorithms that are offered. Default gzip.
	Algorithms []string `yaml:"algorithms" validate:"max=4,dive,oneof=gzip deflate raw-deflate identity"`
	// Kinds of answers that it is done for, such as text/html. Default: text/html, text/plain,
	// text/css, application/javascript, application/json.
	Types []string `yaml:"types" validate:"max=50,dive,media_type"`
}

// Route is one step: what must match, and the one thing that is done then.
type Route struct {
	// What must match, all of it. Left out, the route is for every request.
	When []Match `yaml:"when" validate:"max=20,dive"`
	// Give it to this backend.
	Backend string `yaml:"backend" validate:"omitempty,name"`
	// HTTP: refuse it with this status.
	Deny int `yaml:"deny" validate:"omitempty,oneof=400 401 403 404 405 407 408 410 413 425 429 500 501 502 503 504"`
	// Close the connection without an answer.
	Reject bool `yaml:"reject"`
	// Try no further route but those to a backend: for clients that may do everything.
	Allow bool `yaml:"allow"`
	// Close the connection without a word, which costs an attacker time.
	SilentDrop bool `yaml:"silent_drop"`
	// Send the client elsewhere.
	Redirect *Redirect `yaml:"redirect"`
	// Answer with a page or a text.
	Return *Return `yaml:"return"`
	// Ask for a user and a password.
	Auth *Auth `yaml:"auth"`
	// Refuse a client that asks too often.
	RateLimit *RateLimit `yaml:"rate_limit"`
	// Set a header of the request, in place of what the client sent.
	SetHeader *Header `yaml:"set_header"`
	// Add a header to the request.
	AddHeader *Header `yaml:"add_header"`
	// Take a header out of the request: its name.
	DelHeader string `yaml:"del_header" validate:"omitempty,token"`
	// Set a header of the answer.
	SetResponseHeader *Header `yaml:"set_response_header"`
	// Add a header to the answer.
	AddResponseHeader *Header `yaml:"add_response_header"`
	// Take a header out of the answer: its name.
	DelResponseHeader string `yaml:"del_response_header" validate:"omitempty,token"`
	// Put another path in place of the request's.
	SetPath string `yaml:"set_path" validate:"omitempty,path_part"`
	// Take these folders off the beginning of the request's path: with /api, /api/x becomes /x, and /apix stays.
	StripPrefix string `yaml:"strip_prefix" validate:"omitempty,path_part"`
}

// Match is one thing that must match: exactly one criterion, of whose values one is enough.
type Match struct {
	// Name of the host that the client asks for; upper and lower case are one.
	Host Words `yaml:"host" validate:"max=200,dive,host_name"`
	// End of the host's name, such as .example.com: every name below it, and not itself.
	HostEnd Words `yaml:"host_end" validate:"max=200,dive,host_end"`
	// Regular expression for the host's name.
	HostRegex Words `yaml:"host_regex" validate:"max=50,dive,text"`
	// The path, whole.
	Path Words `yaml:"path" validate:"max=200,dive,path_part"`
	// Beginning of the path, such as /ms1/.
	PathBeg Words `yaml:"path_beg" validate:"max=200,dive,path_part"`
	// End of the path, such as .png.
	PathEnd Words `yaml:"path_end" validate:"max=200,dive,path_end"`
	// Regular expression for the path.
	PathRegex Words `yaml:"path_regex" validate:"max=50,dive,text"`
	// Method of the request, such as POST.
	Method Words `yaml:"method" validate:"max=20,dive,token"`
	// Networks that the client comes from.
	Src Networks `yaml:"src" validate:"max=1000"`
	// Port that the client came to.
	Port Ports `yaml:"port" validate:"max=50,dive,min=1,max=65535"`
	// A header of the request.
	Header *HeaderMatch `yaml:"header"`
	// A parameter of the request's query.
	URLParam *HeaderMatch `yaml:"url_param"`
	// A cookie of the request.
	Cookie *HeaderMatch `yaml:"cookie"`
	// Name that the client asks for in the beginning of TLS. In TCP mode, TLS may pass through.
	SNI Words `yaml:"sni" validate:"max=200,dive,host_name"`
	// End of that name, such as .example.com.
	SNIEnd Words `yaml:"sni_end" validate:"max=200,dive,host_end"`
	// Whether the client came by TLS that ends here.
	TLS *bool `yaml:"tls"`
	// The request of a certificate authority that looks whether the host is ours (ACME, HTTP-01).
	ACME bool `yaml:"acme"`
	// Whether a client's certificate was shown and is good.
	ClientCertificate *bool `yaml:"client_certificate"`
	// Name of a backend that has no server left.
	Down string `yaml:"down" validate:"omitempty,name"`
	// Take upper and lower case for one. Hosts always are.
	IgnoreCase bool `yaml:"ignore_case"`
	// The opposite must hold.
	Not bool `yaml:"not"`
}

// HeaderMatch is something by name, and what it must hold.
type HeaderMatch struct {
	// Name.
	Name string `yaml:"name" validate:"required,token"`
	// The whole value, or one of several that have commas between them. Without value, beg, end,
	// contains and regex it is enough that it is there.
	Value Words `yaml:"value" validate:"max=200,dive,text"`
	// Beginning of the value.
	Beg Words `yaml:"beg" validate:"max=200,dive,text"`
	// End of the value.
	End Words `yaml:"end" validate:"max=200,dive,text"`
	// Part of the value.
	Contains Words `yaml:"contains" validate:"max=200,dive,text"`
	// Regular expression for the value.
	Regex Words `yaml:"regex" validate:"max=50,dive,text"`
}

// Redirect sends the client elsewhere: by scheme, prefix or location.
type Redirect struct {
	// The same address by another scheme, for those that did not come by it.
	Scheme string `yaml:"scheme" validate:"omitempty,oneof=http https"`
	// The same path on another host: such as https://www.example.com.
	Prefix string `yaml:"prefix" validate:"omitempty,url"`
	// One place: an address or a path.
	Location string `yaml:"location" validate:"omitempty,url_or_path"`
	// Status: 301, 302, 303, 307 or 308. Default 301 for scheme, 302 otherwise.
	Code int `yaml:"code" validate:"omitempty,oneof=301 302 303 307 308"`
	// With prefix: leave the query out.
	DropQuery bool `yaml:"drop_query"`
}

// Return is an answer by HAProxy itself.
type Return struct {
	// Status (200-599). Default 200.
	Status int `yaml:"status" validate:"omitempty,min=200,max=599"`
	// HTML file, relative to the file that names it.
	Page string `yaml:"page" validate:"omitempty,beside"`
	// A short text, in place of page.
	Text string `yaml:"text" validate:"omitempty,text"`
	// Kind of the answer. Default: text/html for a page, text/plain for a text.
	ContentType string `yaml:"content_type" validate:"omitempty,media_type"`
}

// Auth asks for a user and a password.
type Auth struct {
	// Name of a userlist.
	Userlist string `yaml:"userlist" validate:"required,name"`
	// Groups of it that may pass. Default: every user.
	Groups []string `yaml:"groups" validate:"max=50,dive,name"`
	// What the browser shows when it asks.
	Realm string `yaml:"realm" validate:"omitempty,realm"`
}

// RateLimit refuses a client that comes too often: an IPv4 address, or an IPv6 network of 64 bits.
// Exactly one of requests, connections and concurrent.
type RateLimit struct {
	// Requests in a period that are still served.
	Requests int `yaml:"requests" validate:"omitempty,min=1,max=100000000"`
	// New connections in a period that are still served.
	Connections int `yaml:"connections" validate:"omitempty,min=1,max=100000000"`
	// Connections at the same time that are still served.
	Concurrent int `yaml:"concurrent" validate:"omitempty,min=1,max=100000000"`
	// Period that is counted. Default 10s.
	Period Duration `yaml:"period"`
	// Status of the refusal. Default 429. TCP: the connection is closed.
	Status int `yaml:"status" validate:"omitempty,oneof=400 403 429 503"`
	// Clients that are remembered. Default 100000; each takes about 100 bytes.
	Size int `yaml:"size" validate:"omitempty,min=1,max=100000000"`
	// Count requests by the last address in this header instead of the connection's: behind a proxy of yours.
	Header string `yaml:"header" validate:"omitempty,token"`
}

// Header is a header and its value: a text, or what HAProxy knows of the request.
type Header struct {
	// Name.
	Name string `yaml:"name" validate:"required,token"`
	// The text, or where it comes from: in Authorization, Cookie, X-Api-Key and the like it is a secret.
	Value Secret `yaml:"value"`
	// In place of value: one of HAProxy's samples, such as src, dst_port or ssl_c_s_dn(cn).
	Sample string `yaml:"sample" validate:"omitempty,sample"`
}

// Userlist is users for pages that ask for a password.
type Userlist struct {
	// Name.
	Name string `yaml:"name" validate:"required,name"`
	// The users.
	Users []User `yaml:"users" validate:"required,min=1,max=1000,dive"`
}

// User is one user of a list.
type User struct {
	// Name.
	Name string `yaml:"name" validate:"required,name"`
	// Hash of the password as crypt(3) makes it (mkpasswd -m sha-512), from a file or the environment.
	PasswordHash Secret `yaml:"password_hash"`
	// The password itself, in place of its hash: haproxy.cfg then holds it in clear text.
	Password Secret `yaml:"password"`
	// Groups that the user belongs to.
	Groups []string `yaml:"groups" validate:"max=50,dive,name"`
}
