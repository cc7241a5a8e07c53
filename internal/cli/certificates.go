package cli

import (
	"errors"
	"io/fs"
	"time"

	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// maxCertificate is far above any chain with its key.
const maxCertificate = 256 << 10

// readCertificates reads those that lie beside the site file, with their keys. A file that is
// not there, or that this user may not read, is an error where all are required.
func (a *app) readCertificates(l *loaded, dir string, required bool) {
	for _, ref := range l.written.CertificateRefs() {
		if _, done := l.in.Certificates[ref.Certificate]; done {
			continue
		}
		var files [][]byte // nil in the place of one that is missing
		for _, part := range partsOf(ref) {
			data, bad := a.readPart(dir, part, required)
			if bad != nil {
				l.found = append(l.found, *bad)
			}
			files = append(files, data)
		}
		l.bundle(ref, files)
	}
}

// readPart reads one file of a certificate; nil where it is not to be had.
func (a *app) readPart(dir string, part part, required bool) ([]byte, *diag.Diagnostic) {
	name := beside(dir, part.file)
	a.uses(name)
	data, err := readSmall(name, maxCertificate)
	switch {
	case err == nil && len(data) > maxCertificate:
		return nil, &diag.Diagnostic{Code: "bad-certificate", Path: part.path, Summary: "certificate " + part.file + " is too large",
			Detail: "it is no PEM file with a certificate, its chain and a key"}
	case err == nil:
		return data, nil
	case !required && (errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission)):
		return nil, nil
	default:
		d := unreadable(part.path, "certificate", part.file, err)
		d.Code = "missing-secret"
		return nil, &d
	}
}

// bundle puts together what of a certificate was to be had.
func (l *loaded) bundle(ref model.CertificateRef, files [][]byte) {
	if files[0] == nil {
		return
	}
	b, err := certificate.Read(files[len(files)-1] != nil, files...)
	if bad := new(certificate.Problem); errors.As(err, &bad) {
		l.found = append(l.found, diag.Diagnostic{Code: "bad-certificate", Path: ref.Path,
			Summary: "certificate " + ref.Certificate.String() + " cannot be used: " + bad.Summary, Detail: bad.Remedy})
		return
	}
	if l.in.Certificates == nil {
		l.in.Certificates = map[model.Certificate]certificate.Bundle{}
	}
	l.in.Certificates[ref.Certificate] = b
}

// part is one of the files of a certificate, and the field that names it.
type part struct {
	path diag.Path
	file string
}

func partsOf(ref model.CertificateRef) []part {
	c := ref.Certificate
	if c.File != "" {
		return []part{{ref.Path.Key("file"), c.File}}
	}
	return []part{{ref.Path.Key("cert"), c.Cert}, {ref.Path.Key("key"), c.Key}}
}

// now is the time by which certificates run out.
func (a *app) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}
