package keepalived

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// NamesHAProxy says whether a command is about HAProxy: killall -0 haproxy,
// systemctl is-active haproxy, its socket or its pid file, a script named after it.
// The folder that a program lies in is not about anything.
func NamesHAProxy(command []string) bool {
	for i, word := range command {
		if i == 0 {
			word = path.Base(word)
		}
		if strings.Contains(strings.ToLower(word), "haproxy") {
			return true
		}
	}
	return false
}

// AsksPort says whether a command, or the text of a script, asks one of the ports at
// the node's own loopback address. http:// without a port is port 80.
func AsksPort(text string, ports ...int) bool {
	if !slices.ContainsFunc([]string{"localhost", "127.0.0.1", "[::1]"}, func(own string) bool { return strings.Contains(text, own) }) {
		return false
	}
	numbers := strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	_, rest, plain := strings.Cut(text, "http://")
	return slices.ContainsFunc(ports, func(port int) bool {
		return slices.Contains(numbers, strconv.Itoa(port)) || port == 80 && plain && !strings.Contains(rest, ":")
	})
}
