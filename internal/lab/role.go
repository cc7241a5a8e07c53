package lab

import "strings"

// Role is what a server is in a cluster that has one primary.
type Role int

// The roles that a check asks for.
const (
	AnyRole Role = iota
	Primary
	Replica
)

// PageRole says which servers of a cluster answer 200 to a page of Patroni, the
// others 503 (Patroni's REST API, "Health check endpoints"); AnyRole where all do.
// What is asked for behind a question mark, such as a lag, narrows that down and
// turns nothing around.
func PageRole(uri string) Role {
	page, _, _ := strings.Cut(uri, "?")
	switch page {
	case "/primary", "/master", "/leader", "/read-write":
		return Primary
	case "/replica", "/standby":
		return Replica
	default:
		return AnyRole
	}
}
