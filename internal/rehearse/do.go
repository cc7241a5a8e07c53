package rehearse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/lab"
)

// do does something to the lab, and returns the moment.
func (p *attempt) do(d action) (time.Duration, error) {
	switch d.op {
	case doNothing:
		return p.lab.Now(), nil
	case doStart:
		return p.lab.Now(), p.lab.Start(d.node, d.daemon)
	case doStop:
		return p.lab.Stop(d.node, d.daemon)
	case doKill:
		return p.lab.Kill(d.node, d.daemon)
	case doReload:
		return p.reload(d.node, d.daemon)
	case doRestart:
		at, err := p.lab.Stop(d.node, d.daemon)
		if err != nil {
			return at, err
		}
		return at, p.lab.Start(d.node, d.daemon)
	case doCarrier:
		return p.lab.Carrier(d.node, d.device, d.on)
	case doLose:
		return p.lab.Lose(d.node)
	case doPowerOn:
		return p.powerOn(d.node)
	case doIsolate:
		return p.lab.Isolate(d.network, d.on)
	case doBehave:
		return p.behave(d)
	case doPromote:
		return p.promote(d)
	case doDeafen:
		return p.lab.Deafen(d.node, d.network, d.on)
	case doKillRestart:
		return p.killRestart(d)
	case doInstall, doUndo, doFillInstall, doShutdown:
		return p.machines.do(d)
	}
	return 0, errors.New("there is no such action")
}

// killRestart kills a daemon and starts it again after the time that systemd waits.
func (p *attempt) killRestart(d action) (time.Duration, error) {
	at, err := p.lab.Kill(d.node, d.daemon)
	if err != nil || p.machines != nil { // it is systemd
		return at, err
	}
	select {
	case <-p.ctx.Done():
		return at, context.Cause(p.ctx)
	case <-time.After(failover.RestartAfter):
	}
	return at, p.lab.Start(d.node, d.daemon)
}

func (p *attempt) behave(d action) (time.Duration, error) {
	at := p.lab.Now()
	var all []string
	for _, name := range d.servers {
		all = append(append(all, name), p.with[name]...)
	}
	for _, name := range all {
		as := d.as
		as.Replica = p.replica(name)
		if _, err := p.lab.Behave(name, as); err != nil {
			return at, err
		}
	}
	return at, nil
}

// replica says whether a server is one while all is well.
func (p *attempt) replica(name string) bool {
	return slices.ContainsFunc(p.plan.Servers, func(l lab.Server) bool { return l.Name == name && l.Begins.Replica })
}

// promote makes one machine of a cluster the primary, and the one before a replica.
func (p *attempt) promote(d action) (time.Duration, error) {
	at := p.lab.Now()
	for _, server := range p.plan.Servers {
		here, gone := slices.Contains(d.servers, server.Name), slices.Contains(d.demoted, server.Name)
		if !here && !gone {
			continue
		}
		if _, err := p.lab.Behave(server.Name, lab.Behaviour{Replica: gone}); err != nil {
			return at, err
		}
	}
	return at, nil
}

// reload has a daemon read its files again; of HAProxy it waits until another
// process serves than before.
func (p *attempt) reload(node, daemon string) (time.Duration, error) {
	if daemon != lab.HAProxy {
		return p.lab.Reload(node, daemon)
	}
	before, err := p.worksAs(node)
	if err != nil {
		return 0, err
	}
	at, err := p.lab.Reload(node, daemon)
	if err != nil {
		return at, err
	}
	late := impossible("HAProxy on %s has not taken the configuration again: no new process has come", node)
	return at, p.poll(late, func() (bool, error) {
		now, err := p.worksAs(node)
		return err == nil && now != before, nil // while it changes hands, nobody answers
	})
}

// powerOn starts a node that was lost.
func (p *attempt) powerOn(name string) (time.Duration, error) {
	if p.machines != nil {
		return p.machines.boot(name)
	}
	if err := p.lab.PowerOn(name); err != nil {
		return 0, err
	}
	started := p.lab.Now()
	if err := p.lab.Start(name, lab.HAProxy); err != nil {
		return 0, err
	}
	if err := p.untilHAProxyAnswers(name, started); err != nil { // its unit comes before Keepalived's
		return 0, err
	}
	return p.lab.Now(), p.lab.Start(name, lab.Keepalived)
}

// worksAs returns the process that serves requests on a node.
func (p *attempt) worksAs(node string) (string, error) {
	info, err := p.lab.AskHAProxy(node, "show info")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(info) {
		if pid, ok := strings.CutPrefix(line, "Pid: "); ok {
			return strings.TrimSpace(pid), nil
		}
	}
	return "", fmt.Errorf("HAProxy on %s does not say which process it is", node)
}
