// Package view turns a site into what the templates print: defaults applied,
// names looked up, roles and priorities computed. Nothing here can fail for a
// user's reason; the model has refused that before.
package view

// Node is one node of a site, ready to print.
type Node struct {
	Site, Name string
	Sysctl     []Setting // none: no file
	Firewall   Firewall
	Install    Install
}

// Setting is one line key = value.
type Setting struct{ Key, Value, Origin string }

// Header returns the first line of each rendered file, as a comment of that
// file's grammar. It holds no clock and no version: the same site gives the
// same bytes on any day.
func (n Node) Header(comment string) string {
	return comment + " Made by lbgen from site " + n.Site + ". Do not edit: change the site file and render again."
}
