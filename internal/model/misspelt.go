package model

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// misspeltAddress says which part of the text keeps it from being an IP
// address, as "; …"; "" where it is one, or where nothing in it was meant to be
// one. A name that was meant as an address is looked up, not found, and a server
// is down without a word.
func misspeltAddress(text string) string {
	if _, err := netip.ParseAddr(text); err == nil {
		return ""
	}
	var why string
	switch parts := strings.Split(text, "."); {
	case strings.Contains(text, ":"):
		why = misspeltIPv6(text)
	case meantAsIPv4(parts):
		why = misspeltIPv4(parts)
	}
	if why == "" {
		return ""
	}
	return "; " + why
}

// meantAsIPv4 is true where the last part is a number, which no name of the
// DNS has (RFC 3696, section 2), and where all parts but one are numbers.
func meantAsIPv4(parts []string) bool {
	numbers := 0
	for _, p := range parts {
		if isNumber(p) {
			numbers++
		}
	}
	last := parts[len(parts)-1]
	return isNumber(last) && len(parts) > 1 || len(parts) > 2 && numbers >= len(parts)-1
}

func isNumber(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func misspeltIPv4(parts []string) string {
	for _, p := range parts {
		n, err := strconv.Atoi(p)
		switch {
		case strings.Contains(p, "/"):
			return "only the address belongs here, without its prefix length"
		case p == "":
			return "a number is missing beside a dot"
		case !isNumber(p):
			return fmt.Sprintf("%q is not a number", p)
		case err != nil || n > 255:
			return p + " is more than 255"
		case len(p) > 1 && p[0] == '0':
			return fmt.Sprintf("write %d for %s: some programs read a leading 0 as octal", n, p)
		}
	}
	return fmt.Sprintf("an IPv4 address has four numbers, this has %d", len(parts))
}

// misspeltIPv6 looks at the groups; what is right in each is counted.
func misspeltIPv6(text string) string {
	if strings.Count(text, "::") > 1 {
		return ":: may stand once in an IPv6 address"
	}
	groups := strings.Split(text, ":")
	for _, g := range groups {
		if len(g) > 4 || strings.Trim(g, "0123456789abcdefABCDEF") != "" {
			return fmt.Sprintf("%q is not a group of one to four hexadecimal digits", g)
		}
	}
	return fmt.Sprintf("an IPv6 address has eight groups, or :: in place of some, this has %d", len(groups))
}

// isDNSName says whether each label of the name is one that DNS has: no empty
// one, and no hyphen at an end (RFC 1123, section 2.1).
func isDNSName(s string) bool {
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || len(label) > 63 || strings.Trim(label, "-") != label {
			return false
		}
	}
	return true
}

// misspeltEndpoint says why the text is no address:port and no name:port, as
// "; …".
func misspeltEndpoint(text string) string {
	host, port, ok := strings.Cut(text, ":")
	switch {
	case strings.HasPrefix(text, "_"):
		return "; SRV names are for server_templates, without a port"
	case strings.Contains(text, "://"):
		return "; an address has no scheme before it and no path behind it"
	case strings.Count(text, ":") > 1 && strings.Contains(host, "."):
		return "; it has two colons, and address:port one"
	case strings.Count(text, ":") > 1 && !strings.HasPrefix(text, "["):
		return "; an IPv6 address stands in brackets before its port"
	case strings.HasPrefix(text, "["):
		inner, rest, _ := strings.Cut(text[1:], "]")
		if !strings.HasPrefix(rest, ":") {
			return "; the port is missing"
		}
		return misspeltAddress(inner)
	case !ok:
		return "; the port is missing"
	case strings.Contains(host, "_"):
		return fmt.Sprintf("; a host name has no underscore, and %q has one", host)
	case misspeltAddress(host) != "":
		return misspeltAddress(host)
	case !isHostName(host) && !isIPv4(host):
		return fmt.Sprintf("; %q is not a host name", host)
	case strings.Contains(strings.TrimPrefix(port, "-"), "-"):
		return "; a server has one port; ranges of ports are not supported"
	default:
		return fmt.Sprintf("; %q is not a port from 1 to 65535", port)
	}
}

func isIPv4(s string) bool {
	addr, err := netip.ParseAddr(s)
	return err == nil && addr.Is4()
}
