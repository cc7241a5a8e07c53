package status

import (
	"encoding/base64"
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Facts are what a node has told of itself.
type Facts struct {
	Now       time.Time
	OS        [2]string // ID and VERSION_ID of os-release
	Addresses []heldAddress
	Links     map[string]link
	Listens   []listener
	Units     map[string]map[string]string // by name, systemd's properties
	Runs      map[string]string            // by unit, the program that its process was started from
	Versions  map[string]string            // haproxy and keepalived, as installed
	Files     map[string]*file
	Installed map[string][]byte // sites that install.sh has noted, with the MANIFEST of ours
	Pending   string
	Applying  string // the site whose installation was cut off
	Sysctl    map[string]string
	Nftables  string // loaded, changed, absent, unasked; "" where the node has no table of lbgen's
	Socket    string // who has asked HAProxy's; "absent" and "unasked" where nobody has
	Info      map[string]string
	Stats     []map[string]string

	Certificates []*certificateFile
	Folders      []string // of certificates, which are there

	Heard   map[string]*heard // by device
	Asked   []heldAddress     // virtual IPs that somebody could be asked for
	Answers []answer
}

type heldAddress struct{ device, address string }

type link struct {
	up  bool
	mac string
}

type listener struct{ address, process string }

// unread is the kind of a file that has a sum and of which no content came: it could
// not be read. Nothing is said of such a file.
const unread = "unread"

// sumOfNothing is the SHA-256 of an empty file.
const sumOfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

type file struct {
	kind, mode, owner, sum string
	changed                time.Time
	content                []byte
	told                   bool // the content
}

type certificateFile struct {
	kind, mode, owner, path string // kind: absent, or whether the key is in it: with, without
	changed                 time.Time
	pem                     strings.Builder
	loaded                  map[string]string // what HAProxy says of the one that it uses
}

type heard struct {
	whole   bool // it was listened to for all the time
	adverts []advert
}

// advert is one sender of VRRP packets.
type advert struct {
	mac, source            string
	family, vrid, priority int
}

type answer struct{ device, address, mac string }

// Parse reads what the program has printed. An error says that it is not whole.
func Parse(out []byte) (*Facts, error) {
	p := parser{f: &Facts{
		Links: map[string]link{}, Units: map[string]map[string]string{}, Runs: map[string]string{}, Versions: map[string]string{},
		Files: map[string]*file{}, Installed: map[string][]byte{}, Sysctl: map[string]string{}, Info: map[string]string{},
		Heard: map[string]*heard{},
	}}
	first, ended := true, false
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSuffix(line, "\n")
		if first && line != "lbgen-status 1" {
			return nil, errors.New("the node answers something else: a login script that prints may be the cause")
		}
		if content, ok := strings.CutPrefix(line, " "); ok {
			p.more(content)
			continue
		}
		if err := p.flush(); err != nil {
			return nil, err
		}
		key, rest, _ := strings.Cut(line, " ")
		if key == "refused" {
			return nil, errors.New(rest + ": see --sudo")
		}
		if err := p.row(key, rest); err != nil {
			return nil, fmt.Errorf("%q: %w", line, err)
		}
		first, ended = false, key == "end"
	}
	if !ended {
		return nil, errors.New("the answer ends in the middle")
	}
	return p.f, p.stats()
}

// parser is the state between two lines.
type parser struct {
	f     *Facts
	csv   strings.Builder
	more  func(line string) // what the content belongs to
	ended func() error
}

func (p *parser) flush() error {
	ended := p.ended
	p.more, p.ended = func(string) {}, nil
	if ended == nil {
		return nil
	}
	return ended()
}

// base64 has what follows be the content of a file.
func (p *parser) base64(then func([]byte)) {
	var text strings.Builder
	p.more = func(line string) { text.WriteString(line) }
	p.ended = func() error {
		data, err := base64.StdEncoding.DecodeString(text.String())
		then(data)
		return err
	}
}

func (p *parser) row(key, rest string) error {
	f := p.f
	words := strings.Fields(rest)
	switch key {
	case "now", "address", "link", "listens", "unit", "runs", "asked", "answers", "heard":
		return p.machine(key, rest, words)
	case "file", "content", "certificate", "loaded", "folder", "installed":
		return p.files(key, rest)
	case "os":
		copy(f.OS[:], words)
	case "version":
		name, line, _ := strings.Cut(rest, " ")
		f.Versions[name] = number().FindString(line)
	case "pending":
		f.Pending = rest
	case "applying":
		f.Applying = rest
	case "sysctl":
		name, value, _ := strings.Cut(rest, " ")
		f.Sysctl[name] = strings.Join(strings.Fields(value), " ")
	case "nftables":
		f.Nftables = rest
	case "socket":
		f.Socket = rest
	case "info":
		name, value, _ := strings.Cut(rest, ":")
		f.Info[name] = strings.TrimSpace(value)
	case "stat":
		p.csv.WriteString(rest + "\n")
	}
	return nil
}

func number() *regexp.Regexp { return regexp.MustCompile(`\d+(\.\d+)+`) }

