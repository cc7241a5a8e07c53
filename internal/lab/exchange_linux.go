package lab

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// exchangeArgs are requests, and how many are sent at the same time.
type exchangeArgs struct {
	Requests []Request
	Parallel int
}

// exchanges sends all requests, and returns what came of each.
func (a *agent) exchanges(args exchangeArgs) (any, error) {
	all := make([]Exchange, len(args.Requests))
	var busy sync.WaitGroup
	free := make(chan struct{}, max(args.Parallel, 1))
	for i, r := range args.Requests {
		free <- struct{}{}
		busy.Go(func() {
			all[i] = a.client.whole(r)
			<-free
		})
	}
	busy.Wait()
	return all, nil
}

// whole sends one request and keeps all that came of it.
func (c *client) whole(r Request) Exchange {
	ctx, cancel := context.WithTimeout(context.Background(), r.Timeout)
	defer cancel()
	request, way, err := c.prepared(ctx, r, 0)
	if err != nil {
		return Exchange{Problem: problem(err)}
	}
	way.DisableCompression = true
	way.Protocols = new(http.Protocols)
	way.Protocols.SetHTTP1(!r.HTTP2)
	way.Protocols.SetHTTP2(r.HTTP2)
	way.Protocols.SetUnencryptedHTTP2(r.HTTP2)
	request.URL = &url.URL{Scheme: request.URL.Scheme, Host: request.URL.Host, Opaque: r.Path}
	response, err := way.RoundTrip(request)
	if err != nil {
		return Exchange{Problem: problem(err)}
	}
	defer func() { _ = response.Body.Close() }()
	defer way.CloseIdleConnections()
	x := exchanged(response)
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody))
	x.Body = string(body)
	if err != nil {
		x.Problem = problem(err)
	}
	return x
}

func exchanged(response *http.Response) Exchange {
	x := Exchange{Status: response.StatusCode, Proto: response.Proto, Server: response.Header.Get(ServerHeader)}
	if data, err := base64.StdEncoding.DecodeString(response.Header.Get(ReceivedHeader)); err == nil && len(data) > 0 {
		x.Received = &Received{}
		if json.Unmarshal(data, x.Received) != nil {
			x.Received = nil
		}
	}
	response.Header.Del(ServerHeader)
	response.Header.Del(ReceivedHeader)
	x.Header = headerLines(response.Header)
	if response.TLS != nil && len(response.TLS.PeerCertificates) > 0 {
		x.Certificate = response.TLS.PeerCertificates[0].Subject.CommonName
	}
	return x
}

func headerLines(h http.Header) []string {
	all := []string{}
	for name, values := range h {
		for _, v := range values {
			all = append(all, name+": "+v)
		}
	}
	slices.Sort(all)
	return all
}

// received is a request as the stub got it, in the form of a header.
func received(r *http.Request) string {
	got := Received{Proto: r.Proto, Method: r.Method, URI: r.RequestURI, Host: r.Host, Header: headerLines(r.Header), TLS: r.TLS != nil}
	if at, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		got.At = at.String()
	}
	if r.TLS != nil {
		got.ServerName = r.TLS.ServerName
	}
	got.Proxy, _ = r.Context().Value(proxyKey{}).(string)
	data, err := json.Marshal(got)
	if err != nil {
		return ""
	}
	return base64.StdEncoding.EncodeToString(data)
}

// proxyKey is that of what a PROXY header said, in a request's context.
type proxyKey struct{}

// withProxy keeps what the PROXY header of a connection said.
func withProxy(ctx context.Context, conn net.Conn) context.Context {
	for {
		switch c := conn.(type) {
		case *tracked:
			if secure, ok := c.Conn.(*tls.Conn); ok {
				conn = secure
				continue
			}
			return context.WithValue(ctx, proxyKey{}, c.proxy)
		case *tls.Conn:
			conn = c.NetConn()
		default:
			return ctx
		}
	}
}

// saidByProxy is what the line of a PROXY header says, but for the client's port.
func saidByProxy(line string) string {
	words := strings.Fields(line)
	if len(words) != 6 {
		return strings.TrimSpace(line)
	}
	return strings.Join([]string{words[1], words[2], words[3], words[5]}, " ")
}

// saidByBinary is the same of a header of version 2, which is binary (the protocol's
// text, 2.2).
func saidByBinary(header []byte) string {
	const family, addresses = 13, 16
	for kind, size := range map[byte]int{0x11: 4, 0x21: 16} {
		if header[family] != kind || len(header) < addresses+2*size+4 {
			continue
		}
		from, _ := netip.AddrFromSlice(header[addresses : addresses+size])
		to, _ := netip.AddrFromSlice(header[addresses+size : addresses+2*size])
		port := binary.BigEndian.Uint16(header[addresses+2*size+2:])
		return fmt.Sprintf("version 2 %s %s %d", from, to, port)
	}
	return "version 2"
}
