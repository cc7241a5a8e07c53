// Package haproxy is the one room that knows the grammar of haproxy.cfg: it reads
// files into sections, lines and words with their places, and holds what is known
// of each keyword. It imports the standard library and diag.
package haproxy
