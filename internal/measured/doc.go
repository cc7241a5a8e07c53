// Package measured has tests only. They make up sites from a seed, start the real
// Keepalived of every node with the keepalived.conf that lbgen renders, break things
// and repair them, and compare who has the virtual IPs, and after how long, with what
// internal/failover foresees. Nothing of internal/lab is used: the forecast and its
// judge shall not share a fault.
//
// make prove-real measures 300 sites; make test a few.
package measured
