// Package testbrowser is a headless Chromium for tests of pages and pictures. It is
// for tests alone: lbgen does not link it.
package testbrowser

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/proc"
	"github.com/lbgen/lbgen/internal/testenv"
)

// Browser is a headless Chromium. It is asked over two pipes in the DevTools
// protocol: a JSON object each way, with a zero byte at its end.
type Browser struct {
	t       *testing.T
	in      io.Writer
	out     *bufio.Reader
	next    int
	session string
	talk    []string // what the page wrote to the console, and what it asked the network for
}

// message is one of either direction.
type message struct {
	ID      int             `json:"id,omitempty"`
	Method  string          `json:"method,omitempty"`
	Params  json.RawMessage `json:"params,omitempty"`
	Session string          `json:"sessionId,omitempty"`
	Result  json.RawMessage `json:"result,omitempty"`
	Error   json.RawMessage `json:"error,omitempty"`
}

// Start runs Chromium until the test is over.
func Start(t *testing.T) *Browser {
	t.Helper()
	testenv.Machine(t)
	program, err := exec.LookPath("chromium")
	if err != nil {
		testenv.Lacks(t, "chromium is not installed")
	}
	dir, err := os.MkdirTemp("", "lbgen-browser")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // not t.TempDir: a helper may still be writing
	toBrowser, toUs := pipe(t), pipe(t)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) // not the test's: it is to be closed, not killed
	cmd := exec.CommandContext(ctx, program,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad",
		"--user-data-dir="+dir, "--remote-debugging-pipe")
	cmd.Env = append(cmd.Environ(), "TMPDIR="+dir)
	cmd.ExtraFiles = []*os.File{toBrowser.read, toUs.write}
	proc.KillGroup(cmd)
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		cancel()
		testenv.Lacks(t, "chromium does not start: %v", err)
	}
	toBrowser.read.Close()
	toUs.write.Close()
	b := &Browser{t: t, in: toBrowser.write, out: bufio.NewReader(toUs.read)}
	t.Cleanup(func() {
		b.session = ""
		_, _ = b.ask("Browser.close", struct{}{})
		_ = cmd.Wait() // it is killed when its time is over
		cancel()
	})
	if _, err := b.ask("Browser.getVersion", struct{}{}); err != nil {
		cancel()
		_ = cmd.Wait()
		testenv.Lacks(t, "chromium does not start: %v\n%s", err, said.String())
	}
	return b
}

type ends struct{ read, write *os.File }

func pipe(t *testing.T) ends {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return ends{r, w}
}

// call asks for something and waits for its result.
func (b *Browser) call(method string, params, result any) {
	b.t.Helper()
	answer, err := b.ask(method, params)
	if err == nil && result != nil {
		err = json.Unmarshal(answer.Result, result)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

func (b *Browser) ask(method string, params any) (message, error) {
	b.next++
	p, err := json.Marshal(params)
	if err != nil {
		return message{}, err
	}
	question, err := json.Marshal(message{ID: b.next, Method: method, Params: p, Session: b.session})
	if err != nil {
		return message{}, err
	}
	if _, err := b.in.Write(append(question, 0)); err != nil {
		return message{}, err
	}
	answer, err := b.until(func(m message) bool { return m.ID == b.next })
	if err == nil && answer.Error != nil {
		err = errors.New(string(answer.Error))
	}
	return answer, err
}

func (b *Browser) until(wanted func(message) bool) (message, error) {
	for {
		text, err := b.out.ReadBytes(0)
		if err != nil {
			return message{}, fmt.Errorf("chromium ended: %w", err)
		}
		var m message
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			return message{}, err
		}
		b.note(m)
		if wanted(m) {
			return m, nil
		}
	}
}

// note keeps what a page that is alone with itself never does.
func (b *Browser) note(m message) {
	switch m.Method {
	case "Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded", "Network.webSocketCreated":
		b.talk = append(b.talk, m.Method+" "+string(m.Params))
	case "Network.requestWillBeSent":
		var p struct {
			Request struct{ URL string } `json:"request"`
		}
		if json.Unmarshal(m.Params, &p) != nil || !strings.HasPrefix(p.Request.URL, "file://") {
			b.talk = append(b.talk, "request for "+p.Request.URL)
		}
	}
}

// Open shows a file of this name and content, in a tab of its own.
func (b *Browser) Open(name string, data []byte) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.Visit(file)
}

// Visit shows a file that is there, in a tab of its own.
func (b *Browser) Visit(file string) {
	b.t.Helper()
	var made struct{ TargetID, SessionID string }
	b.session, b.talk = "", nil
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	b.call("Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made)
	b.session = made.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
		b.call(domain+".enable", struct{}{}, nil)
	}
	b.call("Page.navigate", map[string]any{"url": "file://" + file}, nil)
	if _, err := b.until(func(m message) bool { return m.Method == "Page.loadEventFired" }); err != nil {
		b.t.Fatal(err)
	}
}

// Width is that of the window, in px.
func (b *Browser) Width(w int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": w, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// Scheme is light or dark.
func (b *Browser) Scheme(s string) {
	b.t.Helper()
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": "screen",
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": s}}}, nil)
}

// Paper lays the page out as on A4 within margins of a centimetre.
func (b *Browser) Paper() {
	b.t.Helper()
	b.Width(718)
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
}

// Eval runs JavaScript in the page and reads its value into result.
func (b *Browser) Eval(script string, result any) {
	b.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": "(async () => {" + script + "})()", "returnByValue": true,
		"awaitPromise": true}, &got)
	if got.ExceptionDetails != nil {
		b.t.Fatalf("the test's own script: %s", got.ExceptionDetails)
	}
	if err := json.Unmarshal(got.Result.Value, result); err != nil {
		b.t.Fatalf("%v in %s", err, got.Result.Value)
	}
}

// Faults runs a script that returns a list of what is wrong, and reports it.
func (b *Browser) Faults(script string) {
	b.t.Helper()
	var found []string
	b.Eval(script, &found)
	for _, f := range found {
		b.t.Error(f)
	}
}

// On is the same browser, which complains to another test.
func (b *Browser) On(t *testing.T) *Browser {
	b.t = t
	return b
}

// Alone says that the page asked nobody for anything, and had nothing to complain of.
func (b *Browser) Alone() {
	b.t.Helper()
	for _, said := range b.talk {
		b.t.Error(said)
	}
}

// Point moves the mouse to a place of the window.
func (b *Browser) Point(x, y float64) {
	b.t.Helper()
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": x, "y": y}, nil)
}
