package view

// OriginMark stands before and behind a model path that a template prints
// somewhere in a line. It is a control character, which no value of a site file can
// hold; render takes the marks out and remembers what stood between them.
const OriginMark = '\x01'

// Mark returns the model path between its marks. Templates call it as from.
func Mark(path string) string {
	return string(OriginMark) + path + string(OriginMark)
}
