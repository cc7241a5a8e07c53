package keepalived_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/conf/keepalived"
	"github.com/lbgen/lbgen/internal/model"
)

// fields are the paths of all fields of a type, as the facts write them: [] behind a
// list, {} behind a mapping whose keys are names.
func fields(t reflect.Type, path string) []string {
	switch t.Kind() {
	case reflect.Pointer:
		return fields(t.Elem(), path)
	case reflect.Slice:
		return append(fields(t.Elem(), path+"[]"), path)
	case reflect.Map:
		return append(fields(t.Elem(), path+"{}"), path)
	case reflect.Struct:
		all := []string{path}
		for i := range t.NumField() {
			if name, _, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" {
				all = append(all, fields(t.Field(i).Type, strings.TrimPrefix(path+"."+name, "."))...)
			}
		}
		return all
	default:
		return []string{path}
	}
}

// TestFieldsOfFactsAreInTheModel: a field that a fact names is one of the site file.
func TestFieldsOfFactsAreInTheModel(t *testing.T) {
	all := fields(reflect.TypeOf(model.Site{}), "")
	for _, f := range keepalived.Facts() {
		for _, field := range f.Fields {
			if !slices.Contains(all, field) {
				t.Errorf("%s: the site file has no %s", f.Keyword, field)
			}
		}
	}
}

// TestFieldsBecomeKeywords: each field about Keepalived is named by a fact, or here with
// what it becomes.
func TestFieldsBecomeKeywords(t *testing.T) {
	elsewhere := []string{
		"vrrp[].auth_pass.file", "vrrp[].auth_pass.env", // where the password is
		"vrrp[].track.scripts[].watches", // what lbgen itself reckons with
		"vrrp[].raw", "keepalived.raw",   // lines of the user's own
		"vrrp[].auth_hmac.keys[].id", "vrrp[].auth_hmac.keys[].key.file", "vrrp[].auth_hmac.keys[].key.env", // of a line key
		"vrrp[].vips[].name",                           // by which a bind names it
		"vrrp[].vips[].address", "vrrp[].vips[].label", // words of a line of virtual_ipaddress
		"vrrp[].notify.mail", "vrrp[].notify.syslog", "vrrp[].notify.script", // what lbgen-notify does
		"vrrp[].track.haproxy.http.uri", "vrrp[].track.haproxy.http.port", // words of script
		"vrrp[].track.nics[].nic", "vrrp[].track.nics[].weight", // words of a line of track_interface
	}
	named := map[string]bool{}
	for _, f := range keepalived.Facts() {
		for _, field := range f.Fields {
			named[field] = true
		}
	}
	var all []string
	for _, field := range fields(reflect.TypeOf(model.Site{}), "") {
		if strings.HasPrefix(field, "vrrp[]") || strings.HasPrefix(field, "keepalived.") || strings.HasPrefix(field, "notifications.email.") {
			all = append(all, field)
		}
	}
	if len(all) < 40 {
		t.Fatalf("only %q", all)
	}
	for _, field := range all {
		whole := slices.ContainsFunc(all, func(other string) bool {
			return other != field && (strings.HasPrefix(other, field+".") || strings.HasPrefix(other, field+"[]") ||
				strings.HasPrefix(other, field+"{}"))
		})
		item := strings.HasSuffix(field, "[]") || strings.HasSuffix(field, "{}")
		if !named[field] && !whole && !item && !slices.Contains(elsewhere, field) {
			t.Errorf("%s becomes no keyword", field)
		}
		if named[field] && slices.Contains(elsewhere, field) {
			t.Errorf("%s becomes a keyword, and is in the list of those that do not", field)
		}
	}
}
