package lab

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/recording"
)

// syslog stands in for rsyslog: it listens where the daemons write their lines,
// outside HAProxy's chroot and in it.
func (n *node) syslog() error {
	n.note("rsyslog does not run: lbgen itself takes what the daemons write to /dev/log")
	places := []string{"/dev/log"}
	if c := n.args.Node.Set.Host.Chroot; c != "" {
		places = append(places, filepath.Join(c, "dev/log"))
	}
	for _, place := range places {
		if err := n.listen(place); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) listen(place string) error {
	if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
		return err
	}
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: place, Net: "unixgram"})
	if err != nil {
		return err
	}
	if err := os.Chmod(place, 0o666); err != nil {
		return err
	}
	// The line as HAProxy and the C library write it (RFC 3164 4.1).
	line := regexp.MustCompile(`(?s)^<(\d+)>(?:\w{3} [ \d]\d \d\d:\d\d:\d\d )?(?:(\w+)(?:\[\d+\])?: )?(.*)$`)
	go func() {
		buf := make([]byte, 64<<10)
		for {
			size, err := conn.Read(buf)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				n.hear(line.FindStringSubmatch(strings.TrimRight(string(buf[:size]), "\x00\n")))
			}
		}
	}()
	return nil
}

// hear tells of a line of syslog, given as priority, program and text, unless it is one that HAProxy writes for each
// request: those are of severity info or debug.
func (n *node) hear(m []string) {
	if m == nil {
		return
	}
	priority, _ := strconv.Atoi(m[1])
	const info = 6
	program, severity := m[2], priority%8
	if program == HAProxy && severity >= info {
		return
	}
	n.events.emit(recording.Event{Kind: recording.Said, What: program, Text: shortened(m[3])})
}
