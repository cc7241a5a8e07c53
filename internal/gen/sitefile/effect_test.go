package main

import (
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/lbgen/lbgen/internal/artifact"
)

func TestDifference(t *testing.T) {
	set := func(files ...artifact.File) []artifact.Set { return []artifact.Set{{Files: files}} }
	file := func(path, text string) artifact.File { return artifact.File{Path: path, Data: []byte(text)} }
	with := set(file("etc/haproxy/haproxy.cfg", "global\n    maxconn 10\n"), file("node.table", "a"))
	for _, c := range []struct {
		name    string
		without []artifact.Set
		want    *effect
	}{
		{"nothing", with, nil},
		{"a line", set(file("etc/haproxy/haproxy.cfg", "global\n"), file("node.table", "b")),
			&effect{file: "etc/haproxy/haproxy.cfg", lines: []string{"    maxconn 10"}}},
		{"a line less", set(file("etc/haproxy/haproxy.cfg", "global\n    maxconn 10\n    daemon\n"), file("node.table", "a")),
			&effect{file: "etc/haproxy/haproxy.cfg", lines: []string{"    daemon"}, gone: true}},
		{"a file", set(file("etc/haproxy/haproxy.cfg", "global\n    maxconn 10\n")),
			&effect{file: "node.table"}},
	} {
		got := difference(with, c.without, "global.maxconn")
		if (got == nil) != (c.want == nil) {
			t.Errorf("%s: got %+v", c.name, got)
			continue
		}
		if got != nil && (got.file != c.want.file || got.gone != c.want.gone || !slices.Equal(got.lines, c.want.lines)) {
			t.Errorf("%s: got %+v, want %+v", c.name, got, c.want)
		}
	}
}

func TestWords(t *testing.T) {
	const long = "    server web1.example.com 192.168.50.61:80 check inter 2s rise 2 fall 3 port 8080 maxconn 300 weight 10"
	for _, c := range [][3]string{
		{long, strings.Replace(long, " maxconn 300", "", 1), "server web1.example.com … maxconn 300 …"},
		{long, strings.Replace(long, "10", "20", 1), "server web1.example.com … weight 10"},
		{long, strings.Replace(long, "web1.example.com", "web2.example.com", 1), "server web1.example.com …"},
		{long, "    balance roundrobin", long},
		{"    maxconn 10", "    maxconn 20", "    maxconn 10"},
	} {
		if got := words(c[0], c[1]); got != c[2] {
			t.Errorf("got  %s\nwant %s", got, c[2])
		}
	}
}

func TestChanges(t *testing.T) {
	var document yaml.Node
	if err := yaml.Unmarshal([]byte("timeouts: {connect: 3s}\nport: 80\nlist: [a, b]\nuse: a\n"), &document); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		steps []int
		want  string // that one of the changes makes
	}{
		{[]int{1, 1}, "port: 80\nlist: [a, b]\nuse: a\n"}, // what is empty goes, too
		{[]int{1, 1}, "timeouts: {connect: 4s}\nport: 80\nlist: [a, b]\nuse: a\n"},
		{[]int{3}, "timeouts: {connect: 3s}\nport: 81\nlist: [a, b]\nuse: a\n"},
		{[]int{5}, "timeouts: {connect: 3s}\nport: 80\nlist: [a]\nuse: a\n"},
		{[]int{5, 0}, "timeouts: {connect: 3s}\nport: 80\nlist: [ax, b]\nuse: ax\n"},
	} {
		var got []string
		p := place{field: &field{}, steps: c.steps}
		for _, tree := range append(changes(document.Content[0], p), renamed(document.Content[0], p)...) {
			text, err := yaml.Marshal(tree)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, string(text))
		}
		if !slices.Contains(got, c.want) {
			t.Errorf("%v: no change makes\n%sbut\n%s", c.steps, c.want, strings.Join(got, "\n"))
		}
	}
}
