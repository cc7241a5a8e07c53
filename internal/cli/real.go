package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/check"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/rehearse"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/routetest"
)

// realFlags are those of commands that ask the real HAProxy if they are told to.
type realFlags struct {
	real    bool
	haproxy string
}

func (f *realFlags) add(c *cobra.Command) {
	c.Flags().BoolVar(&f.real, "real", false, "ask the real HAProxy, in a sandbox with stubs for the servers")
	c.Flags().StringVar(&f.haproxy, "haproxy", "", "with --real: the HAProxy to run (default: that of PATH)")
}

// check says what is wrong with the flags.
func (f *realFlags) check() error {
	if f.haproxy != "" && !f.real {
		return usagef("--haproxy is for --real")
	}
	return nil
}

// programs are those to run, where all that is needed is on this machine.
func (f *realFlags) programs() (map[string]string, error) {
	d := daemonFlags{haproxy: f.haproxy}
	programs, err := d.programs()
	if err != nil {
		return nil, err
	}
	// A set without files: Keepalived does not run here.
	if missing := lab.Missing(make([]artifact.Set, 1), programs); len(missing) > 0 {
		return nil, errors.New(strings.Join(missing, "\nlbgen: "))
	}
	return programs, nil
}

// version is the HAProxy that is asked, for people.
func (f *realFlags) version(ctx context.Context) (string, error) {
	programs, err := f.programs()
	if err != nil {
		return "", err
	}
	for _, d := range check.Daemons(ctx, check.Options{Programs: programs}) {
		if d.Name == lab.HAProxy {
			return judge.Daemon(d).String(), nil
		}
	}
	return "HAProxy", nil
}

// sandbox is the real HAProxy of a site, with stubs for its secrets.
func (f *realFlags) sandbox(ctx context.Context, l *loaded, renderer *render.Renderer, names []string) (*rehearse.Sandbox, error) {
	programs, err := f.programs()
	if err != nil {
		return nil, err
	}
	in := l.in
	in.Secrets = map[diag.Path]string{}
	for _, ref := range l.written.SecretRefs() {
		switch path := string(ref.Path); {
		case strings.HasSuffix(path, ".password_hash"):
			in.Secrets[ref.Path] = rehearse.StubHash
		case strings.HasPrefix(path, "userlists") || strings.HasPrefix(path, "stats"):
			in.Secrets[ref.Path] = rehearse.StubPassword
		}
	}
	sets, err := renderer.Sets(l.site, in)
	if err != nil {
		return nil, err
	}
	return rehearse.NewSandbox(ctx, l.site, sets, names, lab.Options{Self: []string{"lbgen", agentCommand}, Programs: programs}), nil
}

// realTests asks the real HAProxy the tests of a site.
func (f *realFlags) realTests(ctx context.Context, l *loaded, renderer *render.Renderer) (routetest.Report, error) {
	var names []string
	for i := range l.written.Tests {
		q := routetest.Request(&l.written.Tests[i])
		names = append(names, q.ServerName())
	}
	box, err := f.sandbox(ctx, l, renderer, names)
	if err != nil {
		return routetest.Report{}, err
	}
	defer box.Down()
	r, err := routetest.RunReal(l.site, func(q *route.Request, a *route.Answer) (routetest.Seen, error) {
		seen, err := box.Ask(*q, a)
		return l.seen(&seen, q, a), err
	})
	if err != nil {
		return r, fmt.Errorf("asking the HAProxy of %s: %w", l.src.Name, err)
	}
	return r, nil
}

// seen is what came of a request in the words of tests.
func (l *loaded) seen(s *rehearse.Seen, q *route.Request, computed *route.Answer) routetest.Seen {
	got := routetest.Seen{Kind: s.Kind, Backend: s.Backend, Why: s.Why}
	switch s.Kind {
	case route.ToBackend:
		if s.Server != "" {
			got.Servers = []string{s.Backend + "/" + s.Server}
		}
	case route.Closed, route.NotHeard, route.Unknown:
	case route.Redirect, route.ByHAProxy:
		got.Status = s.Status
		got.Location = s.Value("Location")
		got.Page = l.page(s, q, computed.Page)
	}
	return got
}

// page is the page of the site that an answer is, the likely one of several that are the
// same.
func (l *loaded) page(s *rehearse.Seen, q *route.Request, likely string) string {
	is := func(name string) bool {
		data, ok := l.in.Pages[name]
		if q.Method == http.MethodHead {
			return ok && s.Value("Content-Length") == fmt.Sprint(len(data))
		}
		return ok && s.Body == string(data)
	}
	if is(likely) {
		return likely
	}
	for _, name := range slices.Sorted(maps.Keys(l.in.Pages)) {
		if is(name) {
			return name
		}
	}
	return ""
}
