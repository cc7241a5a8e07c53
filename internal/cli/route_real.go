package cli

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/lbgen/lbgen/internal/lab"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/routetest"
	"github.com/lbgen/lbgen/internal/source"
)

// realHop is what the real HAProxy did with a request.
type realHop struct {
	by      string // the HAProxy that was asked
	got     routetest.Seen
	differs bool // from what is computed
	header  []string
	server  *lab.Received
}

// askHops asks the real HAProxy the requests of which the way is computed.
func (f *realFlags) askHops(ctx context.Context, l *loaded, e *route.Evaluator, hops []hop) error {
	by, err := f.version(ctx)
	if err != nil {
		return err
	}
	var names []string
	for i := range hops {
		names = append(names, hops[i].request.ServerName())
	}
	box, err := f.sandbox(ctx, l, render.New(), names)
	if err != nil {
		return err
	}
	defer box.Down()
	for i := range hops {
		h := &hops[i]
		computed := routetest.Computed(&h.answer)
		if !h.answer.IsDecided() && routetest.HangsOnClient(e, h.request) {
			h.real = &realHop{by: by, got: computed}
			continue
		}
		seen, err := box.Ask(h.request, &h.answer)
		if err != nil {
			return fmt.Errorf("asking the HAProxy of %s: %w", l.src.Name, err)
		}
		got := l.seen(&seen, &h.request, &h.answer)
		h.real = &realHop{by, got, routetest.Differs(&computed, &got), seen.Header, seen.Received}
	}
	return nil
}

// text prints it for people.
func (r *realHop) text(w io.Writer) {
	if r.got.Kind == route.Unknown {
		fmt.Fprintf(w, "  %s was not asked: %s\n", r.by, r.got.Why)
		return
	}
	line := "  " + r.by + ": " + r.got.String()
	if r.differs {
		line += ", which is something else than is computed"
	}
	fmt.Fprintln(w, line)
	if r.server != nil {
		fmt.Fprintf(w, "     the server got: %s %s\n", r.server.Method, r.server.URI)
		for _, h := range r.server.Header {
			fmt.Fprintf(w, "       %s\n", masked(h))
		}
	}
	if len(r.header) > 0 {
		fmt.Fprintln(w, "     the client got:")
		for _, h := range r.header {
			fmt.Fprintf(w, "       %s\n", masked(h))
		}
	}
}

// masked is a header without what lets somebody in.
func masked(line string) string {
	name, _, _ := strings.Cut(line, ": ")
	if source.IsCredential(name) {
		return name + ": ********"
	}
	return line
}

// realHopJSON is the same in JSON.
type realHopJSON struct {
	By       string   `json:"by"`
	Kind     string   `json:"kind"`
	Differs  bool     `json:"differs"`
	Backend  string   `json:"backend,omitempty"`
	Server   string   `json:"server,omitempty"` // as BACKEND/SERVER
	Status   int      `json:"status,omitempty"`
	Location string   `json:"location,omitempty"`
	Page     string   `json:"page,omitempty"`
	Why      string   `json:"why,omitempty"`
	Target   string   `json:"target,omitempty"` // that the server got
	ToServer []string `json:"requestHeaders,omitempty"`
	ToClient []string `json:"answerHeaders,omitempty"`
}

func (r *realHop) json() *realHopJSON {
	j := &realHopJSON{By: r.by, Kind: string(r.got.Kind), Differs: r.differs, Backend: r.got.Backend, Status: r.got.Status,
		Location: r.got.Location, Page: r.got.Page, Why: r.got.Why, Server: strings.Join(r.got.Servers, "")}
	for _, h := range r.header {
		j.ToClient = append(j.ToClient, masked(h))
	}
	if r.server != nil {
		j.Target = r.server.URI
		for _, h := range r.server.Header {
			j.ToServer = append(j.ToServer, masked(h))
		}
	}
	return j
}
