package view

import (
	"slices"

	"github.com/lbgen/lbgen/internal/model"
)

// HAProxy drops a waiting request only where it notices that the client has
// gone. 2.6 and older look for that only where the frontend, too, has the option,
// and a frontend can have it from the defaults section alone. So it stands
// there as soon as one backend asks for it, and the others take it back.

func firstAbortOnClose(site *model.Site) int {
	return slices.IndexFunc(site.Backends, func(b model.Backend) bool { return b.AbortOnClose })
}

func abortOnCloseDefault(site *model.Site) []Rule {
	if i := firstAbortOnClose(site); i >= 0 {
		return []Rule{{Origin: Mark(at("backends", i) + ".abortonclose"), Verb: "option abortonclose"}}
	}
	return nil
}

func abortOnClose(site *model.Site, b *model.Backend, origin string) []Rule {
	switch {
	case b.AbortOnClose:
		return []Rule{{Origin: Mark(origin + ".abortonclose"), Verb: "option abortonclose"}}
	case firstAbortOnClose(site) >= 0:
		return []Rule{{Origin: Mark(origin), Verb: "no option abortonclose"}}
	default:
		return nil
	}
}
