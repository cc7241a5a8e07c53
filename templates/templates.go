// Package templates embeds the text templates of everything that lbgen makes.
// Each stands in the folder of its family and is named like the file it makes.
package templates

import "embed"

// FS holds the templates, such as haproxy/haproxy.cfg.tmpl.
//
//go:embed */*.tmpl
var FS embed.FS
