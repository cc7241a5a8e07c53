package check

import (
	"regexp"
	"sync"
)

// lazy compiles an expression when it is first needed. There are thirty of them
// here, which every start of lbgen would pay for, and one command uses them.
func lazy(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}
