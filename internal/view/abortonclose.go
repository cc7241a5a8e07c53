package view

import "github.com/lbgen/lbgen/internal/model"

// HAProxy drops a waiting request only where it notices that the client has
// gone. 2.6 and older look for that only where the frontend, too, has the option,
// and a frontend can have it from the defaults section alone. So it stands
// there as soon as one backend asks for it, and the others take it back.

// firstAbortOnClose is the first backend that asks for it, -1 where none does.
func firstAbortOnClose(site *model.Site) int {
	for i := range site.Backends {
		if site.Backends[i].AbortOnClose {
			return i
		}
	}
	return -1
}

func abortOnCloseDefault(site *model.Site) []Rule {
	if i := firstAbortOnClose(site); i >= 0 {
		return []Rule{{Origin: Mark(at("backends", i) + ".abortonclose"), Verb: "option abortonclose"}}
	}
	return nil
}

// abortOnClose is the line of one backend; inDefaults says whether any asks.
func abortOnClose(b *model.Backend, origin string, inDefaults bool) []Rule {
	switch {
	case b.AbortOnClose:
		return []Rule{{Origin: Mark(origin + ".abortonclose"), Verb: "option abortonclose"}}
	case inDefaults:
		return []Rule{{Origin: Mark(origin), Verb: "no option abortonclose"}}
	default:
		return nil
	}
}
