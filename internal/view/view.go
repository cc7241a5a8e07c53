// Package view turns a site into what the templates print: defaults applied,
// names looked up, roles and priorities computed. Nothing here can fail for a
// user's reason; the model has refused that before.
package view
