package accesslog

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/route"
	"github.com/lbgen/lbgen/internal/site"
)

// Entry is what one line says of a request.
type Entry struct {
	Line    int
	Request route.Request // Frontend says where it came in
	Backend string        // that it went to; the frontend's own name where it got to none
	Server  string        // <NOSRV> where none had part
	Status  int           // 0 for a connection, or where the log does not say
	HasHost bool
	Bad     bool // HAProxy could not read the request itself
}

// Reader reads the entries of a log.
type Reader struct {
	in      *bufio.Scanner
	formats []*format
	last    int // the format that read the line before
	line    int
	Other   int // lines that are no requests: of other programs, or in another form
}

// longest is the longest line that is read: HAProxy cuts its own far before.
const longest = 1 << 20

// NewReader reads a log of a site: in its formats, plain or by gzip.
func NewReader(in io.Reader, s *site.Site) (*Reader, error) {
	b := bufio.NewReaderSize(in, 1<<16)
	var plain io.Reader = b
	if magic, err := b.Peek(2); err == nil && magic[0] == 0x1f && magic[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, err
		}
		plain = z
	}
	r := &Reader{in: bufio.NewScanner(plain)}
	r.in.Buffer(make([]byte, 1<<16), longest)
	formats, err := formatsOf(s)
	r.formats = formats
	return r, err
}

// formatsOf are the forms in which the site's frontends log.
func formatsOf(s *site.Site) ([]*format, error) {
	var all []*format
	known := map[string]bool{}
	add := func(text string, hosts int) error {
		if key := text + strconv.Itoa(hosts); !known[key] {
			known[key] = true
			f, err := parse(text, hosts)
			if err != nil {
				return fmt.Errorf("log_format %q: %w", text, err)
			}
			all = append(all, f)
		}
		return nil
	}
	var bad error
	for i := range s.Frontends {
		f := &s.Frontends[i]
		text := httpLog
		if f.Mode == model.ModeTCP {
			text = tcpLog
		}
		switch {
		case f.LogFormat != "":
			text = f.LogFormat
		case s.Defaults.LogFormat != "":
			text = s.Defaults.LogFormat
		}
		bad = errors.Join(bad, add(text, hostAmong(f.Raw)))
	}
	if len(all) > 0 {
		bad = nil // the frontends whose lines can be read
	}
	return all, bad
}

// hostAmong is which of the captured headers is Host, -1 for none.
func hostAmong(raw model.Raw) int {
	n := 0
	for _, line := range raw.Lines() {
		words := strings.Fields(strings.ToLower(line))
		switch {
		case len(words) > 3 && words[0] == "capture" && words[1] == "request" && words[2] == "header":
			if words[3] == "host" {
				return n
			}
			n++
		case len(words) > 2 && words[0] == "http-request" && words[1] == "capture":
			if strings.HasPrefix(words[2], "req.hdr(host)") || strings.HasPrefix(words[2], "hdr(host)") {
				return n
			}
			n++
		}
	}
	return -1
}

// Next returns the next entry; io.EOF at the end.
func (r *Reader) Next() (Entry, error) {
	for r.in.Scan() {
		r.line++
		line := message(r.in.Text())
		for i := range r.formats {
			n := (r.last + i) % len(r.formats)
			if e, ok := r.entry(r.formats[n], line); ok {
				r.last = n
				return e, nil
			}
		}
		r.Other++
	}
	if err := r.in.Err(); err != nil {
		return Entry{}, fmt.Errorf("line %d: %w", r.line+1, err)
	}
	return Entry{}, io.EOF
}

// message is what stands behind the head that syslog writes: haproxy[123]: …
func message(line string) string {
	if i := strings.Index(line, "]: "); i >= 0 && strings.Contains(line[:i], "[") && !strings.Contains(line[:i], "] ") {
		return line[i+3:]
	}
	return line
}

func (r *Reader) entry(f *format, line string) (Entry, bool) {
	e := Entry{Line: r.line}
	e.Request.Incomplete = true
	tls := false
	ok := f.read(line, func(name, value string) { e.take(f, name, value, &tls) })
	if !ok || e.Request.Frontend == "" || e.Backend == "" {
		return e, false
	}
	if e.Request.Method == "" && !e.Bad {
		e.Request.Scheme = route.TCP
		return e, true
	}
	if e.Request.Scheme == "" {
		e.Request.Scheme = route.HTTP
	}
	if tls {
		e.Request.Scheme = route.HTTPS
	}
	e.HasHost = e.Request.Host != ""
	return e, true
}

// take notes one value of a line.
func (e *Entry) take(f *format, name, value string, tls *bool) {
	switch name {
	case "ci":
		e.Request.From, _ = netip.ParseAddr(value)
	case "ft", "f":
		e.Request.Frontend, *tls = strings.CutSuffix(value, "~")
	case "b":
		e.Backend = value
	case "s":
		e.Server = value
	case "ST":
		e.Status, _ = strconv.Atoi(value)
	case "fp":
		e.Request.Port, _ = strconv.Atoi(value)
	case "fi":
		e.Request.Address, _ = netip.ParseAddr(value)
	case "r":
		e.requestLine(value)
	case "HM":
		e.Request.Method, e.Bad = value, strings.HasPrefix(value, "<")
	case "HU":
		e.address(value)
	case "hr":
		if parts := strings.Split(value, "|"); f.hosts >= 0 && f.hosts < len(parts) {
			e.Request.Host = parts[f.hosts]
		}
	case "[req.hdr(host)]", "[req.hdr(Host)]", "[hdr(host)]", "[capture.req.hdr(0)]":
		if value != "-" && (f.hosts == 0 || !strings.HasPrefix(name, "[capture")) {
			e.Request.Host = value
		}
	case "[ssl_fc_sni]", "[req.ssl_sni]":
		if value != "-" {
			e.Request.SNI = value
		}
	}
}

// requestLine reads "GET /x HTTP/1.1".
func (e *Entry) requestLine(text string) {
	words := strings.SplitN(text, " ", 3)
	if len(words) < 2 || strings.HasPrefix(text, "<") {
		e.Bad = true
		return
	}
	e.Request.Method = words[0]
	e.address(words[1])
}

// address reads a path, or a whole address as HTTP/2 has it.
func (e *Entry) address(text string) {
	e.Request.Target = text
	scheme, rest, ok := strings.Cut(text, "://")
	if !ok || strings.ContainsAny(scheme, "/?") {
		return
	}
	n := strings.IndexAny(rest, "/?")
	if n < 0 {
		n = len(rest)
	}
	e.Request.Host, e.Request.Target = rest[:n], rest[n:]
	if !strings.HasPrefix(e.Request.Target, "/") {
		e.Request.Target = "/" + e.Request.Target
	}
}
