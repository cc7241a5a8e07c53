package main

import (
	"cmp"
	"reflect"
	"strings"

	"github.com/lbgen/lbgen/internal/model"
)

// kind returns in a user's words what may stand in a field.
func kind(f *field) string {
	tags := f.Tag.Get("validate")
	own, items, _ := strings.Cut(tags, "dive")
	return kindOf(f.Type, split(own), strings.Trim(items, ","))
}

func split(tags string) []string {
	return strings.FieldsFunc(tags, func(r rune) bool { return r == ',' })
}

// kindOf returns the kind of a type with its tags; those of its items, in a
// list or a mapping, are apart.
func kindOf(t reflect.Type, tags []string, items string) string {
	if words := values()[t]; words != "" {
		return words + most(tags)
	}
	if t == reflect.TypeFor[model.Words]() {
		return cmp.Or(expected(split(items)), "text") + "; or a list of them" + most(tags)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return kindOf(t.Elem(), tags, items)
	case reflect.Slice:
		return "list of " + kindOf(t.Elem(), split(items), "") + most(tags)
	case reflect.Map:
		return mapping(t, items)
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return cmp.Or(choice(tags), "whole number"+bounds(tags))
	case reflect.String:
		return cmp.Or(choice(tags), expected(tags), "text")
	default:
		return structure(t)
	}
}

// values are the types that are written as one value in a way of their own.
func values() map[reflect.Type]string {
	return map[reflect.Type]string{
		reflect.TypeFor[model.Duration]():        "duration",
		reflect.TypeFor[model.Span]():            "duration",
		reflect.TypeFor[model.Secret]():          "[secret](#secrets)",
		reflect.TypeFor[model.Raw]():             "[lines](#raw-lines)",
		reflect.TypeFor[model.Ports]():           "port (1-65535), or a list of them",
		reflect.TypeFor[model.Network]():         "network or address",
		reflect.TypeFor[model.Networks]():        "network or address, or a list of them",
		reflect.TypeFor[model.Subnets]():         "network, or a list of them",
		reflect.TypeFor[model.Addresses]():       "address, or a list of them",
		reflect.TypeFor[model.Endpoint]():        "address and port, or name and port",
		reflect.TypeFor[model.ServerAddress]():   "address and port, or name and port",
		reflect.TypeFor[model.TemplateAddress](): "name and port, or the name of SRV records",
		reflect.TypeFor[model.BindPorts]():       "port (1-65535), range such as 30000-30100, or a list of them",
		reflect.TypeFor[model.HostAddress]():     "address",
		reflect.TypeFor[model.TestRequest]():     "method and address, or tcp and address with port",
		reflect.TypeFor[model.RawWords]():        "words of the line",
		reflect.TypeFor[model.Limit]():           "whole number from 1 to 10000000, or none",
		reflect.TypeFor[model.TimeLimit]():       "duration, or none",
		reflect.TypeFor[model.VIPAddress]():      "address, with or without prefix length",
		reflect.TypeFor[model.BindAddress]():     `address, "*" or "::"`,
		reflect.TypeFor[model.LogTarget]():       "/dev/log, an address with or without port, stdout, stderr or none",
		reflect.TypeFor[model.StatusList]():      "status (100-599), range such as 200-399, or a list of them",
		reflect.TypeFor[model.SysctlValue]():     "whole number, or a text of several",
	}
}

// mapping names what stands before and behind the colons.
func mapping(t reflect.Type, items string) string {
	keys, after, _ := strings.Cut(items, "endkeys")
	keys = strings.Trim(strings.TrimPrefix(strings.Trim(keys, ","), "keys"), ",")
	if after == "" && !strings.Contains(items, "endkeys") {
		keys, after = "", items
	}
	key := cmp.Or(expected(split(keys)), "name")
	return "mapping from " + key + " to " + kindOf(t.Elem(), split(after), "")
}

// structure is a struct with a section of its own.
func structure(t reflect.Type) string {
	may, isSwitch := model.Short(t)
	switch {
	case isSwitch:
		return "true, false or mapping"
	case may:
		return "text or mapping"
	default:
		return "mapping"
	}
}

// choice returns the words of a field that knows only some.
func choice(tags []string) string {
	for _, tag := range tags {
		if words, ok := strings.CutPrefix(tag, "oneof="); ok {
			return "one of `" + strings.Join(strings.Fields(words), "`, `") + "`"
		}
		if number, ok := strings.CutPrefix(tag, "eq="); ok {
			return "`" + number + "`"
		}
	}
	return ""
}

// expected returns what our own tag expects.
func expected(tags []string) string {
	for _, tag := range tags {
		switch words := model.Expects(tag); {
		case tag == "name":
			return "[name](#names)"
		case tag == "text", tag == "log_format", tag == "argument":
			return "text"
		case tag == "path":
			return "absolute path"
		case tag == "beside":
			return "name of a file"
		case tag == "account":
			return "name of a user or group"
		case words != "":
			return words
		}
	}
	return ""
}

// bounds are the least and the largest number.
func bounds(tags []string) string {
	least, largest := limit(tags, "min"), limit(tags, "max")
	if least == "" && largest == "" {
		return ""
	}
	return " from " + cmp.Or(least, "0") + " to " + largest
}

// most is how long a list may be.
func most(tags []string) string {
	if n := limit(tags, "max"); n != "" {
		return ", at most " + n
	}
	return ""
}

func limit(tags []string, key string) string {
	for _, tag := range tags {
		if n, ok := strings.CutPrefix(tag, key+"="); ok {
			return n
		}
	}
	return ""
}
