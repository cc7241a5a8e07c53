package site

import (
	"time"

	"github.com/lbgen/lbgen/internal/model"
)

// What a site file leaves out. docs/defaults.md has this table with the reasons, and a
// test compares them. What depends on the profile is in profile.go; those that begin
// with RHEL are of Red Hat's haproxy.cfg and of the prslb pair. The few that the model
// itself needs to compare fields with each other are there.
const (
	RHELMaxconn         = model.RHELMaxconn
	RHELFrontendMaxconn = 3000
	RHELConnection      = "server-close"
	RHELTimeoutQueue    = time.Minute
	RHELTimeoutConnect  = 10 * time.Second
	RHELTimeoutCheck    = 10 * time.Second
	RHELFall            = 3 // HAProxy's own
	RHELTrackInterval   = 2 * time.Second
	RHELTrackTimeout    = 2 * time.Second

	Retries          = 3 // HAProxy's own
	ForwardForExcept = "127.0.0.0/8"
	ForwardForHeader = "X-Forwarded-For" // HAProxy's own
	SocketMode       = "600"
	SocketLevel      = "admin"
	TLSMinVersion    = "TLSv1.2"

	TimeoutHTTPRequest   = 10 * time.Second
	TimeoutQueue         = 30 * time.Second
	TimeoutConnect       = 5 * time.Second
	TimeoutClient        = time.Minute
	TimeoutServer        = time.Minute
	TimeoutHTTPKeepAlive = 10 * time.Second
	TimeoutCheck         = time.Second

	Balance     = "roundrobin"
	Weight      = 1 // of a server: HAProxy's own
	Inter       = 2 * time.Second
	Rise        = 2
	FastInter   = 500 * time.Millisecond
	Fall        = 2
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
	TrackInterval = time.Second
	TrackTimeout  = time.Second
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
