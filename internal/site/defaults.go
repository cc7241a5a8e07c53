package site

import "time"

// What a site file leaves out. The values are those of the prslb pair, which
// are the ones of Red Hat's haproxy.cfg where that says anything;
// docs/defaults.md has this table with the reasons, and a test compares them. The
// few that the model itself needs to compare fields with each other are there.
const (
	DefaultsMaxconn  = 3000 // connections of a frontend
	Retries          = 3
	HTTPConnection   = "server-close"
	ForwardForExcept = "127.0.0.0/8"
	ForwardForHeader = "X-Forwarded-For" // HAProxy's own
	SocketMode       = "600"
	SocketLevel      = "admin"
	TLSMinVersion    = "TLSv1.2"

	TimeoutHTTPRequest   = 10 * time.Second
	TimeoutQueue         = time.Minute
	TimeoutConnect       = 10 * time.Second
	TimeoutClient        = time.Minute
	TimeoutServer        = time.Minute
	TimeoutHTTPKeepAlive = 10 * time.Second
	TimeoutCheck         = 10 * time.Second

	Balance     = "roundrobin"
	Weight      = 1 // of a server: HAProxy's own
	Inter       = 2 * time.Second
	Rise        = 2
	Fall        = 3
	CheckMethod = "GET"
	CheckExpect = 200
	SorryStatus = 503
	RedisRole   = "any"
	CookieMode  = "insert"
	StickOn     = "src"
	StickSize   = 100_000
	StickExpire = 30 * time.Minute
	StickLength = 128        // bytes of a text that is remembered
	Verify      = "required" // whose certificate is good: of servers, and in checks

	InspectDelay       = 5 * time.Second
	RatePeriod         = 10 * time.Second
	RateStatus         = 429
	RateSize           = 100_000
	ReturnStatus       = 200
	RedirectSchemeCode = 301
	RedirectCode       = 302

	AdvertInt     = time.Second
	TrackInterval = 2 * time.Second
	TrackTimeout  = 2 * time.Second
	TrackRise     = 2
	TrackFall     = 2

	ScriptUser = "root"

	SMTPServer         = "localhost"
	SMTPConnectTimeout = 30 * time.Second

	LogDays = 30
)

// ALPN are the protocols that browsers speak above TLS, the better one first.
func ALPN() []string { return []string{"h2", "http/1.1"} }

// ClientVerify is what an authority for clients' certificates is written for.
const ClientVerify = "required"

// CompressionAlgorithm is the one that every browser knows.
const CompressionAlgorithm = "gzip"

// CompressionTypes are the kinds of answers that get much smaller.
func CompressionTypes() []string {
	return []string{"text/html", "text/plain", "text/css", "application/javascript", "application/json"}
}
