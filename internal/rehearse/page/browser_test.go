//go:build unix

package page

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
	"syscall"
	"testing"
	"time"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/testenv"
)

// browser is a headless Chromium. It is asked over two pipes in the DevTools
// protocol: a JSON object each way, with a zero byte at its end.
type browser struct {
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

// skip leaves a test out that this machine cannot run, and fails it where
// everything has to be there.
func skip(t *testing.T, format string, args ...any) {
	t.Helper()
	testenv.Lacks(t, format, args...)
}

// start runs Chromium until the test is over.
func start(t *testing.T) *browser {
	t.Helper()
	testenv.Machine(t)
	program, err := exec.LookPath("chromium")
	if err != nil {
		skip(t, "chromium is not installed")
	}
	dir, err := os.MkdirTemp("", "lbgen-page")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // not t.TempDir: a helper may still be writing
	toBrowser, toUs := pipe(t), pipe(t)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // not the test's: it is to be closed, not killed
	cmd := exec.CommandContext(ctx, program,
		"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-breakpad",
		"--user-data-dir="+dir, "--remote-debugging-pipe")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	cmd.ExtraFiles = []*os.File{toBrowser.read, toUs.write}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its helpers end with it
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		cancel()
		skip(t, "chromium does not start: %v", err)
	}
	toBrowser.read.Close()
	toUs.write.Close()
	b := &browser{t: t, in: toBrowser.write, out: bufio.NewReader(toUs.read)}
	t.Cleanup(func() {
		b.session = ""
		_, _ = b.ask("Browser.close", struct{}{})
		_ = cmd.Wait() // it is killed when its time is over
		cancel()
	})
	if _, err := b.ask("Browser.getVersion", struct{}{}); err != nil {
		cancel()
		_ = cmd.Wait()
		skip(t, "chromium does not start: %v\n%s", err, said.String())
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
func (b *browser) call(method string, params, result any) {
	b.t.Helper()
	answer, err := b.ask(method, params)
	if err == nil && result != nil {
		err = json.Unmarshal(answer.Result, result)
	}
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
}

func (b *browser) ask(method string, params any) (message, error) {
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

func (b *browser) until(wanted func(message) bool) (message, error) {
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
func (b *browser) note(m message) {
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

// open shows the page of a result, in a tab of its own.
func (b *browser) open(r judge.Result) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "page.html")
	if err := os.WriteFile(file, written(b.t, r), 0o600); err != nil {
		b.t.Fatal(err)
	}
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

func (b *browser) width(w int) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{"width": w, "height": 900, "deviceScaleFactor": 1, "mobile": false}, nil)
}

func (b *browser) scheme(s string) {
	b.t.Helper()
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": "screen",
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": s}}}, nil)
}

// paper lays the page out as on A4 within margins of a centimetre.
func (b *browser) paper() {
	b.t.Helper()
	b.width(718)
	b.call("Emulation.setEmulatedMedia", map[string]any{"media": "print"}, nil)
}

// eval runs JavaScript in the page and reads its value into result.
func (b *browser) eval(script string, result any) {
	b.t.Helper()
	var got struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails json.RawMessage
	}
	b.call("Runtime.evaluate", map[string]any{"expression": "(() => {" + script + "})()", "returnByValue": true}, &got)
	if got.ExceptionDetails != nil {
		b.t.Fatalf("the test's own script: %s", got.ExceptionDetails)
	}
	if err := json.Unmarshal(got.Result.Value, result); err != nil {
		b.t.Fatalf("%v in %s", err, got.Result.Value)
	}
}

// faults runs a script that returns a list of what is wrong.
func (b *browser) faults(script string) {
	b.t.Helper()
	var found []string
	b.eval(script, &found)
	for _, f := range found {
		b.t.Error(f)
	}
}

func written(t *testing.T, r judge.Result) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// everyLook are the results that the browser lays out.
func everyLook() map[string]judge.Result {
	return map[string]judge.Result{"pair": pair(), "trio": trio(), "single": single(), "hostile": hostile(), "nothing": {Site: "empty"}}
}

func TestBrowser(t *testing.T) {
	b := start(t)
	for name, r := range everyLook() {
		t.Run(name, func(t *testing.T) { b.on(t).showsThePage(r) })
	}
	t.Run("a moment", func(t *testing.T) { b.on(t).saysWhatWasAtAMoment() })
	t.Run("faults", func(t *testing.T) { b.on(t).findsFaults() })
}

// on is the same browser, which complains to another test.
func (b *browser) on(t *testing.T) *browser {
	b.t = t
	return b
}

func (b *browser) showsThePage(r judge.Result) {
	b.open(r)
	for _, width := range []int{1280, 400} {
		b.width(width)
		b.faults(noPageScroll)
		b.faults(namesHaveRoom)
		b.faults(chartsAreThere)
		b.faults(textsApart)
		b.faults(textsInside)
	}
	for _, scheme := range []string{"light", "dark"} {
		b.scheme(scheme)
		b.faults(readable)
	}
	b.paper()
	b.faults(noPageScroll)
	b.faults(namesHaveRoom)
	b.faults(harmless)
	b.alone()
}

// alone says that the page asked nobody for anything, and had nothing to complain of.
func (b *browser) alone() {
	b.t.Helper()
	for _, said := range b.talk {
		b.t.Error(said)
	}
}

// The page may point at a moment: then it says what happened, and the lines for
// that are allowed by the policy that stands in the page.
func (b *browser) saysWhatWasAtAMoment() {
	b.open(pair())
	b.width(1280)
	var at struct{ X, Y float64 }
	b.eval(`const c = document.querySelector("#drill-split .chart"); c.scrollIntoView();
		const r = c.getBoundingClientRect(); return {X: r.x + r.width * .55, Y: r.y + 80}`, &at)
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": at.X, "y": at.Y}, nil)
	var hint string
	b.eval(`return document.querySelector(".hint")?.innerText ?? ""`, &hint)
	for _, want := range []string{"6.", "on prslb01 and prslb02", "answered in"} {
		if !strings.Contains(hint, want) {
			b.t.Errorf("there is no %q in %q", want, hint)
		}
	}
	b.alone()
}

// The others are silent on a good page; this one shows that they speak.
func (b *browser) findsFaults() {
	b.open(pair())
	b.width(1280)
	b.scheme("light")
	for _, c := range []struct{ script, breakIt string }{
		{noPageScroll, `document.body.style.minWidth = "2000px"`},
		{namesHaveRoom, `document.querySelector("tr.step th").style.cssText = "display: block; min-width: 0; width: 40px"`},
		{chartsAreThere, `document.querySelector(".chart").style.display = "none"`},
		{textsApart, `const [a, b] = document.querySelectorAll(".topology .node .mono"); b.setAttribute("y", a.getAttribute("y"))`},
		{textsInside, `document.querySelector(".topology .node .mono").textContent = "x".repeat(60)`},
		{readable, `document.querySelector(".verdict").style.color = "#ccc"`},
		{harmless, `document.body.append(document.createElement("img"))`},
	} {
		var ok bool
		var found []string
		b.eval(c.breakIt+"; return true", &ok)
		b.eval(c.script, &found)
		if len(found) == 0 {
			b.t.Errorf("nothing was found after %s", c.breakIt)
		}
	}
}

// Scripts that return what a reader would find wrong.
const (
	noPageScroll = `const d = document.documentElement;
		return d.scrollWidth > d.clientWidth ? ["the page is " + d.scrollWidth + " px wide in a window of " + d.clientWidth] : []`

	// The names of steps are squeezed until each letter has a line.
	namesHaveRoom = `return [...document.querySelectorAll("tr.step th")].flatMap((th) => {
		const w = th.getBoundingClientRect().width;
		return w >= 150 ? [] : [JSON.stringify(th.textContent) + " has " + w + " px"];
	})`

	chartsAreThere = `return [...document.querySelectorAll("svg.chart, svg.topology")].flatMap((s) => {
		const r = s.getBoundingClientRect();
		return r.width > 300 && r.height > 60 ? [] : [s.getAttribute("class") + " is " + r.width + " x " + r.height + " px"];
	})`

	// Two texts of a picture lie on top of each other. The boxes of two lines that
	// follow each other share a few px without letters.
	textsApart = `return [...document.querySelectorAll("svg.chart, svg.topology")].flatMap((svg) => {
		const all = [...svg.querySelectorAll("text:not(.over)")].map((t) => [t, t.getBoundingClientRect()]);
		const faults = [];
		all.forEach(([t, a], i) => all.slice(i + 1).forEach(([u, b]) => {
			const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
			if (x > 0.5 && y > 4) faults.push(JSON.stringify(t.textContent) + " lies on " + JSON.stringify(u.textContent));
		}));
		return faults;
	})`

	// A text stands out of its frame, or out of the picture.
	textsInside = `return [...document.querySelectorAll("svg.chart text, svg.topology text")].flatMap((t) => {
		const frame = t.closest(".box, .bar, .flag")?.querySelector("rect") ?? t.closest("svg");
		const a = t.getBoundingClientRect(), f = frame.getBoundingClientRect();
		return a.left < f.left - 1 || a.right > f.right + 1 || a.top < f.top - 2 || a.bottom > f.bottom + 2
			? [JSON.stringify(t.textContent) + " does not fit: " + a.width + " px in " + f.width] : [];
	})`

	// Words whose contrast is below that of WCAG AA.
	readable = `const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
		const rgb = (colors) => { c.clearRect(0, 0, 1, 1); for (const x of colors) { c.fillStyle = x; c.fillRect(0, 0, 1, 1);
		} return c.getImageData(0, 0, 1, 1).data; };
		const lum = (d) => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => { const v = d[i] / 255;
		return sum + w * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
		const behind = (e) => { const all = []; for (; e; e = e.parentElement) all.unshift(getComputedStyle(e).backgroundColor); return all; };
		return [...document.querySelectorAll(".verdict, .headline, .note:not(svg *), .why, .remedy, code, a, summary, th, td")].flatMap((e) => {
			const bg = behind(e), a = lum(rgb(bg)), b = lum(rgb([...bg, getComputedStyle(e).color]));
			const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
			return ratio >= 4.5 ? [] : [e.className + " " + JSON.stringify(e.textContent.slice(0, 30)) + " has a contrast of " + ratio.toFixed(2)];
		})`

	// A word has become part of the page.
	harmless = `const strange = [...document.querySelectorAll("img, iframe, object, link, [onerror], [onload], [style]:not(.hint)")];
		return [...strange.map((e) => "there is " + e.outerHTML.slice(0, 80)), ...(document.scripts.length === 1 ? [] :
			[document.scripts.length + " scripts"]),
			...(window.hit ? ["a word was run as a program"] : [])]`
)
