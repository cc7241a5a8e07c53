package view

import (
	"cmp"
	"time"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// The defaults are in internal/site, which everything shall read; these names
// go when what is printed reads the resolved site.
const (
	Maxconn              = site.Maxconn
	DefaultsMaxconn      = site.DefaultsMaxconn
	Retries              = site.Retries
	HTTPConnection       = site.HTTPConnection
	ForwardForExcept     = site.ForwardForExcept
	SocketMode           = site.SocketMode
	SocketLevel          = site.SocketLevel
	TLSMinVersion        = site.TLSMinVersion
	TimeoutHTTPRequest   = site.TimeoutHTTPRequest
	TimeoutQueue         = site.TimeoutQueue
	TimeoutConnect       = site.TimeoutConnect
	TimeoutClient        = site.TimeoutClient
	TimeoutServer        = site.TimeoutServer
	TimeoutHTTPKeepAlive = site.TimeoutHTTPKeepAlive
	TimeoutCheck         = site.TimeoutCheck
	Balance              = site.Balance
	Inter                = site.Inter
	Rise                 = site.Rise
	Fall                 = site.Fall
	CheckMethod          = site.CheckMethod
	CheckExpect          = site.CheckExpect
	SorryStatus          = site.SorryStatus
	RedisRole            = site.RedisRole
	CookieMode           = site.CookieMode
	StickOn              = site.StickOn
	StickSize            = site.StickSize
	StickExpire          = site.StickExpire
	StickLength          = site.StickLength
	Verify               = site.Verify
	InspectDelay         = site.InspectDelay
	RatePeriod           = site.RatePeriod
	RateStatus           = site.RateStatus
	RateSize             = site.RateSize
	ReturnStatus         = site.ReturnStatus
	RedirectSchemeCode   = site.RedirectSchemeCode
	RedirectCode         = site.RedirectCode
	AdvertInt            = site.AdvertInt
	TrackInterval        = site.TrackInterval
	TrackTimeout         = site.TrackTimeout
	TrackRise            = site.TrackRise
	TrackFall            = site.TrackFall
	ScriptUser           = site.ScriptUser
	SMTPServer           = site.SMTPServer
	SMTPConnectTimeout   = site.SMTPConnectTimeout
	HAProxyFacility      = site.HAProxyFacility
	KeepalivedFacility   = site.KeepalivedFacility
	LogDays              = site.LogDays
	ClientVerify         = site.ClientVerify
	CompressionAlgorithm = site.CompressionAlgorithm
)

func duration(d model.Duration, otherwise time.Duration) string {
	return cmp.Or(d, model.Duration(otherwise)).String()
}

func pointed(n *int, otherwise int) int {
	if n == nil {
		return otherwise
	}
	return *n
}
