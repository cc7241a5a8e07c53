package rehearse

import (
	"slices"

	"github.com/lbgen/lbgen/internal/failover"
	"github.com/lbgen/lbgen/internal/site"
)

// Subject is what is rehearsed.
type Subject struct {
	// Site says what there is: nodes, NICs, addresses, servers and how they are checked.
	*site.Site
	// Groups are who is master when, of a pair that runs already by its own
	// keepalived.conf; nil: as the site says. Their nodes are those of the site, in its
	// order.
	Groups []*failover.Group
	// Notes are what is not as on the nodes.
	Notes []string
	// Sockets are HAProxy's runtime sockets, by node, where they are not the site's.
	Sockets map[string]string
	// Own are programs of the nodes' own that are among their files, by path.
	Own map[string]bool
}

// Note adds to what is not as on the nodes.
func (s *Subject) Note(sentence string) {
	if !slices.Contains(s.Notes, sentence) {
		s.Notes = append(s.Notes, sentence)
	}
}

// Of is a site with the files that are rendered of it.
func Of(s *site.Site) *Subject { return &Subject{Site: s} }

// socket is HAProxy's runtime socket on a node; "" where it has none.
func (s *Subject) socket(node string) string {
	if s.Sockets != nil {
		return s.Sockets[node]
	}
	return s.Machine.StatsSocket
}

// foreseen are the groups that the forecasts are made of.
func (s *Subject) foreseen() []*failover.Group {
	if s.Groups != nil {
		return s.Groups
	}
	return failover.Groups(s.Site)
}
