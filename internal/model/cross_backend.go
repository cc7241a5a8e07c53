package model

// SorryName is the name of the backend that stands in for another one while
// that has no server left.
func SorryName(backend string) string { return backend + "_sorry" }
