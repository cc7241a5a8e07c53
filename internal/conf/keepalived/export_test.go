package keepalived

// Splits says whether a line that is run can be taken apart, in each of the ways that
// Keepalived does it.
func Splits(line string) bool {
	t, _, closed := decomment(made(line, 0))
	t, _, again := decomment(t)
	_, ok := splitEscaped(t)
	return ok && closed && again
}
