package view

import (
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// Secret is a password, or the knowledge that there is one.
type Secret struct {
	Value string
	Path  diag.Path
	Known bool
}

// What is printed where a secret is not to be had. It never leaves the machine,
// and the daemons accept it.
const (
	secretStandIn = "standin0"
	hashStandIn   = "$5$standin$83T74IuovfAzy4wvZPxee7D4EbkGwnsy5/fxRij3VJ6" // of the word standin
)

// resolveSecret returns the secret at a model path; nil where the site file
// names none.
func resolveSecret(s model.Secret, path string, in model.Inputs) *Secret {
	return resolveSecretOr(s, path, in, secretStandIn)
}

func resolveSecretOr(s model.Secret, path string, in model.Inputs, standIn string) *Secret {
	if s.IsZero() {
		return nil
	}
	value, known := in.Secrets[diag.Path(path)]
	if !known {
		value = standIn
	}
	return &Secret{Value: value, Path: diag.Path(path), Known: known}
}
