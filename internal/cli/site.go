package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/pair"
	"github.com/lbgen/lbgen/internal/render"
	"github.com/lbgen/lbgen/internal/report"
	"github.com/lbgen/lbgen/internal/site"
	"github.com/lbgen/lbgen/internal/source"
)

// secretsWanted says how a command treats secrets.
type secretsWanted int

const (
	secretsIgnored   secretsWanted = iota // not read: rehearse, test
	certificatesOnly                      // of them, certificates with their keys, where they are there: validate, lint, check
	secretsOptional                       // read where they are there: diff, render --check
	secretsRequired                       // a missing one is an error: render
)

// loaded is one site file, read and with everything that it refers to.
type loaded struct {
	written *model.Site
	site    *site.Site // nil where there are errors
	src     *source.File
	found   diag.List
	in      model.Inputs
	sets    []artifact.Set
	pair    *pair.Pair // in place of all of these: a pair that runs already
	watched *pair.Failover
	// What is left of a site once it is staged:
	nodes  []string // their names
	claims []claim
	raw    int      // lines that are handed on as written
	needs  []string // files that the nodes have to have already
}

// load reads site files and what they refer to, several at a time. The result
// is in the order of names.
func (a *app) load(names []string, secrets secretsWanted) ([]*loaded, error) {
	return a.loadEach(names, secrets, func(int, *loaded) error { return nil })
}

// loadEach is load, and does something with each site as soon as it is read.
func (a *app) loadEach(names []string, secrets secretsWanted, then func(int, *loaded) error) ([]*loaded, error) {
	all := make([]*loaded, len(names))
	return all, sideBySide(len(names), func(i int) (err error) {
		if all[i], err = a.loadOne(names[i], secrets); err != nil {
			return err
		}
		return then(i, all[i])
	})
}

// sideBySide runs n jobs, as many at a time as there are processors, and
// returns the first error. One job runs by itself: waking another thread takes
// as long as reading a small site.
func sideBySide(n int, job func(i int) error) error {
	if n == 1 {
		return job(0)
	}
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		g.Go(func() error { return job(i) })
	}
	return g.Wait()
}

// stdin is what findings call standard input.
const stdin = "stdin"

func (a *app) loadOne(name string, secrets secretsWanted) (*loaded, error) {
	data, err := a.read(name)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(name)
	if name == "-" {
		name, dir = stdin, "."
	}
	l := &loaded{}
	l.written, l.src, l.found = model.LoadShared(name, data, func(file string) (string, []byte,
		*diag.Diagnostic) {
		a.uses(beside(dir, file))
		return readShared(dir, file)
	})
	if l.found.HasErrors() {
		return l, nil
	}
	for _, ref := range l.written.PageRefs() {
		a.uses(beside(dir, ref.File))
	}
	l.readPages(dir)
	if secrets != secretsIgnored {
		a.readCertificates(l, dir, secrets == secretsRequired)
	}
	if secrets >= secretsOptional {
		for _, ref := range l.written.SecretRefs() {
			if ref.Secret.File != "" {
				a.uses(beside(dir, ref.Secret.File))
			}
		}
		l.readSecrets(dir, a.Getenv, secrets == secretsRequired)
	}
	l.src.Locate(l.found)
	l.found.Sort()
	if !l.found.HasErrors() {
		l.site = site.Resolve(l.written)
	}
	return l, nil
}

// read reads a site file; a little more than what source accepts, so that
// source can say that it is too large.
func (a *app) read(name string) ([]byte, error) {
	in := a.In
	var data bytes.Buffer
	if name == "-" {
		if a.inRead.Swap(true) {
			return nil, usagef("standard input can be read once only")
		}
	} else {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
			data.Grow(int(min(info.Size(), source.MaxBytes)) + bytes.MinRead)
		}
		in = f
	}
	if _, err := data.ReadFrom(io.LimitReader(in, source.MaxBytes+1)); err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	return data.Bytes(), nil
}

// readShared reads the file that a site takes defaults from.
func readShared(dir, file string) (name string, data []byte, bad *diag.Diagnostic) {
	name = beside(dir, file)
	data, err := readSmall(name, source.MaxBytes)
	if err != nil {
		d := unreadable("", "file", file, err)
		bad = &d
	}
	return name, data, bad
}

// readPages reads the pages that the site serves itself.
func (l *loaded) readPages(dir string) {
	l.in.Pages = map[string][]byte{}
	for _, ref := range l.written.PageRefs() {
		data, err := readSmall(beside(dir, ref.File), int64(l.written.MaxPage()))
		if err != nil {
			l.found = append(l.found, unreadable(ref.Path, "page", ref.File, err))
			continue
		}
		l.found = append(l.found, ref.CheckPage(data, l.written.MaxPage())...)
		l.in.Pages[ref.File] = data
	}
}

