package model

import (
	"errors"
	"strconv"
)

// The profiles of defaults: where what a site file leaves out comes from.
const (
	ProfileModern  = "modern"
	ProfileRHEL    = "rhel"
	ProfileHAProxy = "haproxy"
)

// none is written where a default is not wanted, and nothing in its place.
const none = "none"

// Limit is a number of connections, or none.
type Limit int

// NoLimit is the limit of a site file that says none.
const NoLimit Limit = -1

func (l *Limit) parse(text string) error {
	if text == none {
		*l = NoLimit
		return nil
	}
	const most = 10_000_000
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most || strconv.Itoa(n) != text {
		return errors.New("expected a whole number from 1 to 10000000, or none")
	}
	*l = Limit(n)
	return nil
}

// TimeLimit is a time-out, or none.
type TimeLimit Duration

// NoTimeLimit is the time-out of a site file that says none.
const NoTimeLimit TimeLimit = -1

func (l *TimeLimit) parse(text string) error {
	if text == none {
		*l = NoTimeLimit
		return nil
	}
	err := (*Duration)(l).parse(text)
	if err != nil {
		return errors.New(err.Error() + "; or none")
	}
	return nil
}

// ALPN are the protocols that a bind offers above TLS; of none it has one, "none".
type ALPN []string

// IsNone says whether the site file wants none to be offered.
func (a ALPN) IsNone() bool { return len(a) == 1 && a[0] == none }

// MaxconnInAll returns how many connections HAProxy takes in all; 0 where it finds that
// out by itself, from how many files it may open.
func (s *Site) MaxconnInAll() int {
	switch m := s.Global.Maxconn; {
	case m == NoLimit:
		return 0
	case m != 0:
		return int(m)
	case s.Defaults.Profile == ProfileRHEL:
		return RHELMaxconn
	default:
		return 0
	}
}

// RHELMaxconn is what Red Hat's haproxy.cfg has.
const RHELMaxconn = 4000
