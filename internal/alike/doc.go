// Package alike finds out whether two configurations of HAProxy answer alike: it makes
// requests of the conditions of both, and compares what came of each. It sends none
// itself.
package alike
