package cli

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/route"
)

// routeFlags are those of the command route.
type routeFlags struct {
	method, from, to, sni, user string
	headers, cookies, down      []string
	cert, follow                bool
	count                       int
	log                         string
	examples                    int
	real                        realFlags
}

func (a *app) route() *cobra.Command {
	f := &routeFlags{}
	c := &cobra.Command{
		Use:   "route SITE [METHOD] ADDRESS",
		Short: "Say which way a request takes: the routes, the backend, what is changed",
		Long: `route computes which way one request takes through a site, without a daemon: the
bind and frontend that take it, each route with its line, whether it matched and
why not, the backend and the servers that could answer, and what is changed of the
request and of the answer. The flags are those of curl.

A connection in TCP mode is written as tcp ADDRESS:PORT. What the site file does not
decide, such as raw lines, is said, and the exit code is 1 then.

With --real the real HAProxy of this machine is asked as well, with the rendered
haproxy.cfg, in a sandbox with stubs for the servers: it decides what a site file
does not. The exit code is 1 where it does something else than is computed.

With --log it reads the log of HAProxy, from a file, one that gzip has made, or
standard input (-), and says which of its requests would take another way in this
site than they took.`,
		Example: `  lbgen route site.yaml https://www.example.com/x
  lbgen route site.yaml -X POST -H 'X-Api: 2' --from 203.0.113.9 https://www.example.com/x
  lbgen route site.yaml --down app/app1 --cookie SRV=app1 https://www.example.com/
  lbgen route site.yaml tcp 10.0.0.10:6443 --sni api.example.com
  lbgen route site.yaml --real --from 203.0.113.9 https://www.example.com/x
  lbgen route new.yaml --log /var/log/haproxy.log`,
		Args: func(_ *cobra.Command, args []string) error {
			if err := f.real.check(); err != nil {
				return err
			}
			if f.log != "" && f.real.real {
				return usagef("--real asks one request: leave out --log")
			}
			if f.log != "" && len(args) == 1 {
				return nil
			}
			if f.log != "" || len(args) < 2 || len(args) > 3 {
				return usagef("name a site file and a request, such as site.yaml GET https://www.example.com/x, or a site file and --log FILE")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if f.log != "" {
				return a.routeLog(args[0], f)
			}
			return a.routeOne(c.Context(), args[0], args[1:], f)
		},
	}
	f.add(c)
	a.addFormat(c)
	return c
}

func (f *routeFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVarP(&f.method, "request", "X", "", "method of the request (default GET)")
	flags.StringArrayVarP(&f.headers, "header", "H", nil, "a header, NAME: VALUE; may be repeated")
	flags.StringArrayVarP(&f.cookies, "cookie", "b", nil, "a cookie, NAME=VALUE; may be repeated")
	flags.StringVarP(&f.user, "user", "u", "", "user of a userlist whose right password the request has")
	flags.BoolVarP(&f.follow, "location", "L", false, "follow redirects")
	flags.StringVar(&f.from, "from", "", "address that the client comes from")
	flags.StringVar(&f.to, "to", "", "address that the client goes to, where several frontends have the port")
	flags.StringVar(&f.sni, "sni", "", "name in the hello of TLS (default the host)")
	flags.BoolVar(&f.cert, "cert", false, "the client shows a good certificate")
	flags.StringArrayVar(&f.down, "down", nil, "BACKEND or BACKEND/SERVER that does not answer; may be repeated")
	flags.IntVar(&f.count, "count", 1, "the client's how many-th request of this kind within the period of a rate limit")
	flags.StringVar(&f.log, "log", "", "file of HAProxy's log, or - for standard input")
	flags.IntVar(&f.examples, "examples", 3, "with --log: examples to show of each difference")
	f.real.add(c)
}

// hop is a request and what becomes of it.
type hop struct {
	request route.Request
	answer  route.Answer
	real    *realHop // with --real
}

// isDecided says whether it is known what becomes of the request.
func (h *hop) isDecided() bool {
	if h.real != nil {
		return h.real.got.Kind != route.Unknown && !h.real.differs
	}
	return h.answer.IsDecided()
}

func (a *app) routeOne(ctx context.Context, name string, words []string, f *routeFlags) error {
	r, err := f.request(words)
	if err != nil {
		return usageError{err}
	}
	l, err := a.evaluable(name)
	if err != nil {
		return err
	}
	e := route.New(l.site)
	for _, d := range r.Down {
		if err := e.CheckDown(d); err != nil {
			return usageError{fmt.Errorf("--down: %w", err)}
		}
	}
	hops := []hop{{request: r, answer: e.Trace(r)}}
	for f.follow && len(hops) < mostHops {
		next, ok := following(&hops[len(hops)-1])
		if !ok {
			break
		}
		hops = append(hops, hop{request: next, answer: e.Trace(next)})
	}
	if f.real.real {
		if err := f.real.askHops(ctx, l, e, hops); err != nil {
			return err
		}
	}
	return a.printHops(l, hops)
}

// mostHops is how many redirects are followed: a browser follows no more than 20.
const mostHops = 20

// evaluable reads a site file; where it has errors they are printed.
func (a *app) evaluable(name string) (*loaded, error) {
	all, err := a.load([]string{name}, secretsIgnored)
	if err != nil {
		return nil, err
	}
	if err := a.refuse(all); err != nil {
		return nil, err
	}
	return all[0], nil
}

// request is the one that the command line describes.
func (f *routeFlags) request(words []string) (route.Request, error) {
	r, err := route.Parse(strings.Join(words, " "))
	if err != nil {
		return r, err
	}
	if f.method != "" && r.Scheme != route.TCP {
		r.Method = f.method
	}
	for _, text := range f.headers {
		h, err := route.ParseHeader(text)
		if err != nil {
			return r, err
		}
		r.Set(h)
	}
	if len(f.cookies) > 0 {
		r.Set(route.Header{Name: "Cookie", Value: strings.Join(f.cookies, "; ")})
	}
	if r.From, err = address("--from", f.from, r.From); err != nil {
		return r, err
	}
	if r.Address, err = address("--to", f.to, r.Address); err != nil {
		return r, err
	}
	r.SNI, r.User, r.ClientCertificate, r.Count, r.Down = f.sni, f.user, f.cert, f.count, f.down
	return r, nil
}

func address(flag, text string, otherwise netip.Addr) (netip.Addr, error) {
	if text == "" {
		return otherwise, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return addr, fmt.Errorf("%s: expected an IP address, not %q", flag, text)
	}
	return addr, nil
}

// following is the request of a client that follows a redirect, as curl does it.
func following(h *hop) (route.Request, bool) {
	if h.answer.Kind != route.Redirect || h.answer.Location == "" {
		return route.Request{}, false
	}
	base, err := url.Parse(h.request.Scheme + "://" + h.request.HostPort() + h.request.Target)
	if err != nil {
		return route.Request{}, false
	}
	to, err := base.Parse(h.answer.Location)
	if err != nil {
		return route.Request{}, false
	}
	next, err := route.Parse(h.request.Method + " " + to.String())
	if err != nil {
		return route.Request{}, false
	}
	if !next.Address.IsValid() && to.Hostname() == base.Hostname() {
		next.Address = h.request.Address
	}
	if s := h.answer.Status; s == 303 || h.request.Method == "POST" && (s == 301 || s == 302) {
		next.Method = "GET"
	}
	next.Headers, next.From, next.User = h.request.Headers, h.request.From, h.request.User
	next.ClientCertificate, next.Count, next.Down = h.request.ClientCertificate, h.request.Count, h.request.Down
	return next, true
}

// printHops prints the way; a request that is undecided counts as a finding.
func (a *app) printHops(l *loaded, hops []hop) error {
	found, sources := findings([]*loaded{l})
	last := &hops[len(hops)-1]
	if a.format == "json" {
		all := make([]hopJSON, 0, len(hops))
		for i := range hops {
			all = append(all, l.hopJSON(&hops[i]))
		}
		if err := report.JSON(a.Out, found, report.Member{Name: "routes", Value: all}); err != nil {
			return err
		}
	} else {
		if err := report.Text(a.Err, found, sources, a.colored(a.Err)); err != nil {
			return err
		}
		for i := range hops {
			if i > 0 {
				fmt.Fprintln(a.Out)
			}
			l.printHop(a.Out, &hops[i])
		}
		if last.answer.Kind == route.Redirect && len(hops) == mostHops {
			fmt.Fprintf(a.Out, "\nafter %d redirects it still goes round\n", mostHops-1)
		}
	}
	if !last.isDecided() || slices.ContainsFunc(hops, func(h hop) bool { return h.real != nil && h.real.differs }) {
		return errFindings
	}
	return nil
}
