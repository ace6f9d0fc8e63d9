/* Arrays as tables, and the one function that makes elements.
 *
 * All text goes through `make`, as text: what a label contains is never read as HTML.
 */

/** Make an element: make("p", { class: "note" }, "text", otherElement). */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** A docstring's sentence as parts of a paragraph: what stands in backticks is code. */
function prose(text) {
  return text.split(/``?([^`]+)``?/).map((piece, i) => (i % 2 ? make("code", {}, piece) : piece));
}

/** A shape as Python writes it. */
function shapeText(shape) {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** The product of some sizes. */
function countOf(sizes) {
  return sizes.reduce((product, size) => product * size, 1);
}

/** Show an array by its place in `story.arrays`.
 *
 * `role` names it for tests and styles, `caption` for readers. `open`, if given, is asked
 * for each element, by its index, for what a click on it does; null for nothing.
 */
function arrayView(place, role, caption, open = () => null) {
  if (place === null) {
    return make("p", { class: "gone", "data-role": role },
      "gone: the graph does not keep this value, and nobody holds it any more");
  }
  const { shape, dtype, block, texts } = story.arrays[place];
  const view = make("div", { class: "array", "data-role": role, "data-array": place });
  const columns = block.length ? block[block.length - 1] : 1;
  const rows = block.length > 1 ? block[block.length - 2] : 1;
  const leading = block.slice(0, -2);
  const count = countOf(block);
  for (let page = 0; count && page < countOf(leading); page += 1) {
    const before = indexOf(page, leading);
    const body = make("tbody");
    for (let row = 0; row < rows; row += 1) {
      const cells = make("tr");
      if (block.length > 1) cells.append(make("th", { scope: "row" }, String(row)));
      for (let column = 0; column < columns; column += 1) {
        const index = [...before, row, column].slice(-block.length || Infinity);
        const number = texts[(page * rows + row) * columns + column];
        const onclick = open(index);
        cells.append(make("td", {}, onclick
          ? make("button", { type: "button", class: "cell", onclick,
            "aria-label": `Open element ${index.join(", ")}: ${number}` }, number)
          : number));
      }
      body.append(cells);
    }
    const label = leading.length ? `${caption} [${before.join(", ")}]` : caption;
    const table = make("table", { "aria-label": label });
    if (leading.length) table.append(make("caption", {}, `[${before.join(", ")}, :, :]`));
    if (block.length && columns > 1) {
      const head = make("tr");
      if (block.length > 1) head.append(make("td"));
      for (let column = 0; column < columns; column += 1) {
        head.append(make("th", { scope: "col" }, String(column)));
      }
      table.append(make("thead", {}, head));
    }
    table.append(body);
    view.append(make("div", { class: "scroll", role: "group", "aria-label": label }, table));
  }
  const left = countOf(shape) - count;
  const what = shape.length ? `shape ${shapeText(shape)}, ${dtype}` : dtype;
  const cut = left ? `; ${count.toLocaleString("en")} shown, ${left.toLocaleString("en")} more left out` : "";
  view.append(make("p", { class: "shape" }, count ? what + cut : `${what}: no elements`));
  return view;
}

/** Let tables that are wider than the page be scrolled by keyboard too. */
function letScroll(root) {
  for (const area of root.querySelectorAll(".scroll")) {
    if (area.scrollWidth > area.clientWidth) area.setAttribute("tabindex", "0");
    else area.removeAttribute("tabindex");
  }
}

/** The index of the n-th element of an array of some shape. */
function indexOf(n, shape) {
  const index = [];
  for (const size of [...shape].reverse()) {
    index.unshift(n % size);
    n = Math.floor(n / size);
  }
  return index;
}
