package behaviour_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"github.com/lbgen/lbgen/internal/model"
)

// TestEveryExample: what an example promises is seen by a scenario.
func TestEveryExample(t *testing.T) {
	files, err := filepath.Glob(examples + "*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no examples (%v)", err)
	}
	for _, file := range files {
		if !slices.ContainsFunc(scenarios(), func(s scenario) bool { return s.site == file }) {
			t.Errorf("%s has no scenario", file)
		}
	}
}

// TestEveryField: each action and match of a route, each way to choose a
// server, to come back to it and to check it stands in the site of a scenario.
func TestEveryField(t *testing.T) {
	used := map[string]bool{}
	for _, s := range scenarios() {
		data, err := os.ReadFile(s.site)
		if err != nil {
			t.Fatal(err)
		}
		site, _, found := model.Load(s.site, data)
		if found.HasErrors() {
			t.Fatalf("%s: %v", s.site, found)
		}
		collect(reflect.ValueOf(*site), used)
	}
	for _, what := range []any{
		model.Route{}, model.Match{}, model.HeaderMatch{}, model.Redirect{}, model.Return{}, model.Auth{}, model.RateLimit{}, model.Header{},
		model.Balance{}, model.BalanceURI{}, model.Persist{}, model.Cookie{}, model.StickTable{},
		model.Health{}, model.HealthHTTP{}, model.TCPStep{}, model.HealthUser{}, model.HealthRedis{}, model.HealthAgent{}, model.HealthTLS{},
		model.ServerTLS{}, model.ServerCheck{}, model.BindTLS{}, model.HSTS{}, model.Compression{}, model.Sorry{}, model.SorryRemote{}, model.Stats{},
	} {
		kind := reflect.TypeOf(what)
		for i := range kind.NumField() {
			if name := kind.Name() + "." + kind.Field(i).Name; !used[name] && notSeen()[name] == "" {
				t.Errorf("no scenario has %s (%s)", name, kind.Field(i).Tag.Get("yaml"))
			}
		}
	}
}

// notSeen are fields that make no difference to be seen from outside, and why.
func notSeen() map[string]string {
	return map[string]string{}
}

// collect notes the fields that hold something, as Type.Field.
func collect(v reflect.Value, used map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			collect(v.Elem(), used)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			collect(v.Index(i), used)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			collect(v.MapIndex(key), used)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Field(i).IsZero() {
				used[v.Type().Name()+"."+v.Type().Field(i).Name] = true
				collect(v.Field(i), used)
			}
		}
	default:
	}
}
