package graph

import (
	"bytes"
	"io"
	"testing"

	"github.com/lbgen/lbgen/internal/testbrowser"
)

func written(t testing.TB, write func(io.Writer, Graph) error, g Graph) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const texts = "text, h1, p, footer, code"

// TestBrowser has every picture laid out by a real browser, on a phone, a laptop
// and a wide screen, for light and dark.
func TestBrowser(t *testing.T) {
	b := testbrowser.Start(t)
	for name, g := range everySite(t) {
		t.Run(name, func(t *testing.T) {
			b := b.On(t)
			b.Open("site.html", written(t, HTML, g))
			for _, width := range []int{360, 1280, 1920} {
				b.Width(width)
				b.Faults(testbrowser.NoPageScroll)
				looksGood(b, "svg.site")
			}
			isReadable(b)
			b.Faults(harmless)
			b.Alone()
			b.Open("site.svg", written(t, SVG, g))
			b.Width(1280)
			looksGood(b, ":root")
			isReadable(b)
			b.Faults(harmless)
			b.Alone()
		})
	}
	t.Run("faults", func(t *testing.T) { findsFaults(t, b.On(t)) })
}

func looksGood(b *testbrowser.Browser, pictures string) {
	b.Faults(testbrowser.PicturesAreThere(pictures))
	b.Faults(testbrowser.TextsApart(pictures))
	b.Faults(testbrowser.TextsInside(pictures))
	b.Faults(testbrowser.FramesApart(pictures))
	b.Faults(wiresReach(pictures))
}

func isReadable(b *testbrowser.Browser) {
	for _, scheme := range []string{"light", "dark"} {
		b.Scheme(scheme)
		b.Faults(testbrowser.Readable(texts))
	}
}

// harmless finds a word that has become part of the page.
const harmless = `const never = "img, iframe, object, link, script, foreignObject, [onerror], [onload], [style]";
	const strange = [...document.querySelectorAll(never)];
	return [...strange.map((e) => "there is " + e.outerHTML.slice(0, 80)), ...(window.hit ? ["a word was run as a program"] : [])]`

// wiresReach finds a wire to a backend that ends at no box, or that runs through
// one which is not around it.
func wiresReach(pictures string) string {
	return `const shown = (s) => s.getBoundingClientRect().width > 0;
	return [...document.querySelectorAll("` + pictures + `")].filter(shown).flatMap((svg) => {
	const boxes = [...svg.querySelectorAll(".box .frame")].map((r) => r.getBBox());
	const cuts = (r, a, b) => Math.max(a.x, b.x) > r.x + 1 && Math.min(a.x, b.x) < r.x + r.width - 1 &&
		Math.max(a.y, b.y) > r.y + 1 && Math.min(a.y, b.y) < r.y + r.height - 1;
	return [...svg.querySelectorAll("path.way:not(.head)")].flatMap((way) => {
		let p = {x: 0, y: 0};
		const points = [...way.getAttribute("d").matchAll(/([MHV])(-?[0-9.]+)(?: (-?[0-9.]+))?/g)].map(([, verb, a, b]) => p =
			{x: verb === "V" ? p.x : Number(a), y: verb === "V" ? Number(a) : verb === "M" ? Number(b) : p.y});
		const others = boxes.filter((r) => !cuts(r, points[0], points[0]));
		const reaches = others.some((r) => Math.abs(r.x - p.x) < 1 && p.y > r.y && p.y < r.y + r.height);
		return [...(reaches ? [] : ["a wire ends at nothing"]),
			...(points.some((q, i) => i && others.some((r) => cuts(r, points[i - 1], q))) ? ["a wire runs through a box"] : [])];
	});
})`
}

// The others are silent on good pictures; this one shows that they speak.
func findsFaults(t *testing.T, b *testbrowser.Browser) {
	const pictures = "svg.site"
	b.Open("site.html", written(t, HTML, example(t, "../../examples/virtual-hosts.yaml")))
	b.Width(1280)
	b.Scheme("light")
	for _, c := range []struct{ script, breakIt string }{
		{testbrowser.NoPageScroll, `document.body.style.minWidth = "2000px"`},
		{testbrowser.PicturesAreThere(pictures), `document.querySelector(".narrow").style.display = "block"`},
		{testbrowser.TextsApart(pictures), `const [a, b] = document.querySelectorAll(".node .mono, .backend .mono");
			b.setAttribute("y", a.getAttribute("y"));
			b.setAttribute("x", a.getAttribute("x"))`},
		{testbrowser.TextsInside(pictures), `document.querySelector(".backend .mono").textContent = "x".repeat(99)`},
		{testbrowser.FramesApart(pictures), `const [a, b] = document.querySelectorAll(".backend .frame");
			b.setAttribute("y", 20 + Number(a.getAttribute("y")))`},
		{wiresReach(pictures), `document.querySelector("path.way").setAttribute("d", "M0 0H20")`},
		{wiresReach(pictures), `const w = document.querySelector("path.way");
			w.setAttribute("d", w.getAttribute("d") + "h1H1")`},
		{testbrowser.Readable(texts), `document.querySelector(".small").style.fill = "#aaa"`},
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
