package schema_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/textproto"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/testenv"
)

// patience is how long the language server may take for one answer: a fraction
// of a second, but for a machine that is busy with other tests.
const patience = 2 * time.Minute

// languageServer is a running yaml-language-server, to which a test speaks as
// an editor does.
type languageServer struct {
	t        *testing.T
	in       io.Writer
	settings map[string]any // by section
	ended    chan struct{}

	writing sync.Mutex
	lastID  int
	mu      sync.Mutex // guards the rest, which the reader shares with the test
	replies map[int]chan reply
	found   map[string]chan []problem // by URI
}

// message is a request, a notification or a reply of the protocol.
type message struct {
	ID     json.RawMessage `json:"id,omitempty"`
	Method string          `json:"method,omitempty"`
	Params json.RawMessage `json:"params,omitempty"`
	reply
}

type reply struct {
	Result json.RawMessage `json:"result,omitempty"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// position counts from 0.
type position struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

// problem is what an editor underlines.
type problem struct {
	Range   struct{ Start, End position } `json:"range"`
	Message string                        `json:"message"`
}

// startLanguageServer starts the server that testdata/editor pins. It reads the
// schema of this folder for each file without a line that names one, and
// nothing from the network.
func startLanguageServer(t *testing.T) *languageServer {
	t.Helper()
	node, program := needLanguageServer(t)
	cmd := exec.CommandContext(t.Context(), node, program, "--stdio")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &languageServer{t: t, in: in, ended: make(chan struct{}), replies: map[int]chan reply{}, found: map[string]chan []problem{},
		settings: map[string]any{
			"yaml": map[string]any{
				"schemaStore":        map[string]any{"enable": false},
				"kubernetesCRDStore": map[string]any{"enable": false},
				"schemas":            map[string]any{fileURI(t, "lbgen.schema.json"): "*.yaml"},
			},
		}}
	go func() {
		defer close(s.ended)
		s.read(bufio.NewReader(out))
	}()
	t.Cleanup(func() {
		<-s.ended // its end is that of the test's context
		_ = cmd.Wait()
	})
	s.greet()
	return s
}

// greet begins the talk, and waits until the server has read its settings.
func (s *languageServer) greet() {
	s.t.Helper()
	s.ask("initialize", map[string]any{
		"processId": os.Getpid(), "rootUri": nil,
		"capabilities": map[string]any{
			"workspace":    map[string]any{"configuration": true},
			"textDocument": map[string]any{"hover": map[string]any{"contentFormat": []string{"markdown"}}},
		},
	}, nil)
	s.tell("initialized", map[string]any{})
	const uri = "file:///nowhere/greeting.yaml"
	s.open(uri, "version: 0\n")
	for len(s.diagnostics(uri)) == 0 { // without a schema nothing is wrong with it
		continue
	}
}

// needLanguageServer finds node and the server.
func needLanguageServer(t *testing.T) (node, program string) {
	t.Helper()
	testenv.Machine(t)
	program = filepath.Join("testdata", "editor", "node_modules", "yaml-language-server", "bin", "yaml-language-server")
	node, err := exec.LookPath("node")
	if err == nil {
		_, err = os.Stat(program)
	}
	if err != nil {
		testenv.Lacks(t, "%v: `make tools` installs it", err)
	}
	return node, program
}

func fileURI(t *testing.T, name string) string {
	t.Helper()
	abs, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	return "file://" + filepath.ToSlash(abs)
}

// read takes every message of the server until it has ended.
func (s *languageServer) read(out *bufio.Reader) {
	for {
		header, err := textproto.NewReader(out).ReadMIMEHeader()
		if err != nil {
			return
		}
		length, err := strconv.Atoi(header.Get("Content-Length"))
		if err != nil {
			return
		}
		body := make([]byte, length)
		if _, err := io.ReadFull(out, body); err != nil {
			return
		}
		var m message
		if err := json.Unmarshal(body, &m); err != nil {
			return
		}
		s.take(m)
	}
}

func (s *languageServer) take(m message) {
	switch {
	case m.Method == "textDocument/publishDiagnostics":
		var p struct {
			URI         string    `json:"uri"`
			Diagnostics []problem `json:"diagnostics"`
		}
		_ = json.Unmarshal(m.Params, &p)
		s.problems(p.URI) <- p.Diagnostics
	case m.Method == "workspace/configuration":
		go s.send(map[string]any{"id": m.ID, "result": s.configuration(m.Params)}) // reading never waits for writing
	case m.Method != "" && m.ID != nil:
		go s.send(map[string]any{"id": m.ID, "result": nil})
	case m.ID != nil:
		id, _ := strconv.Atoi(string(m.ID))
		s.replyTo(id) <- m.reply
	}
}

// configuration is what the server asks an editor's settings for: a list.
func (s *languageServer) configuration(params json.RawMessage) []any {
	var p struct {
		Items []struct{ Section string } `json:"items"`
	}
	_ = json.Unmarshal(params, &p)
	var values []any
	for _, item := range p.Items {
		values = append(values, s.settings[item.Section])
	}
	return values
}

// problems are the lists that the server has sent for a file.
func (s *languageServer) problems(uri string) chan []problem {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.found[uri] == nil {
		s.found[uri] = make(chan []problem, 100)
	}
	return s.found[uri]
}

func (s *languageServer) replyTo(id int) chan reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.replies[id] == nil {
		s.replies[id] = make(chan reply, 1)
	}
	return s.replies[id]
}

func (s *languageServer) send(m map[string]any) {
	m["jsonrpc"] = "2.0"
	body, err := json.Marshal(m)
	if err != nil {
		s.t.Error(err)
		return
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	_, _ = fmt.Fprintf(s.in, "Content-Length: %d\r\n\r\n%s", len(body), body) // reading finds out that it has ended
}

// tell sends a notification, which has no reply.
func (s *languageServer) tell(method string, params any) {
	s.send(map[string]any{"method": method, "params": params})
}

// ask sends a request and reads the reply into result.
func (s *languageServer) ask(method string, params, result any) {
	s.t.Helper()
	s.lastID++
	id := s.lastID
	s.send(map[string]any{"id": id, "method": method, "params": params})
	select {
	case r := <-s.replyTo(id):
		if r.Error != nil {
			s.t.Fatalf("%s: %s", method, r.Error.Message)
		}
		if result == nil || len(r.Result) == 0 {
			return
		}
		if err := json.Unmarshal(r.Result, result); err != nil {
			s.t.Fatalf("%s: %v\n%s", method, err, r.Result)
		}
	case <-s.ended:
		s.t.Fatal("the language server has ended")
	case <-time.After(patience):
		s.t.Fatalf("no reply to %s", method)
	}
}

// open gives the server a text as that of a file, which need not exist.
func (s *languageServer) open(uri, text string) {
	s.tell("textDocument/didOpen", map[string]any{
		"textDocument": map[string]any{"uri": uri, "languageId": "yaml", "version": 1, "text": text},
	})
}

// diagnostics waits for what the server finds in an opened file.
func (s *languageServer) diagnostics(uri string) []problem {
	s.t.Helper()
	select {
	case list := <-s.problems(uri):
		return list
	case <-s.ended:
		s.t.Fatal("the language server has ended")
		return nil
	case <-time.After(patience):
		s.t.Fatalf("the language server says nothing of %s", uri)
		return nil
	}
}

func at(uri string, p position) map[string]any {
	return map[string]any{"textDocument": map[string]any{"uri": uri}, "position": p}
}

// hover is what an editor shows for the word at p.
func (s *languageServer) hover(uri string, p position) string {
	s.t.Helper()
	var h struct {
		Contents struct{ Value string } `json:"contents"`
	}
	s.ask("textDocument/hover", at(uri, p), &h)
	return h.Contents.Value
}

// completion is what an editor offers at p: the words to choose from, and what
// it then writes.
func (s *languageServer) completion(uri string, p position) map[string]string {
	s.t.Helper()
	var list struct {
		Items []struct{ Label, InsertText string } `json:"items"`
	}
	s.ask("textDocument/completion", at(uri, p), &list)
	offered := map[string]string{}
	for _, item := range list.Items {
		offered[item.Label] = item.InsertText
	}
	return offered
}
