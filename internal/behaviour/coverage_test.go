//go:build linux

package behaviour_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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
		if s.name == "kitchen-sink" {
			continue // it has every field, and few of them are looked at there
		}
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
		model.ServerTLS{}, model.ServerCheck{}, model.BindTLS{}, model.HSTS{}, model.Compression{}, model.Sorry{}, model.SorryRemote{},
		model.Stats{}, model.ServerOptions{}, model.Frontend{}, model.Backend{},
		model.Server{}, model.ServerTemplate{}, model.Bind{}, model.BackendTimeouts{}, model.FrontendTimeouts{}, model.Defaults{},
		model.DefaultTimeouts{},
		model.ForwardFor{}, model.Userlist{}, model.User{}, model.Resolvers{}, model.StatsUser{}, model.Global{}, model.StatsSocket{},
		model.TLSDefaults{},
	} {
		kind := reflect.TypeOf(what)
		for i := range kind.NumField() {
			for _, name := range wanted(kind.Name(), kind.Field(i)) {
				if used[name] == (notSeen()[name] != "") {
					t.Errorf("%s (%s): either a scenario has it, or notSeen says why none has", name, kind.Field(i).Tag.Get("yaml"))
				}
			}
		}
	}
}

// wanted returns what a scenario must have of a field: each of its words, where
// it knows a few only.
func wanted(kind string, field reflect.StructField) []string {
	name := kind + "." + field.Name
	_, words, few := strings.Cut(field.Tag.Get("validate"), "oneof=")
	if name == "Balance.Algorithm" {
		words, few = strings.Join(model.BalanceAlgorithms(), " "), true
	}
	if !few {
		return []string{name}
	}
	var all []string
	for _, word := range strings.Fields(words) {
		all = append(all, name+"="+word)
	}
	return all
}

// notSeen are fields that make no difference to be seen from outside, and why.
func notSeen() map[string]string {
	const library = "what OpenSSL still speaks is up to the machine"
	const kernel = "packets of the kernel's own, which no program sees"
	const inside = "it shows inside HAProxy only"
	const reload = "it is about a reload, which is not looked at here"
	unseen := map[string]string{
		"BindTLS.MinVersion=TLSv1.0": library, "BindTLS.MinVersion=TLSv1.1": library,
		"ServerTLS.MinVersion=TLSv1.0": library, "ServerTLS.MinVersion=TLSv1.1": library,
		"TLSDefaults.MinVersion=TLSv1.0": library, "TLSDefaults.MinVersion=TLSv1.1": library,
		"Frontend.TCPKeepalive": kernel, "Backend.TCPKeepalive": kernel,
		"Global.HardStopAfter": reload, "Global.CloseSpreadTime": reload,
		"Global.SpreadChecks": inside, "StatsSocket.Timeout": inside, "Resolvers.ParseResolvConf": "the name servers are told",
	}
	unseen["Resolvers.Raw"] = "a line of HAProxy's own, as in the other sections"
	unseen["BindTLS.CRLFile"] = "HAProxy reads it when it starts, as the golden trees show; OpenSSL does the rest"
	for _, name := range []string{"OnError=fastinter", "OnError=fail-check", "OnError=sudden-death", "Observe=layer4"} {
		unseen["ServerOptions."+name] = "layer7 and mark-down show how it works"
	}
	for _, bits := range []string{"2048", "3072", "4096"} {
		unseen["TLSDefaults.DHParam="+bits] = "no client asks for Diffie-Hellman without elliptic curves"
	}
	return unseen
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
				note(v.Type().Name()+"."+v.Type().Field(i).Name, v.Field(i), used)
				collect(v.Field(i), used)
			}
		}
	default:
	}
}

// note notes a field, and its value if that is a word or a number.
func note(name string, v reflect.Value, used map[string]bool) {
	used[name] = true
	switch v.Kind() {
	case reflect.String, reflect.Int:
		used[fmt.Sprintf("%s=%v", name, v)] = true
	case reflect.Slice:
		for i := range v.Len() {
			note(name, v.Index(i), used)
		}
	default:
	}
}
