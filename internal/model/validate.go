package model

import (
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shape is what a word may look like. It is matched by hand: compiling the
// regular expression of one with a limit costs more than reading a whole site.
type shape struct {
	first string // what it may begin with, in the form of a character class
	rest  string // what may follow
	most  int    // characters
}

// letters and digits have no meaning to any of the rendered files' grammars.
const alphanumeric = "A-Za-z0-9"

// pattern is the shape as a regular expression, for the JSON Schema.
func (s shape) pattern() string {
	return fmt.Sprintf("^[%s][%s]{0,%d}$", s.first, s.rest, s.most-1)
}

func (s shape) matches(word string) bool {
	if word == "" || len(word) > s.most || !inClass(word[0], s.first) {
		return false
	}
	for i := 1; i < len(word); i++ {
		if !inClass(word[i], s.rest) {
			return false
		}
	}
	return true
}

// inClass says whether a regular expression's character class has the byte.
// A - is itself at the class's end.
func inClass(b byte, class string) bool {
	for i := 0; i < len(class); i++ {
		if i+2 < len(class) && class[i+1] == '-' {
			if class[i] <= b && b <= class[i+2] {
				return true
			}
			i += 2
		} else if class[i] == b {
			return true
		}
	}
	return false
}

// constraint is one tag of our own: how it is checked and what it expects.
type constraint struct {
	tag, expects, pattern string
	holds                 func(string) bool
}

// constraints lists our tags. The shape of each is the strictest of the files
// that its words are printed in: none lets through a space, a quote or a
// character that any grammar of the rendered files gives a meaning to.
func constraints() []constraint {
	shaped := func(tag, expects string, s shape) constraint {
		return constraint{tag, expects, s.pattern(), s.matches}
	}
	return []constraint{
		// proxies, servers, nodes: also a folder's name
		shaped("name", "letters, digits, _ . and -, beginning with a letter or digit, at most 63", shape{alphanumeric, alphanumeric + "_.-", 63}),
		// IFNAMSIZ is 16 with its NUL (linux/if.h)
		shaped("device", "an interface name: at most 15 letters, digits, _ . and -", shape{alphanumeric, alphanumeric + "_.-", 15}),
		{"tracked", "BACKEND/SERVER", `^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}/[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`, isTracked},
		{"downs", "BACKEND or BACKEND/SERVER", `^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}(/[A-Za-z0-9][A-Za-z0-9_.-]{0,62})?$`, isDown},
		{"label", "a label such as vip or eth0:vip: letters, digits, _ . and -",
			`^([A-Za-z0-9][A-Za-z0-9_.-]{0,14}:)?[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$`, isLabel},
		// firewalld: at most 17 characters
		shaped("zone", "letters, digits, _ and -, at most 17", shape{alphanumeric, alphanumeric + "_-", 17}),
		// RFC 3986 path and query
		shaped("uri_path", "a path that begins with a slash, with special characters written as %XX",
			shape{"/", alphanumeric + "_.~!$&'()*+,;=:@%/?-", 1000}),
		shaped("envname", "the name of an environment variable", shape{"A-Za-z_", alphanumeric + "_", 255}),
		{"text", "1 to 1000 characters", "", func(s string) bool { return s != "" && utf8.RuneCountInString(s) <= 1000 }},
		{"beside", "the name of a file, 1 to 1000 characters", "", func(s string) bool { return s != "" && utf8.RuneCountInString(s) <= 1000 }},
		// useradd(8): what the distributions accept
		shaped("account", "the name of a user or group: letters, digits, _ and -, no digit first", shape{"A-Za-z_", alphanumeric + "_-", 32}),
		{"path", "an absolute path of letters, digits and _ . @ + -, without a slash at its end", "", isPath},
		shaped("file_name", "the name of a file: letters, digits, _ . and -", shape{alphanumeric + "_", alphanumeric + "_.-", 100}),
		// RFC 9110 5.6.2: methods, names of headers, cookies and parameters
		shaped("token", "a word of letters, digits and _ . ! * + -", shape{alphanumeric + "_", alphanumeric + "_.!*+-", 200}),
		shaped("alpn", "the name of a protocol, such as h2 or http/1.1", shape{alphanumeric, alphanumeric + "/._-", 50}),
		// what reaches a program as one argument
		// Keepalived puts in what $_PWD and the like stand for, in quotes too
		{"argument", "1 to 1000 characters without quotes, backslashes and $", "", func(s string) bool {
			return s != "" && len(s) <= 1000 && !strings.ContainsAny(s, "\"'\\$")
		}},
		{"ciphers", "OpenSSL's names of ciphers, with : between them, such as HIGH or ECDHE+AESGCM", "", isCiphers},
		{"ciphersuites", "names of TLS 1.3 with : between them, such as TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256", "",
			isCiphersuites},
		{"host_name", "a host name, such as www.example.com", "", isHostName},
		{"host_end", "the end of a host name, such as .example.com", "", func(s string) bool { return isHostName(strings.TrimPrefix(s, ".")) }},
		shaped("path_part", "a path that begins with a slash, without query and blanks, special characters written as %XX",
			shape{"/", alphanumeric + "_.~!$&'()*+,;=:@%/-", 1000}),
		shaped("path_end", "the end of a path, such as .png", shape{alphanumeric + "_.~!$&'()*+,;=:@%/", alphanumeric + "_.~!$&'()*+,;=:@%/-",
			1000}),
		shaped("media_type", "a media type, such as text/html", shape{alphanumeric, alphanumeric + "/.+; =_-", 100}),
		{"url", "an address that begins with http:// or https://", "", isURL},
		{"url_or_path", "an address that begins with http:// or https://, or a path", "",
			func(s string) bool { return isURL(s) || strings.HasPrefix(s, "/") && isURL("http://h"+s) }},
		shaped("sample", "one of HAProxy's samples, such as src or dst_port", shape{"a-z", alphanumeric + "_.,()/:-", 200}),
		shaped("alpn", "the name of a protocol, such as h2 or http/1.1", shape{alphanumeric, alphanumeric + "/._-", 50}),
		// RFC 6265 4.1.1
		shaped("cookie_value", "letters, digits and _ . ~ ! * + - : / @", shape{alphanumeric + "_", alphanumeric + "_.~!*+:/@-", 200}),
		{"sni", `a host name, or "host header"`, "", func(s string) bool { return s == "host header" || isHostName(s) }},
		shaped("sysctl", "the name of a kernel setting, such as net.core.somaxconn", shape{"a-z", alphanumeric + "_./-", 200}),
		{"error_status", "a status that HAProxy sends itself: 200 400 401 403 404 405 407 408 410 413 425 429 500 501 502 503 504",
			`^(200|40[013457]|408|41[03]|42[59]|50[0-4])$`, isErrorStatus},
		// HAProxy puts it between double quotes into a header, as it is.
		{"realm", `up to 200 characters without " and \`, `^[^"\\]{1,200}$`, func(s string) bool {
			return s != "" && utf8.RuneCountInString(s) <= 200 && !strings.ContainsAny(s, `"\`)
		}},
		{"log_format", "1 to 2000 characters", "", func(s string) bool { return s != "" && len(s) <= 2000 }},
		{"haproxy_version", "a version of HAProxy from 2.4 on, in quotes", "", isHAProxyVersion},
		{"keepalived_version", "a version of Keepalived from 2.2 on, in quotes", "", isKeepalivedVersion},
		// what Keepalived can send to; localhost has no dot
		{"mail", "a mail address, such as root@localhost", `^[A-Za-z0-9._%+=-]+@[A-Za-z0-9.-]+$`, isMail},
		{"host", "a host name or an address", "", isHost},
		{"platform", "one of: " + strings.Join(PlatformNames(), ", "), "", isPlatform},
	}
}

// isLabel wants at most one colon, as ip has it between an interface and the rest.
func isLabel(s string) bool {
	device, rest, ok := strings.Cut(s, ":")
	word := shape{alphanumeric, alphanumeric + "_.-", 15}
	return word.matches(device) && (!ok || word.matches(rest))
}

func isMail(s string) bool {
	local, domain, ok := strings.Cut(s, "@")
	return ok && shape{alphanumeric + "._%+=-", alphanumeric + "._%+=-", 64}.matches(local) &&
		shape{alphanumeric + ".-", alphanumeric + ".-", 253}.matches(domain)
}

func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	return isHostName(s)
}

// isHostName wants a name of the DNS. What is nearly an IP address was meant to
// be one.
func isHostName(s string) bool {
	return s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '.' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	}) && isDNSName(s) && !meantAsIPv4(strings.Split(s, ".")) && !isNumber(s)
}

// isPath wants a clean absolute path: two files of one name may not be written
// in two ways.
func isPath(s string) bool {
	return path.IsAbs(s) && path.Clean(s) == s && s != "/" && len(s) <= 1000 &&
		(shape{"/", alphanumeric + "_.@+/-", 1000}).matches(s)
}

func isURL(s string) bool {
	_, rest, ok := strings.Cut(s, "://")
	u, err := url.Parse(s)
	return ok && err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && len(s) <= 1000 &&
		(shape{alphanumeric + "[", alphanumeric + "_.~!$&'()*+,;=:@%/?#[]-", 1000}).matches(rest)
}

func isErrorStatus(s string) bool {
	return slices.Contains(strings.Fields("200 400 401 403 404 405 407 408 410 413 425 429 500 501 502 503 504"), s)
}

func isPlatform(s string) bool {
	_, ok := PlatformNamed(s)
	return ok
}
