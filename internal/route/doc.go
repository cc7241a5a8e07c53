// Package route computes which way a request takes through a site: the bind and
// frontend that take it, each route in turn, the backend and the servers that could
// answer, or what HAProxy answers itself. No daemon has part in it.
//
// It follows the lines that internal/render/haproxy writes and HAProxy's order of
// looking at them: all http-request rules first, then use_backend, then the rules of
// the backend. internal/behaviour holds it against the real HAProxy. What a site file
// does not decide (raw lines, samples that only HAProxy knows, an address that the
// request does not tell) is said as such in Answer.Undecided and never guessed.
//
// Start with Evaluator.Route.
package route
