//go:build unix

package page

import (
	"bytes"
	"strings"
	"testing"

	"github.com/lbgen/lbgen/internal/judge"
	"github.com/lbgen/lbgen/internal/testbrowser"
)

func written(t *testing.T, r judge.Result) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := Write(&out, r, picture(r)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// everyLook are the results that the browser lays out.
func everyLook() map[string]judge.Result {
	return map[string]judge.Result{"pair": pair(), "trio": trio(), "single": single(), "hostile": hostile(), "nothing": {Site: "empty"}}
}

func TestBrowser(t *testing.T) {
	b := testbrowser.Start(t)
	for name, r := range everyLook() {
		t.Run(name, func(t *testing.T) { showsThePage(b.On(t), written(t, r)) })
	}
	t.Run("a moment", func(t *testing.T) { saysWhatWasAtAMoment(t, b.On(t)) })
	t.Run("faults", func(t *testing.T) { findsFaults(t, b.On(t)) })
}

func showsThePage(b *testbrowser.Browser, page []byte) {
	b.Open("page.html", page)
	for _, width := range []int{1280, 400} {
		b.Width(width)
		b.Faults(testbrowser.NoPageScroll)
		b.Faults(namesHaveRoom)
		b.Faults(testbrowser.PicturesAreThere(pictures))
		b.Faults(testbrowser.TextsApart(pictures))
		b.Faults(testbrowser.TextsInside(pictures))
		b.Faults(testbrowser.FramesApart(".site"))
	}
	for _, scheme := range []string{"light", "dark"} {
		b.Scheme(scheme)
		b.Faults(testbrowser.Readable(words))
	}
	b.Paper()
	b.Faults(testbrowser.NoPageScroll)
	b.Faults(namesHaveRoom)
	b.Faults(harmless)
	b.Alone()
}

// The page may point at a moment: then it says what happened, and the lines for
// that are allowed by the policy that stands in the page.
func saysWhatWasAtAMoment(t *testing.T, b *testbrowser.Browser) {
	b.Open("page.html", written(t, pair()))
	b.Width(1280)
	var at struct{ X, Y float64 }
	b.Eval(`const c = document.querySelector("#drill-split .chart"); c.scrollIntoView();
		const r = c.getBoundingClientRect(); return {X: r.x + r.width * .55, Y: r.y + 80}`, &at)
	b.Point(at.X, at.Y)
	var hint string
	b.Eval(`return document.querySelector(".hint")?.innerText ?? ""`, &hint)
	for _, want := range []string{"6.", "on prslb01 and prslb02", "answered in"} {
		if !strings.Contains(hint, want) {
			t.Errorf("there is no %q in %q", want, hint)
		}
	}
	b.Alone()
}

// The others are silent on a good page; this one shows that they speak.
func findsFaults(t *testing.T, b *testbrowser.Browser) {
	b.Open("page.html", written(t, pair()))
	b.Width(1280)
	b.Scheme("light")
	for _, c := range []struct{ script, breakIt string }{
		{testbrowser.NoPageScroll, `document.body.style.minWidth = "2000px"`},
		{namesHaveRoom, `document.querySelector("tr.step th").style.cssText = "display: block; min-width: 0; width: 40px"`},
		{testbrowser.PicturesAreThere(pictures), `document.querySelector(".chart").style.display = "none"`},
		{testbrowser.TextsApart(pictures), `const [a, b] = document.querySelectorAll(".site .node .mono");
			b.setAttribute("y", a.getAttribute("y"))`},
		{testbrowser.TextsInside(pictures), `document.querySelector(".site .node .mono").textContent = "x".repeat(60)`},
		{testbrowser.FramesApart(".site"), `const [a, b] = document.querySelectorAll(".site .node .frame");
			b.setAttribute("x", 20 + Number(a.getAttribute("x")))`},
		{testbrowser.Readable(words), `document.querySelector(".site .pilltext").style.fill = "#333"`},
		{testbrowser.Readable(words), `document.querySelector(".verdict").style.color = "#ccc"`},
		{harmless, `document.body.append(document.createElement("img"))`},
	} {
		var ok bool
		var found []string
		b.Eval(c.breakIt+"; return true", &ok)
		b.Eval(c.script, &found)
		if len(found) == 0 {
			t.Errorf("nothing was found after %s", c.breakIt)
		}
	}
}

// Scripts that return what a reader would find wrong.
const (
	pictures = "svg.chart, svg.site"
	words    = ".verdict, .headline, .note:not(svg *), .why, .remedy, code, a, summary, th, td, .site text"

	// The names of steps are squeezed until each letter has a line.
	namesHaveRoom = `return [...document.querySelectorAll("tr.step th")].flatMap((th) => {
		const w = th.getBoundingClientRect().width;
		return w >= 150 ? [] : [JSON.stringify(th.textContent) + " has " + w + " px"];
	})`

	// A word has become part of the page.
	harmless = `const strange = [...document.querySelectorAll("img, iframe, object, link, [onerror], [onload], [style]:not(.hint)")];
		return [...strange.map((e) => "there is " + e.outerHTML.slice(0, 80)), ...(document.scripts.length === 1 ? [] :
			[document.scripts.length + " scripts"]),
			...(window.hit ? ["a word was run as a program"] : [])]`
)
