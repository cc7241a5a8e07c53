package rehearse

import (
	"fmt"
	"strings"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/recording"
)

// fromElsewhere says why a node finds a server down whose checks leave from an
// address that another node holds; "" where none does.
func fromElsewhere(s *Subject, events []recording.Event, server string) string {
	backend, _, _ := strings.Cut(server, "/")
	for _, o := range s.Written.Outgoing() {
		if o.Backend >= 0 && s.Backends[o.Backend].Name != backend {
			continue
		}
		for _, node := range names(s) {
			sight := judge.Sight{Nodes: []string{node}, Servers: []string{server}, State: "UP"}
			if _, seen := sight.Seen(events, 0); seen {
				continue
			}
			if vip, other := s.Written.HeldBy(o.Addr); vip != "" || other != "" && other != node {
				return fmt.Sprintf("%s does not find %s well: %s says source %s, which %s does not hold, so that no check gets its answer", node,
					server, o.Path, o.Addr, node)
			}
		}
	}
	return ""
}
