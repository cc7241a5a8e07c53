package view

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// Script is a check that Keepalived runs.
type Script struct {
	Name, Command     string
	Interval, Timeout int // seconds
	Rise, Fall        int // results in a row
	Weight            int // 0: a failure is FAULT
	User              string
	Origin            string
}

// Process is a program that Keepalived watches by the kernel's process events.
type Process struct {
	Name, Program string
	Weight        int // 0: its end is FAULT
	Origin        string
}

// killall proves that a process of the name lives. It comes from psmisc, in
// /usr/bin on every platform.
const killall = "/usr/bin/killall -0 haproxy"

// askAlive asks HAProxy itself: no shell, a status that is not 2xx or 3xx is a
// failure (-f), and it ends by itself when the time is over.
const askAlive = "/usr/bin/curl -sf -o /dev/null --max-time %d http://%s%s"

// track adds what an item watches, and returns the names.
func (k *Keepalived) track(v model.VRRP, path string) (scripts, processes []string) {
	switch h := v.Track.HAProxy; {
	case h.IsOff():
	case h.MethodOrDefault() == "process":
		p := Process{Program: "haproxy", Weight: int(h.Weight), Origin: Mark(path + ".haproxy")}
		processes = append(processes, k.process(p, v.Name))
	default:
		scripts = append(scripts, k.script(haproxyScript(h, k.ScriptUser, path+".haproxy"), v.Name))
	}
	for i, s := range v.Track.Scripts {
		scripts = append(scripts, s.Name)
		if !k.hasScript(s.Name) { // two instances may share it
			k.Scripts = append(k.Scripts, Script{
				Name: s.Name, Command: commandLine(s.Command), Origin: Mark(at(path+".scripts", i)),
				Interval: seconds(s.Interval, TrackInterval), Timeout: seconds(s.Timeout, TrackTimeout),
				Rise: number(s.Rise, TrackRise), Fall: number(s.Fall, TrackFall), Weight: int(s.Weight), User: s.User,
			})
		}
	}
	return scripts, processes
}

// haproxyScript is the check of HAProxy. killall needs root to see the process
// of another user.
func haproxyScript(h *model.TrackHAProxy, user, path string) Script {
	if h == nil {
		h = &model.TrackHAProxy{} // a node without HAProxy must not hold the VIP
	}
	s := Script{
		Command: killall, Origin: Mark(path),
		Interval: seconds(h.Interval, TrackInterval), Timeout: seconds(h.Timeout, TrackTimeout),
		Rise: number(h.Rise, TrackRise), Fall: number(h.Fall, TrackFall), Weight: int(h.Weight),
	}
	if h.MethodOrDefault() == "http" {
		page := h.HTTP.OrDefault()
		s.Command = fmt.Sprintf(askAlive, s.Timeout, page.Listener(), quoteArgument(page.URI))
	} else if user != ScriptUser {
		s.User = ScriptUser
	}
	return s
}

// script returns the name of a check of HAProxy, and adds one where none of
// the ones there are checks the same way.
func (k *Keepalived) script(s Script, instance string) string {
	for _, other := range k.Scripts {
		s.Name, s.Origin = other.Name, other.Origin
		if other == s {
			return s.Name
		}
	}
	s.Name = k.checkName(instance)
	k.Scripts = append(k.Scripts, s)
	return s.Name
}

// process is script for a process.
func (k *Keepalived) process(p Process, instance string) string {
	for _, other := range k.Processes {
		if other.Weight == p.Weight {
			return other.Name
		}
	}
	p.Name = k.checkName(instance)
	k.Processes = append(k.Processes, p)
	return p.Name
}

// checkName is the name of the next check of HAProxy: the model leaves all that
// begin with TrackedHAProxy to it.
func (k *Keepalived) checkName(instance string) string {
	if k.hasScript(model.TrackedHAProxy) || len(k.Processes) > 0 {
		return model.TrackedHAProxy + "_" + instance
	}
	return model.TrackedHAProxy
}

func (k *Keepalived) hasScript(name string) bool {
	return slices.ContainsFunc(k.Scripts, func(s Script) bool { return s.Name == name })
}

// commandLine joins the words of a command as Keepalived takes them apart
// again (tried with 2.2.7, 2.2.8 and 2.4.3): what stands between single quotes
// is one word, and the model lets no quote, backslash or $ in.
func commandLine(words []string) string {
	var line []string
	for _, w := range words {
		line = append(line, quoteArgument(w))
	}
	return strings.Join(line, " ")
}

// plainWord are the characters that mean nothing to Keepalived anywhere.
const plainWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,@%+="

func quoteArgument(word string) string {
	if strings.Trim(word, plainWord) == "" {
		return word
	}
	return "'" + word + "'"
}
