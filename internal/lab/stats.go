package lab

import "strings"

// Stat is a line of HAProxy's statistics: a frontend, a backend or a server.
type Stat struct {
	Proxy, Name string // of a backend the name is BACKEND
	Sessions    string // how many there have been
	Status      string // UP, DOWN, "no check"; on the way there a longer word
	Check       string // what came of the last one; "" without checks
}

// Server is the name of a server, as BACKEND/SERVER.
func (s *Stat) Server() string { return s.Proxy + "/" + s.Name }

// Stats reads what HAProxy answers to "show stat" (management guide, 9.1, where columns
// are counted from 0).
func Stats(table string) []Stat {
	const sessions, status, check = 7, 17, 36
	var all []Stat
	for line := range strings.Lines(table) {
		if columns := strings.Split(line, ","); len(columns) > check && !strings.HasPrefix(line, "#") {
			all = append(all, Stat{columns[0], columns[1], columns[sessions], columns[status], columns[check]})
		}
	}
	return all
}
