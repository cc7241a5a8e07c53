"use strict";
// Whoever points at a chart sees what every row says of that moment. The page
// is complete without: each bar has its title, and the log is below.
for (const chart of document.querySelectorAll("svg.chart")) {
  const { from, to, left, right } = Object.fromEntries(Object.entries(chart.dataset).map(([k, v]) => [k, Number(v)]));
  const cursor = document.createElementNS(chart.namespaceURI, "line");
  cursor.setAttribute("class", "cursor");
  cursor.setAttribute("y1", 0);
  cursor.setAttribute("y2", chart.viewBox.baseVal.height);
  const hint = document.createElement("div");
  hint.className = "hint";
  hint.setAttribute("aria-hidden", "true");

  const say = (tag, text) => {
    const e = document.createElement(tag);
    e.textContent = text;
    hint.append(e);
  };
  // What the browser shows by itself after a second would lie on top of it.
  const untitle = () => {
    chart.setAttribute("aria-label", chart.querySelector("title").textContent);
    chart.setAttribute("aria-describedby", chart.querySelector("desc").id);
    chart.removeAttribute("aria-labelledby");
    for (const title of chart.querySelectorAll(":scope > title, .row > rect > title")) title.remove();
  };
  const titled = (row) => [...row.querySelectorAll("rect")].filter((r) => r.firstElementChild);
  const rows = [...chart.querySelectorAll(".row")].map((row) => ({
    name: row.dataset.name,
    absent: row.dataset.absent,
    bars: titled(row).map((r) => ({ x: r.x.baseVal.value, end: r.x.baseVal.value + r.width.baseVal.value, text: r.firstElementChild.textContent })),
  }));
  // Requests are nearest within four px; everything else covers its time.
  chart.addEventListener("pointerenter", untitle, { once: true });
  const at = (row, x) => {
    const hits = row.bars.filter((b) => b.x - 2 <= x && x <= b.end + 2);
    const over = hits.filter((b) => b.x <= x && x <= b.end);
    return (over.length ? over : hits.slice(0, 1)).map((b) => b.text);
  };
  const show = (event) => {
    const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(chart.getScreenCTM().inverse()).x;
    if (x < left || x > right) return hide();
    cursor.setAttribute("x1", x);
    cursor.setAttribute("x2", x);
    hint.replaceChildren();
    say("b", (from + (x - left) / (right - left) * (to - from)).toFixed(2) + " s");
    for (const row of rows) {
      const texts = at(row, x);
      if (texts.length || row.absent) say("div", row.name + ": " + (texts.join("; ") || row.absent));
    }
    chart.append(cursor);
    document.body.append(hint);
    hint.style.left = Math.max(0, Math.min(event.clientX + 14, innerWidth - hint.offsetWidth - 8)) + "px";
    hint.style.top = Math.max(0, Math.min(event.clientY + 18, innerHeight - hint.offsetHeight - 8)) + "px";
  };
  const hide = () => { cursor.remove(); hint.remove(); };
  chart.addEventListener("pointermove", show);
  chart.addEventListener("pointerleave", hide);
}
