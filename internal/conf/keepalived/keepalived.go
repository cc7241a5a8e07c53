// Package keepalived is the one place that knows the grammar of keepalived.conf:
// how it is read and written, and what each keyword means to a pair of nodes.
//
// What is said here of the grammar and of the keywords comes from the source of
// Keepalived 2.2.7 (lib/parser.c, vrrp_parser.c, global_parser.c, vrrp.c) and
// from keepalived.conf(5); the tests ask the daemon itself.
package keepalived
