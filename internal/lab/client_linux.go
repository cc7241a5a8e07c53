package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lbgen/lbgen/internal/recording"
)

// client is what the agent of the client does: it asks, once or all the time.
type client struct {
	ca     *authority
	events *sink
	stop   context.CancelFunc
	kept   []net.Conn // of visits
	busy   sync.WaitGroup
}

// clientArgs are the client's links.
type clientArgs struct {
	Links []Link
	CA    authorityPEM
}

func (a *agent) becomeClient(args clientArgs) error {
	ca, err := args.CA.open()
	if err != nil {
		return err
	}
	a.client = &client{ca: ca, events: a.events, stop: func() {}}
	for _, link := range args.Links {
		if err := setUp(link); err != nil {
			return err
		}
	}
	return nil
}

func (a *agent) request(r Request) (any, error) {
	return a.client.ask(context.Background(), r, 0), nil
}

// probeArgs are requests that are sent again and again.
type probeArgs struct {
	Requests []Request
	Every    time.Duration
}

func (a *agent) probe(p probeArgs) error {
	a.client.stop()
	a.client.busy.Wait()
	var ctx context.Context
	ctx, a.client.stop = context.WithCancel(context.Background())
	for _, r := range p.Requests {
		a.client.busy.Go(func() { a.client.repeat(ctx, r, p.Every) })
	}
	return nil
}

// rest ends the probes, and waits for the answers that are still to come.
func (a *agent) rest(nothing) error {
	a.client.stop()
	a.client.busy.Wait()
	return nil
}

// repeat sends the request at each tick, whatever became of those before: a
// user does not wait for another one's answer.
func (c *client) repeat(ctx context.Context, r Request, every time.Duration) {
	begin := now()
	for n := 0; ctx.Err() == nil; n++ {
		due := begin + time.Duration(n)*every
		time.Sleep(due - now())
		if late := now() - due; late > lateness {
			c.events.emit(recording.Event{Kind: recording.Late, Text: late.String()})
			n += int(late / every)
		}
		c.busy.Go(func() {
			at := now()
			answer := c.ask(context.Background(), r, n)
			answer.Body, answer.Cookies = "", nil
			c.events.emit(recording.Event{At: at, Kind: recording.Probe, What: r.Name, Answer: &answer})
		})
	}
}

// ask sends the n-th request.
func (c *client) ask(ctx context.Context, r Request, n int) recording.Answer {
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	begin := now()
	answer, err := c.exchange(ctx, r, n)
	answer.Took = now() - begin
	if err != nil {
		answer.Problem = problem(err)
	}
	return answer
}

func (c *client) exchange(ctx context.Context, r Request, n int) (recording.Answer, error) {
	request, way, err := c.prepared(ctx, r, n)
	if err != nil {
		return recording.Answer{}, err
	}
	response, err := way.RoundTrip(request)
	if err != nil {
		return recording.Answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	return read(response)
}

// prepared is the n-th request, and the way that it takes.
func (c *client) prepared(ctx context.Context, r Request, n int) (*http.Request, *http.Transport, error) {
	scheme := "http"
	if r.TLS {
		scheme = "https"
	}
	host := r.Host
	if host == "" {
		host = r.Address.String()
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, scheme+"://"+host+r.Path, http.NoBody)
	if err != nil {
		return nil, nil, err
	}
	for name, value := range r.Header {
		request.Header.Set(name, value)
	}
	name, _, _ := strings.Cut(r.Host, ":")
	return request, &http.Transport{
		DisableKeepAlives: true, TLSClientConfig: c.ca.client(name),
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, r, n) },
	}, nil
}

func dial(ctx context.Context, r Request, n int) (net.Conn, error) {
	d := net.Dialer{}
	if len(r.From) > 0 {
		d.LocalAddr = net.TCPAddrFromAddrPort(netip.AddrPortFrom(r.From[n%len(r.From)], 0))
	}
	conn, err := d.DialContext(ctx, "tcp", r.Address.String())
	if err != nil || !r.Proxy {
		return conn, err
	}
	_, err = io.WriteString(conn, proxyHeader(conn))
	return conn, err
}

// proxyHeader is the one that a proxy before HAProxy would send (version 1).
func proxyHeader(conn net.Conn) string {
	family := "TCP4"
	from, _ := netip.ParseAddrPort(conn.LocalAddr().String())
	to, _ := netip.ParseAddrPort(conn.RemoteAddr().String())
	if from.Addr().Is6() {
		family = "TCP6"
	}
	return fmt.Sprintf("PROXY %s %s %s %d %d\r\n", family, from.Addr(), to.Addr(), from.Port(), to.Port())
}

func read(response *http.Response) (recording.Answer, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	a := recording.Answer{
		Status: response.StatusCode, Server: response.Header.Get(ServerHeader),
		Location: response.Header.Get("Location"), Body: string(body), Cookies: map[string]string{},
	}
	for _, c := range response.Cookies() {
		a.Cookies[c.Name] = c.Value
	}
	if a.Server == "" {
		a.Digest = Digest(body)
	}
	return a, err
}

// problem says in few words why there is no answer.
func problem(err error) string {
	var timeout interface{ Timeout() bool }
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		return "no route"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "closed without an answer"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return Late
	default:
		return shortened(err.Error())
	}
}
