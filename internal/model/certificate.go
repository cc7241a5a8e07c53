package model

import (
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/lbgen/lbgen/internal/diag"
)

// Certificate is a certificate with its chain and key: a path on the node, or files
// beside the site file.
type Certificate struct {
	// Absolute path on the node.
	Path string `yaml:"-"`
	// PEM file beside the site file, relative to the file that names it: the certificate, its chain, and its key.
	File string `yaml:"file" validate:"omitempty,beside"`
	// PEM file with the certificate and its chain, where the key is in a file of its own.
	Cert string `yaml:"cert" validate:"omitempty,beside"`
	// PEM file with the key to cert.
	Key string `yaml:"key" validate:"omitempty,beside"`
}

// brief reads a path on the node.
func (c *Certificate) brief(text string) error {
	if !isPath(text) {
		if !strings.HasPrefix(text, "/") {
			return fmt.Errorf("expected an absolute path on the node, or {file: %s} for a file beside the site file", text)
		}
		return errors.New("expected " + Expects("path"))
	}
	c.Path = text
	return nil
}

// IsBeside says whether it is a file, or two, beside the site file.
func (c Certificate) IsBeside() bool { return c.File != "" || c.Cert != "" }

// Name is that of the one file that it is on the node.
func (c Certificate) Name() string {
	if c.File != "" {
		return PageName(c.File)
	}
	name := PageName(c.Cert)
	return strings.TrimSuffix(name, path.Ext(name)) + ".pem"
}

// String returns the names of the files as a user knows them.
func (c Certificate) String() string {
	switch {
	case c.File != "":
		return c.File
	case c.Cert != "":
		return c.Cert + " and " + c.Key
	default:
		return c.Path
	}
}

// CertificatePath returns where a certificate is on the node.
func (p Platform) CertificatePath(c Certificate) string {
	if c.IsBeside() {
		return path.Join(p.Certificates(), c.Name())
	}
	return c.Path
}

// CertificateRef is a certificate beside the site file, and where the site names it.
type CertificateRef struct {
	Path        diag.Path
	Certificate Certificate
}

// CertificateRefs returns the certificates that lie beside the site file, each as often
// as the site names it, in the order of the file.
func (s *Site) CertificateRefs() []CertificateRef {
	var refs []CertificateRef
	add := func(path diag.Path, t *BindTLS) {
		if t != nil && t.Certificate.IsBeside() {
			refs = append(refs, CertificateRef{path.Key("tls").Key("certificate"), t.Certificate})
		}
	}
	for i := range s.Frontends {
		for j := range s.Frontends[i].Binds {
			add(diag.Path("frontends").Index(i).Key("binds").Index(j), s.Frontends[i].Binds[j].TLS)
		}
	}
	if s.Stats != nil {
		add("stats", s.Stats.TLS)
	}
	return refs
}

// certificate wants one of the ways to name a certificate.
func (c *cross) certificate(path diag.Path, cert Certificate) {
	const remedy = "write {file: NAME} for one PEM file, {cert: NAME, key: NAME} for two, or an absolute path on the node"
	switch {
	case c.hasFailedBelow(path) || c.failed[path]:
	case cert.File != "" && cert.Cert+cert.Key != "":
		c.add(path, "bad-value", "file and cert exclude each other", remedy)
	case cert.Path == "" && cert.File == "" && (cert.Cert == "" || cert.Key == ""):
		c.add(path, "missing-field", "a certificate is named by file, or by cert and key", remedy)
	}
}

// certificates wants the names of those beside the site file to be fit for the node, and
// different.
func (c *cross) certificates() {
	var all []carried
	for _, ref := range c.site.CertificateRefs() {
		all = append(all, carried{ref.Path, ref.Certificate.Name(), ref.Certificate})
	}
	c.carried("certificate", c.site.Machine().Certificates(), all)
}
