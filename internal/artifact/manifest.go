package artifact

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// ManifestName is the name of the file beside a node's tree that lists it.
const ManifestName = "MANIFEST"

// UnfinishedName is the name of the marker that stands in a node's directory
// while its files are being changed. It lists what lbgen wrote there before and
// what it is about to write, in the form of a MANIFEST.
const UnfinishedName = ".lbgen-unfinished"

// KindOf says in words what stands in the place of a file.
func KindOf(info fs.FileInfo) string {
	switch info.Mode().Type() {
	case fs.ModeSymlink:
		return "a symbolic link"
	case fs.ModeDir:
		return "a directory"
	case 0:
		return "a file"
	default:
		return "something that is not a file"
	}
}

// Entry is one line of a MANIFEST.
type Entry struct {
	Mode         fs.FileMode
	Owner, Group string
	Action       Action
	Sum          string // as Sum returns it; "-" in what an earlier lbgen wrote of a file with a secret
	Path         string
}

// NoSum stands in a MANIFEST of an earlier lbgen in place of the checksum of a
// file that holds a secret.
const NoSum = "-"

// Secret says whether the file holds a secret: then its sum is not that of its bytes.
func (e Entry) Secret() bool { return e.Sum == NoSum || strings.Contains(e.Sum, "@") }

// Sum returns what a MANIFEST says of the content of the file: its sha256 in
// hexadecimal. Eight characters are guessed from a checksum, so no secret is
// part of one: of a file with secrets it is the sum of what Masked returns, "@",
// and for each line with a secret LINE:BEFORE:BEHIND, the number of the line and
// the bytes in it before and behind the secret. How long that is, it does not say; of a
// key, each of whose lines is one, it says how many lines there are.
func (f File) Sum() string {
	if len(f.Secrets) == 0 {
		return fmt.Sprintf("%x", sha256.Sum256(f.Data))
	}
	var masked bytes.Buffer
	var stretches []string
	secrets := f.secretsByLine()
	at := 0
	for number, line := range bytes.SplitAfter(f.Data, []byte("\n")) {
		text, end := bytes.TrimSuffix(line, []byte("\n")), at+len(line)
		n := 0
		for n < len(secrets) && secrets[n].Start < end {
			n++
		}
		if n == 0 {
			masked.Write(line)
		} else {
			before, last := secrets[0].Start-at, secrets[n-1].End-at
			masked.Write(text[:before])
			masked.WriteString(Mask)
			masked.Write(line[last:])
			stretches = append(stretches, fmt.Sprintf("%d:%d:%d", number+1, before, len(text)-last))
		}
		secrets, at = secrets[n:], end
	}
	return fmt.Sprintf("%x@%s", sha256.Sum256(masked.Bytes()), strings.Join(stretches, ","))
}

// secretsByLine cuts a secret of several lines, as a key is, into one for each.
func (f File) secretsByLine() []Secret {
	var all []Secret
	for _, s := range f.Secrets {
		if s.Start == s.End {
			all = append(all, s)
		}
		for at := s.Start; at < s.End; {
			end := s.End
			if i := bytes.IndexByte(f.Data[at:s.End], '\n'); i >= 0 {
				end = at + i
			}
			all = append(all, Secret{Start: at, End: end, Path: s.Path, Known: s.Known})
			at = end + 1
		}
	}
	return all
}

// Manifest returns the MANIFEST of the set: a header that names site and node,
// then for each file "mode owner:group action sum path", sorted by path. It
// does not list itself.
func (s Set) Manifest() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Made by lbgen from site %s for node %s. Do not edit.\n", s.Site, s.Node)
	b.WriteString("# mode owner:group action sha256 path\n")
	for _, f := range s.Files {
		fmt.Fprintf(&b, "%04o %s:%s %s %s %s\n", f.Mode.Perm(), f.Owner, f.Group, f.Action, f.Sum(), f.Path)
	}
	return b.Bytes()
}

// ParseManifest reads a MANIFEST and returns the site and node that it was
// made for and its entries. It returns an error that names the line where the
// text is not one that Manifest writes: then nothing may be removed by it.
func ParseManifest(data []byte) (site, node string, entries []Entry, err error) {
	scan := bufio.NewScanner(bytes.NewReader(data))
	for line := 1; scan.Scan(); line++ {
		text := scan.Text()
		switch {
		case line == 1:
			if _, err := fmt.Sscanf(text, "# Made by lbgen from site %s for node %s Do not edit.", &site, &node); err != nil {
				return "", "", nil, fmt.Errorf("line 1 is not the header that lbgen writes")
			}
			node = strings.TrimSuffix(node, ".")
		case strings.HasPrefix(text, "#"):
		default:
			e, err := parseEntry(text)
			if err != nil {
				return "", "", nil, fmt.Errorf("line %d: %w", line, err)
			}
			entries = append(entries, e)
		}
	}
	if err := scan.Err(); err != nil {
		return "", "", nil, err
	}
	if site == "" {
		return "", "", nil, fmt.Errorf("it is empty")
	}
	return site, node, entries, nil
}

func parseEntry(text string) (Entry, error) {
	field := strings.Split(text, " ")
	if len(field) != 5 {
		return Entry{}, fmt.Errorf("%d fields where 5 belong", len(field))
	}
	mode, err := strconv.ParseUint(field[0], 8, 12)
	if err != nil {
		return Entry{}, fmt.Errorf("%q is not a mode", field[0])
	}
	owner, group, ok := strings.Cut(field[1], ":")
	if !ok {
		return Entry{}, fmt.Errorf("%q is not owner:group", field[1])
	}
	if !fs.ValidPath(field[4]) || field[4] == "." {
		return Entry{}, fmt.Errorf("%q is not a relative path", field[4])
	}
	return Entry{Mode: fs.FileMode(mode), Owner: owner, Group: group, Action: Action(field[2]), Sum: field[3], Path: field[4]}, nil
}

// Matches says whether data is what the line was written for, whatever the secrets in
// it are. Of a line without a sum nothing is known, and it matches nothing.
func (e Entry) Matches(data []byte) bool {
	sum, places, masked := strings.Cut(e.Sum, "@")
	if masked {
		var ok bool
		if data, ok = masking(data, places); !ok {
			return false
		}
	}
	return sum == fmt.Sprintf("%x", sha256.Sum256(data))
}

// masking replaces what stands in the places, LINE:BEFORE:BEHIND, by Mask.
func masking(data []byte, places string) ([]byte, bool) {
	lines := bytes.Split(data, []byte("\n"))
	for place := range strings.SplitSeq(places, ",") {
		var number, before, behind int
		if _, err := fmt.Sscanf(place, "%d:%d:%d", &number, &before, &behind); err != nil || number < 1 || number > len(lines) {
			return nil, false
		}
		line := lines[number-1]
		if before < 0 || behind < 0 || before+behind > len(line) {
			return nil, false
		}
		lines[number-1] = slices.Concat(line[:before], []byte(Mask), line[len(line)-behind:])
	}
	return bytes.Join(lines, []byte("\n")), true
}
