package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/internal/pair"
)

// platformOf returns the platform that etc/os-release names, or, for a distribution
// that is none, the one that it is like (ID_LIKE of os-release(5)), and a sentence that
// says so.
func platformOf(n *pair.Node) (name, like string) {
	data, err := n.File("etc/os-release")
	if err != nil {
		return "", ""
	}
	r := releaseOf(string(data))
	id := r["ID"]
	if name = model.PlatformOf(id, r["VERSION_ID"]); slices.Contains(model.PlatformNames(), name) {
		return name, ""
	}
	version := strings.TrimPrefix(name, id)
	for _, kind := range append([]string{id}, strings.Fields(r["ID_LIKE"])...) {
		if name = nearest(kind, version); name != "" {
			return name, fmt.Sprintf("%s has %s, which is no platform of lbgen: %s is taken as the one that it is like; --platform says another",
				n.Name, cmp.Or(r["PRETTY_NAME"], id+" "+r["VERSION_ID"]), name)
		}
	}
	return "", ""
}

// releaseOf is what os-release says, by its keys.
func releaseOf(text string) map[string]string {
	r := map[string]string{}
	for line := range strings.Lines(text) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(k, "#") {
			r[k] = strings.Trim(v, `"'`)
		}
	}
	return r
}

// nearest is the platform of a kind of distribution whose version is the nearest, the
// newer of two; "" where there is none.
func nearest(kind, version string) string {
	kinds := []string{kind}
	if slices.Contains([]string{"rhel", "centos", "fedora"}, kind) {
		kinds = []string{"rhel", "rocky"}
	}
	wanted, _ := strconv.Atoi(version)
	best, least := "", 0
	for _, k := range kinds {
		for _, name := range model.PlatformNames() {
			number, ok := strings.CutPrefix(name, k)
			v, err := strconv.Atoi(number)
			if !ok || err != nil {
				continue
			}
			if far := max(v-wanted, wanted-v); best == "" || far < least || far == least && k == kinds[0] {
				best, least = name, far
			}
		}
	}
	return best
}
