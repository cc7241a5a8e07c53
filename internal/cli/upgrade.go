package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/versions"
)

func (a *app) upgradeCheck() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "upgrade-check SITE... --to DAEMON=VERSION",
		Short: "Say what other versions of the daemons would change or break",
		Long: `upgrade-check looks at what a site would meet if its nodes ran other versions of
HAProxy or Keepalived, newer or older: fields that they lack, lines, yours (raw)
and lbgen's own, that they refuse, warn of or read otherwise, and what later
versions have announced. It knows directives by a table; it needs no daemons.
What it calls info does not fail.`,
		Example: "  lbgen upgrade-check site.yaml --to haproxy=3.2,keepalived=2.4\n  lbgen upgrade-check sites/*.yaml --to haproxy=2.4 " +
			"--format json",
		Args: sites,
		RunE: func(_ *cobra.Command, args []string) error {
			target, err := targetNamed(to)
			if err != nil {
				return err
			}
			return a.runUpgradeCheck(args, target)
		},
	}
	c.Flags().StringVar(&to, "to", "", "the versions, such as haproxy=3.2,keepalived=2.4; a daemon that is not named stays")
	a.addFormat(c)
	return a.orSitesHere(c)
}

// targetNamed reads haproxy=3.2,keepalived=2.4.
func targetNamed(text string) (model.Target, error) {
	var t model.Target
	if text == "" {
		return t, usagef("name the versions: --to haproxy=%s,keepalived=%s", model.Newest(model.HAProxyVersions()),
			model.Newest(model.KeepalivedVersions()))
	}
	for word := range strings.SplitSeq(text, ",") {
		daemon, version, _ := strings.Cut(word, "=")
		field, known := &t.HAProxy, model.HAProxyVersions()
		switch daemon {
		case "haproxy":
		case "keepalived":
			field, known = &t.Keepalived, model.KeepalivedVersions()
		default:
			return t, usagef("--to names haproxy=VERSION or keepalived=VERSION, not %q", word)
		}
		if !slices.Contains(known, version) {
			return t, usagef("--to %s: lbgen knows %s %s", word, daemon, strings.Join(known, ", "))
		}
		if *field != "" {
			return t, usagef("--to names %s twice", daemon)
		}
		*field = version
	}
	return t, nil
}

func (a *app) runUpgradeCheck(args []string, to model.Target) error {
	all, err := a.rendered(args, secretsIgnored)
	if err != nil {
		return err
	}
	for _, l := range all {
		// What the site says of itself belongs to validate.
		l.found = versions.Check(l.site, l.src, l.sets, full(l.site, to))
	}
	found, sources := findings(all)
	err = a.report(found, sources)
	if a.format == "text" {
		for _, l := range all {
			fmt.Fprintf(a.Err, "%s: %s\n", l.site.Name, becomes(l.site, to))
		}
	}
	return err
}

// full is the target with the versions that stay.
func full(s *site.Site, to model.Target) model.Target {
	m := s.Machine
	if to.HAProxy == "" {
		to.HAProxy = m.HAProxy
	}
	if to.Keepalived == "" {
		to.Keepalived = m.Keepalived
	}
	return to
}

// becomes says what becomes of the daemons, and what to write into the site file.
func becomes(s *site.Site, to model.Target) string {
	m := s.Machine
	to = full(s, to)
	text := step("HAProxy", m.HAProxy, to.HAProxy) + ", " + step("Keepalived", m.Keepalived, to.Keepalived)
	var target []string
	if to.HAProxy != m.HAProxy {
		target = append(target, fmt.Sprintf("haproxy: %q", to.HAProxy))
	}
	if to.Keepalived != m.Keepalived {
		target = append(target, fmt.Sprintf("keepalived: %q", to.Keepalived))
	}
	if len(target) > 0 {
		text += "; once the nodes run that, write target: {" + strings.Join(target, ", ") + "}"
	}
	return text
}

func step(daemon, from, to string) string {
	if from == to {
		return daemon + " stays " + from
	}
	return fmt.Sprintf("%s %s to %s", daemon, from, to)
}
