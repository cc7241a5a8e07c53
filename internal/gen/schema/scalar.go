package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/invopop/jsonschema"

	"github.com/lbgen/lbgen/internal/model"
)

// scalar gives the types that are written as one text their shape.
func scalar(t reflect.Type) *jsonschema.Schema { //nolint:funlen // a table
	const statuses = `^[1-5][0-9][0-9](-[1-5][0-9][0-9])?$`
	switch t {
	case reflect.TypeFor[model.Duration]():
		return shaped(`^[0-9]+(us|ms|s|m|h|d)$`, "a whole number and a unit (us, ms, s, m, h, d), such as 2s or 500ms", "2s")
	case reflect.TypeFor[model.TimeLimit]():
		return shaped(`^([0-9]+(us|ms|s|m|h|d)|none)$`, "a whole number and a unit (us, ms, s, m, h, d), such as 2s or 500ms, or none", "2s")
	case reflect.TypeFor[model.Limit]():
		return either(shaped(`^none$`, "a whole number, or none", "none"), &jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "10000000"})
	case reflect.TypeFor[model.Span]():
		return shaped(`^[0-9]+[smhd]$`, "a whole number and a unit (s, m, h, d), such as 365d", "365d")
	case reflect.TypeFor[model.Endpoint]():
		return shaped(`^(\[[0-9A-Fa-f.:]+\]|[0-9A-Za-z.-]+):[0-9]{1,5}$`, "address:port", "192.168.50.61:80", "[2001:db8::61]:80",
			"web1.example.com:80")
	case reflect.TypeFor[model.ServerAddress]():
		return shaped(`^(\[[0-9A-Fa-f.:]+\]|[0-9A-Za-z.-]+)(:[0-9]{1,5})?$`, "address:port", "192.168.50.61:80", "[2001:db8::61]:80",
			"web1.example.com:80")
	case reflect.TypeFor[model.TemplateAddress]():
		return shaped(`^([0-9A-Za-z.-]+:[0-9]{1,5}|_[0-9A-Za-z-]+\._[0-9A-Za-z-]+\.[0-9A-Za-z.-]+)$`, "name:port, or the name of SRV records",
			"web.example.com:80", "_http._tcp.web.example.com")
	case reflect.TypeFor[model.BindPorts]():
		return oneOrMore(either(shaped(`^[0-9]{1,5}-[0-9]{1,5}$`, "a range of ports", "30000-30100"),
			&jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "65535"}))
	case reflect.TypeFor[model.HostAddress]():
		return shaped(`^[0-9A-Fa-f.:]+$`, "an IP address", "172.16.10.71")
	case reflect.TypeFor[model.TestRequest]():
		return shaped(`^([A-Z]+ https?://\S+|tcp \S+:[0-9]{1,5})$`, "a method and an address, or tcp and where to",
			"GET https://www.example.com/x", "tcp 192.0.2.10:6443")
	case reflect.TypeFor[model.RawWords]():
		return &jsonschema.Schema{Type: "string", MinLength: ptr(1)}
	case reflect.TypeFor[model.Networks](), reflect.TypeFor[model.Subnets]():
		return oneOrMore(network())
	case reflect.TypeFor[model.Words]():
		return oneOrMore(&jsonschema.Schema{Type: "string", MinLength: ptr(1)})
	case reflect.TypeFor[model.Ports]():
		return oneOrMore(&jsonschema.Schema{Type: "integer", Minimum: "1", Maximum: "65535"})
	case reflect.TypeFor[model.StatusList]():
		return oneOrMore(either(
			shaped(statuses, "a status from 100 to 599, or a range such as 200-399", "200-399"),
			&jsonschema.Schema{Type: "integer", Minimum: "100", Maximum: "599"},
		))
	case reflect.TypeFor[model.LogTarget]():
		return logTarget()
	case reflect.TypeFor[model.BindAddress]():
		return shaped(`^(\*|[0-9A-Fa-f.:]+)$`, "an address such as 192.0.2.10, or * or :: for all of them", "*", "::", "192.0.2.10")
	case reflect.TypeFor[model.SysctlValue]():
		return either(&jsonschema.Schema{Type: "string", MinLength: ptr(1)}, &jsonschema.Schema{Type: "integer"})
	case reflect.TypeFor[model.VIPAddress]():
		return vipAddress()
	case reflect.TypeFor[model.Network]():
		return network()
	case reflect.TypeFor[model.Addresses]():
		return oneOrMore(shaped(`^[0-9A-Fa-f.:]+$`, "an IP address", "172.16.10.71", "2001:db8::71"))
	default:
		return nil
	}
}

