package testbrowser

import "strings"

// Scripts for Faults, which return what a reader would find wrong with pictures.

// NoPageScroll finds a page that is wider than its window.
const NoPageScroll = `const d = document.documentElement;
	return d.scrollWidth > d.clientWidth ? ["the page is " + d.scrollWidth + " px wide in a window of " + d.clientWidth] : []`

// PicturesAreThere finds a picture that is not shown, or is too small to be seen.
// Of the two of a site, the wide and the narrow one, one has to be shown.
func PicturesAreThere(pictures string) string {
	return in(pictures, `const size = (s) => s.getBoundingClientRect();
	const site = pictures.filter((s) => s.matches(".wide, .narrow")), shown = site.filter((s) => size(s).width > 0);
	return [...(site.length && shown.length !== site.length / 2 ? [shown.length + " pictures of a site are shown"] : []),
		...[...pictures.filter((s) => !site.includes(s)), ...shown].flatMap((s) => size(s).width > 300 && size(s).height > 60 ? [] :
			[s.getAttribute("class") + " is " + size(s).width + " x " + size(s).height + " px"])];`)
}

// TextsApart finds two texts of a picture that lie on top of each other. The boxes
// of two lines that follow each other share a few px without letters.
func TextsApart(pictures string) string {
	return in(pictures, `return pictures.flatMap((svg) => {
		const all = [...svg.querySelectorAll("text:not(.over)")].map((t) => [t, t.getBoundingClientRect()]);
		const faults = [];
		all.forEach(([t, a], i) => all.slice(i + 1).forEach(([u, b]) => {
			const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
			if (x > 0.5 && y > 4) faults.push(JSON.stringify(t.textContent) + " lies on " + JSON.stringify(u.textContent));
		}));
		return faults;
	});`)
}

// TextsInside finds a text that stands out of its frame, or out of the picture.
func TextsInside(pictures string) string {
	return in(pictures, `return pictures.flatMap((svg) => [...svg.querySelectorAll("text")]).flatMap((t) => {
		const frame = t.closest(".box, .flag")?.querySelector("rect") ?? t.closest("svg");
		const a = t.getBoundingClientRect(), f = frame.getBoundingClientRect();
		return a.left < f.left - 1 || a.right > f.right + 1 || a.top < f.top - 2 || a.bottom > f.bottom + 2
			? [JSON.stringify(t.textContent) + " does not fit: " + a.width + " px in " + f.width] : [];
	});`)
}

// FramesApart finds two boxes that overlap, unless one is within the other, and
// one that is not within the picture.
func FramesApart(pictures string) string {
	return in(pictures, `return pictures.flatMap((svg) => {
		const all = [...svg.querySelectorAll(".box")].map((b) =>
			[b.querySelector("text").textContent, b.querySelector("rect").getBoundingClientRect()]);
		const within = (a, b) => a.left >= b.left - 0.1 && a.right <= b.right + 0.1 && a.top >= b.top - 0.1 && a.bottom <= b.bottom + 0.1;
		const faults = all.filter(([, a]) => !within(a, svg.getBoundingClientRect())).map(([t]) => t + " stands out of the picture");
		all.forEach(([t, a], i) => all.slice(i + 1).forEach(([u, b]) => {
			const x = Math.min(a.right, b.right) - Math.max(a.left, b.left), y = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
			if (x > 0.5 && y > 0.5 && !within(a, b) && !within(b, a)) faults.push("the box " + t + " lies on " + u);
		}));
		return faults;
	});`)
}

// Readable finds words whose contrast is below that of WCAG AA: the text of the
// elements, before what is behind them; of a picture before the frame that a text
// stands in.
func Readable(elements string) string {
	return strings.Replace(`const c = document.createElementNS("http://www.w3.org/1999/xhtml", "canvas")
		.getContext("2d", { willReadFrequently: true });
	const rgb = (colors) => { c.clearRect(0, 0, 1, 1); for (const x of colors) { c.fillStyle = x; c.fillRect(0, 0, 1, 1);
	} return c.getImageData(0, 0, 1, 1).data; };
	const lum = (d) => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => { const v = d[i] / 255;
	return sum + w * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); }, 0);
	const behind = (e) => { const all = []; for (; e; e = e.parentElement) all.unshift(getComputedStyle(e).backgroundColor); return all; };
	const frame = (e) => e.matches(".pilltext") ? e.previousElementSibling :
		(e.closest(".box") ?? e.closest("svg")).querySelector(".frame, .paper");
	const known = new Map(), contrast = (bg, color) => {
		const key = [...bg, color].join();
		if (!known.has(key)) {
			const a = lum(rgb(bg)), b = lum(rgb([...bg, color]));
			known.set(key, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
		}
		return known.get(key);
	};
	return [...document.querySelectorAll("ELEMENTS")].filter((e) => e.getBoundingClientRect().width > 0).flatMap((e) => {
		const drawn = e instanceof SVGTextElement, style = getComputedStyle(e), f = drawn && frame(e);
		const bg = [...behind(e), ...(f ? [getComputedStyle(f).fill] : [])];
		const ratio = contrast(bg, drawn ? style.fill : style.color);
		return ratio >= 4.5 ? [] : [e.getAttribute("class") + " " +
			 JSON.stringify(e.textContent.slice(0, 30)) + " has a contrast of " + ratio.toFixed(2)];
	})`, "ELEMENTS", elements, 1)
}

func in(pictures, script string) string {
	return `const pictures = [...document.querySelectorAll("` + pictures + `")];` + script
}
