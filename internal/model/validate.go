package model

import (
	"errors"
	"fmt"
	"net/netip"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/go-playground/validator/v10"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/source"
)

// The shapes of words, each for the strictest file that they are printed in.
// None lets through a space, a quote or a character that any grammar of the
// rendered files gives a meaning to.
const (
	nameShape    = `^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`   // proxies, servers, nodes: also a folder's name
	deviceShape  = `^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$`   // IFNAMSIZ is 16 with its NUL (linux/if.h)
	zoneShape    = `^[A-Za-z0-9][A-Za-z0-9_-]{0,16}$`    // firewalld: at most 17 characters
	uriPathShape = `^/[A-Za-z0-9_.~!$&'()*+,;=:@%/?-]*$` // RFC 3986 path and query
	mailShape    = `^[A-Za-z0-9._%+=-]+@[A-Za-z0-9.-]+$` // what Keepalived can send to; localhost has no dot
	envShape     = `^[A-Za-z_][A-Za-z0-9_]*$`
	textShape    = `^.{1,1000}$`
)

// constraint is one tag of our own: how it is checked and what it expects.
type constraint struct {
	tag, shape, expects string
	holds               func(string) bool // nil: the shape decides
}

func constraints() []constraint {
	return []constraint{
		{"name", nameShape, "letters, digits, _ . and -, beginning with a letter or digit, at most 63", nil},
		{"device", deviceShape, "an interface name: at most 15 letters, digits, _ . and -", nil},
		{"zone", zoneShape, "letters, digits, _ and -, at most 17", nil},
		{"uri_path", uriPathShape, "a path that begins with a slash, with special characters written as %XX", nil},
		{"mail", mailShape, "a mail address, such as root@localhost", nil},
		{"envname", envShape, "the name of an environment variable", nil},
		{"text", textShape, "1 to 1000 characters", nil},
		{"host", "", "a host name or an address", isHost},
		{"platform", "", "one of: " + strings.Join(PlatformNames(), ", "), isPlatform},
	}
}

func isHost(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	letters := strings.Trim(s, "-.")
	return letters == s && s != "" && len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '.' && (r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r))
	})
}

func isPlatform(s string) bool {
	_, ok := PlatformNamed(s)
	return ok
}

// check is what validator calls. The expression is compiled when it is first
// needed: a small site does not need them all.
func (c constraint) check() validator.Func {
	if c.holds != nil {
		return func(fl validator.FieldLevel) bool { return c.holds(fl.Field().String()) }
	}
	compiled := sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(c.shape) })
	return func(fl validator.FieldLevel) bool { return compiled().MatchString(fl.Field().String()) }
}

// Shape returns the regular expression of a validate tag of ours, "" if it has
// none: the JSON Schema shows it to editors.
func Shape(tag string) string {
	for _, c := range constraints() {
		if c.tag == tag {
			return c.shape
		}
	}
	return ""
}

// sharedValidator knows the tags of all fields. Making it costs more than using it
// on a small site, so that all sites share one; nothing changes it later.
var sharedValidator = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("yaml") })
	for _, c := range constraints() {
		// A constraint of ours is never malformed, so there is no error to lose.
		_ = v.RegisterValidation(c.tag, c.check())
	}
	return v
})

// validate checks each field by its own tag. Fields that could not be read
// have their finding already and are passed over.
func (d *decoder) validate(site *Site) {
	var faults validator.ValidationErrors
	if !errors.As(sharedValidator().Struct(site), &faults) {
		return
	}
	expects := map[string]string{}
	for _, c := range constraints() {
		expects[c.tag] = c.expects
	}
	for _, fe := range faults {
		_, path, _ := strings.Cut(fe.Namespace(), ".")
		f, mark := explain(fe, path, expects), path
		if fe.Kind() == reflect.String && strings.HasSuffix(path, "["+fe.Value().(string)+"]") { // a map's key, and not what stands behind it
			f.Subject, mark = d.src.KeyRange(path), keyOf(path)
		}
		if d.full() || d.isUnreadable(mark) {
			continue
		}
		d.add(f)
		d.failed[mark] = true
		d.tooMany = d.tooMany || isList(fe) && fe.Tag() == "max"
	}
}

func isList(fe validator.FieldError) bool {
	return fe.Kind() == reflect.Slice || fe.Kind() == reflect.Map
}

// explain turns a validator's fault into a finding in the user's words.
func explain(fe validator.FieldError, path string, expects map[string]string) diag.Diagnostic {
	field, _, _ := strings.Cut(fe.Field(), "[")
	f := diag.Diagnostic{Code: "bad-value", Path: path, Summary: fmt.Sprintf("bad value %q for %s", source.Shorten(fmt.Sprint(fe.Value())), field)}
	switch tag := fe.Tag(); {
	case tag == "required":
		f.Code, f.Summary, f.Detail = "missing-field", fmt.Sprintf("field %q is missing", field), "add it; `lbgen schema` describes every field"
	case tag == "min" && isList(fe):
		f.Code, f.Summary, f.Detail = "missing-field", fmt.Sprintf("%q is empty", field), "at least one is needed"
	case tag == "max" && isList(fe):
		f.Summary, f.Detail = fmt.Sprintf("%q is too long", field), "at most "+fe.Param()+" are possible"
	case tag == "eq":
		f.Detail = "expected " + fe.Param() + ": there is no other version of the site file yet"
	case tag == "min":
		f.Detail = "expected at least " + fe.Param()
	case tag == "max":
		f.Detail = "expected at most " + fe.Param()
	case tag == "oneof":
		f.Detail = oneOf(fe.Value(), strings.Fields(fe.Param()))
	case tag == "envname": // whoever took env for the value itself has a password here
		f.Summary, f.Detail = "bad value for env", "expected "+expects[tag]
	default:
		f.Detail = "expected " + expects[tag]
		if tag == "platform" {
			f.Detail = oneOf(fe.Value(), PlatformNames())
		}
	}
	return f
}

func oneOf(value any, names []string) string {
	expected := "expected one of: " + strings.Join(names, ", ")
	if near := nearest(fmt.Sprint(value), names); near != "" {
		return fmt.Sprintf("did you mean %q? %s", near, expected)
	}
	return expected
}
