package haproxy

// For the tests that render sites, which packages do that read this one.
var (
	ReadsAlike     = readsAlike
	DifferentLines = differentLines
)
