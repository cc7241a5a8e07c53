package haproxy

import (
	"slices"
	"strings"
)

// Place is where in a proxy a line acts, whatever line it stands on: HAProxy looks at
// rules in an order of its own and warns of any other, gives a default-server to the
// servers below it alone, and begins a check with its connection.
type Place int

// The places, in HAProxy's order.
const (
	AnyPlace   Place = iota // such as the ACLs that rules name
	Steps                   // of checks, before what is sent
	AllServers              // default-server
	TCPRules
	HTTPRules
	Redirects // the keyword, which is looked at behind http-request
	Choice    // of a backend or a server
)

// PlaceOf returns the place of a line.
func PlaceOf(line string) Place {
	words := strings.Fields(line)
	if len(words) > 1 && (words[0] == "no" || words[0] == "default") {
		words = words[1:]
	}
	switch {
	case len(words) == 0:
		return AnyPlace
	case strings.HasPrefix(words[0], "tcp-re"):
		return TCPRules
	case slices.Contains([]string{"http-request", "http-response", "http-after-response"}, words[0]):
		return HTTPRules
	case words[0] == "redirect":
		return Redirects
	case words[0] == "use_backend", words[0] == "use-server":
		return Choice
	case words[0] == "default-server":
		return AllServers
	case beginsCheck(words):
		return Steps
	default:
		return AnyPlace
	}
}

// beginsCheck says whether a step of a check comes before what is sent.
func beginsCheck(words []string) bool {
	if len(words) < 2 || words[0] != "http-check" && words[0] != "tcp-check" {
		return false
	}
	step, _, _ := strings.Cut(words[1], "(")
	return slices.Contains([]string{"connect", "set-var", "set-var-fmt", "unset-var", "comment"}, step)
}

// Units parts lines into those that belong together: a line with the comments above
// it, or all from an .if to its .endif.
func Units(lines []string) [][]string {
	var all [][]string
	var open []string
	depth := 0
	for _, line := range lines {
		open = append(open, line)
		switch {
		case strings.HasPrefix(line, ".if"):
			depth++
		case strings.HasPrefix(line, ".endif"):
			depth--
		case strings.HasPrefix(line, "#"):
			continue
		}
		if depth <= 0 {
			all, open = append(all, open), nil
		}
	}
	if open != nil {
		all = append(all, open)
	}
	return all
}

// PlacesOf returns the places of the lines of a unit that say something, each once.
func PlacesOf(unit []string) []Place {
	var all []Place
	for _, line := range unit {
		if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, ".") && !slices.Contains(all, PlaceOf(line)) {
			all = append(all, PlaceOf(line))
		}
	}
	return all
}