func absolutePath() *jsonschema.Schema {
	return shaped(`^/[A-Za-z0-9_.@+/-]*[A-Za-z0-9_.@+-]$`, "an absolute path on the node", "/etc/haproxy/certs/shop.pem")
}

func logTarget() *jsonschema.Schema {
	return shaped(`^(/dev/log|stdout|stderr|none|[0-9A-Fa-f.:]+|\[[0-9A-Fa-f.:]+\]:[0-9]{1,5})$`,
		"/dev/log, the address of a syslog server such as 127.0.0.1:514, stdout, stderr or none", "/dev/log", "127.0.0.1:514", "stdout", "none")
}

func network() *jsonschema.Schema {
	return shaped(`^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$`, "a network", "172.16.10.0/24", "2001:db8::/64")
}

func vipAddress() *jsonschema.Schema {
	return shaped(`^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$`, "an address, with or without prefix length", "172.16.110.70", "172.16.110.70/24")
}

// shaped is the schema of a text in one shape, and of which these are examples.
func shaped(pattern, expects string, examples ...any) *jsonschema.Schema {
	s := &jsonschema.Schema{Type: "string", Examples: examples}
	if !strings.Contains(expects, "such as") {
		expects = fmt.Sprintf("%s, such as %v", expects, examples[0])
	}
	explain(s, pattern, expects)
	return s
}

// explain says in words what is wanted: editors that know
// errorMessage show it, and others show the pattern.
func explain(s *jsonschema.Schema, pattern, expects string) {
	s.Pattern = pattern
	if expects == "" {
		return
	}
	message := "errorMessage"
	if s.Extras == nil {
		s.Extras = map[string]any{}
	}
	if s.AllOf != nil { // and not for the list
		message = "patternErrorMessage"
	}
	s.Extras[message] = "Expected " + expects + "."
}

func oneOrMore(s *jsonschema.Schema) *jsonschema.Schema {
	return either(&jsonschema.Schema{Type: "array", Items: s, MinItems: ptr(1)}, s)
}

// either is a value that may be written in short, too: one schema of several
// types, where each keyword counts for one type alone. With oneOf a language
// server can tell less: which form was meant, and what to write after the key.
func either(long, short *jsonschema.Schema) *jsonschema.Schema {
	s := *short
	s.Description, long.Description = long.Description, ""
	s.Extras = map[string]any{"type": append(types(short), types(long)...)}
	if message, ok := short.Extras["errorMessage"]; ok {
		s.Extras["patternErrorMessage"] = message
	}
	if s.Enum != nil { // would count for every type
		s.AnyOf, s.Enum = []*jsonschema.Schema{{Enum: s.Enum}, {Type: long.Type}}, nil
	}
	s.Type, long.Type = "", ""
	s.AllOf = append(s.AllOf, long)
	return &s
}

func types(s *jsonschema.Schema) []string {
	if several, ok := s.Extras["type"].([]string); ok {
		return several
	}
	return []string{s.Type}
}

// ofValue is the comment on a type as the description of a value.
func ofValue(name, comment string) string {
	for _, verb := range []string{" is ", " are "} {
		if rest, ok := strings.CutPrefix(comment, name+verb); ok {
			return strings.ToUpper(rest[:1]) + rest[1:]
		}
	}
	return comment
}
