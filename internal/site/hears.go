package site

import (
	"net/netip"
	"strings"
)

// Hears says whether a frontend listens on the address, or a raw line may.
func (s *Site) Hears(addr netip.Addr) bool {
	for i := range s.Frontends {
		for j := range s.Frontends[i].Binds {
			for _, on := range s.Frontends[i].Binds[j].Addresses {
				if on == addr || on.IsUnspecified() && on.Is4() == addr.Is4() {
					return true
				}
			}
		}
	}
	for _, f := range s.Written.RawFields() {
		for _, line := range f.Raw.Lines() {
			if strings.Contains(line, addr.String()) || bindsAll(line) {
				return true
			}
		}
	}
	return false
}

// bindsAll says whether a raw line listens on every address.
func bindsAll(line string) bool {
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != "bind" {
		return false
	}
	host := strings.Trim(words[1][:max(strings.LastIndexByte(words[1], ':'), 0)], "[]")
	return host == "" || host == "*" || host == "0.0.0.0" || host == "::" || host == ":"
}
