// Package installed has tests only: the whole way of a site to two nodes that have
// booted with a systemd of their own (internal/booted), by lbgen itself, scp, ssh and
// install.sh, while a client asks all the time.
//
// The nodes boot once, and the scenarios follow each other: each begins with what the
// one before has left, as it is with real nodes.
package installed
