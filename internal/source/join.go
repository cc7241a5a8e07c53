package source

// joined is a mapping that two files have entries of.
type joined struct{ entries []Entry }

// Join takes over from base what f does not say itself. Mappings are joined key
// by key; a list or a single value of f stands in place of base's. What came
// from base keeps its place there. Of a base that could not be read nothing is
// taken over, but it counts among Files.
func (f *File) Join(base *File) {
	f.others = append(f.others, base)
	f.Root = join(f.Root, base.Root)
}

// Files returns the file itself and those that were joined to it.
func (f *File) Files() []*File { return append([]*File{f}, f.others...) }

func join(over, under Node) Node {
	if over.Kind() != Map || under.Kind() != Map {
		return over
	}
	left := make(map[string]Entry, under.Len())
	for i := range under.Len() {
		e := under.Entry(i)
		left[e.Key] = e
	}
	entries := make([]Entry, 0, over.Len()+len(left))
	for i := range over.Len() {
		e := over.Entry(i)
		if u, ok := left[e.Key]; ok {
			e.Value = join(e.Value, u.Value)
			delete(left, e.Key)
		}
		entries = append(entries, e)
	}
	for i := range under.Len() {
		if e, ok := left[under.Entry(i).Key]; ok {
			entries = append(entries, e)
		}
	}
	over.joined = &joined{entries}
	return over
}
