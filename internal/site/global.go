package site

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// Global is HAProxy's global section.
type Global struct {
	*model.Global
	Maxconn     int
	StatsSocket StatsSocket
	TLS         TLSDefaults
}

// StatsSocket is the runtime socket.
type StatsSocket struct {
	*model.StatsSocket
	Path        string // on the node
	Mode, Level string
}

// TLSDefaults is what TLS uses where a bind or a server says nothing itself.
type TLSDefaults struct {
	*model.TLSDefaults
	MinVersion string // "" where the site has no TLS
	Ciphers    string // "" for the system's own
}

func (s *Site) global() Global {
	g := &s.Written.Global
	socket := &g.StatsSocket
	return Global{
		Global: g, Maxconn: s.Written.MaxconnInAll(), TLS: s.tlsDefaults(&g.TLS),
		StatsSocket: StatsSocket{socket, s.Machine.StatsSocket, cmp.Or(socket.Mode, SocketMode), cmp.Or(socket.Level, SocketLevel)},
	}
}

// tlsDefaults has a minimum version wherever there is TLS at all.
func (s *Site) tlsDefaults(t *model.TLSDefaults) TLSDefaults {
	if !s.profile.tls {
		return TLSDefaults{t, t.MinVersion, t.Ciphers}
	}
	d := TLSDefaults{TLSDefaults: t, MinVersion: t.MinVersion, Ciphers: cmp.Or(t.Ciphers, s.Machine.Ciphers)}
	if d.MinVersion == "" && (*t != model.TLSDefaults{} || s.UsesTLS) {
		d.MinVersion = TLSMinVersion
	}
	return d
}

// usesTLS says whether anything in the site speaks TLS.
func usesTLS(w *model.Site) bool {
	if w.Stats != nil && w.Stats.TLS != nil {
		return true
	}
	for i := range w.Frontends {
		if w.Frontends[i].EndsTLS() {
			return true
		}
	}
	for i := range w.Backends { // by index: there may be 100,000 servers
		if backendUsesTLS(&w.Backends[i]) {
			return true
		}
	}
	return false
}

func backendUsesTLS(b *model.Backend) bool {
	if b.ServerDefaults.TLS != nil || b.Health.TLS != nil || b.Sorry != nil && b.Sorry.Remote != nil && b.Sorry.Remote.TLS != nil {
		return true
	}
	for i := range b.ServerTemplates {
		if b.ServerTemplates[i].TLS != nil {
			return true
		}
	}
	for i := range b.Servers {
		if b.Servers[i].TLS != nil {
			return true
		}
	}
	return false
}

// Log is a target of HAProxy's log lines.
type Log struct {
	Target   model.LogTarget
	Facility string
	Level    string    // the least important that is sent, "" for all
	Format   string    // what surrounds a line, "" for HAProxy's own
	Length   int       // bytes, 0 for HAProxy's own
	File     string    // absolute, "" where another machine writes it
	Path     diag.Path // "" where the site file names none
}

func (s *Site) logs() []Log {
	var logs []Log
	for _, l := range s.Written.Logs() {
		log := Log{Target: l.Target, Facility: l.Facility, Level: l.Level, Format: l.Format, Length: l.Length, Path: l.Path}
		if l.Target.IsLocal() {
			log.File = path.Join(s.Machine.Logs, l.File)
		}
		logs = append(logs, log)
	}
	return logs
}

// Keepalived is Keepalived's global_defs, beside what notifications say.
type Keepalived struct {
	*model.KeepalivedGlobal
	ScriptUser string
	// Facility is the number of the local syslog facility of its messages: the
	// first that HAProxy leaves free.
	Facility int
}

func keepalived(w *model.Site, logs []Log) Keepalived {
	n := 0
	for slices.ContainsFunc(logs, func(l Log) bool { return l.Facility == fmt.Sprintf("local%d", n) }) {
		n++
	}
	return Keepalived{&w.Keepalived, cmp.Or(w.Keepalived.ScriptUser, ScriptUser), n}
}

// Email is how Keepalived sends mail.
type Email struct {
	*model.Email
	SMTPServer         string
	SMTPConnectTimeout time.Duration
}

func email(e *model.Email) *Email {
	if e == nil {
		return nil
	}
	return &Email{e, cmp.Or(e.SMTPServer, SMTPServer), either(e.SMTPConnectTimeout, SMTPConnectTimeout)}
}

// either is the written time, or the default.
func either(written model.Duration, otherwise time.Duration) time.Duration {
	return cmp.Or(time.Duration(written), otherwise)
}

// pointed is what a pointer to a written value says, or the default.
func pointed[T any](written *T, otherwise T) T {
	if written == nil {
		return otherwise
	}
	return *written
}
