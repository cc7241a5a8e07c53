package haproxy

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// What stands in for a secret that is not to be had. It never leaves the machine,
// and HAProxy accepts it.
const (
	placeholder     = "standin0"
	hashPlaceholder = "$5$standin$83T74IuovfAzy4wvZPxee7D4EbkGwnsy5/fxRij3VJ6" // of the word standin
)

// secret is a password or what stands in for it.
type secret struct {
	value string
	path  diag.Path
	known bool
}

// secret looks up a secret; nil where the site file names none.
func (p *printer) secret(s model.Secret, path diag.Path, stub string) *secret {
	if s.IsZero() {
		return nil
	}
	value, known := p.in.Secrets[path]
	if !known {
		value = stub
	}
	return &secret{value, path, known}
}
