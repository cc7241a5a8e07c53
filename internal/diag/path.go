package diag

import "strconv"

// Path names a value of a site file: backends[0].servers[1].address. The empty
// Path is the whole file.
type Path string

// Key returns the path of a field of what p names. A name that is no plain word
// belongs into Entry.
func (p Path) Key(name string) Path {
	if p == "" {
		return Path(name)
	}
	return p + "." + Path(name)
}

// Index returns the path of an item of the list that p names, counted from 0.
func (p Path) Index(i int) Path { return p + "[" + Path(strconv.Itoa(i)) + "]" }

// Entry returns the path of an entry of the mapping that p names, whose key the
// user chose and which may hold dots: host.sysctl[net.ipv4.ip_forward].
func (p Path) Entry(key string) Path { return p + "[" + Path(key) + "]" }