// readSecrets reads the passwords. What is wrong with one is said without it.
func (l *loaded) readSecrets(dir string, getenv func(string) (string, bool), required bool) {
	l.in.Secrets = map[diag.Path]string{}
	for _, ref := range l.written.SecretRefs() {
		value, missing := readSecret(dir, ref.Secret, getenv)
		if missing != nil {
			if required {
				missing.Path = ref.Path
				l.found = append(l.found, *missing)
			}
			continue
		}
		if bad := ref.Check(value); bad != "" {
			l.found = append(l.found, diag.Diagnostic{Code: "bad-secret", Path: ref.Path, Summary: "bad password in " + secretPlace(ref.Secret),
				Detail: bad})
			continue
		}
		l.in.Secrets[ref.Path] = value
	}
}

func secretPlace(s model.Secret) string {
	switch {
	case s.File != "":
		return s.File
	case s.Env != "":
		return "$" + s.Env
	default:
		return "the site file"
	}
}

// maxSecret is far above any password, and far below a file named by mistake.
const maxSecret = 4096

func readSecret(dir string, s model.Secret, getenv func(string) (string, bool)) (string, *diag.Diagnostic) {
	switch {
	case s.Env != "":
		value, ok := getenv(s.Env)
		if !ok {
			return "", &diag.Diagnostic{Code: "missing-secret", Summary: fmt.Sprintf("the environment has no variable %s", s.Env),
				Detail: "set it to the password for this call"}
		}
		return value, nil
	case s.File != "":
		data, err := readSmall(beside(dir, s.File), maxSecret)
		if err != nil {
			d := unreadable("", "secret", s.File, err)
			d.Code = "missing-secret"
			return "", &d
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(data), "\n"), "\r"), nil
	default:
		return s.Literal, nil
	}
}

func beside(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, filepath.FromSlash(name))
}

// readSmall reads a regular file, and one byte more than most at the most.
func readSmall(name string, most int64) ([]byte, error) {
	// Opening a named pipe would wait for its other end.
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is " + artifact.KindOf(info))
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, most+1))
}

func unreadable(path diag.Path, what, name string, err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: "unreadable", Path: path, Summary: fmt.Sprintf("%s %s cannot be read", what, name), Detail: cause(err)}
	if errors.Is(err, fs.ErrNotExist) {
		d.Summary, d.Detail = fmt.Sprintf("there is no %s %s", what, name), "the name is relative to the folder of the file that has it, or "+
			"to the working directory where that is standard input"
	}
	return d
}

// cause strips what the summary says already.
func cause(err error) string {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err.Error()
	}
	return err.Error()
}

// maxRelated is how many further places of one finding are shown.
const maxRelated = 5

// findings collects those of all sites, those in a shared file once, and the sources for their excerpts.
func findings(all []*loaded) (diag.List, report.Sources) {
	var found diag.List
	sources := report.Sources{}
	shared := map[diag.Range][]int{} // findings in files that sites share
	for _, l := range all {
		if l.pair != nil {
			found = append(found, l.found...)
			for name, text := range l.pair.Texts {
				sources[name] = text
			}
		}
		if l.src == nil { // it was staged, and nothing was found in it
			continue
		}
		for _, f := range l.src.Files() {
			sources[f.Name] = f
		}
		for _, d := range l.found {
			if d.Subject.File == "" || d.Subject.File == l.src.Name {
				found = append(found, d)
				continue
			}
			user := diag.Related{Message: "this site takes it over", Range: l.src.Range("defaults_from")}
			i := slices.IndexFunc(shared[d.Subject], func(i int) bool { return found[i].Code == d.Code && found[i].Summary == d.Summary })
			if i < 0 {
				shared[d.Subject] = append(shared[d.Subject], len(found))
				d.Related = append(slices.Clip(d.Related), user)
				found = append(found, d)
			} else if other := &found[shared[d.Subject][i]]; len(other.Related) < maxRelated {
				other.Related = append(other.Related, user)
			}
		}
	}
	return found, sources
}

// renderAll makes the sets of all sites, several at a time.
func renderAll(all []*loaded, renderer *render.Renderer) error {
	return sideBySide(len(all), func(i int) (err error) {
		l := all[i]
		l.sets, err = renderer.Sets(l.site, l.in)
		return err
	})
}

// make reads site files and renders them, for commands whose result is not the
// findings: warnings are talk, and do not stop it.
func (a *app) make(names []string, secrets secretsWanted) ([]*loaded, error) {
	all, err := a.rendered(names, secrets)
	if err != nil {
		return nil, err
	}
	found, sources := findings(all)
	return all, report.Text(a.Err, found, sources, a.colored(a.Err))
}

// rendered reads site files and renders them. Where there are errors it prints
// all findings and returns errFindings.
func (a *app) rendered(names []string, secrets secretsWanted) ([]*loaded, error) {
	renderer := render.New()
	go renderer.Parse() // while the site is read: of a small site's time that is a tenth
	all, err := a.load(names, secrets)
	if err != nil {
		return nil, err
	}
	if err := a.refuse(all); err != nil {
		return nil, err
	}
	return all, renderAll(all, renderer)
}

// refuse prints all findings where there are errors, and returns errFindings.
func (a *app) refuse(all []*loaded) error {
	found, sources := findings(all)
	if !found.HasErrors() {
		return nil
	}
	if err := a.print(found, sources); err != nil {
		return err
	}
	return errFindings
}
