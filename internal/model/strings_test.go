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
func stringFields() map[string]string {
	fields := map[string]string{}
	var visit func(t reflect.Type, path, before, after string)
	visit = func(t reflect.Type, path, before, after string) {
		switch t {
		case reflect.TypeFor[model.Duration](), reflect.TypeFor[model.Endpoint](), reflect.TypeFor[model.VIPAddress](),
			reflect.TypeFor[model.Network](), reflect.TypeFor[model.Subnets](), reflect.TypeFor[model.Addresses]():
			fields[path] = before + "%s" + after
			return
		}
		switch t.Kind() {
		case reflect.String:
			fields[path] = before + "%s" + after
		case reflect.Pointer:
			visit(t.Elem(), path, before, after)
		case reflect.Slice:
			visit(t.Elem(), path+"[0]", before+"[", "]"+after)
		case reflect.Map:
			fields[path+" (key)"] = before + "{%s: x}" + after
			visit(t.Elem(), path+"[x]", before+"{x: ", "}"+after)
		case reflect.Struct:
			if t == reflect.TypeFor[model.Secret]() {
				fields[path+" (literal)"] = before + "%s" + after
			}
			for i := range t.NumField() {
				if name := t.Field(i).Tag.Get("yaml"); name != "-" {
					visit(t.Field(i).Type, path+"."+name, before+"{"+name+": ", "}"+after)
				}
			}
		}
	}
	visit(reflect.TypeFor[model.Site](), "", "", "\n")
	for path, text := range fields {
		fields[path] = "{" + others(path) + text[1:]
	}
	return fields
}

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

// anything are the characters that only some of the rendered files can carry.
// Fields that take them are listed here, and are quoted where they are printed.
var anything = map[string]bool{
	".vrrp[0].auth_pass (literal)": true, // in double quotes, which it may not hold
	".vrrp[0].auth_pass.file":      true, // a path here, printed nowhere
	".backends[0].sorry.page":      true, // a path here; its last part is checked
}

// TestNoStringCarriesADirective puts what could end a word, a line or a quote
// into every field.
func TestNoStringCarriesADirective(t *testing.T) {
	fields := stringFields()
	if len(fields) < 40 {
		t.Fatalf("only %d fields found", len(fields))
	}
	never := []string{"a\nb", "a\rb", "a\x00b", "a\x1bb", "a\x7fb", "a\u0085b", "a\u2028b", "a\u2029b", "a\u202eb", "a\u2066b", "a\u200bb", "a\ufeffb", "a\nserver x 1.2.3.4:80", ""}
	quoting := []string{"a#b", "a b", `a"b`, "a'b", `a\b`, "a$b", "${HOME}", "a`b", "a;b", "a{b", "a|b", "a\tb", "!a", "%{+Q}o", "a\u00a0b", "é"}
	for path, text := range fields {
		for _, value := range never {
			refused(t, path, text, value)
		}
		for _, value := range quoting {
			uri := strings.HasSuffix(path, ".uri") && strings.ContainsAny(value, "$';")
			if !anything[path] && !uri {
				refused(t, path, text, value)
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
