package model

import (
	"cmp"

	"github.com/lbgen/lbgen/internal/diag"
)

// HostHeader is what sni says where the name is the one that the client asks
// for.
const HostHeader = "host header"

// on says whether TLS is spoken.
func (t *ServerTLS) on() bool { return t != nil && !t.Off }

// Over returns what a server's TLS is: what t says, and for the rest what the
// defaults say. Off is true where none is spoken.
func (t *ServerTLS) Over(defaults *ServerTLS) ServerTLS {
	var d, own ServerTLS
	if t == nil && !defaults.on() || t != nil && t.Off {
		return ServerTLS{Off: true}
	}
	if t != nil {
		own = *t
	}
	if defaults.on() {
		d = *defaults
	}
	if len(own.ALPN) == 0 {
		own.ALPN = d.ALPN
	}
	return ServerTLS{
		Verify: cmp.Or(own.Verify, d.Verify), CAFile: cmp.Or(own.CAFile, d.CAFile), SNI: cmp.Or(own.SNI, d.SNI),
		VerifyHost: cmp.Or(own.VerifyHost, d.VerifyHost), Certificate: cmp.Or(own.Certificate, d.Certificate),
		ALPN: own.ALPN, MinVersion: cmp.Or(own.MinVersion, d.MinVersion),
	}
}

// tlsOptions looks at one mapping of TLS to servers.
func (c *cross) tlsOptions(path diag.Path, t *ServerTLS, mode string) {
	if t.Verify == "none" {
		c.useless(path, "with verify: none", "nobody looks at the certificate: take it out, or write verify: required",
			written{"ca_file", t.CAFile != ""}, written{"verify_host", t.VerifyHost != ""})
	}
	if t.SNI == HostHeader && mode == ModeTCP {
		c.add(path.Key("sni"), "bad-value", "there is no host header in mode tcp", "write the name that the server is asked for, or mode: http")
	}
}

// isNamed says whether a certificate is compared with anything but what all
// public authorities have signed. A server that is given by name is asked for
// that name.
func (t ServerTLS) isNamed(host string) bool {
	return t.Off || t.Verify == "none" || t.CAFile != "" || t.SNI != "" || t.VerifyHost != "" || host != ""
}

// named wants it to be known whose certificate a server shows. It reports what
// server_defaults leave open once.
func (s *serverCheck) named(path diag.Path, own *ServerTLS, address Endpoint) {
	d := s.backend.ServerDefaults.TLS
	if own.Over(d).isNamed(address.Host) || !address.IsValid() {
		return
	}
	path = path.Key("tls")
	if own == nil {
		path = s.at.Key("server_defaults").Key("tls")
		if s.unnamed {
			return
		}
		s.unnamed = true
	}
	s.unknownName(path)
}

func (c *cross) unknownName(path diag.Path) {
	if !c.hasFailedBelow(path) {
		c.add(path, "missing-field", "nothing says whose certificate is good", noName)
	}
}

// remoteTLS looks at TLS to a sorry server.
func (c *cross) remoteTLS(path diag.Path, r *SorryRemote) {
	switch {
	case r.TLS == nil:
	case r.TLS.Off:
		c.add(path, "bad-value", "tls: false has no effect here", "nothing says that there is TLS: take it out")
	default:
		c.tlsOptions(path, r.TLS, ModeHTTP)
		if r.Address.IsValid() && !r.TLS.isNamed(r.Address.Host) {
			c.unknownName(path)
		}
	}
}
