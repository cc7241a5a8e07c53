package view

import (
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Backend is one backend.
type Backend struct {
	Section
	Name   string
	Choice []Rule // mode, and how a server is chosen
	Rules  Rules
	// DynamicKey is what the values of the cookie are computed with, nil where
	// each server has its own.
	DynamicKey *Secret
	Health     Health
	// Servers are "NAME ADDRESS OPTIONS", and Templates the same of those that a
	// name stands for, each led by its mark. They are one string and not fields,
	// because what costs a template is the printing of each, and a large site
	// has 100,000 servers.
	Servers, Templates []string
	Made               int // servers that the templates make at most
	Sorry              []Rule
	Remote             *Remote // the backend in its place, nil where it has none
}

func resolveBackend(site *model.Site, b *model.Backend, origin string, in model.Inputs, aborts bool) Backend {
	p := newServerPrinter(site, b, origin)
	back := Backend{
		Section: Section{Origin: Mark(origin), Retries: b.Retries, Timeouts: backendTimeouts(b.Timeouts, origin),
			Options: backendOptions(site, b, origin, aborts), Raw: rawLines(b.Raw, origin+".raw")},
		Name: b.Name, Choice: append(modeLine(b.Mode, origin), balance(b, origin)...), Rules: backendRules(site, b, origin),
		Health:  resolveHealth(b.Health, origin+".health", in),
		Servers: p.servers(), Templates: p.templates(),
		Sorry: resolveSorry(site, b.Sorry, origin+".sorry"), Remote: resolveRemote(site, b, origin+".sorry.remote"),
	}
	back.Health.Servers = append(p.health(), p.defaults()...)
	for _, t := range b.ServerTemplates {
		back.Made += t.Count
	}
	if b.Persist != nil && b.Persist.Cookie != nil {
		back.DynamicKey = resolveSecret(b.Persist.Cookie.DynamicKey, origin+".persist.cookie.dynamic_key", in)
	}
	return back
}

func backendTimeouts(t model.BackendTimeouts, origin string) []Timeout {
	return written(origin,
		timeout{"queue", "queue", t.Queue},
		timeout{"connect", "connect", t.Connect},
		timeout{"server", "server", t.Server},
		timeout{"check", "check", t.Check},
		timeout{"tunnel", "tunnel", t.Tunnel},
		timeout{"server-fin", "server_fin", t.ServerFin},
	)
}

// balance says how a server is chosen. Names of headers and parameters have a
// strict shape.
func balance(b *model.Backend, origin string) []Rule {
	lines := []Rule{{Origin: Mark(origin + ".balance"), Verb: "balance " + algorithm(b.Balance)}}
	if b.HashConsistent {
		lines = append(lines, Rule{Origin: Mark(origin + ".hash_consistent"), Verb: "hash-type consistent"})
	}
	return lines
}

func algorithm(b model.Balance) string {
	switch {
	case b.URLParam != "":
		return "url_param " + b.URLParam
	case b.Hdr != "":
		return "hdr(" + b.Hdr + ")"
	case b.URI != nil:
		words := []string{"uri"}
		if b.URI.Whole {
			words = append(words, "whole")
		}
		if b.URI.Len > 0 {
			words = append(words, "len", strconv.Itoa(b.URI.Len))
		}
		if b.URI.Depth > 0 {
			words = append(words, "depth", strconv.Itoa(b.URI.Depth))
		}
		return strings.Join(words, " ")
	case b.Algorithm != "":
		return b.Algorithm
	default:
		return Balance
	}
}

// backendOptions are the lines whose order does not matter.
func backendOptions(site *model.Site, b *model.Backend, origin string, aborts bool) []Rule {
	var lines []Rule
	add := func(field, line string) { lines = append(lines, Rule{Origin: Mark(origin + "." + field), Verb: line}) }
	if b.Redispatch != nil && *b.Redispatch {
		add("redispatch", "option redispatch")
	} else if b.Redispatch != nil {
		add("redispatch", "no option redispatch")
	}
	if b.HTTPReuse != "" {
		add("http_reuse", "http-reuse "+b.HTTPReuse)
	}
	for _, o := range []struct {
		on          bool
		field, line string
	}{
		{b.PretendKeepalive, "http_pretend_keepalive", "option http-pretend-keepalive"},
		{b.TCPKeepalive, "tcp_keepalive", "option srvtcpka"},
		{b.AllBackups, "allbackups", "option allbackups"},
	} {
		if o.on {
			add(o.field, o.line)
		}
	}
	lines = append(lines, abortOnClose(b, origin, aborts)...)
	lines = append(lines, connection(b.HTTPConnection, origin)...)
	lines = append(lines, errorPages(site, b.ErrorPages, origin)...)
	lines = append(lines, compression(b.Compression, origin)...)
	return append(lines, persistence(site, b, origin+".persist")...)
}
