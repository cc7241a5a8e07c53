package site

import (
	"cmp"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// Backend is a group of servers that answer. Its servers are the written ones:
// server.go says what each of them is.
type Backend struct {
	*model.Backend
	Index          int
	Mode           string // http or tcp
	Balance        model.Balance
	Retries        int
	Redispatch     bool
	HTTPConnection string
	ForwardFor     *ForwardFor // nil: servers do not hear of the client's address
	Compression    *Compression
	Timeouts       Timeouts
	Persist        *Persist
	Rules          []Route
	Health         Health
	Sorry          *Sorry

	caBundle string // the authorities that the node's system believes
}

// Persist is how a client comes back to the same server: one of the two.
type Persist struct {
	Cookie *Cookie
	Table  *StickTable
}

// Cookie is the cookie that names a server.
type Cookie struct {
	*model.Cookie
	Mode string
}

// StickTable remembers which client was on which server.
type StickTable struct {
	*model.StickTable
	On     string // src or rdp_cookie; "" by the value of a cookie or header
	Size   int    // clients
	Expire time.Duration
}

// Health is how servers are checked.
type Health struct {
	*model.Health
	HTTP                        *HealthHTTP
	Redis                       *HealthRedis
	Inter, FastInter, DownInter time.Duration
	Rise, Fall                  int // results in a row
}

// HealthHTTP is the request of a check and the answer that is good.
type HealthHTTP struct {
	*model.HealthHTTP
	Method  string
	Version string // "" for HAProxy's own, 1.0
	// Expect are the good statuses, where the body decides nothing.
	Expect model.StatusList
}

// HealthRedis is what Redis is asked.
type HealthRedis struct {
	*model.HealthRedis
	Role string
}

// Sorry is what clients get when every server is down.
type Sorry struct {
	*model.Sorry
	Status int
	// Backend is the name of the backend with the one remote server; "" where
	// there is none.
	Backend string
}

func (s *Site) allBackends() (all []Backend, index map[string]int) {
	all, index = make([]Backend, 0, len(s.Written.Backends)), make(map[string]int, len(s.Written.Backends))
	for i := range s.Written.Backends {
		w := &s.Written.Backends[i]
		index[w.Name] = i
		all = append(all, Backend{
			Backend: w, Index: i, Mode: cmp.Or(w.Mode, s.Defaults.Mode), Balance: s.balance(w.Balance),
			Retries: pointed(w.Retries, s.Defaults.Retries), Redispatch: pointed(w.Redispatch, s.Defaults.Redispatch),
			HTTPConnection: cmp.Or(w.HTTPConnection, s.Defaults.HTTPConnection),
			ForwardFor:     s.forwardFor(w.ForwardFor, "backends", i),
			Compression:    compression(w.Compression), Timeouts: s.Defaults.Timeouts.ofBackend(w.Timeouts),
			Persist: persist(w.Persist), Rules: routes(w.Rules), Health: s.health(&w.Health), Sorry: sorry(w),
			caBundle: s.Machine.CABundle,
		})
	}
	return all, index
}

// Path is where the backend stands.
func (b *Backend) Path() diag.Path { return diag.Path("backends").Index(b.Index) }

// balance is none where HAProxy is to choose in its own way.
func (s *Site) balance(w model.Balance) model.Balance {
	if w == (model.Balance{}) {
		w.Algorithm = s.profile.balance
	}
	return w
}

func persist(w *model.Persist) *Persist {
	switch {
	case w == nil:
		return nil
	case w.Cookie != nil:
		return &Persist{Cookie: &Cookie{w.Cookie, cmp.Or(w.Cookie.Mode, CookieMode)}}
	}
	t := w.Table
	table := &StickTable{t, t.On, cmp.Or(t.Size, StickSize), either(t.Expire, StickExpire)}
	if t.On == "" && t.Cookie == "" && t.Header == "" {
		table.On = StickOn
	}
	return &Persist{Table: table}
}

func (s *Site) health(w *model.Health) Health {
	p := &s.profile
	inter := either(w.Inter, p.inter)
	h := Health{
		Health: w, Inter: inter, FastInter: either(w.FastInter, inter), DownInter: either(w.DownInter, inter),
		Rise: cmp.Or(w.Rise, p.rise), Fall: cmp.Or(w.Fall, p.fall),
	}
	if w.FastInter == 0 && p.fast != 0 {
		h.FastInter = min(p.fast, inter)
	}
	if w.HTTP != nil {
		h.HTTP = s.healthHTTP(w.HTTP)
	}
	if w.Redis != nil {
		h.Redis = &HealthRedis{w.Redis, cmp.Or(w.Redis.Role, RedisRole)}
	}
	return h
}

func (s *Site) healthHTTP(w *model.HealthHTTP) *HealthHTTP {
	h := &HealthHTTP{w, cmp.Or(w.Method, s.profile.checkMethod), w.Version, w.Expect}
	if h.Version == "" && h.Host != "" {
		h.Version = "1.1"
	}
	if good := s.profile.checkExpect; good != 0 && len(h.Expect) == 0 && h.Body == "" && h.BodyRegex == "" {
		h.Expect = model.StatusList{{From: good, To: good}}
	}
	return h
}

func sorry(b *model.Backend) *Sorry {
	if b.Sorry == nil {
		return nil
	}
	s := &Sorry{Sorry: b.Sorry, Status: cmp.Or(b.Sorry.Status, SorryStatus)}
	if b.Sorry.Remote != nil {
		s.Backend = model.SorryName(b.Name)
	}
	return s
}
