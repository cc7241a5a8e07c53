package keepalived

import (
	"fmt"
	"slices"
	"time"

	conf "github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// watch is what the instances of a node track. Instances that check the same way
// share a check.
type watch struct {
	scripts   []script
	processes []process
}

// tracked are the lines of one instance about what it tracks.
type tracked struct{ interfaces, scripts, processes []conf.Line }

// script is a check that Keepalived runs.
type script struct {
	name              string
	command           string // as it stands in the file: what makes two of them equal
	word              conf.Word
	interval, timeout time.Duration
	rise, fall        int
	weight            int // 0: a failure is FAULT
	user              string
	from              diag.Path
}

// process is a program that Keepalived watches by the kernel's process events.
type process struct {
	name   string
	weight int // 0: its end is FAULT
	from   diag.Path
}

// killall proves that a process of the name lives. It comes from psmisc, in
// /usr/bin on every platform.
func killall() []string { return []string{"/usr/bin/killall", "-0", "haproxy"} }

// askAlive asks HAProxy itself: no shell, a status that is not 2xx or 3xx is a
// failure (-f), and it ends by itself when the time is over.
func askAlive(h *site.TrackHAProxy) []string {
	url := "http://" + h.HTTP.Listener().String() + h.HTTP.URI
	return []string{"/usr/bin/curl", "-sf", "-o", "/dev/null", "--max-time", fmt.Sprint(int(h.Timeout.Seconds())), url}
}

// track adds what an item watches, and returns the lines that say so.
func (p *printer) track(v *site.VRRP) tracked {
	from := v.Path().Key("track")
	var interfaces, scripts, processes lines
	for i, nic := range v.Track.NICs {
		words := []conf.Word{conf.Name(p.node.Device(nic.NIC))}
		if nic.Weight != 0 {
			words = append(words, conf.Key("weight"), conf.Int(int(nic.Weight)))
		}
		interfaces.value(from.Key("nics").Index(i), words...)
	}
	switch h := v.Track.HAProxy; {
	case h == nil:
	case h.Method == "process":
		processes.value("", conf.Name(p.watch.process(process{weight: h.Weight, from: from.Key("haproxy")}, v.Name)))
	default:
		scripts.value("", conf.Name(p.watch.haproxy(p.haproxyScript(h, from.Key("haproxy")), v.Name)))
	}
	for i, s := range v.Track.Scripts {
		scripts.value("", conf.Name(s.Name))
		p.watch.own(script{
			name: s.Name, word: conf.Run(s.Command...), interval: s.Interval, timeout: s.Timeout,
			rise: s.Rise, fall: s.Fall, weight: s.Weight, user: s.User, from: from.Key("scripts").Index(i),
		})
	}
	return tracked{interfaces, scripts, processes}
}

// nobody is a user without any rights, which every platform has.
const nobody = "nobody"

// haproxyScript is the check of HAProxy. killall needs root to see the process
// of another user; what asks over HTTP needs no rights at all.
func (p *printer) haproxyScript(h *site.TrackHAProxy, from diag.Path) script {
	s := script{interval: h.Interval, timeout: h.Timeout, rise: h.Rise, fall: h.Fall, weight: h.Weight, from: from}
	if h.Method == "http" {
		s.word = conf.Run(askAlive(h)...)
		if p.Keepalived.ScriptUser == site.ScriptUser {
			s.user = nobody
		}
	} else {
		s.word = conf.Run(killall()...)
		if p.Keepalived.ScriptUser != site.ScriptUser {
			s.user = site.ScriptUser
		}
	}
	s.command = s.word.Text()
	return s
}

// haproxy returns the name of a check of HAProxy, and adds one where none of the
// ones there are checks the same way.
func (w *watch) haproxy(s script, instance string) string {
	for _, other := range w.scripts {
		if other.same(s) {
			return other.name
		}
	}
	s.name = w.checkName(instance)
	w.scripts = append(w.scripts, s)
	return s.name
}

// same says whether two checks differ in nothing but their names.
func (s script) same(o script) bool {
	return s.command == o.command && s.interval == o.interval && s.timeout == o.timeout &&
		s.rise == o.rise && s.fall == o.fall && s.weight == o.weight && s.user == o.user
}

// own adds a script of the site's own. Two instances may share it.
func (w *watch) own(s script) {
	if !w.has(s.name) {
		s.command = s.word.Text()
		w.scripts = append(w.scripts, s)
	}
}

// process is haproxy for a process.
func (w *watch) process(pr process, instance string) string {
	for _, other := range w.processes {
		if other.weight == pr.weight {
			return other.name
		}
	}
	pr.name = w.checkName(instance)
	w.processes = append(w.processes, pr)
	return pr.name
}

// checkName is the name of the next check of HAProxy: the model leaves all that
// begin with TrackedHAProxy to it.
func (w *watch) checkName(instance string) string {
	if w.has(model.TrackedHAProxy) || len(w.processes) > 0 {
		return model.TrackedHAProxy + "_" + instance
	}
	return model.TrackedHAProxy
}

func (w *watch) has(name string) bool {
	return slices.ContainsFunc(w.scripts, func(s script) bool { return s.name == name })
}

func (w *watch) blocks() (scripts, processes []Block) {
	for _, s := range w.scripts {
		scripts = append(scripts, s.block())
	}
	for _, pr := range w.processes {
		processes = append(processes, Block{conf.NewLine(pr.from, "vrrp_track_process", conf.Name(pr.name)), []conf.Line{
			conf.NewLine(pr.from, "process haproxy"),
			conf.NewLine(pr.from, "weight", conf.Int(pr.weight)),
		}})
	}
	return scripts, processes
}

func (s script) block() Block {
	var l lines
	l.add(s.from, "script", s.word)
	l.add(s.from, "interval", conf.Seconds(s.interval))
	l.add(s.from, "timeout", conf.Seconds(s.timeout))
	l.add(s.from, "rise", conf.Int(s.rise))
	l.add(s.from, "fall", conf.Int(s.fall))
	l.number(s.from, "weight", s.weight)
	if s.user != "" {
		l.add(s.from, "user", conf.Name(s.user))
	}
	return Block{conf.NewLine(s.from, "vrrp_script", conf.Name(s.name)), l}
}
