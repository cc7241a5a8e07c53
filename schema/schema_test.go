package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/diag"
	"github.com/lbgen/lbgen/internal/model"
	"github.com/lbgen/lbgen/schema"
)

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSON))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("lbgen.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("lbgen.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// instance is a YAML text as an editor's language server gives it to a schema.
func instance(t *testing.T, text []byte) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(textKeys(v))
	if err != nil {
		t.Fatal(err)
	}
	v, err = jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// textKeys makes texts of keys such as 503: JSON has no others.
func textKeys(v any) any {
	switch v := v.(type) {
	case map[any]any:
		texts := map[string]any{}
		for key, value := range v {
			texts[fmt.Sprint(key)] = textKeys(value)
		}
		return texts
	case map[string]any:
		for key, value := range v {
			v[key] = textKeys(value)
		}
	case []any:
		for i, item := range v {
			v[i] = textKeys(item)
		}
	}
	return v
}

// TestAcceptsWhatTheModelAccepts wants no red line in an editor where lbgen
// has nothing to say.
func TestAcceptsWhatTheModelAccepts(t *testing.T) {
	s := compiled(t)
	n := 0
	for _, pattern := range []string{"../examples/*.yaml", "../examples/*/*.yaml", "../testdata/sites/*.yaml"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			n++
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if _, _, found := model.LoadShared(name, data, readBeside(name)); found.HasErrors() {
				t.Errorf("%s: %v", name, found)
			}
			if err := s.Validate(instance(t, data)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if n < 4 {
		t.Errorf("only %d sites found", n)
	}
}

// readBeside reads files relative to the folder of a site file.
func readBeside(site string) model.ReadShared {
	return func(file string) (string, []byte, *diag.Diagnostic) {
		name := filepath.Join(filepath.Dir(site), file)
		data, err := os.ReadFile(name)
		if err != nil {
			return name, nil, &diag.Diagnostic{Summary: err.Error()}
		}
		return name, data, nil
	}
}

// TestAcceptsParts wants no red line in either of two files that make one site
// together, however it is cut.
func TestAcceptsParts(t *testing.T) {
	s := compiled(t)
	for _, text := range []string{
		"version: 1\nsite: a\ndefaults_from: b.yaml\n",
		"version: 1\nsite: a\ndefaults_from: b.yaml\nstats: {nic: lan}\nnics: {lan: {subnet: 10.0.0.0/24}}\n",
		"platform: rocky9\n",
		"stats: {port: 9000}\nnics: {lan: {device: eth0}}\nnotifications: {email: {to: [a@b.c]}}\nservice_user: {group: a}\n",
	} {
		if err := s.Validate(instance(t, []byte(text))); err != nil {
			t.Errorf("%s%v", text, err)
		}
	}
	for _, text := range []string{
		"site: a\ndefaults_from: b.yaml\n",
		"defaults_from: b.yaml\n",
		"platform: rocky9\nbackends: [{servers: []}]\n",
	} {
		if s.Validate(instance(t, []byte(text))) == nil {
			t.Errorf("accepted: %s", text)
		}
	}
}

// TestRefuses changes one thing in the example, which both the schema and the
// model must refuse.
func TestRefuses(t *testing.T) {
	s := compiled(t)
	example, err := os.ReadFile("../examples/prslb.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"version: 1", "version: 2"},
		{"site: prslb\n", ""},
		{"site: prslb\n", "site: my site\n"},
		{"platform: rocky9", "platform: rocky8"},
		{"balance: roundrobin", "ballance: roundrobin"},
		{"balance: roundrobin", "balance: round"},
		{"priority: 100", "priority: 255"},
		{"priority: 100", "priority: 0"},
		{"priority: 100", "priority: high"},
		{"virtual_router_id: 1", "virtual_router_id: 256"},
		{"advert_int: 1s", "advert_int: 1"},
		{"advert_int: 1s", "advert_int: 1.5s"},
		{"name: prslb01", "name: ../x"},
		{"retries: 1", "retries: many"},
		{"forward: false", "forward: never"},
		{"uri: /stats", "uri: stats"},
		{"port: 8404", "port: 65536"},
		{"{nic: management, port: 8404,", "{port: 8404,"},
		{"{device: ens192, ", "{"},
		{"to: [root@localhost], ", ""},
		{"refresh: 10s", "refresh: 10"},
		{"allow: [192.168.11.0/24]", "allow: 192.168.11.0/24"},
		{"vips: [172.16.110.70]", "vips: []"},
		{"vips: [172.16.110.70]", "vips: [{name: x}]"},
		{"vips: [172.16.110.70]", "vips: [{name: a b, address: 172.16.110.70}]"},
		{"address: 192.168.50.61:80", "address: 192.168.50.61:"},
		{"status: 200", "status: 404"},
		{"{file: prslb.secrets/vrrp_auth_pass}", "{path: secret}"},
		{"{file: prslb.secrets/vrrp_auth_pass}", "{env: 1A}"},
		{"{device: ens192,", "{device: ens192ens192ens192,"},
		{"to: [root@localhost]", "to: [root]"},
	} {
		text := []byte(strings.Replace(string(example), c[0], c[1], 1))
		if bytes.Equal(text, example) {
			t.Errorf("%q is not in the example", c[0])
		}
		if s.Validate(instance(t, text)) == nil {
			t.Errorf("the schema accepts %q", c[1])
		}
		if _, _, found := model.Load("x.yaml", text); !found.HasErrors() {
			t.Errorf("the model accepts %q", c[1])
		}
	}
}

// TestForms changes one thing in the site that has every field: what may be
// written in more than one way, and what looks like it and may not.
func TestForms(t *testing.T) {
	const name = "../examples/kitchen-sink.yaml"
	s := compiled(t)
	site, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		old, with string
		accepted  bool
	}{
		{"track: {haproxy: false}", "track: {haproxy: true}", true},
		{"track: {haproxy: false}", "track: {haproxy: {}}", true},
		{"track: {haproxy: false}", "track: {haproxy: killall}", false},
		{"forwardfor: false", "forwardfor: true", true},
		{"forwardfor: false", "forwardfor: X-Client", false},
		{"balance: leastconn", "balance: random", true},
		{"balance: leastconn", "balance: [leastconn]", false},
		{"- servers\n", "- {nic: servers}\n", true},
		{"- servers\n", "- [servers]\n", false},
		{"- 192.0.2.100\n", "- {address: 192.0.2.100}\n", true},
		{"- 192.0.2.100\n", "- {name: www2}\n", false},
		{"path: [/old, /older]", "path: /old", true},
		{"path: [/old, /older]", "path: []", false},
		{"path: [/old, /older]", "path: [old]", false},
		{"path: [/old, /older]", "path: old", false},
		{"{port: 8443}", "{port: [8443, 9443]}", true},
		{"{port: 8443}", "{port: 84430}", false},
		{"expect: [200-299, 401]", "expect: 200-299", true},
		{"expect: [200-299, 401]", "expect: 200", true},
		{"expect: [200-299, 401]", "expect: 99", false},
		{`"502": sorry.html`, `"522": sorry.html`, false},
		{"priorities: {lb1: 90", "priorities: {lb1: 300", false},
		{"sysctl: {net.core.somaxconn: 8192", "sysctl: {net core: 8192", false},
		{"password: {file: kitchen-sink.secrets/bob}", "password: sample-bob", true},
		{"password: {file: kitchen-sink.secrets/bob}", "password: {file: kitchen-sink.secrets/bob, mode: 600}", false},
	} {
		text := strings.Replace(string(site), c.old, c.with, 1)
		if text == string(site) {
			t.Errorf("%q is not in the site", c.old)
		}
		if err := s.Validate(instance(t, []byte(text))); (err == nil) != c.accepted {
			t.Errorf("%q: the schema says %v", c.with, err)
		}
		if _, _, found := model.LoadShared(name, []byte(text), readBeside(name)); found.HasErrors() == c.accepted {
			t.Errorf("%q: the model says %v", c.with, found)
		}
	}
}

// TestUpToDate wants the committed schema to be what go generate makes.
func TestUpToDate(t *testing.T) {
	out := filepath.Join(t.TempDir(), "schema.json")
	cmd := exec.Command("go", "run", "../internal/gen/schema", out)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	got, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, schema.JSON) {
		t.Error("lbgen.schema.json is not up to date: run go generate ./schema")
	}
}
