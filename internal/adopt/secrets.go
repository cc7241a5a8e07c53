package adopt

import "fmt"

// secret is a reference to a file beside the site file, which gets the value.
func (im *importer) secret(name, value string) *node {
	file := "secrets/" + name
	for i := 2; im.draft.Secrets[file] != nil && string(im.draft.Secrets[file]) != value+"\n"; i++ {
		file = fmt.Sprintf("secrets/%s_%d", name, i)
	}
	im.draft.Secrets[file] = []byte(value + "\n")
	ref := mapping()
	ref.set("file", file)
	return ref
}
