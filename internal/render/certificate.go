package render

import (
	"path"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/certificate"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/site"
)

// resolveCertificates returns the certificates that lie beside the site file as the files
// that HAProxy reads, each once. They are the same on every node. HAProxy reads them as root,
// before it gives root up.
func resolveCertificates(s *site.Site, in model.Inputs) []artifact.File {
	var files []artifact.File
	done := map[model.Certificate]bool{}
	for _, ref := range s.Written.CertificateRefs() {
		if done[ref.Certificate] {
			continue
		}
		done[ref.Certificate] = true
		files = append(files, certificateFile(s.Machine, ref, in.Certificates[ref.Certificate]))
	}
	return files
}

// certificateFile is the file of one certificate. Without its key it is absent as a whole:
// a key that does not fit would be as good as none.
func certificateFile(machine model.Platform, ref model.CertificateRef, b certificate.Bundle) artifact.File {
	secret := artifact.Secret{Start: b.KeyStart, End: b.KeyEnd, Path: string(ref.Path), Known: true}
	if b.PEM == nil {
		secret = artifact.Secret{Path: string(ref.Path)}
	}
	return artifact.File{
		Path: path.Join(machine.Certificates()[1:], ref.Certificate.Name()), Mode: 0o600, Owner: "root", Group: "root",
		Action: artifact.ReloadHAProxy, Data: b.PEM, Origins: []string{string(ref.Path)}, Secrets: []artifact.Secret{secret},
	}
}
