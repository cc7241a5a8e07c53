package status

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/lbgen/lbgen/internal/artifact"
	"github.com/lbgen/lbgen/internal/compare"
)

// How the files of a node are.
const (
	asRendered   = "as rendered"
	changed      = "changed"
	otherVersion = "another version"
	notInstalled = "not installed"
)

// files judges what is installed: in place of the site file's version another one may
// be there, and somebody may have changed files since.
func (j *judge) files(a Answer) string {
	name, f := a.Set.Node, a.Facts
	j.notes(a)
	noted := f.noted(a.Set.Site)
	var other []string
	byHand := false
	diffs := diffs(a)
	for _, want := range installed(a.Set) {
		is := f.Files[want.Path]
		c, differs := diffs[want.Path]
		if is != nil && is.kind == "file" && !differs {
			j.mode(name, want, is)
			continue
		}
		entry, known := noted[want.Path]
		asNoted := known && is != nil && is.told && entry.Matches(is.content)
		switch {
		case j.unread(name, want.Path, is):
		case asNoted && len(c.Secrets) > 0:
			byHand = true
			j.add(name, "other-secret", fmt.Sprintf("/%s has another secret than %s", want.Path, strings.Join(c.Secrets, ", ")),
				"lbgen deploy, or take the node's into the site file")
		case asNoted, !known && (is == nil || is.kind == "absent"):
			other = append(other, "/"+want.Path)
		default:
			byHand = true
			j.addTrouble(edited(name, want, is, c, known))
		}
	}
	for path := range noted {
		if _, there := a.Set.File(path); !there && strings.Contains(path, "/") {
			other = append(other, "/"+path)
		}
	}
	slices.Sort(other)
	switch {
	case noted == nil && len(other) == 0 && !byHand:
		return asRendered // by other means than install.sh
	case noted == nil:
		j.add(name, "not-installed", "the site is not installed: "+list(other), "lbgen deploy")
		return notInstalled
	case len(other) > 0:
		j.add(name, "other-version", "another version of the site is installed: "+list(other),
			"lbgen plan and lbgen deploy; or the site file is not the one that was deployed")
		return otherVersion
	case byHand:
		return changed
	}
	return asRendered
}

// unread says whether a file could not be read, so that nothing is known of it.
func (j *judge) unread(name, path string, is *file) bool {
	if is == nil || is.kind != unread {
		return false
	}
	j.unseen(name, "/"+path, "its content could not be read")
	return true
}

// list names some of the files.
func list(paths []string) string {
	const most = 4
	if len(paths) > most {
		return fmt.Sprintf("%s and %d more files differ", strings.Join(paths[:most], ", "), len(paths)-most)
	}
	if len(paths) == 0 {
		return "install.sh has left no note of it"
	}
	return strings.Join(paths, ", ") + map[bool]string{true: " differs", false: " differ"}[len(paths) == 1]
}

// edited is a file that somebody has changed since it was installed.
func edited(node string, want artifact.File, is *file, c compare.Change, known bool) Trouble {
	t := Trouble{Kind: "changed-by-hand", Nodes: []string{node}, Diff: c.Diff,
		Remedy: "take the change over into the site file, or lbgen deploy, which puts back the site file's"}
	switch {
	case is == nil || is.kind == "absent":
		t.Kind, t.Summary, t.Diff = "file-missing", "/"+want.Path+" was installed and is not there", ""
		t.Remedy = "lbgen deploy"
	case is.kind != "file":
		t.Summary = fmt.Sprintf("/%s is a %s where a file has to be", want.Path, is.kind)
	case !known:
		t.Summary = "/" + want.Path + " is not lbgen's"
	default:
		t.Summary = "/" + want.Path + " was changed since it was installed"
	}
	if len(c.Secrets) > 0 {
		t.Summary += "; it has another secret than " + strings.Join(c.Secrets, ", ")
	}
	if c.Note != "" {
		t.Summary += " (" + c.Note + ")"
	}
	return t
}

func (j *judge) mode(name string, want artifact.File, is *file) {
	if now, wanted := is.mode+" "+is.owner, fmt.Sprintf("%o %s:%s", want.Mode.Perm(), want.Owner, want.Group); now != wanted {
		j.add(name, "file-mode", fmt.Sprintf("/%s is %s, and was installed %s", want.Path, now, wanted), "lbgen deploy")
	}
}

// notes judges what install.sh has noted.
func (j *judge) notes(a Answer) {
	name, f := a.Set.Node, a.Facts
	for other := range f.Installed {
		if other != a.Set.Site {
			j.add(name, "other-site", "site "+other+" is installed there, too", "docs/install.md, A renamed site")
		}
	}
	switch {
	case f.Applying != "":
		j.add(name, "cut-off", "an installation of site "+f.Applying+" was cut off, or runs just now",
			"lbgen deploy finishes it; install.sh --undo goes back")
	case f.Pending != "":
		j.add(name, "pending", "an installation was cut off before the daemons had heard of it: "+f.Pending, "lbgen deploy")
	}
}

// noted is what install.sh has noted of the site, nil where it has nothing that can be
// read.
func (f *Facts) noted(site string) map[string]artifact.Entry {
	_, _, entries, err := artifact.ParseManifest(f.Installed[site])
	if err != nil {
		return nil
	}
	noted := map[string]artifact.Entry{}
	for _, e := range entries {
		noted[e.Path] = e
	}
	return noted
}

// isOf says whether the content, in which a node has put stars in place of a private key, is
// that of a certificate's file.
func isOf(want artifact.File, content []byte) bool {
	hasKey := bytes.Contains(want.Data, []byte("PRIVATE KEY-----"))
	return hasKey && artifact.Entry{Sum: want.Sum()}.Matches(content)
}

// diffs are the changes between what the node has and what was made, by path.
func diffs(a Answer) map[string]compare.Change {
	files := map[string][]byte{}
	for _, want := range installed(a.Set) {
		is := a.Facts.Files[want.Path]
		switch {
		case is == nil || is.kind != "file":
		case is.told && !isOf(want, is.content):
			files[want.Path] = is.content
		default: // its sum is right, or all of it but a key, which no node tells
			files[want.Path] = want.Data
		}
	}
	all := map[string]compare.Change{}
	for _, c := range compare.Live(a.Set, files).Changes {
		all[c.Path] = c
	}
	return all
}
