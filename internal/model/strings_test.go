package model_test

import (
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
)

// stringFields returns a site file for every field of the model that is written
// as text, with %s where its value stands. It walks the structs, so that a
// field that is added later is among them.
func stringFields() map[string]field {
	fields := map[string]field{}
	var visit func(t reflect.Type, path, tag, before, after string)
	visit = func(t reflect.Type, path, tag, before, after string) {
		at := field{before + "%s" + after, tag}
		switch t {
		case reflect.TypeFor[model.Duration](), reflect.TypeFor[model.Endpoint](), reflect.TypeFor[model.VIPAddress](),
			reflect.TypeFor[model.Network](), reflect.TypeFor[model.Subnets](), reflect.TypeFor[model.Addresses](),
			reflect.TypeFor[model.Networks](), reflect.TypeFor[model.StatusList](), reflect.TypeFor[model.LogTarget](),
			reflect.TypeFor[model.BindAddress](), reflect.TypeFor[model.SysctlValue](),
			reflect.TypeFor[model.ServerAddress](), reflect.TypeFor[model.TemplateAddress](), reflect.TypeFor[model.HostAddress](),
			reflect.TypeFor[model.TestRequest]():
			fields[path] = at
			return
		case reflect.TypeFor[model.Raw](), reflect.TypeFor[model.RawWords](): // handed on as it is; TestRaw has its own limits
			return
		case reflect.TypeFor[model.Balance]():
			fields[path] = at
		}
		switch t.Kind() {
		case reflect.String:
			fields[path] = at
		case reflect.Pointer:
			visit(t.Elem(), path, tag, before, after)
		case reflect.Slice:
			_, tag, _ := strings.Cut(tag, "dive,")
			visit(t.Elem(), path+"[0]", tag, before+"[", "]"+after)
		case reflect.Map:
			fields[path+" (key)"] = field{before + "{%s: x}" + after, ""}
			visit(t.Elem(), path+"[x]", tag[strings.LastIndex(tag, ",")+1:], before+"{x: ", "}"+after)
		case reflect.Struct:
			if t == reflect.TypeFor[model.Secret]() {
				fields[path+" (literal)"] = field{before + "%s" + after, "text"}
			}
			for i := range t.NumField() {
				switch f := t.Field(i); {
				case f.Anonymous:
					visit(f.Type, path, "", before, after)
				case f.Tag.Get("yaml") != "-":
					name := f.Tag.Get("yaml")
					visit(f.Type, path+"."+name, f.Tag.Get("validate"), before+"{"+name+": ", "}"+after)
				}
			}
		}
	}
	visit(reflect.TypeFor[model.Site](), "", "", "", "\n")
	for path, f := range fields {
		fields[path] = field{"{" + others(path) + f.text[1:], f.tag}
	}
	return fields
}

// field is a site file with %s in place of a value, and the value's validate tag.
type field struct{ text, tag string }

// others are the sections that a reference at path may name a part of: without
// them it would not be looked at.
func others(path string) string {
	sections := ""
	for _, s := range []string{"nics: {zz: {device: eth0, subnet: 10.0.0.0/24}}", "nodes: [{name: zz, addresses: {zz: 10.0.0.1}}]",
		"vrrp: [{name: zz, vips: [10.0.0.9]}]", "backends: [{name: zz}]"} {
		name, _, _ := strings.Cut(s, ":")
		if !strings.HasPrefix(path, "."+name) {
			sections += s + ", "
		}
	}
	return sections
}

// takesAnything says whether a field takes characters that only some of the
// rendered files can carry. Where it is printed it is quoted, which the tests
// of the rendered files show.
func takesAnything(path string, f field) bool {
	for _, tag := range strings.Split(f.tag, ",") {
		switch tag {
		case "text", "beside", "realm", "log_format", "argument", "ciphers", "path_part", "path_end", "url", "url_or_path", "sni", "media_type":
			return true
		}
	}
	return strings.HasSuffix(path, ".host.sysctl[x]") || strings.HasPrefix(path, ".tests[0].headers[x]")
}

// TestNoStringCarriesADirective puts what could end a word, a line or a quote
// into every field.
func TestNoStringCarriesADirective(t *testing.T) {
	fields := stringFields()
	if len(fields) < 40 {
		t.Fatalf("only %d fields found", len(fields))
	}
	never := []string{"a\nb", "a\rb", "a\x00b", "a\x1bb", "a\x7fb", "a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b", "a\u200bb",
		"a\ufeffb", "a\nserver x 1.2.3.4:80", ""}
	quoting := []string{"a#b", "a b", `a"b`, "a'b", `a\b`, "a$b", "${HOME}", "a`b", "a;b", "a{b", "a|b", "a\tb", "!a", "%{+Q}o", "a\u00a0b",
		"é"}
	for path, f := range fields {
		for _, value := range never {
			refused(t, path, f.text, value)
		}
		for _, value := range quoting {
			uri := strings.Contains(f.tag, "uri_path") && strings.ContainsAny(value, "$';!")
			if !takesAnything(path, f) && !uri {
				refused(t, path, f.text, value)
			}
		}
	}
}

// refused wants a finding for the value itself: one at its line and column.
func refused(t *testing.T, path, text, value string) {
	t.Helper()
	before, _, _ := strings.Cut(text, "%s")
	_, _, found := model.Load("site.yaml", []byte(fmt.Sprintf(text, yamlQuoted(value))))
	at := diag.Pos{Line: 1, Column: len(before) + 1}
	for _, f := range found {
		if f.Subject.Start == at && f.Severity == diag.Error {
			return
		}
	}
	t.Errorf("%s: %q is accepted", path, value)
}

// yamlQuoted writes a value in double quotes with every character that is not
// plain as \U, so that it reaches the model.
func yamlQuoted(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range value {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			fmt.Fprintf(&b, `\U%08x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// TestAcceptedURIsStayInTheirWord shows what the fields that print a path take.
func TestAcceptedURIsStayInTheirWord(t *testing.T) {
	for _, uri := range []string{"/a$b", "/it's", "/a;b", "/?x=1&y=2", "/%20"} {
		found, _ := load(t, "uri: /ready", "uri: "+yamlQuoted(uri))
		if len(found) > 0 {
			t.Error(uri, list(found))
		}
	}
	for _, uri := range []string{"/a b", "/a#b", `/a\b`, `/a"b`, "/ä", "//\n", "http://x/"} {
		if found, _ := load(t, "uri: /ready", "uri: "+yamlQuoted(uri)); len(found) != 1 {
			t.Error(uri, list(found))
		}
	}
}

func TestDurationString(t *testing.T) {
	for text, want := range map[string]string{"120s": "2m", "500ms": "500ms", "24h": "1d", "1500ms": "1500ms", "1000us": "1ms", "90s": "90s"} {
		data := strings.Replace(base, "inter: 2s", "inter: "+text, 1)
		site, _, found := model.Load("site.yaml", []byte(data))
		if len(found) > 0 {
			t.Fatal(list(found))
		}
		if got := site.Backends[0].Health.Inter.String(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestSubnetsOf(t *testing.T) {
	s := model.Subnets{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/64")}
	for addr, want := range map[string]int{"10.0.0.1": 0, "fe80::1": 1} {
		if got, ok := s.Of(netip.MustParseAddr(addr)); !ok || got != s[want] {
			t.Errorf("%s: got %v", addr, got)
		}
	}
}
