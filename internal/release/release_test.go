//go:build linux

package release

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/testenv"
)

// built is the folder that make test-release has built.
func built(t *testing.T) string {
	t.Helper()
	testenv.Machine(t)
	dir := os.Getenv("RELEASE")
	if dir == "" {
		t.Skip("make test-release builds a release and runs this")
	}
	return dir
}

// one is the file of the release whose name ends so.
func one(t *testing.T, suffix string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(built(t), "lbgen_*"+suffix))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", suffix, found, err)
	}
	return found[0]
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	var talk bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &talk
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s%s", cmd, err, out, talk.String())
	}
	return string(out)
}

func wants(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("%q is missing in\n%s", p, text)
		}
	}
}

// unpack returns the files of a tar.gz by their names.
func unpack(t *testing.T, r io.Reader) map[string][]byte {
	t.Helper()
	z, err := gzip.NewReader(r)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for in := tar.NewReader(z); ; {
		h, err := in.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.Uid != 0 || h.Gid != 0 || h.Uname != "" {
			t.Errorf("%s belongs to %d:%d %q", h.Name, h.Uid, h.Gid, h.Uname)
		}
		if h.Typeflag == tar.TypeReg {
			if files[strings.TrimPrefix(h.Name, "./")], err = io.ReadAll(in); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func unpackFile(t *testing.T, name string) map[string][]byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return unpack(t, bytes.NewReader(data))
}

// TestSums: everything is in SHA256SUMS, with its sum.
func TestSums(t *testing.T) {
	dir := built(t)
	text, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	const files = 11 // five archives, two debs, two rpms, the image, the SBOM
	if len(entries) != files+1 {
		t.Errorf("%d files: %v", len(entries), entries)
	}
	for _, e := range entries {
		if e.Name() == "SHA256SUMS" {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(data)
		wants(t, string(text), hex.EncodeToString(sum[:])+"  "+e.Name()+"\n")
	}
}

// TestArchives: each has the program, pages and examples; ours says the commit.
func TestArchives(t *testing.T) {
	for platform, begins := range map[string]string{
		"linux_amd64": "\x7fELF", "linux_arm64": "\x7fELF", "darwin_arm64": "\xcf\xfa\xed\xfe",
		"darwin_amd64": "\xcf\xfa\xed\xfe", "windows_amd64": "MZ",
	} {
		name := one(t, "_"+platform+".tar.gz")
		files := unpackFile(t, name)
		top := strings.TrimSuffix(filepath.Base(name), ".tar.gz") + "/"
		program := top + "lbgen"
		if platform == "windows_amd64" {
			program += ".exe"
		}
		if !bytes.HasPrefix(files[program], []byte(begins)) {
			t.Errorf("%s is no program of %s", program, platform)
		}
		for _, f := range []string{"README.md", "LICENSE", "man/lbgen-lint.1.gz", "completion/lbgen.bash",
			"schema/lbgen.schema.json", "examples/tls.yaml"} {
			if len(files[top+f]) == 0 {
				t.Errorf("%s has no %s", name, f)
			}
		}
		if platform == "linux_amd64" {
			commit := strings.TrimSpace(run(t, "git", "rev-parse", "--short=12", "HEAD"))
			day := strings.TrimSpace(run(t, "git", "show", "-s", "--format=%cd", "--date=format-local:%Y-%m-%d", "HEAD"))
			wants(t, version(t, files[program]), "(commit "+commit+" of "+day)
		}
	}
}

// version is what a program says of itself.
func version(t *testing.T, program []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "lbgen")
	if err := os.WriteFile(file, program, 0o700); err != nil {
		t.Fatal(err)
	}
	return run(t, file, "version")
}

// paths are what both packages have.
func paths() []string {
	return []string{
		"/usr/bin/lbgen", "/usr/share/man/man1/lbgen.1.gz", "/usr/share/man/man1/lbgen-render.1.gz",
		"/usr/share/bash-completion/completions/lbgen",
		"/usr/share/fish/vendor_completions.d/lbgen.fish", "/usr/share/lbgen/lbgen.schema.json", "/usr/share/doc/lbgen/copyright",
	}
}

// TestRPM has rpm itself read the package: what is in it, and that it runs nothing.
func TestRPM(t *testing.T) {
	built(t)
	testenv.Programs(t, "rpm")
	for _, arch := range []string{"amd64", "arm64"} {
		file := one(t, "_linux_"+arch+".rpm")
		wants(t, run(t, "rpm", "-qpl", file), append(paths(), "/usr/share/zsh/site-functions/_lbgen")...)
		if scripts := run(t, "rpm", "-qp", "--scripts", "--triggers", file); scripts != "" {
			t.Errorf("it runs %s", scripts)
		}
		wants(t, run(t, "rpm", "-qpi", file), "Name        : lbgen", "License     : Apache-2.0",
			map[string]string{"amd64": "x86_64", "arm64": "aarch64"}[arch])
		if needs := run(t, "rpm", "-qpR", file); strings.Contains(needs, "haproxy") {
			t.Errorf("it needs %s", needs)
		}
		run(t, "rpm", "-K", "--nosignature", file)
	}
}

// TestImage takes the image apart: an index with two platforms, every blob with its own
// digest, one program in each.
func TestImage(t *testing.T) {
	files := unpackFile(t, one(t, "_image.oci.tar.gz"))
	type descriptor struct {
		Digest   string
		Platform struct{ Architecture, OS string }
	}
	blob := func(digest string, into any) []byte {
		t.Helper()
		sum, _ := strings.CutPrefix(digest, "sha256:")
		data := files["blobs/sha256/"+sum]
		if got := sha256.Sum256(data); hex.EncodeToString(got[:]) != sum {
			t.Fatalf("%s is not what its digest says", digest)
		}
		if into != nil {
			if err := json.Unmarshal(data, into); err != nil {
				t.Fatal(err)
			}
		}
		return data
	}
	var index struct{ Manifests []descriptor }
	if err := json.Unmarshal(files["index.json"], &index); err != nil || len(index.Manifests) != 1 {
		t.Fatal(index, err)
	}
	blob(index.Manifests[0].Digest, &index)
	var platforms []string
	for _, m := range index.Manifests {
		var manifest struct {
			Config descriptor
			Layers []descriptor
		}
		blob(m.Digest, &manifest)
		var config struct {
			Architecture, OS, Created string
			Config                    struct {
				Entrypoint []string
				Labels     map[string]string
			}
		}
		blob(manifest.Config.Digest, &config)
		platforms = append(platforms, config.OS+"/"+config.Architecture)
		if !slices.Equal(config.Config.Entrypoint, []string{"/bin/lbgen"}) || config.Config.Labels["org.opencontainers.image.revision"] == "" ||
			len(manifest.Layers) != 1 {
			t.Errorf("%+v", config)
		}
		program := unpack(t, bytes.NewReader(blob(manifest.Layers[0].Digest, nil)))["bin/lbgen"]
		if config.Architecture == "amd64" {
			wants(t, version(t, program), "linux/amd64")
		}
	}
	if !slices.Equal(platforms, []string{"linux/amd64", "linux/arm64"}) {
		t.Error(platforms)
	}
}

// TestSBOM: what is linked is named, with its version.
func TestSBOM(t *testing.T) {
	text, err := os.ReadFile(one(t, "_sbom.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var sbom struct {
		BOMFormat, SerialNumber string
		Metadata                struct{ Timestamp string }
		Components              []struct{ Name, Version, PURL string }
	}
	if err := json.Unmarshal(text, &sbom); err != nil || sbom.BOMFormat != "CycloneDX" || sbom.SerialNumber+sbom.Metadata.Timestamp != "" {
		t.Fatalf("%+v %v", sbom, err)
	}
	var names []string
	for _, c := range sbom.Components {
		if c.Version == "" || c.PURL == "" {
			t.Errorf("%s has no version", c.Name)
		}
		names = append(names, c.Name)
	}
	for _, name := range []string{"std", "github.com/spf13/cobra", "gopkg.in/yaml.v3"} {
		if !slices.Contains(names, name) {
			t.Errorf("%s is missing in %v", name, names)
		}
	}
}

// TestReproducible: built again, it is the same, byte for byte.
func TestReproducible(t *testing.T) {
	dir := built(t)
	again := filepath.Join(t.TempDir(), "again")
	run(t, "make", "-C", "../..", "release-snapshot", "RELEASE="+again)
	want, err := os.ReadFile(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(again, "SHA256SUMS")); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%v\n%s\n%s", err, got, want)
	}
}