var errWords = errors.New("words are missing")

func (p *parser) machine(key, rest string, words []string) error {
	f := p.f
	want := map[string]int{"now": 1, "address": 2, "link": 3, "listens": 1, "unit": 1, "runs": 1, "asked": 2, "answers": 3, "heard": 2}[key]
	if len(words) < want {
		return errWords
	}
	switch key {
	case "now":
		seconds, err := strconv.ParseInt(words[0], 10, 64)
		f.Now = time.Unix(seconds, 0)
		return err
	case "address":
		bare, _, _ := strings.Cut(words[1], "/")
		f.Addresses = append(f.Addresses, heldAddress{words[0], bare})
	case "link":
		f.Links[words[0]] = link{words[1] == "up", words[2]}
	case "listens":
		f.Listens = append(f.Listens, listener{words[0], strings.Join(words[1:], " ")})
	case "unit":
		property, value, _ := strings.Cut(strings.TrimPrefix(rest, words[0]+" "), "=")
		if f.Units[words[0]] == nil {
			f.Units[words[0]] = map[string]string{}
		}
		f.Units[words[0]][property] = value
	case "runs":
		f.Runs[words[0]] = strings.TrimPrefix(rest, words[0]+" ")
	case "asked":
		f.Asked = append(f.Asked, heldAddress{words[0], words[1]})
	case "answers":
		f.Answers = append(f.Answers, answer{words[0], words[1], strings.ToLower(words[2])})
	case "heard":
		p.heard(words[0], words[1:])
	}
	return nil
}

// heard reads a line of tcpdump, or how that has ended.
func (p *parser) heard(device string, words []string) {
	h := p.f.Heard[device]
	if h == nil {
		h = &heard{}
		p.f.Heard[device] = h
	}
	if words[0] == "ended" {
		h.whole = words[1] == "124" // timeout's, when the time was up
		return
	}
	if m := advertLine().FindStringSubmatch(strings.Join(words, " ")); m != nil {
		a := advert{mac: strings.ToLower(m[1]), family: 4, source: m[3]}
		if m[2] == "IPv6" {
			a.family = 6
		}
		a.vrid, _ = strconv.Atoi(m[4]) // digits, by the pattern
		a.priority, _ = strconv.Atoi(m[5])
		h.adverts = append(h.adverts, a)
	}
}

// advertLine is what tcpdump -e -n prints of an advert.
func advertLine() *regexp.Regexp {
	return regexp.MustCompile(`^(\S+) > \S+ ethertype .*?(IPv4|IPv6) .*?: (\S+) > \S+: ` +
		`VRRPv\d, Advertisement, (?:.*, )?vrid (\d+), prio (\d+)`)
}

func (p *parser) files(key, rest string) error {
	f := p.f
	switch key {
	case "installed":
		f.Installed[rest] = nil
		p.base64(func(data []byte) { f.Installed[rest] = data })
	case "folder":
		f.Folders = append(f.Folders, rest)
	case "content":
		one := f.Files[rest]
		if one == nil {
			return errors.New("it was not named before")
		}
		p.base64(func(data []byte) {
			one.content, one.told = data, true
			if len(data) == 0 && one.sum != sumOfNothing {
				one.kind = unread
			}
		})
	case "file":
		words := strings.SplitN(rest, " ", 6)
		if len(words) < 6 {
			return errWords
		}
		f.Files[words[5]] = &file{kind: words[0], mode: words[1], owner: words[2], changed: seconds(words[3]), sum: words[4]}
	case "certificate":
		words := strings.SplitN(rest, " ", 5)
		if len(words) < 5 {
			return errWords
		}
		c := &certificateFile{kind: words[0], mode: words[1], owner: words[2], changed: seconds(words[3]), path: words[4]}
		f.Certificates = append(f.Certificates, c)
		p.more = func(line string) { c.pem.WriteString(line + "\n") }
	case "loaded":
		if len(f.Certificates) == 0 {
			return errors.New("no certificate was named before")
		}
		c := f.Certificates[len(f.Certificates)-1]
		c.loaded = map[string]string{}
		p.more = func(line string) {
			name, value, _ := strings.Cut(line, ":")
			c.loaded[name] = strings.TrimSpace(value)
		}
	}
	return nil
}

// seconds is a time since 1970; that itself where it is none.
func seconds(word string) time.Time {
	n, _ := strconv.ParseInt(word, 10, 64)
	return time.Unix(n, 0)
}

// stats reads HAProxy's table.
func (p *parser) stats() error {
	text := strings.TrimLeft(p.csv.String(), "# ")
	r := csv.NewReader(strings.NewReader(text))
	r.FieldsPerRecord, r.LazyQuotes = -1, true
	rows, err := r.ReadAll()
	if err != nil {
		return fmt.Errorf("HAProxy's statistics cannot be read: %w", err)
	}
	for i, row := range rows {
		if i == 0 {
			continue
		}
		m := map[string]string{}
		for j, name := range rows[0] {
			if j < len(row) {
				m[name] = row[j]
			}
		}
		p.f.Stats = append(p.f.Stats, m)
	}
	return nil
}
